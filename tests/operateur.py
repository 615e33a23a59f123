"""A provider of SMS that behaves as badly as asked, on a loopback socket."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Operateur:
    """What it was posted, and what it answers next: a status for each request, then 202."""

    def __init__(self) -> None:
        self.recus: list[dict[str, Any]] = []
        self.en_tetes: list[dict[str, str]] = []
        self.statuts: list[int] = []
        self.lenteur = 0.0
        self.url = ""

    @property
    def sms(self) -> list[dict[str, Any]]:
        """Each once, as the idempotency key makes them."""
        return list(
            {e["idempotency-key"]: r for e, r in zip(self.en_tetes, self.recus, strict=True)}.values()
        )


@contextmanager
def ouvrir_l_operateur() -> Iterator[Operateur]:
    operateur = Operateur()

    class Poste(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corps = self.rfile.read(int(self.headers["Content-Length"]))
            operateur.recus.append(json.loads(corps))
            operateur.en_tetes.append({nom.lower(): valeur for nom, valeur in self.headers.items()})
            time.sleep(operateur.lenteur)
            statut = operateur.statuts.pop(0) if operateur.statuts else 202
            reponse = json.dumps({"id": f"op-{len(operateur.recus)}"}).encode()
            self.send_response(statut)
            self.send_header("Content-Length", str(len(reponse)))
            if 300 <= statut < 400:
                self.send_header("Location", "http://127.0.0.1:9/ailleurs")
            self.end_headers()
            self.wfile.write(reponse)

        def log_message(self, *args: Any) -> None:
            pass

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Poste)
    operateur.url = f"http://127.0.0.1:{serveur.server_address[1]}/envois"
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    try:
        yield operateur
    finally:
        serveur.shutdown()
        serveur.server_close()
        fil.join()
