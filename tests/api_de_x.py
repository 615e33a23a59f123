"""X's API v2 on the loopback: what the city posts, writes and reads, each request signed in its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from guichet.canaux.signatures import Cles, autoriser
from tests.serveurs import servir

NOUS = "2244994945"
CLES = Cles("cle-de-l-application", "secret-du-consommateur", f"{NOUS}-jeton", "secret-du-jeton")


class FauxX:
    """What the city has said, and how the API behaves."""

    def __init__(self) -> None:
        self.poses: list[dict[str, Any]] = []
        self.ecrits: list[dict[str, Any]] = []
        self.panne = 0  # the status every request is answered with, when not 0
        self.lit = True  # reading is sold apart
        # The request is carried out and its answer lost.
        self.perd_la_reponse = False
        self.adresse = ""

    def repondre(self, methode: str, chemin: str, corps: Any) -> tuple[int, Any]:
        if self.panne:
            return self.panne, {
                "title": "Forbidden",
                "detail": "You are not permitted to do this.",
            }
        if chemin.startswith("/2/dm_conversations/with/"):
            return self.ecrire(methode, *chemin.split("/")[4:], corps)
        if methode == "GET":
            assert chemin == f"/2/users/{NOUS}/tweets"
            return (200, {"data": self.poses[::-1]}) if self.lit else (403, {"title": "Client Forbidden"})
        assert chemin == "/2/tweets"
        if any(pose["text"].endswith(corps["text"]) for pose in self.poses):
            return 403, {"detail": "You are not allowed to create a Tweet with duplicate content."}
        cite = {"type": "replied_to", "id": corps["reply"]["in_reply_to_tweet_id"]}
        pose = {"id": f"19{len(self.poses)}", "text": f"@awa_n {corps['text']}", "referenced_tweets": [cite]}
        self.poses.append(pose)
        return self.rendre({"id": pose["id"], "text": pose["text"]})

    def ecrire(self, methode: str, compte: str, quoi: str, corps: Any) -> tuple[int, Any]:
        if methode == "GET":
            assert quoi == "dm_events"
            leurs = [ecrit for ecrit in self.ecrits[::-1] if ecrit["compte"] == compte]
            return (200, {"data": leurs}) if self.lit else (403, {"title": "Client Forbidden"})
        assert quoi == "messages"
        ecrit = {"id": f"20{len(self.ecrits)}", "text": corps["text"], "sender_id": NOUS, "compte": compte}
        self.ecrits.append(ecrit)
        return self.rendre({"dm_conversation_id": f"{NOUS}-{compte}", "dm_event_id": ecrit["id"]})

    def rendre(self, donnees: dict[str, Any]) -> tuple[int, Any]:
        if self.perd_la_reponse:
            self.perd_la_reponse = False
            return 503, None
        return 201, {"data": donnees}


@contextmanager
def faux_x() -> Iterator[FauxX]:
    """Serve it on a free port until the end of the block."""
    etat = FauxX()

    class Guichetier(BaseHTTPRequestHandler):
        def traiter(self) -> None:
            corps = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            adresse, signee = urlsplit(self.path), self.headers["Authorization"]
            nonce, instant = (re.search(f'oauth_{nom}="(\\w+)"', signee)[1] for nom in ("nonce", "timestamp"))
            attendue = autoriser(
                CLES,
                self.command,
                etat.adresse + adresse.path,
                dict(parse_qsl(adresse.query)),
                nonce=nonce,
                instant=int(instant),
            )
            statut, reponse = 401, {"title": "Unauthorized"}
            if signee == attendue:
                lu = json.loads(corps) if corps else None
                statut, reponse = etat.repondre(self.command, adresse.path, lu)
            octets = b"<html>" if reponse is None else json.dumps(reponse).encode()
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
