"""Applies what was learned. Imported by the worker only, by its path: nothing else needs numpy.

Weights come as plain arrays (`allow_pickle=False`): a row of the database never runs code.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from demandes.suggestion.texte import Comptes

CASES = 2**14
# The rarity of what the catalogue never says: as rare as its rarest words.
INCONNU = 8.0


def cases(comptes: Comptes, rarete: dict[str, float]) -> tuple[list[int], list[float]]:
    """The traits of a text folded into a fixed number of boxes, those that the catalogue ignores too."""
    toutes = dict.fromkeys((*comptes.mots, *comptes.lettres), INCONNU)
    toutes.update((trait, rarete[trait]) for trait in toutes.keys() & rarete.keys())
    sommes: dict[int, float] = {}
    for trait, poids in comptes.traits(toutes).items():
        case = crc32(trait.encode()) % CASES
        sommes[case] = sommes.get(case, 0.0) + poids
    return list(sommes), list(sommes.values())


class Appris:
    """A linear model: shares of one for the types it learned."""

    def __init__(self, codes: Sequence[str], poids: np.ndarray, biais: np.ndarray) -> None:
        self.codes, self.poids, self.biais = list(codes), poids, biais

    def parts(self, comptes: Comptes, rarete: dict[str, float]) -> dict[str, float]:
        ou, valeurs = cases(comptes, rarete)
        scores = self.poids[:, ou].astype(np.float32) @ np.asarray(valeurs, np.float32) + self.biais
        bruts = np.exp(scores - scores.max())
        return dict(zip(self.codes, (bruts / bruts.sum()).tolist(), strict=True))

    def melanger(
        self,
        comptes: Comptes,
        rarete: dict[str, float],
        codes: Sequence[str],
        parts: Sequence[float],
        part: float,
    ) -> list[float]:
        """What the index says, with what was learned for its part."""
        siennes = self.parts(comptes, rarete)
        return [(1 - part) * p + part * siennes.get(code, 0.0) for code, p in zip(codes, parts, strict=True)]

    def ecrire(self) -> bytes:
        sortie = io.BytesIO()
        np.savez_compressed(
            sortie, codes=np.array(self.codes), poids=self.poids.astype(np.float16), biais=self.biais
        )
        return sortie.getvalue()


def lire(contenu: bytes) -> Appris:
    with np.load(io.BytesIO(contenu), allow_pickle=False) as lu:
        return Appris([str(code) for code in lu["codes"]], lu["poids"], lu["biais"])
