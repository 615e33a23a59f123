"""Where a network keeps pictures: a server on the loopback, and how it behaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serveurs import servir


class FauxMedias:
    """What it holds by path, and what was asked of it: (path, Authorization)."""

    def __init__(self) -> None:
        self.fichiers: dict[str, tuple[str, bytes]] = {}
        self.renvois: dict[str, str] = {}
        self.demandes: list[tuple[str, str]] = []
        self.panne = 0  # the status every request is answered with, when not 0
        self.promet = 0  # how many bytes more than it gives
        self.lenteur = 0.0  # seconds between two bytes
        self.adresse = ""

    def garder(self, chemin: str, contenu: bytes, type_mime: str = "image/jpeg") -> str:
        self.fichiers[chemin] = (type_mime, contenu)
        return self.adresse + chemin


@contextmanager
def faux_medias() -> Iterator[FauxMedias]:
    """Serve it on a free port until the end of the block."""
    etat = FauxMedias()

    class Guichetier(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            chemin = self.path.partition("?")[0]
            etat.demandes.append((self.path, self.headers.get("Authorization", "")))
            if etat.panne or chemin in etat.renvois:
                self.send_response(etat.panne or 302)
                self.send_header("Location", etat.renvois.get(chemin, ""))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            type_mime, contenu = etat.fichiers.get(chemin, ("text/plain", b""))
            self.send_response(200 if contenu else 404)
            self.send_header("Content-Type", type_mime)
            if not etat.lenteur:
                self.send_header("Content-Length", str(len(contenu) + etat.promet))
            self.end_headers()
            for octet in contenu if etat.lenteur else ():
                time.sleep(etat.lenteur)
                self.wfile.write(bytes([octet]))
            if not etat.lenteur:
                self.wfile.write(contenu)

        def log_message(self, *args: Any) -> None:
            pass

    with servir(Guichetier) as etat.adresse:
        yield etat
