"""Text as people type it: cleaned on entry, folded to be found, keyed by its sound for names.

The folding exists twice, in Python for what is searched and in SQL for the generated columns that are
searched in; both are written from the same tables, and a test compares them on a real database.
"""

import re
import unicodedata

from django.db.models import Func
from django.utils.translation import gettext as _

from guichet.socle.erreurs import DonneeInvalide

# Letters that Unicode does not decompose into a base letter and an accent.
DIGRAMMES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ẞ": "ss", "þ": "th", "Þ": "th"}
SANS_DECOMPOSITION = dict(zip("ØøŁłĐđÐðĦħŦŧŊŋıς", "oollddddhhttnniσ", strict=True))
# Capitals outside ASCII are listed rather than left to lower(), whose answer depends on the locale
# the database was created with (under C, « ÉGALITÉ » keeps its É).
GREC_ET_CYRILLIQUE = {
    chr(code): chr(code).lower()
    for code in (*range(0x391, 0x3A2), *range(0x3A3, 0x3AA), *range(0x400, 0x430))
}
UNE_POUR_UNE = SANS_DECOMPOSITION | GREC_ET_CYRILLIQUE

# Combining accents, soft hyphen and zero-width signs disappear. Both classes are written so that
# Python and PostgreSQL read them alike.
EFFACES = r"[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]"
# Apostrophes, hyphens and dashes separate words exactly as a space does.
ESPACES = r"[ \t\n\v\f\r\u0085\u1680\u2028\u2029'`´ʹʼˈ‘’‛′\u02bb\u2010-\u2015\u2212\u2043\u058a-]+"

_EFFACES = re.compile(EFFACES)
_ESPACES = re.compile(ESPACES)
_LETTRES = str.maketrans(
    {chr(majuscule): chr(majuscule + 32) for majuscule in range(ord("A"), ord("Z") + 1)}
    | UNE_POUR_UNE
    | DIGRAMMES
)


def plier(texte: str) -> str:
    """Fold a text so that case, accents, ligatures, apostrophes, hyphens and odd spaces do not matter.

    « L'Haÿ-les-Roses » and « l’hay les roses » give the same string. Compatibility signs are
    unfolded as well (« m² » gives « m2 »), because people paste from PDF files.
    """
    nu = _EFFACES.sub("", unicodedata.normalize("NFKD", texte))
    return _ESPACES.sub(" ", nu.translate(_LETTRES)).strip(" ")


def _chaine_sql(texte: str) -> str:
    return "'" + texte.replace("'", "''") + "'"


def expression_sql_plier(colonne: str) -> str:
    """Return the SQL twin of `plier` over `colonne` (an SQL expression, not a value: it is not escaped).

    Every function in it is IMMUTABLE on PostgreSQL 15 to 18, and the collation is named, so the result
    depends neither on the version nor on the locale of the cluster: fit for a STORED generated column.
    """
    nu = f"regexp_replace(normalize({colonne}, NFKD), {_chaine_sql(EFFACES)}, '', 'g')"
    expression = f'lower({nu} COLLATE "C")'
    depart, arrivee = "".join(UNE_POUR_UNE), "".join(UNE_POUR_UNE.values())
    expression = f"translate({expression}, {_chaine_sql(depart)}, {_chaine_sql(arrivee)})"
    for lettre, deux_lettres in DIGRAMMES.items():
        expression = f"replace({expression}, {_chaine_sql(lettre)}, {_chaine_sql(deux_lettres)})"
    return f"btrim(regexp_replace({expression}, {_chaine_sql(ESPACES)}, ' ', 'g'), ' ')"


class Plier(Func):
    """`plier` as a Django expression, for `GeneratedField(expression=Plier("nom"), db_persist=True, …)`."""

    arity = 1
    template = expression_sql_plier("(%(expressions)s)::text")


# -- search ------------------------------------------------------------------------------------------

MOTS_VIDES = frozenset(
    plier(
        """
        a à afin ai aie ainsi alors as au aucun aucune aujourd auquel aussi autre autres aux avant
        avec avez aviez avoir avons bien bonjour bonsoir c ça car ce ceci cela celle celles celui
        ces cet cette ceux chez ci comme comment concernant cordialement d dans de depuis derrière
        des dès deux devant dois doit donc dont du elle elles en encore entre es est et étaient
        était été êtes être eu eux faire fais fait faites faut hui il ils j jamais je jusqu jusque l
        la là le les leur leurs lors lorsque lui m ma madame mais me même mêmes merci mes moi moins
        mon monsieur n ne ni non nos notre nous on ont ou où oui par parce pas pendant peu peut peux
        plus plusieurs pour pourquoi pouvez pouvoir près puis puisque qu quand que quel quelle
        quelles quelque quelques quels qui quoi s sa sans sauf se sera serait ses si soit sommes son
        sont souhaite souhaiterais souhaitez sous suis sur svp t ta te tes toi ton toujours tous
        tout toute toutes très trop tu un une va vais vers veut veux voici voilà voudrais vos votre
        vous y
        """
    ).split()
)


def radical(mot: str) -> str:
    """Strip plural and feminine marks; never below four letters, where they carry the meaning."""
    if len(mot) < 4 or not mot.isalpha():
        return mot
    if mot.endswith("eaux"):
        mot = mot[:-1]
    elif mot.endswith("aux") and len(mot) > 4:
        mot = mot[:-3] + "al"
    elif mot[-1] in "sx":
        mot = mot[:-1]
    if mot.endswith("eau") and len(mot) > 4:
        mot = mot[:-3] + "el"  # nouveau, nouvelle
    while len(mot) > 4 and mot[-1] == "e":
        mot = mot[:-1]
    if len(mot) > 4 and mot[-1] == mot[-2]:
        mot = mot[:-1]
    return mot


