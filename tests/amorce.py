"""Loaded by pytest before Django reads its settings: a data folder for this run, and a database.

The database is the embedded one when DATABASE_URL is unset: started once, by the process that distributes the
tests, used by all the workers, removed at the end. A run that was killed is swept by the next one.
"""

import os
import shutil
import uuid
from collections.abc import Generator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

# First: importing our code would choose the development settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "guichet.settings.test"

from guichet.socle.base_embarquee import demarrer
from guichet.socle.demarrage import RACINE, DemarrageImpossible, verrou

DOSSIERS = RACINE / "var" / "tests"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["GUICHET_DONNEES"] = str(Path(os.environ["GUICHET_DONNEES"]) / worker)
    else:
        pile = ExitStack()
        early_config.add_cleanup(pile.close)
        dossier = _creer_le_dossier(pile)
        os.environ["GUICHET_DONNEES"] = str(dossier)
        if not os.environ.get("DATABASE_URL"):
            try:
                base = demarrer(dossier / "postgresql", durable=False)
            except DemarrageImpossible as erreur:
                raise pytest.UsageError(str(erreur)) from None
            pile.callback(base.arreter)
            os.environ["DATABASE_URL"] = base.url
    return (yield)


def _creer_le_dossier(pile: ExitStack) -> Path:
    DOSSIERS.mkdir(parents=True, exist_ok=True)
    for ancien in DOSSIERS.iterdir():
        with suppress(BlockingIOError, FileNotFoundError), verrou(ancien / "session.verrou", attendre=False):
            # A server left behind stops by itself when its files are gone.
            shutil.rmtree(ancien, ignore_errors=True)
    dossier = DOSSIERS / uuid.uuid4().hex[:8]
    dossier.mkdir()
    pile.callback(shutil.rmtree, dossier, ignore_errors=True)
    pile.enter_context(verrou(dossier / "session.verrou"))
    return dossier
