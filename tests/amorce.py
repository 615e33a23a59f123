"""Loaded by pytest before Django reads its settings: a data folder for this run, and a database.

The database is the embedded one when DATABASE_URL is unset: started once, by the process that distributes the
tests, used by all the workers, removed at the end. A run that was killed is swept by the next one.

Migrating an empty database takes half a minute, so the result is kept as a model that each worker's test
database is copied from; it is made again as soon as a migration or a library changes.
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

import pytest

# First: importing our code would choose the development settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "guichet.settings.test"

from guichet.socle.base_embarquee import NOM, demarrer
from guichet.socle.demarrage import RACINE, DemarrageImpossible, verrou

DOSSIERS = RACINE / "var" / "tests"


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
        if not os.environ.get("DATABASE_URL"):
            try:
                _copier_le_modele(dossier)
                base = demarrer(dossier / "postgresql", durable=False)
            except DemarrageImpossible as erreur:
                raise pytest.UsageError(str(erreur)) from None
            pile.callback(base.arreter)
            os.environ["DATABASE_URL"] = base.url
            os.environ["GUICHET_MODELE"] = NOM
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
        resultat = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            cwd=RACINE,
            env=os.environ | {"DATABASE_URL": base.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    finally:
        base.arreter()
    if resultat.returncode:
        raise DemarrageImpossible(f"les migrations échouent.\n{resultat.stdout}")


def _empreinte() -> str:
    """Return a digest of the migrations and of the libraries' versions."""
    sources = [RACINE / "requirements" / "dev.txt"]
    for application in ("guichet", "usagers", "demandes", "portal"):
        sources += sorted((RACINE / application).glob("**/migrations/*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
