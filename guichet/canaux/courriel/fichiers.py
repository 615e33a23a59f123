"""The files of a mail: byte for byte, under a name and a type that can harm nobody."""

import mimetypes
import re
from collections.abc import Iterable

from guichet.canaux.courriel.corps import nom_declare
from guichet.canaux.courriel.octets import decoder_en_tete
from guichet.canaux.courriel.structure import Partie, analyser
from guichet.canaux.message import ContenuIllisible, PieceJointe
from guichet.socle.texte import nettoyer

LONGUEUR = 120
_INTERDITS = re.compile(r'[<>:"|?*\x00-\x1f]')
_IDENTIFIANT = re.compile(r"[!#-&(-;=?-~]{1,200}")
# Names Windows keeps for its devices.
_RESERVES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
# Types a browser could run: they are said to be mere bytes.
_ACTIFS = re.compile(
    r"text/(?:html|xml|javascript|x-.*|css)|image/svg.*|application/(?:xhtml.*|xml|javascript|ecmascript|x-.*)"
    r"|.*\+xml|multipart/.*"
)


def lire(parties: Iterable[Partie]) -> tuple[PieceJointe, ...]:
    """Every file, in order, each under a name of its own."""
    pieces: list[PieceJointe] = []
    pris: set[str] = set()
    for partie in parties:
        contenu = partie.octets()
        if not contenu and not nom_declare(partie):
            continue
        nom = _unique(nom_sans_danger(nom_declare(partie) or _nom_par_defaut(partie, contenu)), pris)
        pieces.append(PieceJointe(nom, type_sans_danger(partie.genre), contenu, _identifiant(partie)))
    return tuple(pieces)


def nom_sans_danger(nom: str) -> str:
    """A file name and nothing else: no folder, no control, no reversed reading, a length that fits."""
    seul = nettoyer(nom).replace("\\", "/").rstrip("/").rpartition("/")[2]
    seul = " ".join(_INTERDITS.sub("_", seul).split()).strip(". ")
    if not seul:
        return "document"
    if _RESERVES.fullmatch(seul):
        seul = f"_{seul}"
    if len(seul) <= LONGUEUR:
        return seul
    racine, point, extension = seul.rpartition(".")
    if not point or len(extension) > 10:
        return seul[:LONGUEUR]
    return f"{racine[: LONGUEUR - len(extension) - 1].rstrip()}.{extension}"


def type_sans_danger(genre: str) -> str:
    return "application/octet-stream" if _ACTIFS.fullmatch(genre) else genre


def _unique(nom: str, pris: set[str]) -> str:
    """The same name twice is two files: « photo.jpg », « photo (2).jpg »."""
    racine, point, extension = nom.rpartition(".")
    if not point:
        racine, extension = nom, ""
    propose, rang = nom, 1
    while propose.lower() in pris:
        rang += 1
        propose = f"{racine} ({rang}){point}{extension}"
    pris.add(propose.lower())
    return propose


def _nom_par_defaut(partie: Partie, contenu: bytes) -> str:
    """An attached message is named by its subject; anything else by its kind."""
    if partie.genre == "message/rfc822":
        try:
            objet = analyser(contenu).lu("subject")
        except ContenuIllisible:
            objet = ""
        return f"{objet.replace('/', '-')[:80] or 'message'}.eml"
    if partie.genre == "text/calendar":
        return "invitation.ics"
    famille = "image" if partie.genre.startswith("image/") else "document"
    return famille + (mimetypes.guess_extension(partie.genre) or "")


def _identifiant(partie: Partie) -> str:
    """The Content-ID that the HTML shows the image by."""
    trouve = _IDENTIFIANT.search(decoder_en_tete(str(partie.get("content-id", ""))))
    return trouve[0] if trouve else ""
