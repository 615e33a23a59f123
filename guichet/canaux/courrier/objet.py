"""A letter typed in: what it says it is about."""

import re
from textwrap import shorten

LONGUEUR = 90

_OBJET = re.compile(r"^[ \t]*(?:objet|concerne)[ \t]*:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_TITRE = r"(?:madame|monsieur|mesdames|messieurs|mademoiselle|mme|mlle|mr|m\.|bonjour|bonsoir)"
# « Madame, Monsieur, », « Monsieur le Maire », « Bonjour Madame Roux ! »: a greeting and whom it is for, up
# to its comma or the end of its line. « Madame Roux a perdu son chien. » greets nobody.
_SALUTATION = re.compile(
    rf"(?:ch[eè]re?s?[ \t]+)?{_TITRE}(?:[ \t]+(?:et[ \t]+)?{_TITRE})*"
    r"(?:[ \t]+(?:(?:le|la|les)[ \t][^,!\n]{1,60}|[^\W\d_]+))?[ \t]*(?:[,!]|$)\s*",
    re.IGNORECASE | re.MULTILINE,
)
# « Lyon, le 12 novembre 2026 » stands above the greeting.
_DATE = re.compile(r"(?:[^\W\d_][\w' -]*,[ \t]*)?le[ \t]+\d{1,2}(?:er)?[ \t/.]\S.*\s*", re.IGNORECASE)
# « Av. Foch, un trou. »: a stop so early is an abbreviation.
_PHRASE = re.compile(r".{15,}?[.!?]+(?= |$)")


def objet(texte: str) -> str:
    """The « Objet : » line, else the first sentence that greets nobody, else nothing; as a title begins."""
    if dit := ligne_objet(texte):
        return _en_titre(dit)
    reste = texte.strip()
    while entete := _DATE.match(reste) or _SALUTATION.match(reste):
        reste = reste[entete.end() :]
    reste = " ".join(reste.split())
    phrase = _PHRASE.match(reste)
    return _en_titre(shorten(phrase[0] if phrase else reste, LONGUEUR, placeholder="…"))


def _en_titre(dit: str) -> str:
    """« Bonjour, le lampadaire… »: without its greeting, the sentence begins in the middle of a line."""
    return dit[:1].upper() + dit[1:]


def ligne_objet(texte: str) -> str:
    """The « Objet : » line alone, or nothing."""
    dit = _OBJET.search(texte)
    return shorten(dit[1], LONGUEUR, placeholder="…") if dit else ""


def sans_entete(texte: str) -> str:
    """A letter from its greeting on: what stands above says who writes, and to whom."""
    salut = re.search(
        rf"^[ \t]*(?:ch[eè]re?s?[ \t]+)?{_TITRE}\b.{{0,60}}[,!][ \t]*$",
        texte,
        re.IGNORECASE | re.MULTILINE,
    )
    return texte[salut.start() :].strip() if salut else texte.strip()
