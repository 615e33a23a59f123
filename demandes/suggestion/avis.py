"""What a text seems to be about, pure: types with the words that decided, danger, several subjects.

Places in the text are kept, never its words: once the text is erased, nothing of it remains here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from demandes.suggestion.danger import danger
from demandes.suggestion.sujets import SujetPropose, sujets
from demandes.suggestion.texte import Comptes, mots, sans_bruit

PROPOSEES = 3
# Turns closeness into confidence: chosen by cross-validation (docs/suggestion.md).
NETTETE = 45.0
EXAMINEES = 12

Reperes = tuple[tuple[int, int], ...]


class Connaissance(Protocol):
    """Scores a text: an index, or an index and what was learned."""

    codes: list[str]

    def noter(self, comptes: Comptes) -> list[float]: ...

    def mots_decisifs(self, texte: str, code: str, *, limite: int = 4) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Proposition:
    """A type, how sure (0 to 1, among all), and where the words that decided stand in the text."""

    code: str
    confiance: float
    reperes: Reperes = ()


@dataclass(frozen=True)
class Avis:
    propositions: tuple[Proposition, ...] = ()
    danger: Reperes = ()
    sujets: tuple[SujetPropose, ...] = ()


def donner(
    connaissance: Connaissance,
    objet: str,
    texte: str,
    *,
    ponderer: Callable[[Comptes, list[float]], list[float]] | None = None,
) -> Avis:
    """Say what a message seems to ask. Positions are those of `texte`."""
    utile = sans_bruit(f"{objet}.\n{texte}" if objet and objet not in texte else texte)
    comptes = Comptes(utile)
    if not comptes.mots:
        return Avis()
    parts = confiances(connaissance.noter(comptes))
    if ponderer is not None:
        parts = ponderer(comptes, parts)
    ordre = sorted(range(len(parts)), key=lambda rang: (-parts[rang], rang))[:PROPOSEES]
    propositions = tuple(
        Proposition(
            connaissance.codes[rang],
            round(parts[rang], 3),
            reperer(texte, connaissance.mots_decisifs(utile, connaissance.codes[rang])),
        )
        for rang in ordre
        if parts[rang] > 0
    )
    return Avis(propositions, danger(texte), sujets(connaissance, texte))


def confiances(scores: Sequence[float]) -> list[float]:
    """Closeness turned into shares of one; nothing close gives nothing."""
    meilleur = max(scores, default=0.0)
    if meilleur <= 0:
        return [0.0] * len(scores)
    bruts = [math.exp(NETTETE * (score - meilleur)) if score > 0 else 0.0 for score in scores]
    total = sum(bruts)
    return [brut / total for brut in bruts]


def direction_probable(codes: Sequence[str], parts: Sequence[float], direction_de: Mapping[str, str]) -> str:
    """The direction whose types together are the most likely."""
    par_direction: dict[str, float] = {}
    for rang in sorted(range(len(parts)), key=lambda rang: -parts[rang])[:EXAMINEES]:
        direction = direction_de.get(codes[rang], "")
        par_direction[direction] = par_direction.get(direction, 0.0) + parts[rang]
    return max(par_direction, key=lambda direction: par_direction[direction], default="")


def reperer(texte: str, decisifs: Sequence[str]) -> Reperes:
    """Where these words are written first, in the order of their weight."""
    places: dict[str, tuple[int, int]] = {}
    for debut, fin in mots(texte):
        places.setdefault(texte[debut:fin].lower(), (debut, fin))
    return tuple(places[mot] for mot in decisifs if mot in places)
