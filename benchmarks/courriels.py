"""`python -m benchmarks.courriels`: how many mails a second one worker takes in, from a real mailbox on.

The demo city, Dovecot, one reader, one worker that does one thing at a time. The machine may be shared: what
counts is also told as processor time a mail. `--pannes` runs the drills of `make endurance`: a process
killed every two seconds, then the broker stopped; they fail when a mail is lost or doubled.
"""

import argparse
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import rmtree

import psycopg

from benchmarks.serveurs import base_neuve, courtier, executer, serveur_de_bases, terminer
from guichet.socle.demarrage import RACINE, preparer_dossier
from tests.courriels import dovecot

BUT = 20  # mails a second
ADRESSE = "contact@villeneuve-sur-saone.example"
SECRET = "GUICHET_BOITE_MESURE"  # noqa: S105 - the name of a variable
WORKER = (
    "-m celery -A guichet worker --beat --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"
)
MOTS = (
    "Bonjour,\n\nLe réverbère devant le {0} rue des Tisserands est éteint depuis lundi, et le passage est "
    "dangereux le soir pour les enfants qui rentrent de l'école.\n\nPouvez-vous passer ?\n\nMerci d'avance,\n"
    "Jeanne Martin {0}\n\n-- \nJeanne Martin\n06 39 98 12 34\n"
)


BOITE = """
INSERT INTO demandes_boitecourriel
  (nom, adresses, ordre, est_active, serveur, port, securite, identifiant, variable, dossier, dossier_lus,
   importer_depuis, connectee_le, dernier_uid, importes, erreur, modifiee_le)
VALUES ('Contact', %s, 1, true, '127.0.0.1', %s, 'aucune', 'contact', %s, 'INBOX', '',
   '2026-01-01', '2026-01-01', 0, 0, '', now())
"""


