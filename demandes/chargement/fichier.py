"""Read a reference file, tell what it is, validate it whole, hand it to its loader."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models
from jsonschema import Draft202012Validator

from guichet.socle.erreurs import ErreurMetier

DONNEES = Path(__file__).resolve().parent.parent / "donnees"
ERREURS_MONTREES = 20


class FichierInvalide(ErreurMetier):
    """The file is wrong. `erreurs` are sentences, each with its place in the file."""

    def __init__(self, erreurs: list[str]):
        self.erreurs = erreurs
        super().__init__("\n".join(erreurs[:ERREURS_MONTREES]))


@dataclass
class Rapport:
    """What a load did: for each kind of row, how many were created, changed, left alone."""

    comptes: dict[str, Counter] = field(default_factory=dict)
    remarques: list[str] = field(default_factory=list)

    def noter(self, genre: str, sort: str) -> None:
        self.comptes.setdefault(genre, Counter())[sort] += 1

    def lignes(self) -> list[str]:
        phrases = []
        for genre, compte in self.comptes.items():
            details = ", ".join(
                f"{compte[sort]} {sort}" for sort in ("créés", "modifiés", "inchangés") if compte[sort]
            )
            phrases.append(f"{genre} : {details}")
        return phrases + self.remarques


class Rangement:
    """Create or update rows by key, writing only what differs, and keep the count."""

    def __init__(self, rapport: Rapport):
        self.rapport = rapport

    def poser(
        self, modele: type[models.Model], genre: str, cle: dict[str, Any], valeurs: dict[str, Any]
    ) -> Any:
        """Return the row for `cle` holding `valeurs`; an identical row is not written again."""
        objet = modele._default_manager.filter(**cle).first()
        if objet is None:
            self.rapport.noter(genre, "créés")
            return modele._default_manager.create(**cle, **valeurs)
        if differences := [nom for nom, valeur in valeurs.items() if getattr(objet, nom) != valeur]:
            for nom in differences:
                setattr(objet, nom, valeurs[nom])
            objet.full_clean(validate_unique=False)
            objet.save()
            self.rapport.noter(genre, "modifiés")
        else:
            self.rapport.noter(genre, "inchangés")
        return objet


def lire(chemin: Path) -> dict[str, Any]:
    """Parse a JSON file or raise FichierInvalide with the line and column of the fault."""
    try:
        contenu = json.loads(chemin.read_text(encoding="utf-8"))
    except FileNotFoundError as cause:
        raise FichierInvalide([f"Le fichier {chemin} n'existe pas."]) from cause
    except (OSError, UnicodeDecodeError) as cause:
        raise FichierInvalide([f"Le fichier {chemin} ne peut pas être lu : {cause}."]) from cause
    except json.JSONDecodeError as cause:
        raise FichierInvalide([f"Ligne {cause.lineno}, colonne {cause.colno} : JSON invalide."]) from cause
    if not isinstance(contenu, dict):
        raise FichierInvalide(["Le fichier doit contenir un objet JSON."])
    return contenu


def valider(contenu: Any, schema: str, partie: str = "") -> None:
    """Check against a shipped schema, or a part of it; every fault is said with its path."""
    regles = json.loads((DONNEES / schema).read_text(encoding="utf-8"))
    validateur = Draft202012Validator(
        {"$defs": regles["$defs"], "$ref": partie} if partie else regles,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    erreurs = [
        f"{'/'.join(str(pas) for pas in erreur.absolute_path) or '(racine)'} : {erreur.message[:300]}"
        for erreur in sorted(validateur.iter_errors(contenu), key=lambda e: [str(p) for p in e.absolute_path])
    ]
    if erreurs:
        raise FichierInvalide(erreurs)
