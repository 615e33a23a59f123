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
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from guichet.socle import base_embarquee
from guichet.socle.demarrage import RACINE
from tests.webhooks import SECRET

# What the desk finds in quarantine: its headers never end.
COURRIEL_ILLISIBLE = (
    b"From: Jeanne Martin <jeanne.martin@courriel.example>\r\nTo: guichet@villeneuve-sur-saone.example\r\n"
    b"Subject: Un banc cass\xc3\xa9 place du March\xc3\xa9\r\nDate: Thu, 12 Nov 2026 10:12:00 +0100\r\n"
    b"References: " + b"<0123456789@courriel.example> " * 10_000 + b"\r\n\r\n"
    b"Bonjour,\r\n\r\nUn banc est cass\xc3\xa9 place du March\xc3\xa9.\r\n\r\nJeanne Martin\r\n"
)
# What a person wrote from an address nobody knows, about a demande of theirs or of somebody else.
CITEE = "Trou profond devant le théâtre"
COURRIEL_A_RAPPROCHER = """\
From: Marie-Antoinette de La Rochefoucauld-Montbel <m.a.rochefoucauld@travail.example>
To: guichet@villeneuve-sur-saone.example
Subject: =?utf-8?q?Re=3A_=5B{numero}=5D_le_trou_devant_le_th=C3=A9=C3=A2tre_s=27agrandit?=
Date: Thu, 12 Nov 2026 10:12:00 +0100
Message-ID: <1@travail.example>
Content-Type: text/html; charset=utf-8

<h2>Bonjour,</h2>
<p>Le trou <b>s'agrandit</b> depuis la pluie&nbsp;:</p><ul><li>il fait un mètre de large ;</li>
<li>le cône est tombé dedans.</li></ul><p>Voir <a href="https://photos.example/album/42">mes photos</a>.
<img src="https://pub.example/banniere.png" alt="Bannière"></p>
<blockquote>Le 10 novembre 2026, la mairie a écrit : votre demande est enregistrée.</blockquote>
"""
# What comes without its type, and says two things, one of them dangerous.
COURRIEL_A_DEUX_SUJETS = (
    b"From: Leonie Barthelemy <leonie.barthelemy@courriel.example>\r\n"
    b"To: guichet@villeneuve-sur-saone.example\r\nMessage-ID: <deux-sujets@courriel.example>\r\n"
    b"Subject: Lampadaire tombe\r\nDate: Thu, 12 Nov 2026 11:12:00 +0100\r\n\r\n"
    b"Bonjour,\r\n\r\nLe lampadaire devant le 4 rue des Tisserands est couche, les fils a nu pendent "
    b"au-dessus du trottoir : c'est un danger pour les enfants.\r\n\r\n"
    b"Je voudrais aussi inscrire ma fille a la cantine de son ecole pour la rentree.\r\n\r\n"
    b"Cordialement,\r\nLeonie Barthelemy\r\n"
)
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

    def recevoir(self, brut: bytes) -> None:
        """Do what a mail server and the worker do with one mail."""
        with NamedTemporaryFile(suffix=".eml") as fichier:
            fichier.write(brut)
            fichier.flush()
            self.manage("recevoir_courriel", fichier.name)
        self.manage("shell", "--verbosity=0", "-c", "from demandes import tasks; tasks.balayer_receptions()")

    def recevoir_une_reponse(self, objet: str, brut: str) -> None:
        """A mail that cites the demande of this object by its number."""
        with psycopg.connect(self.environnement["DATABASE_URL"]) as connexion:
            lu = connexion.execute("SELECT numero FROM demandes_demande WHERE objet = %s", [objet]).fetchone()
        assert lu is not None, objet
        self.recevoir(brut.format(numero=lu[0]).encode())

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
        ville.manage("preparer")
        ville.recevoir(COURRIEL_ILLISIBLE)
        ville.recevoir_une_reponse(CITEE, COURRIEL_A_RAPPROCHER)
        ville.recevoir(COURRIEL_A_DEUX_SUJETS)
        ville.manage("shell", "--verbosity=0", "-c", "from tests.courrier import bac; bac.numeriser()")
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
