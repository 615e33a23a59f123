"""Learns from the agents' choices. Imported by its path, by the retraining task only: it brings scikit-learn.

A version is measured on choices it has not seen, beside the index alone and beside the version in service;
it replaces the latter only when it does at least as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from demandes.suggestion.appris import CASES, Appris, cases
from demandes.suggestion.avis import PROPOSEES, confiances
from demandes.suggestion.index import Index
from demandes.suggestion.texte import Comptes, sans_bruit

PLIS = 5
PARTS = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75)
# With this many choices, what was learned may weigh half.
MOITIE = 200
# Chosen by cross-validation on the shipped examples (docs/suggestion.md).
SOUPLESSE = 60.0
TOURS = 80


@dataclass(frozen=True)
class Choix:
    """A text and the type an agent gave it."""

    code: str
    texte: str


@dataclass(frozen=True)
class Resultat:
    """What was learned, its part, and how often it was right on what it had not seen."""

    appris: Appris
    part: float
    mesures: dict[str, float]


class _Lot:
    """Texts made ready once: traits, and what the index says."""

    def __init__(self, index: Index, choix: Sequence[Choix]) -> None:
        self.index, self.choix = index, choix
        self.comptes = [Comptes(sans_bruit(un.texte)) for un in choix]
        self.parts = [confiances(index.noter(comptes)) for comptes in self.comptes]

    def mesurer(self, predictions: Iterable[Sequence[float]], rangs: Sequence[int]) -> tuple[float, float]:
        """(first is right, right among three)."""
        un = trois = 0
        for rang, parts in zip(rangs, predictions, strict=True):
            ordre = sorted(range(len(parts)), key=lambda place: -parts[place])[:PROPOSEES]
            codes = [self.index.codes[place] for place in ordre]
            un += codes[0] == self.choix[rang].code
            trois += self.choix[rang].code in codes
        nombre = len(rangs) or 1
        return un / nombre, trois / nombre


def apprendre(
    index: Index,
    amorce: Sequence[Choix],
    choix: Sequence[Choix],
    *,
    ancien: tuple[Appris, float] | None = None,
    neufs: Sequence[int] = (),
) -> Resultat:
    """Learn from what agents chose, on top of the shipped sentences.

    `neufs` are the choices made since `ancien`, the version in service, was learned: it is measured on them.
    """
    lot = _Lot(index, choix)
    tous = range(len(choix))
    hors_pli: list[Appris] = [None] * len(choix)  # type: ignore[list-item]
    for pli in range(PLIS):
        autres = [choix[rang] for rang in tous if rang % PLIS != pli]
        appris = _ajuster(index, amorce, autres)
        for rang in range(pli, len(choix), PLIS):
            hors_pli[rang] = appris

    def predire(rang: int, part: float, appris: Appris) -> list[float]:
        return appris.melanger(lot.comptes[rang], index.rarete, index.codes, lot.parts[rang], part)

    plafond = len(choix) / (len(choix) + MOITIE)
    seules = lot.mesurer(lot.parts, tous)
    essais = {
        part: lot.mesurer((predire(rang, part, hors_pli[rang]) for rang in tous), tous)
        for part in PARTS
        if part <= plafond
    }
    part = max(essais, key=lambda part: (sum(essais[part]), -part))
    mesures = _en_mots("index", seules) | _en_mots("version", essais[part])
    if ancien is not None and neufs:
        mesures |= _en_mots("ancienne", lot.mesurer((predire(r, ancien[1], ancien[0]) for r in neufs), neufs))
        mesures |= _en_mots(
            "version_neufs", lot.mesurer((predire(r, part, hors_pli[r]) for r in neufs), neufs)
        )
    return Resultat(_ajuster(index, amorce, choix), part, mesures)


def _en_mots(nom: str, mesure: tuple[float, float]) -> dict[str, float]:
    return {f"{nom}_top1": round(mesure[0], 4), f"{nom}_top3": round(mesure[1], 4)}


def _ajuster(index: Index, amorce: Sequence[Choix], choix: Sequence[Choix]) -> Appris:
    """A multinomial logistic regression over hashed traits."""
    tous = [un for un in (*amorce, *choix) if un.code in index.codes]
    lignes, colonnes, valeurs = [], [], []
    for rang, un in enumerate(tous):
        ou, poids = cases(Comptes(sans_bruit(un.texte)), index.rarete)
        lignes += [rang] * len(ou)
        colonnes += ou
        valeurs += poids
    traits = csr_matrix((valeurs, (lignes, colonnes)), shape=(len(tous), CASES), dtype=np.float32)
    codes = sorted({un.code for un in tous})
    if len(codes) < 2:  # nothing to tell apart
        return Appris(codes, np.zeros((len(codes), CASES), np.float16), np.zeros(len(codes), np.float32))
    modele = LogisticRegression(C=SOUPLESSE, max_iter=TOURS, tol=1e-3)
    with warnings.catch_warnings():
        # Stopped early on purpose: more turns changed nothing that is measured.
        warnings.simplefilter("ignore", ConvergenceWarning)
        modele.fit(traits, [un.code for un in tous])
    coefficients, ordonnees = modele.coef_, modele.intercept_
    if len(codes) == 2:  # one row then tells both
        coefficients = np.vstack([-coefficients, coefficients]) / 2
        ordonnees = np.concatenate([-ordonnees, ordonnees]) / 2
    return Appris(
        [str(code) for code in modele.classes_], coefficients.astype(np.float16), ordonnees.astype(np.float32)
    )
