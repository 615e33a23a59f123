"""One letter, one agent: taken for a while, then entered, joined to a demande, set aside or given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, LettreRecue, Message, Provenance
from guichet.canaux.canal import Canal
from guichet.canaux.courrier.indices import Indices, chercher
from guichet.organisation import ville
from guichet.organisation.models import Compte
from guichet.pieces.models import Piece
from guichet.socle.erreurs import Conflit, DonneeInvalide
from guichet.socle.templatetags.dates import date_longue

# A letter left open goes back to the pile; each word typed on its page keeps it longer.
TENUE = timedelta(minutes=15)


def prendre_la_suivante(auteur: Auteur) -> LettreRecue | None:
    """The next letter for this agent: the one they hold, else the oldest nobody holds, registered mail first.

    Letters that the machine has read come before the others. Two agents who ask at once get two letters.
    """
    assert auteur.compte is not None
    assert auteur.perimetre is not None
    siennes = LettreRecue.objects.visibles_par(auteur.perimetre).a_saisir()
    with transaction.atomic():
        libres = siennes.select_for_update(skip_locked=True, of=("self",)).libres_pour(auteur.compte)
        lettre = (
            libres.filter(prise_par=auteur.compte, prise_jusqu_au__gt=timezone.now()).order_by("pk").first()
            or libres.filter(lue_le__isnull=False).order_by("-est_recommandee", "recue_le", "pk").first()
            or libres.order_by("-est_recommandee", "recue_le", "pk").first()
        )
        if lettre is not None:
            _tenir(lettre, auteur.compte)
        return lettre


def prendre(numero: str, *, auteur: Auteur) -> LettreRecue:
    """Take this very letter. Raises Conflit when somebody else has it, or has ended it."""
    with transaction.atomic():
        lettre = _verrouiller(numero, auteur)
        assert auteur.compte is not None
        _tenir(lettre, auteur.compte)
        return lettre


def prolonger(lettre: LettreRecue, compte: Compte) -> None:
    """Whoever types on the page of a letter keeps it."""
    tenues = LettreRecue.objects.a_saisir().filter(pk=lettre.pk, prise_par=compte)
    tenues.update(prise_jusqu_au=timezone.now() + TENUE)


def rendre(numero: str, *, auteur: Auteur) -> None:
    """Put it back on the pile, for somebody else."""
    with transaction.atomic():
        lettre = _verrouiller(numero, auteur)
        lettre.prise_par = lettre.prise_jusqu_au = None
        lettre.save(update_fields=["prise_par", "prise_jusqu_au"])


def enregistrer(numero: str, *, auteur: Auteur, faire: Callable[[LettreRecue], Demande]) -> Demande:
    """Make a demande of the letter by the ordinary entry, and end the letter, in one transaction."""
    with transaction.atomic():
        lettre = _verrouiller(numero, auteur)
        demande = faire(lettre)
        recu = demande.messages.filter(sens=Message.Sens.ENTRANT).order_by("pk").first()
        lettre.recue_le = timezone.localdate(demande.recue_le)
        if provenance := Provenance.objects.filter(demande=demande).first():
            lettre.est_recommandee = provenance.est_recommande
            lettre.numero_recommande = provenance.numero_recommande
        _finir(lettre, auteur, LettreRecue.Etat.SAISIE, demande=demande, message=recu)
        return demande


def joindre(
    numero: str, numero_demande: str, *, auteur: Auteur, texte: str = "", recue_le: date | None = None
) -> Demande:
    """The letter goes on with a demande that exists: its words and its pages come on the thread.

    What was asked of the person is received the day the letter came, `recue_le` when it is not as noted.
    """
    with transaction.atomic():
        lettre = _verrouiller(numero, auteur)
        assert auteur.perimetre is not None
        visibles = Demande.objects.visibles_par(auteur.perimetre)
        demande = visibles.filter(numero=numero_demande.strip()).first()
        if demande is None:
            raise DonneeInvalide("Aucune demande de ce numéro n'est dans votre périmètre.", "demande")
        if recue_le is not None and recue_le != lettre.recue_le:
            if recue_le > timezone.localdate():
                raise DonneeInvalide("Ce jour n'est pas encore venu.", "recue_le")
            lettre.recue_le = recue_le
        entete = f"Lettre {lettre.numero}, arrivée le {date_longue(lettre.recue_le)}."
        corps = f"{entete}\n\n{texte.strip()}".strip()
        pieces = (lettre.piece,) if lettre.piece else ()
        canal = Canal.COURRIER.value
        if demande.etat == Etat.ATTENTE_USAGER:
            demande = actions.recevoir_complement(
                demande, auteur=auteur, texte=corps, pieces=pieces, canal=canal, recu_le=lettre.recue_le
            )
        else:
            demande = actions.ecrire_a_la_ville(
                demande, auteur=auteur, texte=corps, pieces=pieces, canal=canal, cle=f"lettre:{lettre.pk}"
            )
        dit = demande.messages.filter(sens=Message.Sens.ENTRANT).order_by("-pk").first()
        _finir(lettre, auteur, LettreRecue.Etat.JOINTE, demande=demande, message=dit)
        return demande


def ecarter(numero: str, motif: str, *, auteur: Auteur) -> None:
    """Nothing to do with it, for a reason that stays written; its pages stay readable."""
    propre = " ".join(motif.split())[:200]
    if not propre:
        raise DonneeInvalide("Dites pourquoi cette lettre est écartée.", "motif")
    with transaction.atomic():
        _finir(_verrouiller(numero, auteur), auteur, LettreRecue.Etat.ECARTEE, motif=propre)


@transaction.atomic
def remettre_a_saisir(numero: str, *, auteur: Auteur) -> LettreRecue:
    """A letter set aside by mistake waits again."""
    assert auteur.perimetre is not None
    visibles = LettreRecue.objects.visibles_par(auteur.perimetre).select_for_update(of=("self",))
    lettre = visibles.filter(numero=numero, etat=LettreRecue.Etat.ECARTEE).first()
    if lettre is None:
        raise Conflit("Cette lettre n'est plus écartée.")
    lettre.etat, lettre.motif = LettreRecue.Etat.A_SAISIR, ""
    lettre.traitee_le = lettre.traitee_par = None
    lettre.save()
    return lettre


def indices_de(lettre: LettreRecue) -> Indices:
    """What the words of the letter say of its writer; the city's own address and phone are not theirs."""
    la_ville = ville.lire()
    return chercher(
        lettre.texte, arrivee_le=lettre.recue_le, nous=(la_ville["telephone"], la_ville["courriel"])
    )


