"""Mending what was parted wrong: cut, join, turn, keep a page or set it apart. Every page stays somewhere."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from demandes.courrier import sonnette
from demandes.courrier.lecture import ouvrir_des_lettres
from demandes.models import LettreRecue, LotDeCourrier, PageNumerisee
from guichet.canaux.courrier.decoupe import Genre
from guichet.organisation.models import Compte
from guichet.pieces.depot import effacer
from guichet.socle.erreurs import DonneeInvalide, Refus

DEJA_TRAITEE = "Cette lettre est déjà traitée : ses pages ne changent plus."


@transaction.atomic
def couper_ici(page_pk: int, *, par: Compte) -> LettreRecue:
    """A new letter begins at this page; what follows it in the letter goes with it."""
    page, lettre = _page_d_une_lettre(page_pk, par)
    suivantes = list(_a_partir_de(lettre, page))
    if len(suivantes) == lettre.pages.count():
        raise Refus("La lettre commence déjà à cette page.")
    (nouvelle,) = ouvrir_des_lettres(lettre.lot, 1)
    nouvelle.recue_le = lettre.recue_le
    nouvelle.save(update_fields=["recue_le"])
    PageNumerisee.objects.filter(pk__in=[p.pk for p in suivantes]).update(lettre=nouvelle)
    _a_relire(lettre)
    return nouvelle


@transaction.atomic
def reunir_a_la_precedente(numero: str, *, par: Compte) -> LettreRecue:
    """The pages of this letter end the one before it; its own number stays, and says where they went."""
    lettre = _verrouiller(par, numero=numero)
    premiere = lettre.pages.first()
    avant = _precedente(lettre, premiere) if premiere else None
    if avant is None:
        raise Refus("Aucune lettre à saisir ne précède celle-ci dans ce lot.")
    precedente = _verrouiller(par, pk=avant)
    lettre.pages.update(lettre=precedente)
    if lettre.est_recommandee and not precedente.est_recommandee:
        precedente.est_recommandee, precedente.numero_recommande = True, lettre.numero_recommande
        precedente.save(update_fields=["est_recommandee", "numero_recommande"])
    _a_relire(lettre)
    lettre.etat, lettre.reunie_a = LettreRecue.Etat.REUNIE, precedente
    lettre.traitee_le, lettre.traitee_par = timezone.now(), par
    lettre.prise_par = lettre.prise_jusqu_au = None
    lettre.save()
    _a_relire(precedente)
    return precedente


@transaction.atomic
def tourner(page_pk: int, *, par: Compte) -> PageNumerisee:
    """A quarter turn clockwise, that the machine will not undo."""
    page, lettre = _page_d_une_lettre(page_pk, par)
    page.rotation = (page.rotation + 90) % 360
    page.est_tournee_a_la_main = True
    page.texte, page.lue_le = "", None
    page.save(update_fields=["rotation", "est_tournee_a_la_main", "texte", "lue_le"])
    _a_relire(lettre)
    return page


@transaction.atomic
def garder(page_pk: int, *, par: Compte) -> LettreRecue:
    """A page taken for blank or for a separator goes to the letter before it, or begins the first one."""
    page = _pages_verrouillees().get(pk=page_pk)
    if page.lettre_id is not None:
        raise Refus("Cette page est déjà dans une lettre.")
    voisine = _avant(page) or _apres(page)
    if voisine is None:
        (lettre,) = ouvrir_des_lettres(page.fichier.lot, 1)
    else:
        lettre = _verrouiller(par, pk=voisine)
    page.genre, page.lettre = Genre.LETTRE.value, lettre
    page.save(update_fields=["genre", "lettre"])
    _a_relire(lettre)
    return lettre


@transaction.atomic
def mettre_a_part(page_pk: int, *, par: Compte) -> PageNumerisee:
    """A page with nothing on it leaves its letter; a letter keeps at least one."""
    page, lettre = _page_d_une_lettre(page_pk, par)
    if lettre.pages.count() == 1:
        raise Refus("C'est la seule page de la lettre : écartez plutôt la lettre, avec la raison.")
    page.genre, page.lettre = Genre.BLANCHE.value, None
    page.save(update_fields=["genre", "lettre"])
    _a_relire(lettre)
    return page


@transaction.atomic
def dater(lot: LotDeCourrier, recu_le: date) -> None:
    """Say on which day the letters of a lot arrived: those a demande holds already keep theirs."""
    if recu_le > timezone.localdate():
        raise DonneeInvalide("La date d'arrivée ne peut pas être dans l'avenir.", "recu_le")
    LotDeCourrier.objects.filter(pk=lot.pk).update(recu_le=recu_le)
    lot.lettres.a_saisir().update(recue_le=recu_le)


def _page_d_une_lettre(page_pk: int, par: Compte) -> tuple[PageNumerisee, LettreRecue]:
    lettre_pk = PageNumerisee.objects.values_list("lettre", flat=True).get(pk=page_pk)
    if lettre_pk is None:
        raise Refus("Cette page n'est dans aucune lettre : gardez-la d'abord.")
    lettre = _verrouiller(par, pk=lettre_pk)
    page = PageNumerisee.objects.filter(pk=page_pk, lettre=lettre).first()
    if page is None:
        raise Refus("Un collègue vient de changer cette page de lettre.")
    return page, lettre


def _verrouiller(par: Compte, **cle: object) -> LettreRecue:
    """The letter, locked; nobody mends what another agent has before them, or has ended."""
    lettre = LettreRecue.objects.select_for_update(of=("self",)).select_related("lot", "prise_par").get(**cle)
    if lettre.etat != LettreRecue.Etat.A_SAISIR:
        raise Refus(DEJA_TRAITEE)
    if lettre.est_prise and lettre.prise_par != par:
        raise Refus(f"{lettre.prise_par} saisit cette lettre en ce moment.")
    return lettre


def _pages_verrouillees():
    return PageNumerisee.objects.select_for_update(of=("self",)).select_related("fichier__lot")


def _a_partir_de(lettre: LettreRecue, page: PageNumerisee):
    rang = page.fichier.rang
    return lettre.pages.filter(Q(fichier__rang__gt=rang) | Q(fichier__rang=rang, rang__gte=page.rang))


def _autour(page: PageNumerisee):
    return PageNumerisee.objects.filter(fichier__lot=page.fichier.lot, lettre__etat=LettreRecue.Etat.A_SAISIR)


def _avant(page: PageNumerisee) -> int | None:
    rang = page.fichier.rang
    avant = _autour(page).filter(Q(fichier__rang__lt=rang) | Q(fichier__rang=rang, rang__lt=page.rang))
    return avant.order_by("-fichier__rang", "-rang").values_list("lettre", flat=True).first()


def _apres(page: PageNumerisee) -> int | None:
    rang = page.fichier.rang
    apres = _autour(page).filter(Q(fichier__rang__gt=rang) | Q(fichier__rang=rang, rang__gt=page.rang))
    return apres.order_by("fichier__rang", "rang").values_list("lettre", flat=True).first()


def _precedente(lettre: LettreRecue, premiere: PageNumerisee) -> int | None:
    trouvee = _avant(premiere)
    return trouvee if trouvee != lettre.pk else None


def _a_relire(lettre: LettreRecue) -> None:
    """Its words and its PDF are those of other pages now."""
    if lettre.piece is not None:
        effacer([lettre.piece])
        lettre.piece = None
    lettre.texte, lettre.lue_le, lettre.lue_en_entier_le = "", None, None
    lettre.save(update_fields=["texte", "lue_le", "lue_en_entier_le", "piece"])
    transaction.on_commit(sonnette.sonner)
