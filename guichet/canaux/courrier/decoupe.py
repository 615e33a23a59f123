"""Where letters begin in a pile of sheets: after a separator, or after a blank sheet when so asked."""

from collections.abc import Sequence
from enum import StrEnum


class Genre(StrEnum):
    """What a page is. Values are stored."""

    LETTRE = "lettre"
    SEPARATEUR = "separateur"
    BLANCHE = "blanche"


class Coupe(StrEnum):
    """What separates two letters of one file. Values are stored."""

    SEPARATEUR = "separateur"
    BLANCHE = "blanche"
    FICHIER = "fichier"

    @property
    def libelle(self) -> str:
        return {
            Coupe.SEPARATEUR: "une feuille « Séparateur Guichet »",
            Coupe.BLANCHE: "une feuille blanche, ou un séparateur",
            Coupe.FICHIER: "rien : chaque fichier est une lettre",
        }[self]


def decouper(pages: Sequence[Genre], *, coupe: Coupe, est_recto_verso: bool) -> list[int]:
    """The letter each page belongs to, from 1; 0 for a separator or a blank page, which belong to none.

    Every page has its answer. Scanned on both sides, a sheet separates when both sides are blank: the blank
    back of a letter separates nothing.
    """
    numeros: list[int] = []
    lettre, est_ouverte = 0, False
    for rang, genre in enumerate(pages):
        if genre is Genre.LETTRE:
            lettre += not est_ouverte
            est_ouverte = True
            numeros.append(lettre)
            continue
        numeros.append(0)
        est_ouverte = est_ouverte and not _separe(pages, rang, coupe, est_recto_verso=est_recto_verso)
    return numeros


def _separe(pages: Sequence[Genre], rang: int, coupe: Coupe, *, est_recto_verso: bool) -> bool:
    if coupe is Coupe.FICHIER:
        return False
    if pages[rang] is Genre.SEPARATEUR:
        return True
    if coupe is not Coupe.BLANCHE:
        return False
    if not est_recto_verso:
        return True
    autre = rang ^ 1  # the other side of the same sheet
    return autre >= len(pages) or pages[autre] is not Genre.LETTRE