def _verrouiller(numero: str, auteur: Auteur) -> LettreRecue:
    """The letter, locked, when it waits and nobody else has it. Raises Conflit, or DoesNotExist."""
    assert auteur.perimetre is not None
    visibles = LettreRecue.objects.visibles_par(auteur.perimetre).select_for_update(of=("self",))
    lettre = visibles.select_related("piece", "prise_par", "demande", "lot").get(numero=numero)
    if lettre.etat != LettreRecue.Etat.A_SAISIR:
        suite = f" : demande {lettre.demande.numero}" if lettre.demande else ""
        raise Conflit(f"La lettre {numero} est déjà traitée{suite}.")
    if lettre.est_prise and lettre.prise_par != auteur.compte:
        raise Conflit(f"{lettre.prise_par} saisit la lettre {numero} en ce moment.")
    return lettre


def _tenir(lettre: LettreRecue, compte: Compte) -> None:
    lettre.prise_par, lettre.prise_jusqu_au = compte, timezone.now() + TENUE
    lettre.save(update_fields=["prise_par", "prise_jusqu_au"])


def _finir(
    lettre: LettreRecue,
    auteur: Auteur,
    etat: str,
    *,
    demande: Demande | None = None,
    message: Message | None = None,
    motif: str = "",
) -> None:
    """End it; its PDF hangs on the words it came with, or will when it is made."""
    lettre.etat, lettre.demande, lettre.message, lettre.motif = etat, demande, message, motif
    lettre.traitee_le, lettre.traitee_par = timezone.now(), auteur.compte
    lettre.prise_par = lettre.prise_jusqu_au = None
    lettre.save()
    if message is not None and lettre.piece_id is not None:
        Piece.objects.filter(pk=lettre.piece_id).update(
            proprietaire_genre="message", proprietaire_id=message.pk
        )
