"""What stands between a client and its IMAP server, and spoils some of what the server says."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Spoil = Callable[[bytes], bytes]


@contextmanager
def ouvrir(port: int, gater: Spoil) -> Iterator[int]:
    """Listen on a free port and carry every conversation to `port`; `gater` is given what comes back."""
    ecoute = socket.create_server(("127.0.0.1", 0))
    fils: list[threading.Thread] = []

    def accueillir() -> None:
        with suppress(OSError):
            while True:
                client, _ = ecoute.accept()
                serveur = socket.create_connection(("127.0.0.1", port), timeout=60)
                for de, vers, faire in ((client, serveur, bytes), (serveur, client, gater)):
                    fils.append(threading.Thread(target=porter, args=(de, vers, faire), daemon=True))
                    fils[-1].start()

    accueil = threading.Thread(target=accueillir, daemon=True)
    accueil.start()
    try:
        yield ecoute.getsockname()[1]
    finally:
        # « close » alone would leave the thread waiting.
        with suppress(OSError):
            ecoute.shutdown(socket.SHUT_RDWR)
        ecoute.close()
        accueil.join(10)
        for fil in fils:
            fil.join(10)


def porter(de: socket.socket, vers: socket.socket, faire: Spoil) -> None:
    with suppress(OSError):
        while octets := de.recv(65536):
            vers.sendall(faire(octets))
    for prise in (de, vers):
        with suppress(OSError):
            prise.shutdown(socket.SHUT_RDWR)
    de.close()
