"""What is read of a mail without parsing it: enough to store it once and to recognise a second copy."""

import hashlib
import re

from guichet.canaux.courriel.octets import decoder_en_tete
from guichet.socle.texte import nettoyer

_BLANC = re.compile(rb"\r?\n(?=[ \t])")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_HORS_ASCII = re.compile(r"[^\t\n\r -~]")
EN_TETES_LUS = 256 * 1024
# What is written by the sender. The rest is added on the way and differs from copy to copy.
_DE_L_AUTEUR = (b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"content-type")


def identifiants(valeur: str) -> tuple[str, ...]:
    """The message identifiers in a header, brackets included. Some programs fold or forget them."""
    valeur = _HORS_ASCII.sub("", valeur)
    trouves = tuple(_MESSAGE_ID.findall(valeur))
    if trouves or "<" in valeur:
        return trouves
    mots = [mot for mot in valeur.split() if "@" in mot and len(mot) <= 250]
    return tuple(f"<{mot}>" for mot in mots)


def cle(brut: bytes) -> str:
    """The Message-ID, or "" without one: the external key under which a mail is stored."""
    for nom, valeur in _en_tetes(brut):
        if nom == b"message-id":
            ids = identifiants(valeur.decode("ascii", "ignore"))
            return ids[0] if ids else ""
    return ""


def apercu(brut: bytes) -> tuple[str, str]:
    """(sender, subject) as written, for a list of what nobody could read: its beginning is enough."""
    lus = dict(reversed(_en_tetes(brut)))
    de, objet = (
        nettoyer(decoder_en_tete(lus.get(nom, b"")[:2000].decode("ascii", "surrogateescape")))[:200]
        for nom in (b"from", b"subject")
    )
    return de, objet


def essence(brut: bytes) -> str:
    """A digest of what the sender wrote: equal for two copies of one mail come by different ways."""
    resume = hashlib.sha256()
    for nom, valeur in sorted(paire for paire in _en_tetes(brut) if paire[0] in _DE_L_AUTEUR):
        resume.update(nom + b":" + b" ".join(valeur.split()) + b"\n")
    resume.update(_corps(brut).replace(b"\r\n", b"\n").rstrip())
    return resume.hexdigest()


def _en_tetes(brut: bytes) -> list[tuple[bytes, bytes]]:
    bloc = re.split(rb"\r?\n\r?\n", brut[:EN_TETES_LUS], maxsplit=1)[0]
    lignes = _BLANC.sub(b"", bloc).splitlines()
    paires = (ligne.partition(b":") for ligne in lignes if b":" in ligne)
    return [(nom.strip().lower(), valeur.strip()) for nom, _, valeur in paires]


def _corps(brut: bytes) -> bytes:
    coupe = re.search(rb"\r?\n\r?\n", brut)
    return brut[coupe.end() :] if coupe else b""
