"""What of a message tells its subject, pure: noise left out, words folded, stemmed and cut in small pieces.

Politeness, signatures, quoted mails, addresses and names of streets say nothing of the subject and are taken
out. Pieces of words (three to five letters) forgive typing errors and bring « éclairage » near « éclairer ».
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from guichet.socle.texte import MOTS_VIDES, plier, radical

LONGUEUR_LUE = 3000  # characters: what is asked is said before
LONGUEUR_PARCOURUE = 4 * LONGUEUR_LUE  # with the noise that is taken out
POIDS_DES_LETTRES = 0.5  # of the pieces of words, beside the words themselves
FRAGMENTS = (3, 4, 5)

POLITESSES = frozenset(
    plier(
        """
        agreer agréez assurance avance attente besoin bonne cher chers chère cordial cordiale cordiales dame
        dames dévoué distingué distinguée distinguées expression formule honneur journée messieurs mesdames
        mlle mme mr priant prie prier recevez reception réponse respectueuse respectueusement respectueuses
        respects retour salut salutations sentiments sincères slt soirée svp veuillez remercie remercier
        remerciant lire vouloir possible savoir pourrais pourriez pourrait voudrait voulais vouloir veuille
        alors donc fait ça cela truc chose choses monde gens toute tjs bcp jai cest
        """
    ).split()
)
VIDES = MOTS_VIDES | POLITESSES

# Each of these patterns reads a text of anybody's in a time that grows with its length: what may repeat stays
# on its line, and a run of letters is tried from its beginning only.
_CITATION = re.compile(
    r"(?im)^(?:[^\S\n]*>.*|-{2,} ?(?:message|original|forwarded).*"
    r"|(?:de|from|envoyé|sent|à|to|objet|subject) ?: .*"
    r"|le .{6,80} a écrit ?:.*|envoyé de(?:puis)? mon .*|(?:télécharger|obtenir) outlook.*)$"
)
# A closing formula, alone at the start of a line: what follows is a signature.
_FIN = re.compile(
    r"(?im)^[^\S\n]*(?:(?:bien |très |sincères? )?(?:cordialement|salutations|respectueusement|amicalement)"
    r"|bien à vous|cdlt|(?:je vous prie|nous vous prions|veuillez) (?:d'|de |bien )?(?:vouloir )?"
    r"(?:agréer|recevoir|croire)|--[^\S\n]*$).*"
)
_COORDONNEES = re.compile(r"https?://\S+|www\.\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+|\+?\d[\d .]{7,}\d")
_VOIE = re.compile(
    r"\b(rue|avenue|av|boulevard|bd|place|impasse|allée|quai|chemin|cours|passage|route|square|montée) "
    r"(?:(?:de la |de l['’]|du |des |de |d['’]))?"
    r"(?:[A-ZÀ-Ü][\w’'-]*)(?:[ -](?:(?:de|du|des|la|le|les|et|d['’])[ -])*[A-ZÀ-Ü][\w’'-]*)*"
)
_MOT = re.compile(r"[^\W_]+")
_PHRASES = re.compile(r"(?<=[.!?;])\s+|\n+")
SIGNATURE_AU_PLUS = 400


def sans_bruit(texte: str) -> str:
    """The text without what says nothing of its subject; never empty when the text is not."""
    propre = _CITATION.sub(" ", texte[:LONGUEUR_PARCOURUE])
    propre = propre[: fin_du_propos(propre)]
    propre = _VOIE.sub(r"\1", _COORDONNEES.sub(" ", propre))
    return propre[:LONGUEUR_LUE] if propre.strip() else texte[:LONGUEUR_LUE]


def fin_du_propos(texte: str) -> int:
    """Where the closing formula begins, when only a signature follows."""
    for fin in _FIN.finditer(texte):
        if fin.start() > 20 and len(texte) - fin.end() <= SIGNATURE_AU_PLUS:
            return fin.start()
    return len(texte)


def phrases_placees(texte: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends."""
    debut = 0
    for coupe in [*_PHRASES.finditer(texte), None]:
        fin = coupe.start() if coupe else len(texte)
        if texte[debut:fin].strip():
            yield debut, fin
        debut = coupe.end() if coupe else fin


def mots(texte: str) -> Iterator[tuple[int, int]]:
    """Where each word stands."""
    for trouve in _MOT.finditer(texte):
        yield trouve.span()


@lru_cache(maxsize=20_000)
def plier_mot(mot: str) -> str:
    """`plier`, for what is read again and again; the place of each letter is kept."""
    return plier(mot)


def plier_sur_place(texte: str) -> str:
    """Folded letter by letter: what is found in it stands at the same place in `texte`."""
    return "".join((plier_mot(lettre) or " ")[0] for lettre in texte)


def mots_utiles(texte: str) -> Iterator[tuple[str, str, str]]:
    """(as written, folded, stem) of each word that may tell something."""
    for ecrit in _MOT.findall(texte):
        plie = plier_mot(ecrit)
        if len(plie) < 2 or plie in VIDES or (plie.isdigit() and len(plie) > 3):
            continue
        yield ecrit, plie, radical(plie)


def fragments(plie: str) -> Iterator[str]:
    """The pieces of a word, its beginning and end marked; they never look like a word."""
    borde = f" {plie} "
    for taille in FRAGMENTS:
        for debut in range(len(borde) - taille + 1):
            yield "~" + borde[debut : debut + taille]


class Comptes:
    """How often each trait is in a text: words and pairs of words on one side, pieces on the other."""

    __slots__ = ("lettres", "mots")

    def __init__(self, texte: str) -> None:
        self.mots: Counter[str] = Counter()
        self.lettres: Counter[str] = Counter()
        precedent = ""
        for _, plie, racine in mots_utiles(texte):
            self.mots[racine] += 1
            if precedent:
                self.mots[f"{precedent} {racine}"] += 1
            precedent = racine
            self.lettres.update(fragments(plie))

    def traits(self, rarete: dict[str, float]) -> dict[str, float]:
        """The weight of each known trait: rare ones above common ones, the whole of length one."""
        poids = _normer(self.mots, rarete, 1.0) | _normer(self.lettres, rarete, POIDS_DES_LETTRES)
        longueur = math.sqrt(sum(p * p for p in poids.values())) or 1.0
        return {trait: p / longueur for trait, p in poids.items()}


def _normer(comptes: Counter[str], rarete: dict[str, float], part: float) -> dict[str, float]:
    bruts = {
        trait: (1 + math.log(nombre)) * rarete[trait] for trait, nombre in comptes.items() if trait in rarete
    }
    longueur = math.sqrt(sum(p * p for p in bruts.values())) or 1.0
    return {trait: part * p / longueur for trait, p in bruts.items()}
