"""What a file would do, line by line: read first, shown, then done at once or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models, transaction

from guichet.organisation.models import Compte

# How a kind of file writes its lines: all of them, in the caller's transaction, or LigneRefusee.
Ecrire = Callable[[list["Ligne"], Compte], None]


class Etat(models.TextChoices):
    CREE = "cree", "Créé"
    MODIFIE = "modifie", "Modifié"
    INCHANGE = "inchange", "Inchangé"
    ERREUR = "erreur", "Erreur"

    @property
    def ton(self) -> str:
        return {"cree": "succes", "modifie": "info", "inchange": "neutre", "erreur": "danger"}[self.value]


@dataclass
class Ligne:
    """What one line of the file does, in a sentence, and the gestures that do it, known to its `Ecrire`."""

    numero: int
    sujet: str
    etat: Etat
    texte: str
    gestes: list[Any] = field(default_factory=list)


@dataclass
class Plan:
    lignes: list[Ligne]

    @property
    def erreurs(self) -> list[Ligne]:
        return [ligne for ligne in self.lignes if ligne.etat is Etat.ERREUR]

    @property
    def a_faire(self) -> list[Ligne]:
        return [ligne for ligne in self.lignes if ligne.gestes]

    @property
    def peut_etre_confirme(self) -> bool:
        return bool(self.a_faire) and not self.erreurs

    @property
    def comptes(self) -> list[tuple[Etat, int]]:
        """How many lines of each kind, those that exist."""
        etats = [ligne.etat for ligne in self.lignes]
        return [(etat, etats.count(etat)) for etat in Etat if etat in etats]

    @property
    def ordonnees(self) -> list[Ligne]:
        """Errors come first, they are what is left to do; what does not change comes last."""
        rangs = {Etat.ERREUR: 0, Etat.INCHANGE: 2}
        return sorted(self.lignes, key=lambda ligne: (rangs.get(ligne.etat, 1), ligne.numero))

    @property
    def empreinte(self) -> str:
        """Changes with anything that was shown."""
        montre = [(li.numero, li.sujet, li.etat.value, li.texte) for li in self.lignes]
        return hashlib.sha256(repr(montre).encode()).hexdigest()


class LigneRefusee(Exception):
    """A line was refused while it was done: nothing of the file is kept."""

    def __init__(self, ligne: Ligne, phrase: str):
        self.ligne, self.phrase = ligne, phrase


def appliquer(plan: Plan, ecrire: Ecrire, *, par: Compte) -> bool:
    """Do every line or none; the one that the house refuses is marked with its reason."""
    try:
        with transaction.atomic():
            ecrire(plan.a_faire, par)
    except LigneRefusee as refus:
        refus.ligne.etat, refus.ligne.texte = Etat.ERREUR, refus.phrase
        return False
    return True


def fautes(formulaire: forms.Form) -> str:
    """The sentences of a form, one a line, each after the name of its column."""
    phrases = []
    for nom, messages in formulaire.errors.items():
        titre = f"{formulaire.fields[nom].label} : " if nom in formulaire.fields else ""
        phrases += [f"{titre}{message}" for message in messages]
    return "\n".join(phrases)


def ecarts(formulaire: forms.Form, avant: Mapping[str, Any], apres: Mapping[str, Any]) -> list[str]:
    """« Nom : « Voirie » devient « Voirie et réseaux » », for each value that changes."""
    return [
        f"{formulaire.fields[nom].label} : {dire(avant[nom])} devient {dire(apres[nom])}."
        for nom in apres
        if avant[nom] != apres[nom]
    ]


def dire(valeur: Any) -> str:
    return f"« {valeur} »" if valeur else "vide"


def remplir(avant: Mapping[str, Any], cases: Mapping[str, str], champs: Iterable[str]) -> dict[str, Any]:
    """The values of a form: an empty cell changes nothing of a card that exists."""
    return {nom: cases.get(nom) or avant.get(nom, "") for nom in champs}
