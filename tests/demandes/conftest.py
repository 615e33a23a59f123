"""The small city of `tests.factories`, for every test of this area."""

from collections.abc import Generator
from typing import Any

import pytest
from django.core.cache import cache

from tests import factories
from tests.medias import FauxMedias, faux_medias


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture
def accueil_des_reseaux(ville: factories.Ville) -> None:
    """Its front desk reads the networks too."""
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()


@pytest.fixture
def serveur(settings: Any) -> Generator[FauxMedias]:
    """A network's pictures, that this city says it may ask for inside."""
    with faux_medias() as serveur:
        settings.GUICHET_MEDIAS_INTERNES = (serveur.adresse,)
        yield serveur


@pytest.fixture(autouse=True)
def _nothing_cached() -> Generator[None]:
    """Labels of another test's city are not read here."""
    cache.clear()
    yield
    cache.clear()
