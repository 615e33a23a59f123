"""Which segments a visitor is in, and what that puts first, shows or hides. Common pages stay reachable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.http import HttpRequest
from django.utils import timezone

from demandes import dossier, referentiel, vitrine
from portal import profils
from portal.acces import habitant
from portal.models.segments import Effet, Segment, Vu

if TYPE_CHECKING:
    from portal.models import PageDuPortail, PageSituee

P = TypeVar("P", bound="PageDuPortail")
D = TypeVar("D", bound="AUnCode")

# Démarches put forward for a profile: two rows on a desk, six gestures of a thumb.
CONSEILLEES = 6


class AUnCode(Protocol):
    code: str


@dataclass(frozen=True)
class Visite:
    """How a page is seen: what decides its order and its blocks, and nothing of who is there.

    Two visitors with the same one are given the same page.
    """

    segments: frozenset[int] = frozenset()
    territoire: str = ""
    sujets: frozenset[str] = frozenset()


TOUT_LE_MONDE = Visite()


def visite_de(request: HttpRequest) -> Visite:
    """Worked out once a request; a preview says which segments it stands for."""
    if not hasattr(request, "_visite"):
        request._visite = _lire(request)  # type: ignore[attr-defined]
    return request._visite  # type: ignore[attr-defined]


def _lire(request: HttpRequest) -> Visite:
    if (simules := getattr(request, "segments_simules", None)) is not None:
        return Visite(segments=simules)
    profil = profils.lire(request)
    usager = habitant(request)
    connus = segments_actifs()
    if usager is None and profil.est_vide and not any(segment.est_ouvert for segment in connus):
        return TOUT_LE_MONDE
    demandes_utiles = usager is not None and any(segment.types_en_cours for segment in connus)
    vu = Vu(
        situations=profil.situations,
        territoire=profil.territoire,
        age=profil.age,
        sujets=profil.sujets,
        jour=timezone.localdate(),
        est_connecte=usager is not None,
        types_en_cours=dossier.types_en_cours(usager) if usager and demandes_utiles else frozenset(),
    )
    return Visite(
        segments=frozenset(segment.pk for segment in connus if segment.convient(vu)),
        territoire=profil.territoire,
        sujets=profil.sujets,
    )


def segments_actifs() -> list[Segment]:
    """The active segments; read once as long as none changes."""
    return referentiel.courant().garder(
        "portal.segments", lambda: list(Segment.objects.filter(est_actif=True))
    )


def siens(visite: Visite) -> list[Segment]:
    """The segments of a visit, by name."""
    return [segment for segment in segments_actifs() if segment.pk in visite.segments]


def demarches_d_abord(visite: Visite) -> list[str]:
    """Codes of the démarches its segments put first, each once, each segment in turn."""
    tours = zip_longest(*(segment.demarches for segment in siens(visite)))
    return list(dict.fromkeys(code for tour in tours for code in tour if code))


def conseillees(visite: Visite) -> list[vitrine.TypeDemande]:
    """The démarches its segments put first, as they are shown."""
    types = [vitrine.publiee(code) for code in demarches_d_abord(visite)]
    return [type for type in types if type][:CONSEILLEES]


def ranger(demarches: Iterable[D], visite: Visite) -> list[D]:
    """Kinds of requests, or their pages: those its segments put first before the others."""
    d_abord = set(demarches_d_abord(visite))
    return sorted(demarches, key=lambda une: une.code not in d_abord)


def disposer(pages: Iterable[P], visite: Visite) -> list[P]:
    """What this visit is shown of a list: hidden ones left out, its own first, the order kept otherwise."""
    places: list[tuple[int, P]] = []
    for page in pages:
        concerne = not visite.segments.isdisjoint(page.segments)
        if page.segments and page.effet == (Effet.CACHER if concerne else Effet.MONTRER):
            continue
        places.append((0 if page.effet == Effet.AVANT and concerne else 1, page))
    return [page for _, page in sorted(places, key=lambda place: place[0])]


def est_proche(page: PageSituee, visite: Visite) -> bool:
    """Whether a piece of news is of the visitor's district or of what they care for."""
    return not visite.sujets.isdisjoint(page.sujets) or visite.territoire in page.territoires


def concerne(page: PageSituee, visite: Visite) -> bool:
    """Whether an alert is for this visit: one of other districts is not; without a district, all are."""
    return not page.territoires or not visite.territoire or visite.territoire in page.territoires
