"""The load: a process of its own, some connections, a bounded number of seconds. Reads and writes JSON.

Each connection comes from an address of its own of the loopback, changed before the portal's limit of
deposits per visitor is met.
"""

import json
import socket
import sys
import threading
import time
from itertools import count
from typing import Any

PAR_ADRESSE = 40
CSRF = "abcdefghijklmnopqrstuvwxyzABCDEF"


def lire(connexion: socket.socket) -> tuple[int, dict[str, str]]:
    """The status and the headers of an answer, read to its end: in HTTP/1.0 the server closes after it.

    As bare as a load written in C: what reading costs here is taken from the servers, and more of it from the
    fastest.
    """
    recu = b""
    while b"\r\n\r\n" not in recu and (morceau := connexion.recv(1 << 18)):
        recu += morceau
    tete, _, corps = recu.partition(b"\r\n\r\n")
    statut, *lignes = tete.decode("latin-1").split("\r\n")
    en_tetes = dict(ligne.split(": ", 1) for ligne in lignes)
    lus = len(corps)
    while morceau := connexion.recv(1 << 18):
        lus += len(morceau)
    if lus != int(en_tetes.get("Content-Length", lus)):
        raise ConnectionError(f"{lus} bytes of {en_tetes['Content-Length']}")
    return int(statut.split()[1]), en_tetes


class Tir:
    """One kind of request, shot by several threads until the time or the addresses run out."""

    def __init__(self, ordre: dict[str, Any]) -> None:
        self.ordre = ordre
        self.chemins: list[str] = ordre["chemins"]
        self.rang = count()
        self.durees: list[float] = []
        self.erreurs: list[str] = []
        self.fin = 0.0

    def demander(self, rang: int, **en_tetes: str) -> tuple[int, dict[str, str]]:
        adresse = (self.ordre["depart"] + rang) // PAR_ADRESSE
        source = f"127.{adresse // 62500 % 250 + 1}.{adresse // 250 % 250}.{adresse % 250 + 1}"
        en_tetes |= self.ordre.get("en_tetes", {})
        en_tetes |= {"Host": "127.0.0.1", "Cookie": f"csrftoken={CSRF}; {self.ordre.get('cookie', '')}"}
        corps = self.ordre.get("corps")
        if corps is not None:
            en_tetes |= {"X-CSRFToken": CSRF, "Content-Type": "application/x-www-form-urlencoded"}
            en_tetes["Content-Length"] = str(len(corps))
        methode = "GET" if corps is None else "POST"
        lignes = [f"{methode} {self.chemins[rang % len(self.chemins)]} HTTP/1.0"]
        lignes += [f"{nom}: {valeur}" for nom, valeur in en_tetes.items()]
        demande = "\r\n".join([*lignes, "", corps or ""]).encode()
        with socket.create_connection(("127.0.0.1", self.ordre["port"]), 30, (source, 0)) as connexion:
            connexion.sendall(demande)
            return lire(connexion)

    def tirer(self) -> None:
        while time.monotonic() < self.fin and not self.erreurs:
            rang = next(self.rang)
            if self.ordre.get("une_fois") and rang >= len(self.chemins):
                return
            debut = time.monotonic()
            try:
                statut, recus = self.demander(rang)
            except OSError as erreur:
                self.erreurs.append(f"{type(erreur).__name__}: {erreur}")
                return
            self.durees.append(time.monotonic() - debut)
            if statut != self.ordre["statut"] or not recus.get("Location", "").endswith(
                self.ordre.get("vers", "")
            ):
                self.erreurs.append(f"{statut} {recus.get('Location', '')}")

    def compter(self) -> int:
        """Fewest statements of a few requests: one may fill again what a worker keeps a minute in memory."""
        reponses = [self.demander(next(self.rang), **{"X-Compter": "1"}) for _ in range(4)]
        self.erreurs += [f"{statut}" for statut, _ in reponses if statut != self.ordre["statut"]]
        return min(int(recus["X-Requetes"]) for _, recus in reponses)

    def courir(self) -> dict[str, Any]:
        requetes = self.compter() if self.ordre.get("compter") else None
        self.fin = time.monotonic() + self.ordre["secondes"]
        fils = [threading.Thread(target=self.tirer) for _ in range(self.ordre["connexions"])]
        debut = time.monotonic()
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        return {
            "durees": self.durees,
            "secondes": time.monotonic() - debut,
            "requetes": requetes,
            "erreurs": self.erreurs,
            "tirees": next(self.rang),
        }


if __name__ == "__main__":
    for ligne in sys.stdin:
        sys.stdout.write(json.dumps(Tir(json.loads(ligne)).courir()) + "\n")
        sys.stdout.flush()
