"""A server of somebody else's, on the loopback, until the end of a block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def servir(guichetier: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port; give the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), guichetier) as serveur:
        fil = threading.Thread(target=serveur.serve_forever, kwargs={"poll_interval": 0.05})
        fil.start()
        try:
            yield f"http://127.0.0.1:{serveur.server_port}"
        finally:
            serveur.shutdown()
            fil.join()
