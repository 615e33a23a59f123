"""The small city of `tests.factories`, for every test of this area."""

import pytest

from tests import factories


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()
