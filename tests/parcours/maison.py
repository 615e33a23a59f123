"""The real parts a story runs on: a broker, a Celery worker and a web server, each in its own process."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from typing import TypeVar
from urllib.parse import urlsplit

from celery import Celery
from django.conf import settings
from django.db import connection
from django.utils import timezone

from guichet.envois.models import Battement
from guichet.socle import courtier_embarque
from guichet.socle.equipe import Equipe, Processus
from tests.operateur import Operateur, ouvrir_l_operateur
from tests.webhooks import SECRET

# Seconds until a process answers, and until the worker has done what it was told.
DEMARRAGE = 60
PATIENCE = 60
WEB = "-m gunicorn guichet.wsgi --workers 2 --threads 4 --graceful-timeout 2 --no-control-socket --bind"
WORKER = "-m celery -A guichet worker --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"

Resultat = TypeVar("Resultat")


@dataclass
class Maison:
    """Where the city answers, and what can be told to its worker. It has no scheduler: tests ring."""

    adresse: str
    courrier: Path
    celery: Celery
    operateur: Operateur

    def sonner(self, tache: str) -> None:
        """Ask the worker, as beat would."""
        self.celery.send_task(tache)

    def attendre(self, quoi: Callable[[], Resultat], pourquoi: str) -> Resultat:
        """Return the first true answer of `quoi`, or fail."""
        limite = time.monotonic() + PATIENCE
        while not (trouve := quoi()):
            assert time.monotonic() < limite, f"attendu en vain : {pourquoi}"
            time.sleep(0.05)
        return trouve

    def courriels(self, destinataire: str, objet: str = "") -> list[EmailMessage]:
        """What the worker sent to somebody, oldest first."""
        lus = [
            message_from_bytes(f.read_bytes(), policy=default) for f in sorted(self.courrier.glob("*.eml"))
        ]
        return [m for m in lus if m["To"] == destinataire and objet in m["Subject"]]

    def courriel(self, destinataire: str, objet: str) -> EmailMessage:
        """The one e-mail to this person with these words in its subject, once the worker has sent it."""
        recus = self.attendre(
            lambda: self.courriels(destinataire, objet), f"un courriel « {objet} » pour {destinataire}"
        )
        assert len(recus) == 1, f"{len(recus)} courriels « {objet} » pour {destinataire}"
        return recus[0]

    def vider_la_boite(self) -> None:
        """Let the worker send what was written without a doorbell."""
        self.sonner("guichet.envois.tasks.balayer")
        self.se_calmer()

    def se_calmer(self) -> None:
        """Wait until the worker has done all it was told: it takes one thing at a time, in order."""
        depuis = timezone.now()
        self.sonner("guichet.envois.tasks.battre")
        self.attendre(lambda: Battement.objects.filter(battu_le__gte=depuis).exists(), "un battement")


@dataclass
class Web:
    """A web server alone, and where it answers."""

    adresse: str
    processus: Processus

    def relancer(self) -> None:
        """Stop it as a supervisor would, start it again, and wait until it answers."""
        self.processus.arreter()
        self.processus.lancer()
        self.attendre()

    def attendre(self) -> None:
        limite = time.monotonic() + DEMARRAGE
        port = int(self.adresse.rpartition(":")[2])
        while not repond(port):
            assert time.monotonic() < limite, self.processus.fin_du_journal()
            time.sleep(0.05)


@contextmanager
def ouvrir_le_web(courtier: str) -> Iterator[Web]:
    """Start a web server on the test database, with the broker it is told; SECRET opens its webhooks."""
    with socket.create_server(("127.0.0.1", 0)) as prise:
        port = prise.getsockname()[1]
    dossier = settings.GUICHET_DONNEES / "parcours"
    dossier.mkdir(parents=True, exist_ok=True)
    commande = [sys.executable, *f"{WEB} 127.0.0.1:{port}".split()]
    web = Web(f"http://127.0.0.1:{port}", Processus("web", commande, dossier / f"web-{port}.log"))
    avant = dict(os.environ)
    os.environ |= {
        "DATABASE_URL": base_de_test(),
        "CELERY_BROKER_URL": courtier,
        "GUICHET_SECRET_SMS": SECRET,
    }
    try:
        web.processus.lancer()
        web.attendre()
        yield web
    finally:
        restaurer(avant)
        web.processus.arreter()


def base_de_test() -> str:
    base = urlsplit(os.environ["DATABASE_URL"])
    return base._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def ouvrir(nom: str = "parcours", **reglages: str) -> Iterator[Maison]:
    """Start everything on the test database, beside a provider of SMS; stop it in order.

    `nom` is its folder, `reglages` more variables of the environment.
    """
    with ouvrir_l_operateur() as operateur, _ouvrir(operateur, nom, reglages) as maison:
        yield maison


@contextmanager
def _ouvrir(operateur: Operateur, nom_du_dossier: str, reglages: dict[str, str]) -> Iterator[Maison]:
    dossier = settings.GUICHET_DONNEES / nom_du_dossier
    courtier = dossier / "courtier"
    with socket.create_server(("127.0.0.1", 0)) as prise:
        port = prise.getsockname()[1]
    avant = dict(os.environ)
    equipe = Equipe(Event())
    try:
        equipe.lancer(Processus("courtier", courtier_embarque.commande(courtier), dossier / "courtier.log"))
        assert equipe.attendre(lambda: courtier_embarque.repond(courtier), delai=DEMARRAGE)
        os.environ |= {
            "DATABASE_URL": base_de_test(),
            "CELERY_BROKER_URL": courtier_embarque.url(courtier),
            "GUICHET_ADRESSE": f"http://127.0.0.1:{port}",
            "GUICHET_SMS_URL": operateur.url,
            # A story may be lived at night.
            "GUICHET_SMS_HEURES": "0-24",
            **reglages,
        }
        for nom, commande in (("web", f"{WEB} 127.0.0.1:{port}"), ("worker", WORKER)):
            equipe.lancer(Processus(nom, [sys.executable, *commande.split()], dossier / f"{nom}.log"))
        # Celery reads the broker's address there at each call: the other tests must not ring this worker.
        restaurer(avant)
        celery = Celery("parcours", broker=courtier_embarque.url(courtier), set_as_current=False)
        celery.conf.task_ignore_result = True
        assert equipe.attendre(lambda: repond(port), delai=DEMARRAGE), "the web server does not answer"
        assert equipe.attendre(lambda: ecoute(celery), delai=DEMARRAGE), "the worker does not answer"
        yield Maison(f"http://127.0.0.1:{port}", settings.GUICHET_COURRIEL_DOSSIER, celery, operateur)
    finally:
        restaurer(avant)
        equipe.arreter()


def restaurer(environnement: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environnement)


def repond(port: int) -> bool:
    connexion = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connexion.request("GET", "/robots.txt")
        return connexion.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connexion.close()


def ecoute(celery: Celery) -> bool:
    return bool(celery.control.ping(timeout=0.5, limit=1))
