"""A Mastodon server on the loopback: the few addresses of its API that the city uses, real payloads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serveurs import servir

JETON = "cle-de-la-ville"
NOTRE_COMPTE = "1"


class FauxMastodon:
    """What it holds: statuses by id, notifications in order, and what was asked of it."""

    def __init__(self) -> None:
        self.statuts: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.poses: dict[str, dict[str, Any]] = {}
        self.panne = 0  # the status every request is answered with, when not 0
        self.adresse = ""
        self._rang = 100

    def suivant(self) -> str:
        self._rang += 1
        return str(self._rang)

    def mentionner(self, texte: str, *, compte: str = "42", **champs: Any) -> dict[str, Any]:
        """Somebody writes to the city."""
        identifiant = self.suivant()
        statut = {
            "id": identifiant,
            "created_at": "2026-11-27T08:15:00.000Z",
            "edited_at": None,
            "in_reply_to_id": None,
            "visibility": "public",
            "spoiler_text": "",
            "url": f"https://social.example/@awa/{identifiant}",
            "content": f'<p><span class="h-card"><a href="#">@<span>ville</span></a></span> {texte}</p>',
            "account": {"id": compte, "acct": f"awa{compte}@social.example", "display_name": f"Awa {compte}"},
            "media_attachments": [],
        } | champs
        self.statuts[identifiant] = statut
        self.notifications.append({"id": self.suivant(), "type": "mention", "status": statut})
        return statut

    def repondre(self, methode: str, chemin: str, demande: dict[str, list[str]], corps: Any, cle: str):
        if self.panne:
            return self.panne, {"error": "indisponible"}
        if chemin == "/api/v1/accounts/verify_credentials":
            return 200, {"id": NOTRE_COMPTE, "acct": "ville"}
        if chemin == "/api/v1/notifications":
            return 200, self._page(demande)
        if methode == "POST" and chemin == "/api/v1/statuses":
            return 200, self._poser(corps, cle)
        if chemin.endswith("/context"):
            return 200, self._suite(chemin.split("/")[-2])
        statut = self.statuts.get(chemin.rpartition("/")[2])
        return (200, statut) if statut else (404, {"error": "Record not found"})

    def _page(self, demande: dict[str, list[str]]) -> list[dict[str, Any]]:
        depuis = int(demande.get("min_id", ["0"])[0])
        suite = [n for n in self.notifications if int(n["id"]) > depuis]
        # As the real one: min_id gives those that come right after, the newest of the page first.
        limite = int(demande["limit"][0])
        return (suite[:limite] if "min_id" in demande else suite[-limite:])[::-1]

    def _suite(self, identifiant: str) -> dict[str, Any]:
        """What answers a post: ours are HTML by now, as everything is."""
        notres = [
            {"id": pose["id"], "account": {"id": NOTRE_COMPTE}, "content": f"<p>{pose['status']}</p>"}
            for pose in self.poses.values()
            if pose["in_reply_to_id"] == identifiant
        ]
        return {"ancestors": [], "descendants": notres}

    def _poser(self, corps: dict[str, Any], cle: str) -> dict[str, Any]:
        if cle not in self.poses:
            identifiant = self.suivant()
            self.poses[cle] = corps | {
                "id": identifiant,
                "url": f"https://social.example/@ville/{identifiant}",
            }
        return self.poses[cle]


@contextmanager
def faux_mastodon() -> Iterator[FauxMastodon]:
    """Serve it on a free port until the end of the block."""
    etat = FauxMastodon()

    class Guichetier(BaseHTTPRequestHandler):
        def traiter(self) -> None:
            corps = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            adresse = urlsplit(self.path)
            statut, reponse = 401, {"error": "The access token is invalid"}
            if self.headers["Authorization"] == f"Bearer {JETON}":
                statut, reponse = etat.repondre(
                    self.command,
                    adresse.path,
                    parse_qs(adresse.query),
                    json.loads(corps) if corps else None,
                    self.headers.get("Idempotency-Key", ""),
                )
            octets = json.dumps(reponse).encode()
            self.send_response(statut)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        do_GET = do_POST = traiter

        def log_message(self, *args: Any) -> None:
            pass

    with servir(Guichetier) as etat.adresse:
        yield etat
