"""A plan of the city's places without anybody's tiles: numbered marks, each the number of a line of the list.

It is a sketch, north up: districts stand at their centre, marks that would hide each other are moved apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demandes import referentiel
from guichet.organisation.models import Territoire

if TYPE_CHECKING:
    from portal.models import Equipement

# In units of the drawing: those of a phone's screen.
LARGEUR, HAUTEUR_MAXIMALE = 360, 520
MARGE = 24
ECART = 23  # between two marks: a finger finds one and not the other
RAYON = 34  # of a district
KM_PAR_DEGRE = 111.32


@dataclass(frozen=True)
class Repere:
    """A place on the plan, under its number in the list."""

    numero: int
    x: int
    y: int
    lieu: Equipement


@dataclass(frozen=True)
class Quartier:
    """A district around its centre, its name above; `ancre` keeps it within the drawing."""

    nom: str
    x: int
    y: int
    y_du_nom: int
    ancre: str


@dataclass(frozen=True)
class Plan:
    hauteur: int
    reperes: list[Repere]
    quartiers: list[Quartier]
    kilometre: int  # length

    @property
    def numeros(self) -> set[int]:
        return {repere.lieu.pk for repere in self.reperes}


class Cadre:
    """What the plan shows: the districts and a little around; without them, the places."""

    def __init__(self, points: Sequence[tuple[float, float]], marge: float) -> None:
        longitudes, latitudes = zip(*points, strict=True)
        self.etirement = math.cos(math.radians(sum(latitudes) / len(latitudes)))
        # A city of one place is shown as wide as a street.
        large = max((max(longitudes) - min(longitudes)) * (1 + 2 * marge), 0.004)
        haut = max((max(latitudes) - min(latitudes)) * (1 + 2 * marge), 0.003)
        self.ouest = (max(longitudes) + min(longitudes) - large) / 2
        self.nord = (max(latitudes) + min(latitudes) + haut) / 2
        self.echelle = min(
            (LARGEUR - 2 * MARGE) / (large * self.etirement), (HAUTEUR_MAXIMALE - 2 * MARGE) / haut
        )
        self.hauteur = round(haut * self.echelle) + 2 * MARGE

    def placer(self, longitude: float, latitude: float) -> tuple[int, int]:
        x = (longitude - self.ouest) * self.etirement * self.echelle + MARGE
        y = (self.nord - latitude) * self.echelle + MARGE
        return round(x), round(y)

    def contient(self, x: int, y: int) -> bool:
        """A place whose coordinates are another city's stays in the list alone."""
        return 0 <= x <= LARGEUR and 0 <= y <= self.hauteur


def dessiner(lieux: Sequence[tuple[int, Equipement]]) -> Plan | None:
    """The plan of these numbered places; None when none of them can be placed."""
    situes = [(numero, lieu, point) for numero, lieu in lieux if (point := lieu.point) is not None]
    if not situes:
        return None
    territoires = referentiel.courant().garder("portail.centres", lambda: list(Territoire.objects.all()))
    centres = [(t.longitude, t.latitude) for t in territoires]
    cadre = Cadre(centres, 0.2) if len(centres) > 1 else Cadre([point for *_, point in situes], 0)
    reperes: list[Repere] = []
    for numero, lieu, point in situes:
        if cadre.contient(*cadre.placer(*point)):
            reperes.append(Repere(numero, *_libre(*cadre.placer(*point), reperes), lieu))
    quartiers = [_nommer(t.nom, *cadre.placer(t.longitude, t.latitude)) for t in territoires]
    kilometre = round(cadre.echelle / KM_PAR_DEGRE)
    return Plan(cadre.hauteur, reperes, quartiers, kilometre) if reperes else None


def _libre(x: int, y: int, pris: list[Repere]) -> tuple[int, int]:
    """The nearest spot where this mark hides none."""
    return next(
        (a, b)
        for a, b in _autour(x, y)
        if all(math.hypot(a - repere.x, b - repere.y) >= ECART for repere in pris)
    )


def _autour(x: int, y: int) -> Iterator[tuple[int, int]]:
    """The spot itself, then wider and wider circles."""
    yield x, y
    rayon = 0
    while True:
        rayon += ECART // 2
        for pas in range(12):
            angle = math.tau * pas / 12
            yield round(x + rayon * math.cos(angle)), round(y + rayon * math.sin(angle))


def _nommer(nom: str, x: int, y: int) -> Quartier:
    """The name stands above the marks; near an edge it starts or ends there, rather than being cut."""
    ancre = "start" if x < LARGEUR / 6 else "end" if x > LARGEUR * 5 / 6 else "middle"
    return Quartier(nom, x, y, y - RAYON - 3, ancre)
