"""Finds démarches in everyday words: « y a un trou devant chez moi », « lampadere », « papier du bébé ».

Pure and in memory: a catalogue holds a hundred types, a city's words for them a few thousand. Words are
folded and stemmed alike on both sides (`guichet.socle.texte.mots_utiles`), typing errors are matched by
rapidfuzz, rare words weigh more than common ones, and whole everyday sentences rank the best ones.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from guichet.socle.texte import cle_phonetique, mots_utiles

MOTS_LUS = 60  # of what is typed: a whole letter may be pasted
PREFIXE_MINIMAL = 3
FAUTE_MINIMALE = 4  # shorter words have too many neighbours
RESSEMBLANCE_MINIMALE = 0.74
QUALITE_PREFIXE = 0.8
QUALITE_SON = 0.95
QUALITE_FAUTE = 0.9
A_RECLASSER = 25
COUP_DE_POUCE = 1.3
SEUIL = 0.3


def _son(radical: str) -> str:
    """Key of a stem by its sound; the mute e that stemming took is given back, so that its end is heard."""
    return cle_phonetique(radical + "e")


@dataclass(frozen=True)
class Texte:
    """Words that lead to an entry, and how much they tell (0 to 1). A phrase is also compared whole."""

    mots: str
    poids: float
    est_une_phrase: bool = False


@dataclass(frozen=True)
class Trouvaille:
    """An entry with its score: about 1 when every word typed is one of its own."""

    cle: str
    score: float


def d_abord(trouvailles: Iterable[Trouvaille], cles: Collection[str]) -> list[Trouvaille]:
    """The same ones; those of `cles` pass what is nearly as close, never what is much closer."""
    return sorted(trouvailles, key=lambda t: -t.score * (COUP_DE_POUCE if t.cle in cles else 1))


class Index:
    """An inverted index of short texts. Built once, then read by every request of the process."""

    def __init__(self, entrees: dict[str, Iterable[Texte]]) -> None:
        self._poids: dict[str, dict[str, float]] = defaultdict(dict)
        self._phrases: dict[str, list[str]] = {}
        for cle, textes in entrees.items():
            self._phrases[cle] = []
            for texte in textes:
                mots = mots_utiles(texte.mots)
                if texte.est_une_phrase and mots:
                    self._phrases[cle].append(" ".join(mots))
                for mot in mots:
                    poids = self._poids[mot]
                    poids[cle] = max(poids.get(cle, 0.0), texte.poids)
        nombre = max(len(entrees), 1)
        self._rarete = {mot: math.log(1 + nombre / len(cles)) for mot, cles in self._poids.items()}
        self._vocabulaire = sorted(self._poids)
        self._sons: dict[str, list[str]] = defaultdict(list)
        for mot in self._vocabulaire:
            if len(mot) >= FAUTE_MINIMALE and mot.isalpha():
                self._sons[_son(mot)].append(mot)

    def chercher(self, saisie: str, *, limite: int) -> list[Trouvaille]:
        """Rank the entries for what was typed, best first; nothing close enough gives an empty list."""
        mots = mots_utiles(saisie)[:MOTS_LUS]
        if not mots:
            return []
        scores: Counter[str] = Counter()
        total = 0.0
        corriges = []
        for rang, mot in enumerate(mots, 1):
            proches = self._proches(mot, est_le_dernier=rang == len(mots))
            corriges.append(max(proches, key=lambda connu: proches[connu], default=mot))
            total += max((self._rarete[connu] for connu in proches), default=math.log(2))
            scores.update(self._apports(mot, proches))
        phrase = " ".join(corriges)
        trouvailles = [
            Trouvaille(cle, score / total * (1 + self._ressemblance(cle, phrase)))
            for cle, score in scores.most_common(A_RECLASSER)
        ]
        trouvailles.sort(key=lambda trouvaille: (-trouvaille.score, trouvaille.cle))
        meilleur = trouvailles[0].score if trouvailles else 0.0
        return [t for t in trouvailles if t.score >= max(SEUIL * meilleur, 0.05)][:limite]

    def _apports(self, mot: str, proches: dict[str, float]) -> dict[str, float]:
        """What one word brings to each entry: its best reading there, rare words above common ones.

        A known word is never rarer for being the beginning of another: « trou » is no « trousse ».
        """
        apports: dict[str, float] = {}
        for connu, qualite in proches.items():
            rarete = min(self._rarete[connu], self._rarete.get(mot, math.inf))
            for cle, poids in self._poids[connu].items():
                apports[cle] = max(apports.get(cle, 0.0), qualite * poids * rarete)
        return apports

    def _proches(self, mot: str, *, est_le_dernier: bool) -> dict[str, float]:
        """Known words close to this one, with the quality of the match. The last may be half typed."""
        proches = {mot: 1.0} if mot in self._poids else self._fautes(mot)
        if len(mot) >= PREFIXE_MINIMAL and (est_le_dernier or not proches):
            for connu in self._vocabulaire[bisect_left(self._vocabulaire, mot) :]:
                if not connu.startswith(mot):
                    break
                proches.setdefault(connu, QUALITE_PREFIXE * len(mot) / len(connu))
        return proches

    def _fautes(self, mot: str) -> dict[str, float]:
        """Words written otherwise: those that sound the same, then those a few letters away."""
        if len(mot) < FAUTE_MINIMALE:
            return {}
        proches = {
            connu: QUALITE_FAUTE * ressemblance
            for connu, ressemblance, _ in process.extract(
                mot,
                self._vocabulaire,
                scorer=OSA.normalized_similarity,
                score_cutoff=RESSEMBLANCE_MINIMALE,
                limit=6,
            )
        }
        for connu in self._sons.get(_son(mot), ()):
            proches[connu] = QUALITE_SON
        return proches

    def _ressemblance(self, cle: str, phrase: str) -> float:
        """How close the whole sentence is to one of the entry's own, 0 to 1."""
        return max(
            (fuzz.token_sort_ratio(phrase, connue) / 100 for connue in self._phrases[cle]), default=0.0
        )


@lru_cache(maxsize=4)
def index_de(textes: tuple[tuple[str, tuple[Texte, ...]], ...]) -> Index:
    """The index of these entries, kept while their words stay the same: they are read again each minute, and
    building takes half a second."""
    return Index(dict(textes))
