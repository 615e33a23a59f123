"""Ask a ClamAV daemon, when the city runs one, through its local socket (clamd's INSTREAM command)."""

import functools
import logging
import os
import socket
import struct

from django.conf import settings

journal = logging.getLogger(__name__)

DELAI = 30.0
MORCEAU = 64 * 1024


def soupcon(contenu: bytes) -> str:
    """Return why a content must be held in quarantine, or "" when nothing is known against it.

    Without a daemon nothing is scanned, and the logs say so once. A daemon that fails to answer holds
    the file: a city that installed one expects it to be heard.
    """
    prise = settings.GUICHET_CLAMAV
    if not prise or not os.path.exists(prise):
        _dire_absent(prise)
        return ""
    try:
        reponse = _interroger(prise, contenu)
    except OSError as cause:
        journal.warning("L'antivirus ne répond pas : %s.", cause)
        return "L'antivirus n'a pas répondu."
    if reponse.endswith(" OK"):
        return ""
    if reponse.endswith(" FOUND"):
        return f"Programme malveillant : {reponse.removeprefix('stream: ').removesuffix(' FOUND')}"[:200]
    journal.warning("L'antivirus a répondu : %s.", reponse)
    return "L'antivirus n'a pas pu examiner ce fichier."


@functools.cache
def _dire_absent(prise: str) -> None:
    journal.warning("Aucun antivirus (%s) : les pièces déposées ne sont pas examinées.", prise or "non réglé")


def _interroger(prise: str, contenu: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as liaison:
        liaison.settimeout(DELAI)
        liaison.connect(prise)
        liaison.sendall(b"zINSTREAM\0")
        for debut in range(0, len(contenu), MORCEAU):
            morceau = contenu[debut : debut + MORCEAU]
            liaison.sendall(struct.pack("!I", len(morceau)) + morceau)
        liaison.sendall(struct.pack("!I", 0))
        with liaison.makefile("rb") as reponse:
            return reponse.read(1000).rstrip(b"\0\n").decode("utf-8", "replace")
