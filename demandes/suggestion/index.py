"""Finds the types a text is close to, pure and in memory: one vector a type, from all that speaks of it.

A hundred types, some thousand sentences: an inverted index answers in a few milliseconds. It is built once
for each state of the catalogue.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from demandes.suggestion.texte import Comptes, fragments, mots_utiles

PART_DECISIVE = 0.04  # of what brought a text to a type: below, a word decided nothing
NEGLIGEABLE = 0.002  # a weight below tells nothing, and there are many


@dataclass(frozen=True)
class Exemple:
    """Words that speak of a type, and how much they tell."""

    texte: str
    poids: float = 1.0


class Index:
    """Which types a text is close to, from 0 to 1."""

    def __init__(self, exemples: Mapping[str, Iterable[Exemple]]) -> None:
        self.codes = sorted(exemples)
        lus = [
            (rang, exemple.poids, Comptes(exemple.texte))
            for rang, code in enumerate(self.codes)
            for exemple in exemples[code]
        ]
        self.rarete = _raretes([comptes for _, _, comptes in lus])
        vecteurs: list[defaultdict[str, float]] = [defaultdict(float) for _ in self.codes]
        for rang, poids, comptes in lus:
            vecteur = vecteurs[rang]
            for trait, valeur in comptes.traits(self.rarete).items():
                vecteur[trait] += poids * valeur
        self._ranger(vecteurs)

    def _ranger(self, vecteurs: list[defaultdict[str, float]]) -> None:
        """Keep, for each trait, the types that have it: two arrays for all, a slice for each."""
        listes: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for rang, vecteur in enumerate(vecteurs):
            # The root keeps a word said ten times from hiding those said once.
            adouci = {trait: math.sqrt(valeur) for trait, valeur in vecteur.items()}
            longueur = math.sqrt(sum(valeur * valeur for valeur in adouci.values())) or 1.0
            for trait, valeur in adouci.items():
                if valeur / longueur > NEGLIGEABLE:
                    listes[trait].append((rang, valeur / longueur))
        self._rangs, self._poids = array("H"), array("f")
        self._tranches: dict[str, tuple[int, int]] = {}
        for trait, liste in listes.items():
            debut = len(self._rangs)
            self._rangs.extend(rang for rang, _ in liste)
            self._poids.extend(valeur for _, valeur in liste)
            self._tranches[trait] = (debut, len(self._rangs))

    def noter(self, comptes: Comptes) -> list[float]:
        """How close each type of `codes` is."""
        scores = [0.0] * len(self.codes)
        rangs, poids = self._rangs, self._poids
        for trait, valeur in comptes.traits(self.rarete).items():
            if trait in self._tranches:
                debut, fin = self._tranches[trait]
                for place in range(debut, fin):
                    scores[rangs[place]] += valeur * poids[place]
        return scores

    def mots_decisifs(self, texte: str, code: str, *, limite: int = 4) -> tuple[str, ...]:
        """The words of a text that brought it to this type, as written, the weightiest first."""
        if code not in self.codes:
            return ()
        rang = self.codes.index(code)
        traits = Comptes(texte).traits(self.rarete)
        apports: dict[str, float] = {}
        ecrits: dict[str, str] = {}
        for ecrit, plie, racine in mots_utiles(texte):
            if racine in apports:
                continue
            siens = (racine, *dict.fromkeys(fragments(plie)))
            apports[racine] = sum(traits.get(trait, 0.0) * self._poids_de(trait, rang) for trait in siens)
            ecrits[racine] = ecrit.lower()
        total = sum(apports.values())
        premiers = sorted(apports, key=lambda racine: -apports[racine])[:limite]
        return tuple(ecrits[racine] for racine in premiers if apports[racine] > PART_DECISIVE * total)

    def _poids_de(self, trait: str, rang: int) -> float:
        debut, fin = self._tranches.get(trait, (0, 0))
        return next((self._poids[p] for p in range(debut, fin) if self._rangs[p] == rang), 0.0)


def _raretes(textes: list[Comptes]) -> dict[str, float]:
    """The rarer among the texts, the more a trait tells."""
    nombres: Counter[str] = Counter()
    for comptes in textes:
        nombres.update(comptes.mots.keys())
        nombres.update(comptes.lettres.keys())
    return {trait: 1 + math.log((1 + len(textes)) / (1 + nombre)) for trait, nombre in nombres.items()}
