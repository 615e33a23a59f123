"""Read a JSON file that anyone may have written, and know the line of each of its values."""

import json
import re
from typing import Any, NoReturn

from demandes.chargement.fichier import FichierInvalide

TAILLE_MAX = 10 * 1024 * 1024
TROP_LOURD = "Ce fichier pèse plus de 10 Mo : une configuration est bien plus légère."
PROFONDEUR_MAX = 40
CHIFFRES_MAX = 20
# One symbol of JSON. What lies between symbols is skipped: the parser has already found it right.
SYMBOLE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
# Invisible or unstorable: NUL and other controls, direction marks, lone halves of a character.
INTERDITS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Chemin = tuple[str | int, ...]


def en_clair(chemin: Chemin) -> str:
    return "/".join(str(pas) for pas in chemin) or "(racine)"


class Reperes:
    """The line of each value of a JSON text that parses. Raises FichierInvalide for a key given twice."""

    def __init__(self, texte: str):
        self.lignes: dict[Chemin, int] = {}
        self.doubles: list[str] = []
        self._parcourir(texte)
        if self.doubles:
            raise FichierInvalide(self.doubles)

    def ligne(self, chemin: Chemin) -> int:
        """The line of the value there, or of the nearest one that holds it."""
        while chemin and chemin not in self.lignes:
            chemin = chemin[:-1]
        return self.lignes.get(chemin, 1)

    def phrase(self, chemin: Chemin, message: str) -> str:
        return f"Ligne {self.ligne(chemin)}, {en_clair(chemin)} : {message}"

    def _parcourir(self, texte: str) -> None:
        ligne, fin = 1, 0
        # What is open: its path, and the key awaited (None in an object) or the rank reached (in a list).
        ouverts: list[tuple[Chemin, bool]] = []
        pas: list[Any] = []
        attend_cle = False
        for trouve in SYMBOLE.finditer(texte):
            ligne += texte.count("\n", fin, trouve.start())
            fin = trouve.start()
            symbole = trouve.group()
            if symbole in "]}":
                ouverts.pop()
                pas.pop()
                attend_cle = False
            elif symbole == ",":
                if ouverts[-1][1]:
                    attend_cle = True
                else:
                    pas[-1] += 1
            elif symbole == ":":
                attend_cle = False
            elif attend_cle:
                pas[-1] = json.loads(symbole)
                chemin = (*ouverts[-1][0], pas[-1])
                if chemin in self.lignes:
                    self.doubles.append(
                        f"Ligne {ligne}, {en_clair(chemin)} : cette clé est déjà ligne {self.lignes[chemin]}."
                    )
                self.lignes[chemin] = ligne
            else:
                chemin = (*ouverts[-1][0], pas[-1]) if ouverts else ()
                self.lignes[chemin] = ligne
                if symbole in "[{":
                    ouverts.append((chemin, symbole == "{"))
                    pas.append("" if symbole == "{" else 0)
                    attend_cle = symbole == "{"


def lire_octets(octets: bytes) -> tuple[dict[str, Any], Reperes]:
    """Parse a whole file. Raises FichierInvalide: each fault is a sentence with its line."""
    if len(octets) > TAILLE_MAX:
        refuser(TROP_LOURD)
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        ligne = octets.count(b"\n", 0, cause.start) + 1
        refuser(f"Ligne {ligne} : ce fichier n'est pas du texte en UTF-8. Enregistrez-le en UTF-8.")
    if not texte.strip():
        refuser("Ce fichier est vide.")
    if trop := trop_profond(texte):
        refuser(f"Ligne {trop} : trop de crochets ou d'accolades l'un dans l'autre.")
    try:
        contenu = json.loads(texte, parse_constant=nombre_impossible, parse_int=entier)
    except json.JSONDecodeError as cause:
        refuser(f"Ligne {cause.lineno}, colonne {cause.colno} : {dire_syntaxe(cause.msg)}")
    reperes = Reperes(texte)
    if not isinstance(contenu, dict):
        refuser("Ligne 1 : le fichier doit commencer par une accolade et finir par une accolade.")
    if fautes := [
        reperes.phrase(chemin, "un caractère invisible s'est glissé dans ce texte ; retapez-le.")
        for chemin in textes_interdits(contenu)
    ]:
        raise FichierInvalide(fautes)
    return contenu, reperes


def refuser(phrase: str) -> NoReturn:
    raise FichierInvalide([phrase])


def nombre_impossible(mot: str) -> NoReturn:
    refuser(f"« {mot} » n'est pas un nombre : écrivez un nombre en chiffres.")


def entier(chiffres: str) -> int:
    if len(chiffres) > CHIFFRES_MAX:
        refuser(f"Le nombre {chiffres[:CHIFFRES_MAX]}… est trop grand.")
    return int(chiffres)


def trop_profond(texte: str) -> int:
    """The line where nesting passes the limit; 0 when it never does."""
    profondeur = 0
    for trouve in SYMBOLE.finditer(texte):
        if trouve.group() in ("[", "{"):
            profondeur += 1
        elif trouve.group() in ("]", "}"):
            profondeur -= 1
        if profondeur > PROFONDEUR_MAX:
            return texte.count("\n", 0, trouve.start()) + 1
    return 0


def textes_interdits(valeur: Any, chemin: Chemin = ()) -> list[Chemin]:
    if isinstance(valeur, str):
        return [chemin] if INTERDITS.search(valeur) else []
    if isinstance(valeur, dict):
        cles = [chemin for cle in valeur if INTERDITS.search(cle)]
        return cles + [c for cle, v in valeur.items() for c in textes_interdits(v, (*chemin, cle))]
    if isinstance(valeur, list):
        return [c for rang, v in enumerate(valeur) for c in textes_interdits(v, (*chemin, rang))]
    return []


SYNTAXE = {
    "Expecting property name enclosed in double quotes": "on attend un nom entre guillemets droits.",
    "Expecting ',' delimiter": "il manque une virgule, ou un crochet fermant.",
    "Expecting ':' delimiter": "il manque deux-points après le nom.",
    "Expecting value": "on attend une valeur.",
    "Unterminated string starting at": "ce texte n'est pas fermé par un guillemet.",
    "Extra data": "il y a du texte après la fin.",
}


def dire_syntaxe(message: str) -> str:
    """The parser's words in French."""
    phrase = next((p for debut, p in SYNTAXE.items() if message.startswith(debut)), None)
    return phrase or "ce n'est pas du JSON bien écrit."
