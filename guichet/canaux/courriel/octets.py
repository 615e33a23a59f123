"""Bytes to text, whatever they claim: transfer encodings, lying charsets, encoded words (RFC 2045, 2047)."""

import binascii
import codecs
import contextlib
import quopri
import re

# What senders write, and what they mean (the web's own reading of these names).
ALIAS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "ascii",
    "ansi": "cp1252",
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "iso-8859-8-i": "iso-8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
# Codecs of Python that are no charset of any mail, and may cost a lot.
INTERDITS = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)

_MOT_ENCODE = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?\r\n]*)\?=")
_BLANCS = b" \t\r\n\v\f"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"
_HORS_BASE64 = bytes(octet for octet in range(256) if octet not in _BASE64)
_MULTIOCTET = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{1,3}")


def en_octets(texte: str) -> bytes:
    """The bytes a header or a payload was read from: the parser keeps the 8-bit ones as surrogates."""
    return texte.encode("utf-8", "surrogateescape")


def charset_connu(nom: str) -> str:
    """The codec for a charset name, or "" when there is none fit for a text."""
    propre = nom.strip(" \t\r\n'\"").lower()[:40]
    try:
        codec = codecs.lookup(ALIAS.get(propre, propre))
    except (LookupError, ValueError):
        return ""
    if codec.name in INTERDITS or not getattr(codec, "_is_text_encoding", True):
        return ""
    return codec.name


def decoder_octets(octets: bytes, charset: str = "") -> str:
    """Decode as declared when that can be true, else as it most likely is; never raises.

    Valid UTF-8 with accents is UTF-8 even when it says Latin-1: the reverse does not happen by chance.
    """
    codec = charset_connu(charset)
    if codec in ("", "ascii", "utf-8") or (_un_octet(codec) and _MULTIOCTET.search(octets)):
        try:
            return octets.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    if codec and codec not in ("ascii", "utf-8"):
        try:
            return octets.decode(codec)
        except (UnicodeError, ValueError):
            # A stray byte in a text of one byte a letter costs that letter; elsewhere, see below.
            if not _un_octet(codec):
                lu = octets.decode(codec, "replace")
                if lu.count("\ufffd") * 10 < len(lu):
                    return lu
    return _au_mieux(octets)


def _un_octet(codec: str) -> bool:
    return codec.startswith(("iso8859", "cp125", "mac-"))


def _au_mieux(octets: bytes) -> str:
    """A truncated or patched UTF-8 text stays UTF-8; anything else is what Windows writes in France."""
    en_utf8 = octets.decode("utf-8", "replace")
    if len(_MULTIOCTET.findall(octets)) > en_utf8.count("\ufffd"):
        return en_utf8
    return octets.decode("cp1252", "replace")


def decoder_transfert(octets: bytes, codage: str, *, est_texte: bool = False) -> bytes:
    """Undo a Content-Transfer-Encoding; an unknown one, or one the content contradicts, changes nothing."""
    codage = codage.strip().lower()
    if codage == "quoted-printable":
        return quopri.decodestring(octets)
    if codage == "base64":
        return _base64(octets, est_texte=est_texte)
    if codage in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uu(octets)
    return octets


def _base64(octets: bytes, *, est_texte: bool) -> bytes:
    serre = octets.translate(None, _BLANCS)
    utile = serre.translate(None, _HORS_BASE64)
    # « base64 » on plain words: their spaces and accents give them away.
    if est_texte and (len(serre) - len(utile)) * 20 > len(serre):
        return octets
    if est_texte and octets.strip().count(b" ") * 20 > len(serre):
        return octets
    utile = utile.replace(b"-", b"+").replace(b"_", b"/")
    try:
        return binascii.a2b_base64(utile + b"===")
    except binascii.Error:
        # One letter too many: the last one carries no byte.
        return binascii.a2b_base64(utile.rstrip(b"=")[:-1] + b"===")


def _uu(octets: bytes) -> bytes:
    lignes = octets.splitlines()
    debut = next((i for i, ligne in enumerate(lignes) if ligne.startswith(b"begin ")), -1)
    morceaux = []
    for ligne in lignes[debut + 1 :]:
        if ligne.strip() in (b"end", b"`"):
            break
        try:
            morceaux.append(binascii.a2b_uu(ligne))
        except binascii.Error:
            # Broken encoders count wrong: read what the first sign says there is.
            taille = (((ligne[0] - 32) & 63) * 4 + 5) // 3
            with contextlib.suppress(binascii.Error):
                morceaux.append(binascii.a2b_uu(ligne[:taille]))
    return b"".join(morceaux)


def decoder_en_tete(brut: str) -> str:
    """Read a header on one line: encoded words joined as bytes, raw 8-bit accepted, line breaks gone."""
    texte = " ".join(brut.split()) if brut else ""
    morceaux: list[str] = []
    en_cours: tuple[str, bytearray] | None = None
    fin = 0
    for mot in _MOT_ENCODE.finditer(texte):
        entre = texte[fin : mot.start()]
        octets, charset = _octets_du_mot(mot), mot[1].lower()
        # A letter of several bytes may be cut between two words: they are joined before being read.
        if en_cours and not entre.strip() and en_cours[0] == charset:
            en_cours[1].extend(octets)
        else:
            _rendre(morceaux, en_cours)
            if entre and (entre.strip() or en_cours is None):
                morceaux.append(decoder_octets(en_octets(entre)))
            en_cours = (charset, bytearray(octets))
        fin = mot.end()
    _rendre(morceaux, en_cours)
    morceaux.append(decoder_octets(en_octets(texte[fin:])))
    return " ".join("".join(morceaux).split())


def _rendre(morceaux: list[str], en_cours: tuple[str, bytearray] | None) -> None:
    if en_cours:
        morceaux.append(decoder_octets(bytes(en_cours[1]), en_cours[0]))


def _octets_du_mot(mot: re.Match[str]) -> bytes:
    contenu = en_octets(mot[3])
    if mot[2] in "bB":
        return _base64(contenu, est_texte=False)
    return quopri.decodestring(contenu.replace(b"_", b" "), header=False)
