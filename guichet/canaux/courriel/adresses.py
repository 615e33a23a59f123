"""Who wrote to whom: address headers as they are really written, hostile ones included (RFC 5322, 2047)."""

import re
from dataclasses import dataclass
from itertools import chain

from guichet.canaux.courriel.octets import decoder_en_tete
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer

AU_PLUS = 200  # addresses read in one header
LONGUEUR = 500  # of one mailbox: beyond, it is no address

# A quoted name, a comment, an address between brackets, what separates, the rest. Each always ends: linear.
_LEXEME = re.compile(
    r'"(?:[^"\\]|\\.)*"?|\((?:[^()\\]|\\.)*\)?|<[^<>,]*>?|[,;:]|[^",;:(<]+',
    re.DOTALL,
)


@dataclass(frozen=True)
class Adresse:
    """One mailbox: its name as shown, its address normalised, or "" when it cannot be one."""

    nom: str = ""
    courriel: str = ""

    @property
    def locale(self) -> str:
        return self.courriel.rpartition("@")[0]

    @property
    def cle(self) -> str:
        return self.courriel.lower()


def lire(en_tete: str) -> tuple[Adresse, ...]:
    """Every mailbox of a header, in order, those without a usable address included.

    The structure is read before the encoded words are decoded, so that neither a comma nor an « @ » hidden
    in a name makes or moves an address.
    """
    lues = (_une(morceau) for morceau in _decouper(en_tete)[:AU_PLUS])
    return tuple(adresse for adresse in lues if adresse.nom or adresse.courriel)


def premiere(en_tete: str) -> Adresse:
    """The first mailbox whose address can be written to, else the first name, else nothing."""
    toutes = lire(en_tete)
    return next((a for a in toutes if a.courriel), toutes[0] if toutes else Adresse())


def _decouper(en_tete: str) -> list[str]:
    """Split at the commas and semicolons that separate: not those of a quoted name, a comment or <…>."""
    morceaux: list[str] = []
    en_cours: list[str] = []
    a_une_adresse = False
    for lexeme in chain(_LEXEME.findall(en_tete), ","):
        if lexeme in (",", ";"):
            morceaux.append("".join(en_cours).strip())
            en_cours, a_une_adresse = [], False
        elif lexeme == ":" and not a_une_adresse:
            en_cours = []  # the name of a group
        elif lexeme[0] == '"' and (len(lexeme) == 1 or lexeme[-1] != '"'):
            # Never closed, it would swallow everything: read as if it were not there.
            return _decouper(en_tete.replace('"', " "))
        else:
            en_cours.append(lexeme)
            a_une_adresse |= "@" in lexeme
    return list(filter(None, morceaux))


def _une(morceau: str) -> Adresse:
    morceau = morceau.strip()[:LONGUEUR]
    if "<" in morceau:
        nom, _, reste = morceau.rpartition("<")
        return Adresse(_nom(nom.rstrip(" <")), _courriel(reste.partition(">")[0]))
    sans_commentaire, commentaire = _separer_le_commentaire(re.sub(r"\s*@\s*", "@", morceau))
    mots = sans_commentaire.split()
    candidats = [mot for mot in mots if "@" in mot]
    if len(candidats) != 1:
        return Adresse(_nom(sans_commentaire), "")
    reste = " ".join(mot for mot in mots if mot != candidats[0])
    return Adresse(_nom(reste or commentaire), _courriel(candidats[0]))


def _separer_le_commentaire(morceau: str) -> tuple[str, str]:
    """« adresse (Nom) », the old way."""
    dehors: list[str] = []
    dedans: list[str] = []
    profondeur = 0
    for signe in morceau:
        if signe == "(":
            profondeur += 1
        elif signe == ")" and profondeur:
            profondeur -= 1
        else:
            (dedans if profondeur else dehors).append(signe)
    return "".join(dehors), "".join(dedans)


def _courriel(brut: str) -> str:
    serre = "".join(decoder_en_tete(brut).strip(" \"'").split())
    try:
        return normaliser_courriel(serre.removeprefix("mailto:"))
    except DonneeInvalide:
        return ""


def _nom(brut: str) -> str:
    """The name to show. One that is only an address says nothing more, and may lie about it."""
    propre = brut.strip()
    if len(propre) > 1 and propre[0] == propre[-1] and propre[0] in "\"'":
        propre = propre[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    decode = " ".join(nettoyer(decoder_en_tete(propre)).split()).strip(" \"'")[:200]
    return "" if "@" in decode and " " not in decode else decode