def mots_utiles(texte: str) -> list[str]:
    """Return the words of `texte` worth searching, folded and reduced to a stem, in order, each once.

    The same function must prepare what is indexed and what is searched: stems are not French words.
    An empty list means that only stop words were typed.
    """
    mots = re.findall(r"[^\W_]+", plier(texte))
    utiles = (radical(mot) for mot in mots if mot not in MOTS_VIDES and (len(mot) > 1 or mot.isdigit()))
    return list(dict.fromkeys(utiles))


# -- names by ear ------------------------------------------------------------------------------------

# Applied in order to the folded letters of a name. Capitals and digits are sounds: S = ch, N = gn,
# U = ou, 1 = in, 2 = an, 4 = on. A lower-case letter still stands for its spelling.
_SONS = [
    (re.compile(motif), son)
    for motif, son in (
        (r"^ng(?=[uaeio])", "n"),  # Nguyen, N'Guyen
        (r"^mac(?=[^aeiouy])|^mc(?=[^aeiouy])", "mak"),
        (r"francois", "fransois"),  # typed in capitals, the cedilla is often lost
        (r"garcon", "garson"),
        (r"cl(?:air|er)$", "clerc"),
        (r"sch|sh|tch", "S"),
        (r"^ch(?=[rl])|ch(?=rist)", "k"),
        (r"ch", "S"),
        (r"ph", "f"),
        (r"h", ""),
        (r"gn", "N"),
        (r"y", "i"),
        (r"bv", "v"),  # Lefebvre
        (r"qu|q|ck", "k"),
        (r"sc(?=[ei])", "s"),
        (r"c(?=[ei])", "s"),
        (r"c", "k"),
        (r"ge(?=[ao])", "j"),
        (r"gu(?=[ei])", "G"),
        (r"g(?=[ei])", "j"),
        (r"G", "g"),
        (r"jea", "ja"),
        (r"w", "v"),
        (r"x(?=.)", "ks"),
        (r"z", "s"),
        (r"kk", "k"),
        (r"e?aul(?=[td])|e?au", "o"),  # Gaultier, Renault, Moreau
        (r"ou", "U"),
        (r"[ae]i(?=[nm](?![aeiounm]))", "i"),  # the nasals of Germain and Peintre
        (r"(?<=i)en(?![aeioun])|(?:in|un|im(?=[bp])|um(?=[bp]))(?![aeiounm])", "1"),
        (r"(?:[ae]n|[ae]m(?=[bp]))(?![aeiounm])", "2"),
        (r"(?:on|om(?=[bp]))(?![aeiounm])", "4"),
        (r"[ae]i", "e"),
        (r"([a-zA-Z0-9])\1+", r"\1"),
    )
]
# Silent endings, one after the other: plural marks, then a mute e that keeps the consonant before it
# sounded, or else the consonants nobody hears.
_FIN_PLURIEL = re.compile(r"[sx]+$")
_FIN_VOYELLE = re.compile(r"(?<=..)e[rt]?$")
_FIN_MUETTE = re.compile(r"(?:(?<=[124r])[ckg]|(?<=2)p|[td])+$")

CLE_MAXIMUM = 40  # the width of the stored key


def cle_phonetique(nom: str) -> str:
    """Return a key shared by French spellings that sound alike (Dupont, Dupond, Dupon; Moreau, Morot).

    Particles, spaces and hyphens are joined (« Le Fèvre » = « Lefèvre »). The key is wide on purpose: it
    finds candidates, to be ranked afterwards on what was really typed: the longest names share their first
    40 sounds. An empty string has no key.
    """
    lettres = re.sub(r"[^a-z]", "", plier(nom.replace("ç", "ss").replace("Ç", "ss")))
    for motif, son in _SONS:
        lettres = motif.sub(son, lettres)
    sans_pluriel = _FIN_PLURIEL.sub("", lettres) or lettres
    fin = _FIN_VOYELLE.sub("", sans_pluriel)
    if fin == sans_pluriel:
        fin = _FIN_MUETTE.sub("", sans_pluriel)
    return (fin or sans_pluriel)[:CLE_MAXIMUM]


# -- entry -------------------------------------------------------------------------------------------

_FINS_DE_LIGNE = re.compile("\r\n?|[\u0085\u2028\u2029]")
# Controls (NUL stops PostgreSQL), lone surrogates, marks that nobody sees and marks that reverse the
# reading order of a line: they can make « gpj.exe » read « exe.jpg ». Arabic and emoji keep their joiners.
_INDESIRABLES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)


def nettoyer(texte: str, *, maximum: int | None = None, champ: str | None = None) -> str:
    """Return `texte` fit to be stored: no control character, « \\n » line ends, composed accents, trimmed.

    Raises DonneeInvalide when the result is longer than `maximum` characters.
    """
    propre = _INDESIRABLES.sub("", _FINS_DE_LIGNE.sub("\n", texte))
    propre = unicodedata.normalize("NFC", propre).strip()
    if maximum is not None and len(propre) > maximum:
        raise DonneeInvalide(
            _("Ce texte est trop long : {nombre} caractères, pour {maximum} au plus.").format(
                nombre=len(propre), maximum=maximum
            ),
            champ,
        )
    return propre
