"""A file from a spreadsheet, as lines whose columns are known by name; or what to change, in a sentence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer, plier

TAILLE_MAXIMALE = 1024 * 1024
LIGNES_MAXIMALES = 2000
SEPARATEURS = ";,\t"
# What no spreadsheet writes in a text file: a picture or a workbook given by mistake does.
_BINAIRE = re.compile(r"[\x00-\x08\x0e-\x1f]")
PAS_DU_TEXTE = (
    "Ce fichier n'est pas un tableau au format CSV. Dans le tableur, choisissez « Enregistrer sous », puis "
    "« CSV UTF-8 »."
)


@dataclass(frozen=True)
class Colonne:
    """One column: the field it fills, the words above it, and what the model file shows in it."""

    champ: str
    titre: str
    exemple: str
    est_requise: bool = False
    commence_par_plus: bool = False


@dataclass(frozen=True)
class Rangee:
    """One line of the file: its number as the spreadsheet counts, and its cells by field."""

    numero: int
    cases: dict[str, str]
    erreur: str = ""


def decoder(octets: bytes) -> str:
    """UTF-8 with or without its mark, or what a French spreadsheet writes by default."""
    if len(octets) > TAILLE_MAXIMALE:
        raise DonneeInvalide("Ce fichier dépasse 1 Mo : coupez-le en plusieurs.", "fichier")
    for codage in ("utf-8-sig", "cp1252"):
        try:
            texte = octets.decode(codage)
        except UnicodeDecodeError:
            continue
        if not texte.strip():
            raise DonneeInvalide("Ce fichier est vide.", "fichier")
        if not _BINAIRE.search(texte):
            return texte
        break
    raise DonneeInvalide(PAS_DU_TEXTE, "fichier")


def lire(texte: str, colonnes: tuple[Colonne, ...]) -> list[Rangee]:
    """The lines below the titles, empty ones left out."""
    connues = {plier(c.titre): c for c in colonnes}
    separateur = deviner(texte, set(connues))
    lignes = decouper(texte, separateur)
    _, titres = next(lignes, (1, []))
    presentes = choisir_les_colonnes(titres, connues, colonnes)
    rangees: list[Rangee] = []
    for numero, cases in lignes:
        if not any(case.strip() for case in cases):
            continue
        if len(rangees) == LIGNES_MAXIMALES:
            raise DonneeInvalide(
                f"Ce fichier compte plus de {LIGNES_MAXIMALES} lignes : coupez-le en plusieurs.", "fichier"
            )
        rangees.append(ranger(numero, cases, presentes))
    if not rangees:
        raise DonneeInvalide("Ce fichier n'a que ses titres : ajoutez une ligne par fiche.", "fichier")
    return rangees


def deviner(texte: str, connus: set[str]) -> str:
    """The separator under which the first line names most columns."""
    premiere = texte.lstrip("\r\n").splitlines()[0][:5000]
    return max(SEPARATEURS, key=lambda s: len({plier(t.strip(' "')) for t in premiere.split(s)} & connus))


def decouper(texte: str, separateur: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, cells): a quoted cell may run over several lines, its first one counts."""
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)
    numero = 1
    try:
        for cases in lecteur:
            if cases or numero > 1:
                yield numero, cases
            numero = lecteur.line_num + 1
    except csv.Error as cause:
        raise DonneeInvalide(
            f"La ligne {numero} ne se lit pas : une case y est trop longue, ou un guillemet n'y est pas "
            "refermé.",
            "fichier",
        ) from cause


def choisir_les_colonnes(
    titres: list[str], connues: dict[str, Colonne], colonnes: tuple[Colonne, ...]
) -> list[Colonne]:
    """The columns in the order of the file; their order is free, their names are not."""
    titres = [titre.strip() for titre in titres]
    while titres and not titres[-1]:
        titres.pop()
    possibles = ", ".join(c.titre for c in colonnes)
    trouvees: list[Colonne] = []
    for titre in titres:
        colonne = connues.get(plier(titre))
        if colonne is None:
            quoi = f"la colonne « {titre[:60]} » est inconnue" if titre else "une colonne n'a pas de titre"
            raise DonneeInvalide(
                f"Première ligne : {quoi}. Les colonnes possibles sont : {possibles}.", "fichier"
            )
        if colonne in trouvees:
            raise DonneeInvalide(
                f"Première ligne : la colonne « {colonne.titre} » y est deux fois.", "fichier"
            )
        trouvees.append(colonne)
    if manquent := [f"« {c.titre} »" for c in colonnes if c.est_requise and c not in trouvees]:
        mots = "il manque la colonne" if len(manquent) == 1 else "il manque les colonnes"
        raise DonneeInvalide(f"Première ligne : {mots} {', '.join(manquent)}.", "fichier")
    return trouvees


def ranger(numero: int, cases: list[str], presentes: list[Colonne]) -> Rangee:
    if any(case.strip() for case in cases[len(presentes) :]):
        erreur = f"Cette ligne a {len(cases)} cases, pour {len(presentes)} colonnes."
        return Rangee(numero, {}, erreur)
    valeurs = {c.champ: nettoyer(case) for c, case in zip(presentes, cases, strict=False)}
    for colonne in presentes:
        debut = valeurs.get(colonne.champ, "")[:1]
        if debut and debut in "=@-+" and not (debut == "+" and colonne.commence_par_plus):
            # The tables that leave the house are opened in a spreadsheet too: it would run this.
            erreur = (
                f"{colonne.titre} : la case commence par « {debut} », un tableur y lirait une formule. "
                "Retirez ce signe."
            )
            return Rangee(numero, valeurs, erreur)
    return Rangee(numero, valeurs)


def modele(colonnes: tuple[Colonne, ...]) -> bytes:
    """The file to fill in: the titles and one fictional line, as a French spreadsheet opens them."""
    sortie = io.StringIO(newline="")
    table = csv.writer(sortie, delimiter=";")
    table.writerow([c.titre for c in colonnes])
    table.writerow([c.exemple for c in colonnes])
    return sortie.getvalue().encode("utf-8-sig")
