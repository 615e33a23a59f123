"""Read a reference file, tell what it is, validate it whole, hand it to its loader."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from guichet.socle.erreurs import ErreurMetier

DONNEES = Path(__file__).resolve().parent.parent / "donnees"
ERREURS_MONTREES = 20
NOMS_GARDES = 5
SORTS = ("créés", "modifiés", "inchangés")


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
    # The first rows of each kind and fate, by their own words.
    noms: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def noter(self, genre: str, sort: str, nom: str = "") -> None:
        self.comptes.setdefault(genre, Counter())[sort] += 1
        premiers = self.noms.setdefault((genre, sort), [])
        if nom and len(premiers) < NOMS_GARDES:
            premiers.append(nom)

    @property
    def change(self) -> bool:
        """Whether the load wrote, or would write, anything."""
        return any(compte["créés"] or compte["modifiés"] for compte in self.comptes.values())

    def lignes(self) -> list[str]:
        phrases = []
        for genre, compte in self.comptes.items():
            details = ", ".join(f"{compte[sort]} {sort}" for sort in SORTS if compte[sort])
            phrases.append(f"{genre} : {details}")
        return phrases + self.remarques


def facultatifs(brut: Mapping[str, Any], *noms: str) -> dict[str, Any]:
    """The values that the file gives among those it may leave out: what it leaves out is left alone."""
    return {nom: brut[nom] for nom in noms if nom in brut}


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
