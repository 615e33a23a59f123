"""What colleagues are told by mail because a date came or a demande came back: never a word of it.

Three of them are gestures of the system (`rappeler`): one journal line each, so that each is told once.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from demandes import delais
from demandes.actions import avis
from demandes.actions.porte import Passage, franchir
from demandes.droits import SYSTEME
from demandes.etats import NON_FINAUX, Etat
from demandes.horloges import ALERTES_SILENCE
from demandes.models import Demande, EntreeJournal
from guichet.organisation.models import Affectation, Role
from guichet.socle.calendrier import jour_de
from guichet.socle.coordonnees import cle_courriel
from guichet.socle.erreurs import Refus
from usagers.models import Coordonnee

# A third party that does not answer is recalled again every week.
RELANCER_LE_TIERS_TOUS_LES = timedelta(days=7)
# Working days a direction has to take what was routed to it.
PRENDRE_SOUS = 2
PAR_PASSAGE = 500


def chefs_de(demande: Demande) -> set[str]:
    """The addresses of the heads of the acting direction, else its mailbox."""
    return _courriels(Q(role=Role.RESPONSABLE_DIRECTION, direction=demande.direction)) or {
        (demande.direction or demande.point_accueil).courriel
    }


def chefs_de_l_accueil(demande: Demande) -> set[str]:
    """The addresses of the heads of the owning desk, else its mailbox."""
    chefs = Q(role=Role.RESPONSABLE_ACCUEIL, point_accueil=demande.point_accueil)
    return _courriels(chefs) or {demande.point_accueil.courriel}


def titulaire_de(demande: Demande) -> set[str]:
    """Whoever holds it, else its direction, else its desk."""
    lieu = demande.direction or demande.point_accueil
    return {demande.agent_traitant.courriel if demande.agent_traitant else lieu.courriel}


def _courriels(qui: Q) -> set[str]:
    droits = Affectation.objects.en_cours().filter(qui, compte__is_active=True)
    return set(droits.values_list("compte__courriel", flat=True))


def ecrire(passage: Passage, adresses: Iterable[str], objet: str) -> None:
    """One mail to each; `objet` names what happened (agents/rappel.txt)."""
    for adresse in sorted(set(adresses)):
        avis.rappeler(passage, adresse, objet)


# -- by the system, once each ------------------------------------------------------------------------------


def rappeler(demande: Demande, rappel: str, **donnees: Any) -> Demande:
    """Give one of the RAPPELS (« silence » with its `jours`). Raises Refus when it is given already."""
    return RAPPELS[rappel](demande, **donnees)


def rappeler_le_tiers(demande: Demande) -> Demande:
    """The day came to recall whoever is awaited: the holder is told, and will be again in a week."""
    with franchir("rappeler", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        if d.etat != Etat.ATTENTE_TIERS or d.tiers_relance_le is None or d.tiers_relance_le > jour_courant():
            raise Refus("Personne n'est à relancer aujourd'hui.")
        passage.details |= {"rappel": "tiers", "relance_le": d.tiers_relance_le.isoformat()}
        d.tiers_relance_le = jour_courant() + RELANCER_LE_TIERS_TOUS_LES
        ecrire(passage, titulaire_de(d), "tiers")
        return d


def rappeler_de_prendre(demande: Demande) -> Demande:
    """Routed two working days ago and nobody took it: the head of the direction and the desk are told."""
    with franchir("rappeler", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        if d.etat != Etat.ORIENTEE or deja_rappelee(d, "prise_en_charge", depuis=d.orientee_le):
            raise Refus("Cette demande n'attend pas d'être prise en charge.")
        passage.details |= {"rappel": "prise_en_charge"}
        ecrire(passage, chefs_de(d) | {d.point_accueil.courriel}, "prise_en_charge")
        return d


def rappeler_le_silence(demande: Demande, jours: int) -> Demande:
    """Silence will decide in `jours` days or less: direction and desk are told, the head when it is near."""
    with franchir("rappeler", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        if d.echeance_legale is None or silence_deja_rappele(d, jours):
            raise Refus("Ce rappel est déjà donné.")
        passage.details |= {"rappel": "silence", "jours": jours, "date": d.echeance_legale.isoformat()}
        lieu = d.direction or d.point_accueil
        adresses = titulaire_de(d) | {lieu.courriel, d.point_accueil.courriel}
        ecrire(passage, adresses | (chefs_de(d) if jours <= 7 else set()), "silence")
        return d


def signaler_un_retour(demande: Demande, *, adresse: str, est_morte: bool) -> Demande:
    """A mail to the resident came back: whoever holds the demande is told to reach them otherwise.

    An address that does not exist is marked, on those the demande concerns: nothing is sent there again.
    """
    with franchir("rappeler", demande, auteur=SYSTEME) as passage:
        d = passage.demande
        passage.details |= {"rappel": "retour", "est_morte": est_morte}
        if est_morte:
            personnes = {d.usager_id, getattr(getattr(d, "intermediaire", None), "usager_id", None)} - {None}
            Coordonnee.objects.filter(
                usager__in=personnes,
                genre=Coordonnee.Genre.COURRIEL,
                normalisee=cle_courriel(adresse),
                en_echec_le__isnull=True,
            ).update(en_echec_le=timezone.now())
        ecrire(passage, titulaire_de(d), "retour")
        return d


RAPPELS: dict[str, Callable[..., Demande]] = {
    "tiers": rappeler_le_tiers,
    "prise_en_charge": rappeler_de_prendre,
    "silence": rappeler_le_silence,
}


def deja_rappelee(demande: Demande, rappel: str, *, depuis: datetime | None) -> bool:
    lignes = demande.journal.filter(geste="rappeler", details__rappel=rappel)
    return depuis is not None and lignes.filter(fait_le__gte=depuis).exists()


def silence_deja_rappele(demande: Demande, jours: int) -> bool:
    return Demande.objects.filter(dite_du_silence(jours), pk=demande.pk).exists()


def dite_du_silence(jours: int) -> Exists:
    """This step, or a nearer one, was told for this very date: a date that moved is announced again."""
    lignes = EntreeJournal.objects.filter(
        demande=OuterRef("pk"), geste="rappeler", details__rappel="silence", details__jours__lte=jours
    )
    date_dite = Cast(OuterRef("echeance_legale"), CharField())
    return Exists(lignes.annotate(dite=KT("details__date")).filter(dite=date_dite))


def jour_courant() -> date:
    return timezone.localdate()


# -- whose turn it is --------------------------------------------------------------------------------------


def a_rappeler(jour: date, maintenant: datetime) -> Iterator[tuple[Demande, str, dict[str, int]]]:
    """Every reminder whose time has come, with what `rappeler` needs for it."""
    tiers = Demande.objects.filter(etat=Etat.ATTENTE_TIERS, tiers_relance_le__lte=jour)
    for demande in tiers.order_by("tiers_relance_le", "pk")[:PAR_PASSAGE]:
        yield demande, "tiers", {}
    for demande in a_prendre_depuis_longtemps(maintenant):
        yield demande, "prise_en_charge", {}
    for demande, jours in silences_proches(jour):
        yield demande, "silence", {"jours": jours}


def a_prendre_depuis_longtemps(maintenant: datetime) -> Iterator[Demande]:
    """Those routed before the last two working days of their direction, not told since."""
    dites = EntreeJournal.objects.filter(
        demande=OuterRef("pk"), geste="rappeler", details__rappel="prise_en_charge"
    ).filter(fait_le__gte=OuterRef("orientee_le"))
    attendent = (
        Demande.objects.filter(etat=Etat.ORIENTEE, orientee_le__lt=maintenant - timedelta(days=PRENDRE_SOUS))
        .exclude(Exists(dites))
        .select_related("direction")
        .order_by("orientee_le")
    )
    for demande in attendent[:PAR_PASSAGE]:
        assert demande.orientee_le is not None
        calendrier = delais.calendrier_de(demande.direction)
        if jour_de(maintenant) > calendrier.ajouter_jours_ouvres(jour_de(demande.orientee_le), PRENDRE_SOUS):
            yield demande


def silences_proches(jour: date) -> Iterator[tuple[Demande, int]]:
    """Those whose silence decides within 30, 15, 7 days or tomorrow, with the step not told yet."""
    for jours in sorted(ALERTES_SILENCE):
        proches = (
            Demande.objects.filter(
                etat__in=NON_FINAUX,
                decision_implicite_le__isnull=True,
                echeance_legale__gt=jour,
                echeance_legale__lte=jour + timedelta(days=jours),
            )
            .exclude(etat=Etat.ATTENTE_USAGER)
            .exclude(dite_du_silence(jours))
            .order_by("echeance_legale", "pk")
        )
        for demande in proches[:PAR_PASSAGE]:
            yield demande, jours
