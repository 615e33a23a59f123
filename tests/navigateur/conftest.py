"""One throw-away city for the whole session: each test opens its own window on it and files what it needs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.fenetre import Visiteur
from tests.ville_jetable import VilleJetable, ville_jetable


@pytest.fixture(scope="session")
def ville() -> Iterator[VilleJetable]:
    with ville_jetable() as ouverte:
        ouverte.envoyer_les_courriels()
        yield ouverte


@pytest.fixture
def visiter(navigateur: Browser, ville: VilleJetable) -> Iterator[Callable[..., Visiteur]]:
    """Open a window; at the end, no page may have complained: a refused style or script says so there."""
    visiteurs: list[Visiteur] = []

    def ouvrir(*, javascript: bool = True, ecran: dict[str, Any] | None = None) -> Visiteur:
        visiteurs.append(Visiteur(navigateur, ville.adresse, javascript, ecran or {}))
        return visiteurs[-1]

    yield ouvrir
    for visiteur in visiteurs:
        visiteur.fermer()
    assert [plainte for visiteur in visiteurs for plainte in visiteur.plaintes] == []
