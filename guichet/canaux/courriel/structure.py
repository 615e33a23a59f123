"""From bytes to a tree of parts, with every excess refused: the standard parser, its costly sides kept away.

The parser of `compat32` never raises on a malformed mail. A nested message is not opened: it stays one file,
byte for byte, and nothing inside it can confuse the mail that carries it.
"""

import re
from collections.abc import Iterator
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Compat32, compat32
from typing import Any

from guichet.canaux.courriel.octets import decoder_en_tete, decoder_octets, decoder_transfert, en_octets
from guichet.canaux.message import ContenuIllisible

EN_TETES_AU_PLUS = 256 * 1024  # bytes, all parts together
CONTENT_AU_PLUS = 4 * 1024  # a longer Content-* header is ignored: it says nothing, and costs a lot
PARTIES_AU_PLUS = 2_000

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
# The end of the first headers: an empty line, whatever ends the lines.
_LIGNE_VIDE = re.compile(rb"\r?\n\r?\n|\r\r")


class _Compte:
    """What one mail has used of its limits."""

    def __init__(self) -> None:
        self.octets = 0
        self.parties = 0


class Partie(Message):
    """One part of a mail. Its headers are plain strings, 8-bit bytes as surrogates."""

    def __init__(self, compte: _Compte) -> None:
        super().__init__(policy=compat32)
        self._compte = compte
        compte.parties += 1
        if compte.parties > PARTIES_AU_PLUS:
            raise ContenuIllisible(f"Ce courriel a plus de {PARTIES_AU_PLUS} parties.")

    def set_raw(self, name: str, value: Any) -> None:
        self._compte.octets += len(name) + len(value)
        if self._compte.octets > EN_TETES_AU_PLUS:
            raise ContenuIllisible("Les en-têtes de ce courriel dépassent 256 Ko.")
        if name.lower().startswith("content-") and len(value) > CONTENT_AU_PLUS:
            return
        super().set_raw(name, value)

    def get(self, name: str, failobj: Any = None) -> Any:
        """The first value as it stands: the standard one hides raw 8-bit bytes in an object of its own."""
        cherche = name.lower()
        return next((valeur for nom, valeur in self.raw_items() if nom.lower() == cherche), failobj)

    def tous(self, nom: str) -> list[str]:
        """Every value of a header."""
        return [str(valeur) for n, valeur in self.raw_items() if n.lower() == nom.lower()]

    def lu(self, nom: str) -> str:
        """A header decoded, on one line; "" without it."""
        return decoder_en_tete(str(self.get(nom, "")))

    @property
    def genre(self) -> str:
        """The declared type in lower case; a type that is none is that of mere bytes."""
        brut = super().get_content_type()
        genre = decoder_en_tete(brut).lower() if "=?" in brut else brut
        if _TYPE.fullmatch(genre):
            return genre
        return "text/plain" if genre.startswith("text/") else "application/octet-stream"

    def get_content_type(self) -> str:
        """What the parser is told: it would open a message within, which is only a file here."""
        return "application/octet-stream" if self.genre.startswith("message/") else self.genre

    def get_content_maintype(self) -> str:
        return self.get_content_type().partition("/")[0]

    def parametre(self, nom: str, en_tete: str = "content-type") -> str:
        try:
            valeur: Any = self.get_param(nom, "", en_tete)
        except Exception:  # the standard reading of RFC 2231 fails in several ways on forged ones
            return ""
        if isinstance(valeur, tuple):
            charset, _, texte = valeur
            return decoder_octets(texte.encode("latin-1", "replace"), charset or "")
        return decoder_en_tete(str(valeur))

    def octets(self) -> bytes:
        """The content, its transfer encoding undone."""
        charge = self._payload  # type: ignore[attr-defined]  # get_payload() would decode the 8-bit bytes
        if not isinstance(charge, str):
            return b""
        codage = decoder_en_tete(str(self.get("content-transfer-encoding", ""))).partition(";")[0]
        est_texte = self.get_content_maintype() == "text"
        if self.genre.startswith("message/") and codage.strip().lower() != "base64":
            codage = ""
        return decoder_transfert(en_octets(charge), codage, est_texte=est_texte)

    def feuilles(self) -> Iterator["Partie"]:
        """The parts that carry something, in order."""
        for partie in self.walk():
            if not partie.is_multipart():
                yield partie

    @property
    def sous_parties(self) -> list["Partie"]:
        charge = self._payload  # type: ignore[attr-defined]  # see `octets`
        return charge if isinstance(charge, list) else []


def analyser(brut: bytes) -> Partie:
    """Parse a whole mail. Raises ContenuIllisible beyond the limits."""
    debut = brut[: EN_TETES_AU_PLUS + 4]
    if len(brut) > EN_TETES_AU_PLUS and not _LIGNE_VIDE.search(debut):
        raise ContenuIllisible("Les en-têtes de ce courriel dépassent 256 Ko.")
    if not brut.strip():
        raise ContenuIllisible("Ce courriel est vide.")
    compte = _Compte()

    def fabriquer(policy: Compat32 = compat32) -> Partie:
        return Partie(compte)

    parseur = BytesFeedParser(fabriquer, policy=compat32)
    try:
        parseur.feed(brut)
        message = parseur.close()
    except RecursionError as cause:
        raise ContenuIllisible("Ce courriel est imbriqué trop profondément.") from cause
    assert isinstance(message, Partie)
    if not message.keys():
        raise ContenuIllisible("Ce contenu n'est pas un courriel : il n'a aucun en-tête.")
    return message
