"""Meta's Graph API on the loopback: the few addresses that the city's page uses, in their real shapes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serveurs import servir

JETON, APPLICATION, SECRET, PAGE = "cle-de-la-page", "4242", "secret-de-l-application", "100200300"
PREUVE = hmac.new(SECRET.encode(), JETON.encode(), hashlib.sha256).hexdigest()


class FauxGraphe:
    """What the page has said, and how the API behaves."""

    def __init__(self) -> None:
        self.commentaires: dict[str, list[dict[str, Any]]] = {}
        self.messages: list[dict[str, Any]] = []
        self.masques: list[str] = []
        self.cle: dict[str, Any] = {"is_valid": True, "expires_at": 0, "data_access_expires_at": 0}
        self.erreur: dict[str, Any] | None = None
        # The request is carried out and its answer lost.
        self.perd_la_reponse = False
        self.adresse = ""

    def repondre(self, methode: str, chemin: str, parametres: dict[str, str], corps: Any) -> tuple[int, Any]:
        if chemin == "/debug_token":
            est_bon = parametres == {"input_token": JETON, "access_token": f"{APPLICATION}|{SECRET}"}
            return (200, {"data": self.cle}) if est_bon else (400, erreur(190, "Invalid OAuth access token."))
        if parametres.pop("access_token") != JETON or parametres.pop("appsecret_proof") != PREUVE:
            return 400, erreur(190, "Error validating access token: the session has been invalidated.")
        if self.erreur is not None:
            return 400, {"error": self.erreur}
        if methode == "GET":
            return 200, self.lire(chemin, parametres)
        reponse = self.ecrire(chemin, corps)
        if self.perd_la_reponse:
            self.perd_la_reponse = False
            return 503, None
        return reponse

    def lire(self, chemin: str, parametres: dict[str, str]) -> dict[str, Any]:
        objet, _, quoi = chemin.strip("/").partition("/")
        if quoi == "comments":
            return {"data": list(reversed(self.commentaires.get(objet, [])))}
        assert (objet, quoi, parametres["platform"]) == (PAGE, "conversations", "messenger")
        siens = [
            {"id": m["id"], "from": {"id": PAGE}, "message": m["message"]["text"]}
            for m in self.messages
            if m["recipient"] == {"id": parametres["user_id"]}
        ]
        return {"data": [{"id": "t_1", "messages": {"data": siens}}]}

    def ecrire(self, chemin: str, corps: dict[str, Any]) -> tuple[int, Any]:
        objet, _, quoi = chemin.strip("/").partition("/")
        if quoi == "comments":
            siens = self.commentaires.setdefault(objet, [])
            siens.append({"id": f"{objet}_{len(siens) + 1}", "from": {"id": PAGE}, **corps})
            return 200, {"id": siens[-1]["id"]}
        if quoi == "messages":
            vers = corps["recipient"]
            if "comment_id" in vers and any(m["recipient"] == vers for m in self.messages):
                return 400, erreur(10900, "Activity already replied to")
            self.messages.append(corps | {"id": f"mid.{len(self.messages) + 1}"})
            return 200, {"recipient_id": "88", "message_id": self.messages[-1]["id"]}
        assert corps == {"is_hidden": True}
        self.masques.append(objet)
        return 200, {"success": True}


def erreur(code: int, message: str, **champs: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, **champs}}


@contextmanager
def faux_graphe() -> Iterator[FauxGraphe]:
    """Serve it on a free port until the end of the block."""
    etat = FauxGraphe()

    class Guichetier(BaseHTTPRequestHandler):
        def traiter(self) -> None:
            corps = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            adresse = urlsplit(self.path)
            parametres = {nom: valeurs[0] for nom, valeurs in parse_qs(adresse.query).items()}
            statut, reponse = etat.repondre(
                self.command, adresse.path, parametres, json.loads(corps) if corps else None
            )
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
