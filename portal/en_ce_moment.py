"""What the city has to say now: alerts in force, the latest news, what is on; for this visit first."""

from __future__ import annotations

from django.utils.translation import get_language

from portal.ciblage import TOUT_LE_MONDE, Visite, concerne, disposer, est_proche
from portal.en_memoire import une_minute
from portal.langues import lisibles
from portal.models import Actualite, Alerte, Evenement

# Read before they are put in order: what is of one's district among the latest.
LUES = 24


def alertes(visite: Visite = TOUT_LE_MONDE) -> list[Alerte]:
    """Alerts in force for this visit, the gravest first. One past its end is no more."""
    lues = une_minute(("alertes", get_language()), lambda: list(lisibles(Alerte.objects.en_cours())))
    graves = list(Alerte.Niveau.values)
    siennes = [alerte for alerte in disposer(lues, visite) if concerne(alerte, visite)]
    return sorted(siennes, key=lambda alerte: (-graves.index(alerte.niveau), -alerte.pk))


def actualites(visite: Visite = TOUT_LE_MONDE, *, limite: int) -> list[Actualite]:
    """The latest news, those of one's district and interests first."""
    lues = une_minute(
        ("actualites", get_language()),
        lambda: list(lisibles(Actualite.objects.live()).order_by("-date", "-pk")[:LUES]),
    )
    return sorted(disposer(lues, visite), key=lambda une: not est_proche(une, visite))[:limite]


def evenements(visite: Visite = TOUT_LE_MONDE, *, limite: int) -> list[Evenement]:
    """What is on, soonest first; those of one's district and interests before."""
    lus = une_minute(
        ("evenements", get_language()),
        lambda: list(lisibles(Evenement.objects.live()).a_venir().order_by("debut", "pk")[:LUES]),
    )
    return sorted(disposer(lus, visite), key=lambda un: not est_proche(un, visite))[:limite]
