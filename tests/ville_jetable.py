"""A throw-away demo city served by the real web server: for the browser tests and for the docs' pictures.

Its database is a new one on the server of DATABASE_URL, or on an embedded PostgreSQL made for it; its files
stand in a folder of their own. Everything is gone when the context ends.
"""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from shutil import rmtree
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from guichet.socle import base_embarquee
from guichet.socle.demarrage import RACINE
from tests.webhooks import SECRET

# Seconds until the web server answers.
DELAI = 60


@dataclass(frozen=True)
class VilleJetable:
    """Where the city answers, and how to speak to its `manage.py`."""

    adresse: str
    environnement: dict[str, str]

    def manage(self, *arguments: str) -> None:
        """Run a management command; raise with its output when it fails."""
        resultat = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=RACINE,
            env=self.environnement,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if resultat.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{resultat.stdout}{resultat.stderr}")

    def envoyer_les_courriels(self) -> None:
        """Do what the worker does every 20 seconds: this city has none."""
        self.manage("shell", "--verbosity=0", "-c", "from guichet.envois import tasks; tasks.balayer()")


@contextmanager
def ville_jetable() -> Iterator[VilleJetable]:
    """Load the demo city in a new database and serve it on a free loopback port."""
    with ExitStack() as pile:
        dossier = RACINE / "var" / f"ville-{uuid.uuid4().hex[:8]}"
        dossier.mkdir(parents=True)
        pile.callback(rmtree, dossier, ignore_errors=True)
        serveur = os.environ.get("DATABASE_URL")
        if not serveur:
            base = base_embarquee.demarrer(dossier / "postgresql", durable=False)
            pile.callback(base.arreter)
            serveur = base.url
        port = _port_libre()
        ville = VilleJetable(
            f"http://127.0.0.1:{port}",
            os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "guichet.settings.dev",
                "DATABASE_URL": pile.enter_context(_base_neuve(serveur)),
                "GUICHET_DONNEES": str(dossier),
                "GUICHET_DEMO": "1",
                "GUICHET_ADRESSE": f"http://127.0.0.1:{port}",
                # Nobody listens there: the outbox does without its doorbell.
                "CELERY_BROKER_URL": f"redis+socket://{dossier}/personne.sock",
                "GUICHET_SECRET_TELEPHONIE": SECRET,
                "GUICHET_SECRET_SMS": SECRET,
            },
        )
        ville.manage("shell", "--verbosity=0", "-c", "from tests import peuplement; peuplement.peupler()")
        pile.enter_context(_serveur_web(ville, port, dossier / "web.log"))
        yield ville


def _port_libre() -> int:
    with socket.create_server(("127.0.0.1", 0)) as prise:
        return prise.getsockname()[1]


@contextmanager
def _base_neuve(serveur: str) -> Iterator[str]:
    """Create a database on this server, yield its URL, drop it."""
    nom = f"ville_{uuid.uuid4().hex[:8]}"
    # Under the tests, a database already migrated; `preparer` then has no table to make.
    modele = os.environ.get("GUICHET_MODELE", "template1")
    administration = urlsplit(serveur)._replace(path="/postgres").geturl()
    with psycopg.connect(administration, autocommit=True) as connexion:
        creer = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connexion.execute(creer.format(sql.Identifier(nom), sql.Identifier(modele)))
    try:
        yield urlsplit(serveur)._replace(path=f"/{nom}").geturl()
    finally:
        with psycopg.connect(administration, autocommit=True) as connexion:
            connexion.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nom)))


@contextmanager
def _serveur_web(ville: VilleJetable, port: int, journal: Path) -> Iterator[None]:
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--no-control-socket"]
    # A browser sends again what a closing connection did not take; the client of the stories does not.
    options += ["--keep-alive", "120"]
    with journal.open("wb") as sortie:
        serveur = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "guichet.wsgi", *options],
            cwd=RACINE,
            env=ville.environnement,
            stdin=subprocess.DEVNULL,
            stdout=sortie,
            stderr=sortie,
        )
    try:
        limite = time.monotonic() + DELAI
        while not _repond(port):
            if serveur.poll() is not None or time.monotonic() > limite:
                raise RuntimeError(f"The web server does not answer:\n{journal.read_text(errors='replace')}")
            time.sleep(0.2)
        yield
    finally:
        serveur.terminate()
        serveur.wait(timeout=30)


def _repond(port: int) -> bool:
    connexion = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connexion.request("GET", "/robots.txt")
        return connexion.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connexion.close()
