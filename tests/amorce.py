"""Loaded by pytest before Django reads its settings: a data folder for this run, and a database.

The database is the embedded one when DATABASE_URL is unset: started once, by the process that distributes the
tests, used by all the workers, removed at the end. A run that was killed is swept by the next one.

Migrating an empty database takes half a minute, so the result is kept as a model that each worker's test
database and each throw-away city are copied from; it is made again as soon as a migration or a library
changes. On the server of DATABASE_URL too: there it is a database, `guichet_modele_…`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Generator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

# First: importing our code would choose the development settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "guichet.settings.test"

from guichet.socle.base_embarquee import NOM, demarrer
from guichet.socle.demarrage import RACINE, DemarrageImpossible, verrou

DOSSIERS = RACINE / "var" / "tests"
PREFIXE = "guichet_modele_"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        dossier = Path(os.environ["GUICHET_DONNEES"]) / worker
        # Made here and open: made by the first test that stores an attachment, it would be closed to all.
        dossier.mkdir()
        os.environ["GUICHET_DONNEES"] = str(dossier)
    else:
        pile = ExitStack()
        early_config.add_cleanup(pile.close)
        dossier = _creer_le_dossier(pile)
        os.environ["GUICHET_DONNEES"] = str(dossier)
        try:
            if serveur := os.environ.get("DATABASE_URL"):
                os.environ["GUICHET_MODELE"] = _garder_un_modele(serveur, pile)
            else:
                _copier_le_modele(dossier)
                base = demarrer(dossier / "postgresql", durable=False)
                pile.callback(base.arreter)
                os.environ["DATABASE_URL"] = base.url
                os.environ["GUICHET_MODELE"] = NOM
        except DemarrageImpossible as erreur:
            raise pytest.UsageError(str(erreur)) from None
    return (yield)


def _creer_le_dossier(pile: ExitStack) -> Path:
    DOSSIERS.mkdir(parents=True, exist_ok=True)
    for ancien in DOSSIERS.glob("session-*"):
        with suppress(BlockingIOError, FileNotFoundError), verrou(ancien / "session.verrou", attendre=False):
            # A server left behind stops by itself when its files are gone.
            shutil.rmtree(ancien, ignore_errors=True)
    dossier = DOSSIERS / f"session-{uuid.uuid4().hex[:8]}"
    dossier.mkdir()
    pile.callback(shutil.rmtree, dossier, ignore_errors=True)
    pile.enter_context(verrou(dossier / "session.verrou"))
    return dossier


def _copier_le_modele(dossier: Path) -> None:
    modele = DOSSIERS / f"modele-{_empreinte()}"
    with verrou(DOSSIERS / "modele.verrou"):
        if not modele.exists():
            for ancien in DOSSIERS.glob("modele-*"):
                shutil.rmtree(ancien)
            _creer_le_modele(dossier / "modele")
            (dossier / "modele").rename(modele)
        # Unlike Python's own copy, keeps the owner: as root, the server's account.
        subprocess.run(["cp", "-a", modele / "postgresql", dossier], check=True)


def _creer_le_modele(dossier: Path) -> None:
    base = demarrer(dossier / "postgresql", durable=False)
    try:
        _migrer(base.url)
    finally:
        base.arreter()


def _garder_un_modele(serveur: str, pile: ExitStack) -> str:
    """Make the model on this server unless it is there; nobody drops it before this run ends."""
    nom = f"{PREFIXE}{_empreinte()}"
    administration = urlsplit(serveur)._replace(path="/postgres").geturl()
    connexion = pile.enter_context(psycopg.connect(administration, autocommit=True))
    # A lock of the server's session: a run that is killed lets it go. The first lock makes runs take turns.
    connexion.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIXE])
    connexion.execute("SELECT pg_advisory_lock_shared(hashtext(%s))", [nom])
    presents = connexion.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIXE])
    modeles = {modele for (modele,) in presents}
    for ancien in modeles - {nom}:
        pris = connexion.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [ancien]).fetchone()
        if pris == (True,):
            supprimer = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connexion.execute(supprimer.format(sql.Identifier(ancien)))
            connexion.execute("SELECT pg_advisory_unlock(hashtext(%s))", [ancien])
    if nom not in modeles:
        # Named once it is whole: a run that is killed leaves no half of a model under this name.
        brouillon = f"{PREFIXE}nouveau"
        connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(brouillon)))
        _migrer(urlsplit(serveur)._replace(path=f"/{brouillon}").geturl())
        renommer = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connexion.execute(renommer.format(sql.Identifier(brouillon), sql.Identifier(nom)))
    connexion.execute("SELECT pg_advisory_unlock(hashtext(%s))", [PREFIXE])
    return nom


def _migrer(url: str) -> None:
    resultat = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=RACINE,
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if resultat.returncode:
        raise DemarrageImpossible(f"les migrations échouent.\n{resultat.stdout}")


def _empreinte() -> str:
    """Return a digest of the migrations and of the libraries' versions."""
    sources = [RACINE / "requirements" / "dev.txt"]
    for application in ("guichet", "usagers", "demandes", "portal"):
        sources += sorted((RACINE / application).glob("**/migrations/*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
