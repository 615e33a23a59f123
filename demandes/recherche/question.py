"""What was typed in the box, read every way it can be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.utils import timezone

from guichet.socle.coordonnees import cle_courriel, normaliser_courriel, normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import MOTS_VIDES, nettoyer, plier

LONGUEUR_SAISIE = 200
ANNEES = 10  # a short number is looked for in this many years
CANDIDATS = 200  # rows read by one lookup before they are ranked
# Sorts after anything stored: a range finds beginnings with the plain index, whatever the collation.
FIN = "\U0010ffff"

_TELEPHONE = re.compile(r"(?:\+|0)[\d\s.\-/()]{3,}")
_NUMERO = re.compile(
    r"(?:n[°o]?|#)?\s*(20\d\d(?=\s*[-–—/ ])|\d\d(?=[-–—]))\s*[-–—/ ]\s*(\d{1,7})", re.IGNORECASE
)
_NUMERO_COLLE = re.compile(r"(?:n[°o]?|#)?\s*(20\d\d)(\d{4,7})", re.IGNORECASE)
_NUMERO_COURT = re.compile(r"(?:n[°o]?|#)?\s*(\d{1,7})", re.IGNORECASE)
_CHIFFRES = re.compile(r"[\d\s.\-/]+")
# Letters and digits in short groups: AB-123-CD, 1234 AB 69, or the first two groups of one.
_PLAQUE = re.compile(
    r"[A-Z]{2}\d{1,3}(?:[A-Z]{1,2})?|\d{1,4}[A-Z]{1,3}(?:\d[\dAB]\d?)?|[A-Z]{1,3}\d[A-Z0-9]{3,8}"
)
_VOIE = re.compile(
    r"allee|avenue|av|bd|boulevard|chemin|cours|esplanade|impasse|montee|passage|place|pont|promenade|quai|route"
    r"|rue|square|traverse"
)
ABREGES = {"bd": "boulevard", "bld": "boulevard", "bvd": "boulevard"}


@dataclass(frozen=True)
class Question:
    """One line, as each thing it may name; an empty field means « not that »."""

    saisie: str
    mots: tuple[str, ...] = ()
    telephone: str = ""
    fin_de_telephone: str = ""
    courriel: str = ""
    numeros: tuple[str, ...] = ()
    debut_de_numero: str = ""
    fin_de_numero: str = ""
    plaque: str = ""

    @property
    def est_vide(self) -> bool:
        return not self.saisie

    @property
    def est_une_coordonnee(self) -> bool:
        """A phone, an e-mail or a number is nobody's name and no subject."""
        return bool(self.telephone or self.courriel or self.numeros)

    @property
    def est_une_adresse(self) -> bool:
        """A house number or the word for a street, and at least one more word."""
        return len(self.mots) > 1 and any(mot.isdigit() or _VOIE.fullmatch(mot) for mot in self.mots)


def lire(saisie: str) -> Question:
    """Read one line of the search box. Nothing typed there can be wrong: what is not understood is words."""
    texte = " ".join(nettoyer(saisie or "")[:LONGUEUR_SAISIE].split())
    numeros, debut = lire_numero(texte)
    court = _NUMERO_COURT.fullmatch(texte)
    return Question(
        texte,
        tuple(re.findall(r"[a-z0-9]+", plier(texte))),
        lire_telephone(texte),
        lire_fin_de_telephone(texte),
        lire_courriel(texte),
        numeros,
        debut,
        court[1] if court and len(court[1]) >= 3 else "",
        lire_plaque(texte),
    )


def lire_telephone(texte: str) -> str:
    """A phone in any writing as E.164, or the beginning of one: « 06 39 98 » gives « +33639 98 » joined."""
    try:
        return normaliser_telephone(texte)
    except DonneeInvalide:
        chiffres = re.sub(r"[^\d+]", "", texte)
        if not _TELEPHONE.fullmatch(texte) or len(chiffres) < 4:
            return ""
        if chiffres.startswith("00"):
            return "+" + chiffres[2:]
        return chiffres if chiffres.startswith("+") else "+33" + chiffres[1:]


def lire_fin_de_telephone(texte: str) -> str:
    """The last digits somebody remembers: « 12 34 », « 98.12.34 », « 639981234 »."""
    chiffres = re.sub(r"\D", "", texte)
    return chiffres if _CHIFFRES.fullmatch(texte) and 4 <= len(chiffres) <= 9 else ""


def lire_courriel(texte: str) -> str:
    if "@" not in texte or " " in texte:
        return ""
    try:
        return cle_courriel(normaliser_courriel(texte))
    except DonneeInvalide:
        return texte.lower()


def lire_numero(texte: str) -> tuple[tuple[str, ...], str]:
    """Whole numbers this may be, and the beginning of one: « 2026-1234 », « 20260001234 », « 26-1234 »."""
    courts: tuple[str, ...] = ()
    if court := _NUMERO_COURT.fullmatch(texte):
        annee = timezone.localdate().year
        courts = tuple(f"{a}-{int(court[1]):07d}" for a in range(annee - ANNEES + 1, annee + 1))
    if entier := _NUMERO.fullmatch(texte) or _NUMERO_COLLE.fullmatch(texte):
        annee_dite, rang = entier[1] if len(entier[1]) == 4 else f"20{entier[1]}", entier[2]
        return (*courts, f"{annee_dite}-{int(rang):07d}"), f"{annee_dite}-{rang}"
    return courts, ""


def lire_plaque(texte: str) -> str:
    """A number plate, or at least five signs of its beginning, letters and digits only."""
    compacte = re.sub(r"[\s.\-‐‑–_/]", "", texte).upper()
    return compacte if 5 <= len(compacte) <= 12 and _PLAQUE.fullmatch(compacte) else ""


def mots_du_texte(question: Question) -> SearchQuery | None:
    """All the telling words, each as the beginning of a word of an object or an address."""
    texte = requete_des_mots(question)
    return SearchQuery(texte, search_type="raw", config="simple") if texte else None


def requete_des_mots(question: Question) -> str:
    """The same as PostgreSQL reads it, empty when no word tells anything."""
    if question.est_une_coordonnee:
        return ""
    mots = [mot for mot in question.mots if mot not in MOTS_VIDES and (len(mot) > 1 or mot.isdigit())]
    # « rue » tells nothing before the name of the street, and half of the addresses have it.
    suivants = [*mots[1:], ""]
    mots = [
        ABREGES.get(mot, mot)
        for mot, suivant in zip(mots, suivants, strict=False)
        if not (_VOIE.fullmatch(mot) and suivant.isalpha())
    ]
    return " & ".join(f"{mot}:*" if not mot.isdigit() else mot for mot in mots)


def prefixes(mots: Iterable[str]) -> SearchQuery:
    """Every word starts a word of the name; one of a letter or two (« Le », « Xu ») is taken whole."""
    return SearchQuery(
        " & ".join(f"{mot}:*" if len(mot) > 2 else mot for mot in mots), search_type="raw", config="simple"
    )
