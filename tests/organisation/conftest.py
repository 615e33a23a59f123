"""The small city of `tests.factories`, for the tests of places and doors."""

import pytest
from django.test import Client

from tests import factories


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture
def admin(ville: factories.Ville) -> Client:
    """The functional administrator, logged in."""
    client = Client()
    client.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    return client
