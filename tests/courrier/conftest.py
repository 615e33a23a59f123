"""The small city, its desk that receives letters, and a worker one rings by hand."""

from collections.abc import Callable, Generator

import pytest
from django.core.cache import cache
from django.test import Client

from demandes.courrier import lecture
from tests import factories


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture(autouse=True)
def _nothing_cached() -> Generator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def bureau(ville: factories.Ville) -> Client:
    return client_de(ville.agent_accueil)


@pytest.fixture
def travailler() -> Callable[[], None]:
    """What the worker does at its next turns, until nothing waits."""

    def tourner() -> None:
        while lecture.lire_les_feuilles():
            pass
        lecture.lire_les_lettres()
        lecture.lire_les_feuilles()

    return tourner


def client_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client
