"""A broker, workers and a reader of mailboxes in processes of their own, killed and started again at will."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from celery import Celery
from django.conf import settings

from guichet.socle import courtier_embarque
from guichet.socle.demarrage import RACINE
from tests.courriels.conftest import SECRET
from tests.courriels.dovecot import MOT_DE_PASSE
from tests.parcours.maison import base_de_test

WORKER = "-m celery -A guichet worker --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"
RELEVE = "manage.py relever_courriels"
# Seconds between two rings of what the scheduler rings: closer together than its own, the test does not wait.
PERIODE = 2
PERIODIQUES = ("demandes.tasks.balayer_receptions", "guichet.envois.tasks.balayer")


@dataclass
class Travailleur:
    """One process in a group of its own, so that a kill takes its children with it."""

    nom: str
    commande: list[str]
    journal: Path
    environnement: dict[str, str]
    enfant: "subprocess.Popen[bytes] | None" = None

    def lancer(self) -> None:
        with self.journal.open("ab") as journal:
            self.enfant = subprocess.Popen(
                self.commande,
                cwd=RACINE,
                env=self.environnement,
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                start_new_session=True,
            )

    def tuer(self) -> None:
        """As a machine that stops: nothing is told, nothing is tidied."""
        if self.enfant is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.enfant.pid, signal.SIGKILL)
            self.enfant.wait()


@dataclass
class Troupe:
    """All of them, and the clock that rings."""

    travailleurs: list[Travailleur]
    courtier: Travailleur
    adresse: str
    celery: Celery
    tues: int = 0
    _sonne: float = field(default=0.0)

    def tuer_un_au_hasard(self, hasard: random.Random) -> str:
        """Kill one and start it again, as a supervisor does."""
        victime = hasard.choice(self.travailleurs)
        victime.tuer()
        victime.lancer()
        self.tues += 1
        return victime.nom

    def arreter_le_courtier(self) -> None:
        self.courtier.tuer()

    def rouvrir_le_courtier(self) -> None:
        self.courtier.lancer()

    def battre(self) -> None:
        """Do what the scheduler does, when it is time."""
        if time.monotonic() - self._sonne > PERIODE:
            self._sonne = time.monotonic()
            for tache in PERIODIQUES:
                with suppress(Exception):  # the broker may be the one that is stopped
                    self.celery.send_task(tache, retry=False)

    def attendre(self, quoi: Callable[[], bool], secondes: float, pourquoi: str) -> None:
        """Ring until it holds, or fail with what the processes said."""
        limite = time.monotonic() + secondes
        while not quoi():
            assert time.monotonic() < limite, f"attendu en vain : {pourquoi}\n{self.journaux()}"
            self.battre()
            time.sleep(0.2)

    def journaux(self) -> str:
        return "\n".join(
            f"== {t.nom}\n" + "\n".join(t.journal.read_text(errors="replace").splitlines()[-15:])
            for t in self.travailleurs
        )


@contextmanager
def ouvrir(*, workers: int = 2, autres: Mapping[str, str] | None = None, **reglages: str) -> Iterator[Troupe]:
    """Start everything on the test database; kill it all at the end.

    `reglages` are variables of the environment, `autres` more processes: name and command.
    """
    dossier = settings.GUICHET_DONNEES / "troupe"
    dossier.mkdir(parents=True, exist_ok=True)
    environnement = os.environ | {
        "DATABASE_URL": base_de_test(),
        "CELERY_BROKER_URL": courtier_embarque.url(dossier),
        "GUICHET_COURRIEL_REPONSE": settings.GUICHET_COURRIEL_REPONSE,
        "PYTHONUNBUFFERED": "1",
        SECRET: MOT_DE_PASSE,
        **reglages,
    }
    commandes = {f"worker {rang}": WORKER + f" -n w{rang}@%h" for rang in range(workers)}
    commandes |= {"releve": RELEVE, **(autres or {})}
    travailleurs = [
        Travailleur(nom, [sys.executable, *mots.split()], dossier / f"{nom}.log", environnement)
        for nom, mots in commandes.items()
    ]
    courtier = Travailleur(
        "courtier", courtier_embarque.commande(dossier), dossier / "courtier.log", environnement
    )
    celery = Celery("troupe", broker=courtier_embarque.url(dossier), set_as_current=False)
    celery.conf.update(task_ignore_result=True, broker_transport_options={"socket_connect_timeout": 1})
    troupe = Troupe(travailleurs, courtier, courtier_embarque.url(dossier), celery)
    try:
        courtier.lancer()
        limite = time.monotonic() + 30
        while not courtier_embarque.repond(dossier):
            assert time.monotonic() < limite, "the broker does not answer"
            time.sleep(0.05)
        for travailleur in travailleurs:
            travailleur.lancer()
        yield troupe
    finally:
        for travailleur in (*travailleurs, courtier):
            travailleur.tuer()
        celery.close()
