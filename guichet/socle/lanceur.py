"""`make run`: database, broker, tables, demo city, web server and worker, until Ctrl-C.

With `manage.py`, the one place outside the settings that reads the environment: it runs before them, and puts
there what they will read (data folder, database, broker, public address). Honoured: PORT, ADRESSE (where to
listen), GUICHET_DONNEES, DATABASE_URL, CELERY_BROKER_URL, GUICHET_ADRESSE, DJANGO_SETTINGS_MODULE.
"""

import errno
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event

import psycopg
from django.conf import settings

from guichet.socle import base_embarquee, courtier_embarque
from guichet.socle.demarrage import (
    PRODUCTION,
    DemarrageImpossible,
    dossier_de_donnees,
    preparer_dossier,
    verrou,
)
from guichet.socle.demonstration import COMPTES, MOT_DE_PASSE
from guichet.socle.equipe import ArretDemande, Equipe, Processus

# Seconds until the health page must be green; a worker's first beat takes up to 15.
DELAI_SANTE = 90
# Seconds between two looks at what else must run.
VEILLE = 5
TOUTES_LES_ADRESSES = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True)
class Reglages:
    """What the person who starts Guichet chose."""

    donnees: Path
    adresse: str
    port: int

    @classmethod
    def lire(cls, environnement: Mapping[str, str]) -> "Reglages":
        if PRODUCTION in environnement.get("DJANGO_SETTINGS_MODULE", ""):
            raise DemarrageImpossible(
                "« make run » sert à essayer et à développer : en production, lancez gunicorn et le worker "
                "Celery sur un serveur PostgreSQL et un courtier de messages."
            )
        port = environnement.get("PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise DemarrageImpossible(f"PORT vaut « {port} » : indiquez un nombre entre 1 et 65535.")
        return cls(
            donnees=dossier_de_donnees(environnement),
            adresse=environnement.get("ADRESSE") or "127.0.0.1",
            port=int(port),
        )

    def verifier_le_port(self) -> None:
        """Stop, before anything is started, if we cannot listen there."""
        famille = socket.AF_INET6 if ":" in self.adresse else socket.AF_INET
        try:
            socket.create_server((self.adresse, self.port), family=famille).close()
        except OSError as erreur:
            if erreur.errno == errno.EADDRINUSE:
                raise DemarrageImpossible(
                    f"le port {self.port} est déjà pris : arrêtez le programme qui l'occupe, "
                    f"ou choisissez-en un autre (PORT={self.port + 1} make run)."
                ) from None
            raise DemarrageImpossible(
                f"impossible d'écouter sur {self.adresse}, port {self.port} ({erreur.strerror})."
            ) from None

    def est_en_bonne_sante(self) -> bool:
        """Tell whether the health page is green."""
        hote = "127.0.0.1" if self.adresse in TOUTES_LES_ADRESSES else self.adresse
        connexion = HTTPConnection(hote, self.port, timeout=10)
        try:
            connexion.request("GET", "/sante/")
            return connexion.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connexion.close()


def demarrer(reglages: Reglages, arret: Event, pile: ExitStack) -> Equipe:
    """Start everything, one line per step; `pile` receives what to undo, in order."""
    journaux = reglages.donnees / "journaux"
    os.environ["GUICHET_DONNEES"] = str(reglages.donnees)
    os.environ.setdefault("GUICHET_ADRESSE", f"http://127.0.0.1:{reglages.port}")
    # Logs are read while it runs, and after a crash.
    os.environ["PYTHONUNBUFFERED"] = "1"

    print(f"Dossier de données : {reglages.donnees}")
    preparer_dossier(reglages.donnees)
    # Logs, mails and attachments are for this account only.
    os.umask(0o077)
    try:
        pile.enter_context(verrou(reglages.donnees / "lanceur.verrou", attendre=False))
    except BlockingIOError:
        raise DemarrageImpossible(
            f"Guichet tourne déjà sur {reglages.donnees} : arrêtez-le, ou indiquez un autre dossier "
            "de données par GUICHET_DONNEES."
        ) from None
    preparer_dossier(journaux)
    reglages.verifier_le_port()

    equipe = Equipe(arret)
    if os.environ.get("DATABASE_URL"):
        print("Base de données : celle de DATABASE_URL")
    else:
        print(f"Base de données : PostgreSQL {base_embarquee.VERSION} embarqué")
        base = base_embarquee.demarrer(reglages.donnees / "postgresql")
        pile.callback(base.arreter)
        os.environ["DATABASE_URL"] = base.url
        equipe.surveiller("base de données", base.est_vivante)
    pile.callback(equipe.arreter)

    if os.environ.get("CELERY_BROKER_URL"):
        print("Courtier de messages : celui de CELERY_BROKER_URL")
    else:
        print("Courtier de messages : Valkey embarqué")
        dossier = reglages.donnees / "courtier"
        equipe.lancer(Processus("courtier", courtier_embarque.commande(dossier), journaux / "courtier.log"))
        if not equipe.attendre(lambda: courtier_embarque.repond(dossier), delai=10):
            raise DemarrageImpossible("le courtier embarqué ne répond pas.")
        os.environ["CELERY_BROKER_URL"] = courtier_embarque.url(dossier)

    preparer = [sys.executable, "manage.py", "preparer"]
    equipe.executer(Processus("préparation", preparer, journaux / "preparation.log", visible=True))

    print("Serveur web et worker : démarrage")
    for processus in _serveurs(reglages, journaux):
        equipe.lancer(processus)
    if not equipe.attendre(reglages.est_en_bonne_sante, delai=DELAI_SANTE, pas=0.5):
        raise DemarrageImpossible(f"la page /sante/ reste au rouge ; voyez les journaux dans {journaux}.")
    return equipe


def _serveurs(reglages: Reglages, journaux: Path) -> list[Processus]:
    hote = f"[{reglages.adresse}]" if ":" in reglages.adresse else reglages.adresse
    web = (
        f"-m gunicorn guichet.wsgi --bind {hote}:{reglages.port} --workers 2 --threads 4 "
        "--graceful-timeout 5 --no-control-socket"
    )
    worker = (
        "-m celery -A guichet worker --beat --concurrency 2 --loglevel INFO --without-gossip --without-mingle"
    )
    calendrier = str(reglages.donnees / "celerybeat-schedule")
    return [
        Processus("serveur web", [sys.executable, *web.split()], journaux / "web.log"),
        Processus(
            "worker", [sys.executable, *worker.split(), "--schedule", calendrier], journaux / "worker.log"
        ),
    ]


def lancer_les_services(equipe: Equipe, lances: set[str], journaux: Path) -> bool:
    """Start what the city set up since: a mailbox, for instance. False, so that one waits on."""
    attendus = [service for service in settings.GUICHET_SERVICES if service[1] not in lances]
    with suppress(psycopg.Error), psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as base:
        for nom, commande, ordre in attendus:
            if base.execute(ordre).fetchone() is not None:
                equipe.lancer(
                    Processus(nom, [sys.executable, "manage.py", commande], journaux / f"{commande}.log")
                )
                lances.add(commande)
    return False


def annoncer(adresse: str, donnees: Path, *, demo: bool) -> str:
    """Return what to show once everything runs: the address, and the demo logins as a table."""
    lignes = ["", f"Guichet est ouvert : {adresse}/", ""]
    if demo:
        tableau = [("Adresse électronique", "Rôle", "Connexion")]
        tableau += [(c.courriel, c.role, adresse + c.porte) for c in COMPTES]
        largeurs = [max(len(ligne[i]) for ligne in tableau) for i in range(2)]
        lignes += [f"  {c:<{largeurs[0]}}  {r:<{largeurs[1]}}  {porte}" for c, r, porte in tableau]
        lignes += ["", f"  Mot de passe de tous ces comptes : {MOT_DE_PASSE}", ""]
    return "\n".join([*lignes, f"Ctrl-C arrête tout ; les données restent dans {donnees}."])


def main() -> int:
    """Run until asked to stop (0) or until something fails (1)."""
    arret = Event()
    for numero in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(numero, lambda *_: arret.set())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings.dev")
    try:
        with ExitStack() as pile:
            reglages = Reglages.lire(os.environ)
            equipe = demarrer(reglages, arret, pile)
            print(annoncer(settings.GUICHET_ADRESSE, reglages.donnees, demo=settings.GUICHET_DEMO))
            lances: set[str] = set()
            journaux = reglages.donnees / "journaux"
            equipe.attendre(lambda: lancer_les_services(equipe, lances, journaux), pas=VEILLE)
    except ArretDemande:
        print("Guichet est arrêté.")
    except DemarrageImpossible as erreur:
        print(f"Guichet ne peut pas continuer : {erreur}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
