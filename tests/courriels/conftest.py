"""A Dovecot for the session, and a mailbox of its own for each test."""

import math
import os
import uuid
from collections.abc import Iterator

import pytest

from demandes import reception
from demandes.models import BoiteCourriel
from guichet.envois.sonnette import sonnette as envois
from tests import factories
from tests.courriels import dovecot as serveur
from tests.courriels.dovecot import Dovecot

SECRET = "GUICHET_BOITE_TEST"


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if serveur.PROGRAMME is None:
        # In CI a skipped test is a failure, and this one says which package is missing.
        if os.environ.get("CI") == "true":
            pytest.fail(serveur.ABSENT)
        pytest.skip(serveur.ABSENT)
    with serveur.demarrer() as ouvert:
        yield ouvert


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture(autouse=True)
def _reglages(settings, monkeypatch):
    """Nobody listens to what these tests ring."""
    for sonnette in (reception.sonnette, envois):
        monkeypatch.setattr(sonnette, "silence_jusqu_a", math.inf)
    settings.GUICHET_BOITES = {SECRET: serveur.MOT_DE_PASSE}
    settings.GUICHET_COURRIEL_REPONSE = "reponse@ville.example"


def creer_boite(dovecot: Dovecot, **champs) -> BoiteCourriel:
    """A mailbox of the city that stands on this server, under a name nobody else uses."""
    return BoiteCourriel.objects.create(
        **{
            "nom": "Contact",
            "adresses": ["contact@ville.example"],
            "serveur": "127.0.0.1",
            "port": dovecot.port,
            "securite": "aucune",
            "identifiant": f"boite-{uuid.uuid4().hex[:8]}",
            "variable": SECRET,
        }
        | champs
    )
