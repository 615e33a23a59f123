"""The small city of `tests.factories`, for the tests of places and doors."""

import pytest

from tests import factories


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()