def lettre(rang: int) -> bytes:
    tete = (
        f"From: Jeanne Martin {rang} <jeanne.martin.{rang}@courriel.example>\nTo: {ADRESSE}\n"
        f"Subject: Un reverbere eteint, numero {rang}\nDate: Thu, 12 Nov 2026 10:12:00 +0100\n"
        f"Message-ID: <{rang}.mesure@courriel.example>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return (tete + MOTS.format(rang)).replace("\n", "\r\n").encode()


def manage(environnement: dict[str, str], *arguments: str) -> None:
    commande = [sys.executable, "manage.py", *arguments]
    sortie = subprocess.DEVNULL
    subprocess.run(commande, cwd=RACINE, env=environnement, check=True, stdout=sortie)  # noqa: S603


@contextmanager
def lancer(commande: str, environnement: dict[str, str], journal: Path) -> Iterator[int]:
    """Run one of our processes; its pid."""
    with journal.open("wb") as sortie:
        processus = subprocess.Popen(  # noqa: S603
            [sys.executable, *commande.split()],
            cwd=RACINE,
            env=environnement,
            stdin=subprocess.DEVNULL,
            stdout=sortie,
            stderr=sortie,
        )
    try:
        yield processus.pid
    finally:
        terminer(processus)


def calcul(pid: int) -> float:
    """Seconds of processor of a process and of all that it started, those that ended included."""
    enfants: dict[int, list[int]] = {}
    durees: dict[int, float] = {}
    for dossier in Path("/proc").glob("[0-9]*"):
        try:
            champs = (dossier / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        numero = int(dossier.name)
        enfants.setdefault(int(champs[1]), []).append(numero)
        durees[numero] = sum(map(int, champs[11:15])) / os.sysconf("SC_CLK_TCK")
    a_voir, total = [pid], 0.0
    while a_voir:
        numero = a_voir.pop()
        total += durees.get(numero, 0.0)
        a_voir += enfants.get(numero, [])
    return total


def compter(base: str) -> tuple[int, int]:
    """(kept, made into something)."""
    with psycopg.connect(base, autocommit=True) as connexion:
        ordre = "SELECT count(*), count(*) FILTER (WHERE etat = 'traitee') FROM demandes_reception"
        gardes, traites = connexion.execute(ordre).fetchone()  # type: ignore[misc]
    return gardes, traites


def pid_du_serveur(base: str) -> int:
    """The server's first process, when it runs on this machine; 0 elsewhere."""
    with psycopg.connect(base, autocommit=True) as connexion:
        (pid,) = connexion.execute("SELECT pg_backend_pid()").fetchone()  # type: ignore[misc]
        try:
            return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return 0


def mesurer(nombre: int, dossier: Path, pile: ExitStack) -> None:
    serveur = serveur_de_bases(dossier, pile)
    base = pile.enter_context(base_neuve(serveur, "courriels", garder=False))
    boites = pile.enter_context(dovecot.demarrer())
    environnement = os.environ | {
        "DJANGO_SETTINGS_MODULE": "guichet.settings.dev",
        "DATABASE_URL": base,
        "GUICHET_DONNEES": str(dossier),
        "GUICHET_DEMO": "1",
        "GUICHET_COURRIEL_REPONSE": "reponse@villeneuve-sur-saone.example",
        "CELERY_BROKER_URL": pile.enter_context(courtier(dossier / "courtier")),
        SECRET: dovecot.MOT_DE_PASSE,
    }
    print("Ville de démonstration", flush=True)
    manage(environnement, "preparer")
    with psycopg.connect(base, autocommit=True) as connexion:
        depart, _ = compter(base)
        # Connected long ago: each of these mails is acknowledged.
        connexion.execute(BOITE, [[ADRESSE], boites.port, SECRET])
    print(f"{nombre} courriels dans la boîte", flush=True)
    boites.deposer_plusieurs([lettre(rang) for rang in range(nombre)], "contact")
    calendrier = f" --schedule {dossier / 'calendrier'}"
    worker = pile.enter_context(lancer(WORKER + calendrier, environnement, dossier / "worker.log"))
    time.sleep(8)
    releve = pile.enter_context(lancer("manage.py relever_courriels", environnement, dossier / "releve.log"))
    suivre(base, depart, nombre, worker, releve)


def eprouver(nombre: int, morts: int, dossier: Path, pile: ExitStack) -> None:
    """Each drill in a city of its own."""
    serveur = serveur_de_bases(dossier, pile)
    for panne in ("morts", "courtier"):
        with base_neuve(serveur, "pannes", garder=False) as base:
            environnement = os.environ | {
                "DJANGO_SETTINGS_MODULE": "guichet.settings.dev",
                "DATABASE_URL": base,
                "GUICHET_DONNEES": str(dossier / panne),
                "GUICHET_COURRIEL_REPONSE": "reponse@ville.example",
            }
            manage(environnement, "migrate", "--verbosity=0")
            executer(
                "benchmarks.pannes", panne, str(nombre), str(morts), environnement=environnement, montre=True
            )


def suivre(base: str, depart: int, nombre: int, worker: int, releve: int) -> None:
    """Wait for the last one, then tell the pace of the stretch where it is steady."""
    pids = worker, pid_du_serveur(base), releve
    avant = [calcul(pid) for pid in pids]
    debut = time.monotonic()
    points: list[tuple[float, int]] = []
    gardes_en = 0.0
    while not points or points[-1][1] < nombre:
        if time.monotonic() - debut > 60 + nombre:
            raise RuntimeError("Les courriels n'avancent pas.")
        time.sleep(0.25)
        gardes, traites = compter(base)
        points.append((time.monotonic() - debut, traites - depart))
        gardes_en = gardes_en or (points[-1][0] if gardes - depart >= nombre else 0.0)
    apres = [calcul(pid) for pid in pids]
    # From the first tenth to the last: neither the start nor the wait for the first one.
    a = next(p for p in points if p[1] >= nombre // 10)
    z = next(p for p in points if p[1] >= nombre - nombre // 10)
    debit = (z[1] - a[1]) / max(z[0] - a[0], 0.01)
    print(f"Relève : {nombre / gardes_en:.0f} courriels gardés par seconde")
    print(f"Un worker : {debit:.0f} courriels par seconde, soutenus (but : {BUT})")
    du_worker, de_la_base, de_la_releve = (
        1000 * (fin - depart) / nombre for depart, fin in zip(avant, apres, strict=True)
    )
    print("Calcul par courriel, accusé envoyé compris :")
    print(f"  worker {du_worker:.1f} ms, PostgreSQL {de_la_base:.1f} ms, relève {de_la_releve:.1f} ms")
    seul = 1000 / (du_worker + de_la_base)
    print(f"  soit {seul:.0f} par seconde pour un worker et sa base qui auraient un cœur pour eux deux")


def main() -> None:
    lecteur = argparse.ArgumentParser(prog="python -m benchmarks.courriels", description=__doc__)
    lecteur.add_argument("--courriels", type=int, default=1_000)
    lecteur.add_argument("--pannes", action="store_true", help="kill processes, then stop the broker")
    lecteur.add_argument("--morts", type=int, default=20)
    choix = lecteur.parse_args()
    if dovecot.PROGRAMME is None:
        print(dovecot.ABSENT)
        return
    dossier = RACINE / "var" / f"mesures-{uuid.uuid4().hex[:8]}"
    preparer_dossier(dossier)
    with ExitStack() as pile:
        pile.callback(rmtree, dossier, ignore_errors=True)
        if choix.pannes:
            eprouver(choix.courriels, choix.morts, dossier, pile)
        else:
            mesurer(choix.courriels, dossier, pile)


if __name__ == "__main__":
    main()
