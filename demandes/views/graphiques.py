"""The geometry of the charts, in the numbers an SVG writes; words and links are the page's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HAUTEUR = 100
# A step is ten wide: two columns and the air around them.
LARGEUR = 10
SERIES = (("recues", 1.2), ("finies", 5.2))


@dataclass(frozen=True)
class Barre:
    """A column of a series, standing on the bottom line."""

    serie: str
    x: str
    y: str
    hauteur: str


@dataclass(frozen=True)
class Colonne:
    """One step: where its area begins, and its columns: nothing stands for none."""

    x: int
    barres: tuple[Barre, ...]


@dataclass(frozen=True)
class Dessin:
    """The whole chart, `largeur` wide; `graduations` from the top down."""

    largeur: int
    sommet: int
    colonnes: list[Colonne]

    @property
    def graduations(self) -> tuple[int, int, int]:
        return self.sommet, self.sommet // 2, 0


def colonnes(valeurs: Sequence[tuple[int, int]]) -> Dessin:
    """Pairs of columns on one scale."""
    sommet = rond(max((max(paire) for paire in valeurs), default=0))
    return Dessin(
        LARGEUR * len(valeurs),
        sommet,
        [
            Colonne(
                rang * LARGEUR,
                tuple(
                    barre(serie, rang * LARGEUR + debut, valeur, sommet)
                    for (serie, debut), valeur in zip(SERIES, paire, strict=True)
                    if valeur
                ),
            )
            for rang, paire in enumerate(valeurs)
        ],
    )


def barre(serie: str, x: float, valeur: int, sommet: int) -> Barre:
    hauteur = HAUTEUR * valeur / sommet
    return Barre(serie, f"{x:.1f}", f"{HAUTEUR - hauteur:.2f}", f"{hauteur:.2f}")


def rond(plus: int) -> int:
    """The least of 2, 4, 6 and 10 followed by zeros that holds it: half of it is whole too."""
    unite = 1
    while True:
        for pas in (2, 4, 6, 10):
            if pas * unite >= plus:
                return pas * unite
        unite *= 10


def part(valeur: int, plus: int) -> str:
    """How much of a whole bar, out of a hundred."""
    return f"{100 * valeur / plus:.2f}" if plus else "0"
