"""What is measured, and what it stands on: two new databases of one server, two web servers side by side."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from guichet.socle import base_embarquee, courtier_embarque
from guichet.socle.demarrage import RACINE

DELAI = 60
WORKERS = "--workers 2 --threads 4 --no-control-socket --log-level warning"


def serveur_de_bases(dossier: Path, pile: ExitStack) -> str:
    """The server of DATABASE_URL, else an embedded one that lives as long as the run."""
    if url := os.environ.get("DATABASE_URL"):
        return url
    base = base_embarquee.demarrer(dossier / "postgresql", durable=False)
    pile.callback(base.arreter)
    return base.url


@contextmanager
def base_neuve(serveur: str, nom: str, *, garder: bool) -> Iterator[str]:
    """A database of its own on this server, dropped at the end unless kept."""
    nom = f"{nom}_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(serveur, autocommit=True) as connexion:
        connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nom)))
    try:
        yield urlsplit(serveur)._replace(path=f"/{nom}").geturl()
    finally:
        if not garder:
            with psycopg.connect(serveur, autocommit=True) as connexion:
                connexion.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nom)))


@contextmanager
def courtier(dossier: Path) -> Iterator[str]:
    """The embedded broker: deposits ring its doorbell as they do in a city; nobody answers."""
    processus = subprocess.Popen(  # noqa: S603
        courtier_embarque.commande(dossier), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        attendre(lambda: courtier_embarque.repond(dossier), processus)
        yield courtier_embarque.url(dossier)
    finally:
        terminer(processus)


@contextmanager
def servir(application: str, environnement: dict[str, str], journal: Path) -> Iterator[int]:
    """Serve it on a free loopback port, the same way for both."""
    with socket.create_server(("127.0.0.1", 0)) as prise:
        port = prise.getsockname()[1]
    commande = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    with journal.open("wb") as sortie:
        processus = subprocess.Popen(  # noqa: S603
            [*commande, *WORKERS.split()],
            cwd=RACINE,
            env=environnement,
            stdin=subprocess.DEVNULL,
            stdout=sortie,
            stderr=sortie,
        )
    try:
        attendre(lambda: ecoute(port), processus)
        yield port
    finally:
        terminer(processus)


def ecoute(port: int) -> bool:
    with socket.socket() as prise:
        return prise.connect_ex(("127.0.0.1", port)) == 0


def attendre(est_pret, processus: subprocess.Popen) -> None:
    limite = time.monotonic() + DELAI
    while not est_pret():
        if processus.poll() is not None or time.monotonic() > limite:
            raise RuntimeError(f"{processus.args[:4]} does not answer")
        time.sleep(0.1)


def terminer(processus: subprocess.Popen) -> None:
    """By its pid, and with its children: they follow their parent."""
    processus.terminate()
    try:
        processus.wait(timeout=30)
    except subprocess.TimeoutExpired:
        processus.kill()
        processus.wait()


def executer(module: str, *arguments: str, environnement: dict[str, str], montre: bool = False) -> str:
    """Run one of our modules to its end; raise when it fails."""
    resultat = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *arguments],
        cwd=RACINE,
        env=environnement,
        stdin=subprocess.DEVNULL,
        stdout=None if montre else subprocess.PIPE,
        text=True,
        check=True,
    )
    return resultat.stdout or ""
