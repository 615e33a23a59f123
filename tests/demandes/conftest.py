"""The small city of `tests.factories`, for every test of this area."""

from collections.abc import Generator

import pytest
from django.core.cache import cache

from tests import factories


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture(autouse=True)
def _nothing_cached() -> Generator[None]:
    """Labels of another test's city are not read here."""
    cache.clear()
    yield
    cache.clear()
