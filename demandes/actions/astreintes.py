"""What is urgent while its direction is closed: whoever is on duty is called, then the next, until somebody
takes it.

The journal is the only memory: what was called for this direction since the demande came to it. « J'ai
pris » is the ordinary gesture `prendre_en_charge`, so that taking it anywhere ends the calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from demandes import delais
from demandes.actions import avis
from demandes.actions.accueil import orienter, qualifier
from demandes.actions.echeances import essayer
from demandes.actions.porte import Carnet, franchir, verrouiller
from demandes.droits import SYSTEME
from demandes.etats import Etat
from demandes.models import Demande, EntreeJournal
from guichet.canaux.canal import Canal
from guichet.organisation.models import Affectation, Compte, Direction, Role
from guichet.socle.erreurs import Refus

# An agent who has just typed it is about to say where it goes; nobody is at the other end of the portal.
LAISSER_L_ACCUEIL = timedelta(minutes=5)
VALIDITE_DU_LIEN = timedelta(days=2)
SEL = "demandes.astreinte"
GESTE = "appeler_l_astreinte"
PAR_PASSAGE = 200


class UneLigne(Protocol):
    """A line of the journal, read as a row or as an object."""

    @property
    def geste(self) -> str: ...
    @property
    def details(self) -> dict[str, Any]: ...
    @property
    def fait_le(self) -> datetime: ...


L = TypeVar("L", bound=UneLigne)


@dataclass(frozen=True)
class Appele:
    """Somebody to call: astreinte, responsable or, without an account, the direction's own mailbox."""

    genre: str
    adresse: str
    compte: Compte | None = None
    telephone: str = ""

    @property
    def qui(self) -> str:
        return str(self.compte) if self.compte else self.adresse


def a_appeler(direction: Direction, instant: datetime | None = None) -> list[Appele]:
    """Those planned on duty, then the heads of the direction, else its mailbox; each address once."""
    appeles = [
        Appele("astreinte", a.adresse, a.compte, a.telephone)
        for a in direction.astreintes.a(instant).select_related("compte")
    ]
    chefs = Affectation.objects.en_cours().filter(
        role=Role.RESPONSABLE_DIRECTION, direction=direction, compte__is_active=True
    )
    appeles += [Appele("responsable", c.compte.courriel, c.compte) for c in chefs.select_related("compte")]
    uniques = list({appele.adresse: appele for appele in reversed(appeles)}.values())[::-1]
    return uniques or [Appele("direction", direction.courriel)]


def appels_de(demande: Demande) -> list[EntreeJournal]:
    """The calls already made for the direction that holds it, since it came there."""
    return appels_parmi(demande, demande.journal.filter(geste=GESTE).order_by("rang"))


def appels_parmi(demande: Demande, lignes: Iterable[L]) -> list[L]:
    """The same, among lines of its journal that are read already."""
    if demande.direction is None or demande.orientee_le is None:
        return []
    return [
        ligne
        for ligne in lignes
        if ligne.geste == GESTE
        and ligne.details["direction"] == demande.direction.code
        and ligne.fait_le >= demande.orientee_le
    ]


def appeler_l_astreinte(demande: Demande, appel: Appele, *, est_verrouillee: bool = False) -> Demande:
    """Write to one person that an urgent demande waits, with the link that takes it."""
    with franchir(GESTE, demande, auteur=SYSTEME, est_verrouillee=est_verrouillee) as passage:
        d = passage.demande
        if d.etat != Etat.ORIENTEE or d.direction is None or not d.est_urgente:
            raise Refus("Cette demande n'attend personne en urgence.")
        passage.details |= {
            "direction": d.direction.code,
            "rang": len(appels_de(d)) + 1,
            "qui": appel.genre,
            "compte": appel.compte.pk if appel.compte else None,
        }
        avis.appeler_l_astreinte(passage, appel.adresse, lien_pour_prendre(d, appel), appel.genre)
        return d


def veiller() -> int:
    """One pass: call for every urgent demande that nobody holds and whose direction is closed."""
    return sum(essayer(veiller_sur, demande) for demande in en_souffrance())


def en_souffrance() -> Iterator[Demande]:
    """Urgent, still open to be taken, and with a direction that does not work now."""
    maintenant = timezone.now()
    arrivee = Q(canal=Canal.PORTAIL) | Q(enregistree_le__lte=maintenant - LAISSER_L_ACCUEIL)
    chez_l_accueil = (
        Q(etat__in=(Etat.NOUVELLE, Etat.QUALIFIEE), type__isnull=False, arbitrage_demande_le=None) & arrivee
    )
    candidates = (
        Demande.objects.filter(est_urgente=True)
        .filter(Q(etat=Etat.ORIENTEE) | chez_l_accueil)
        .select_related("direction", "type__direction")
        .order_by("recue_le", "pk")[:PAR_PASSAGE]
    )
    fermees: dict[int, bool] = {}
    for demande in candidates:
        direction = delais.direction_du_delai(demande)
        if direction is None:
            continue
        if direction.pk not in fermees:
            fermees[direction.pk] = not delais.calendrier_de(direction).est_ouvert(maintenant)
        if fermees[direction.pk]:
            yield demande


def veiller_sur(demande: Demande) -> None:
    """Bring one to its direction when nobody is at the desk, then call the person whose turn it is."""
    with transaction.atomic():
        d = verrouiller(demande.pk)[demande.pk]
        carnet = Carnet(d)
        if d.etat == Etat.NOUVELLE:
            qualifier(d, auteur=SYSTEME, carnet=carnet)
        if d.etat == Etat.QUALIFIEE:
            orienter(d, auteur=SYSTEME, carnet=carnet)
        carnet.ecrire()
        appeler_l_astreinte(d, suivant(d), est_verrouillee=True)


def suivant(demande: Demande) -> Appele:
    """Whose turn it is; Refus while the last one called has time left, or when everybody was called."""
    assert demande.direction is not None
    faits = appels_de(demande)
    delai = timedelta(minutes=settings.GUICHET_ASTREINTE_RELANCE)
    if faits and faits[-1].fait_le + delai > timezone.now():
        raise Refus("La dernière personne appelée a encore le temps de répondre.")
    deja = {ligne.details["compte"] for ligne in faits}
    for appele in a_appeler(demande.direction):
        if (appele.compte.pk if appele.compte else None) not in deja:
            return appele
    raise Refus("Tout le monde a été appelé.")


# -- the signed link ---------------------------------------------------------------------------------------


def lien_pour_prendre(demande: Demande, appele: Appele) -> str:
    """The address where this one person says « J'ai pris »; a mailbox without account gets the demande's."""
    if appele.compte is None:
        return settings.GUICHET_ADRESSE + reverse("agent_demande", args=[demande.numero])
    jeton = signing.dumps([demande.pk, appele.compte.pk], salt=SEL)
    return settings.GUICHET_ADRESSE + reverse("astreinte_prendre", args=[jeton])


def lire_le_lien(jeton: str) -> tuple[Demande, Compte] | None:
    """The demande and the person this link was written for, or None: forged, too old, or somebody gone."""
    try:
        demande_pk, compte_pk = signing.loads(jeton, salt=SEL, max_age=VALIDITE_DU_LIEN)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    demande = Demande.objects.filter(pk=demande_pk).premiere_pour_fil()
    compte = Compte.objects.filter(pk=compte_pk, is_active=True).first()
    return (demande, compte) if demande and compte else None
