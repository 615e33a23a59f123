"""The small city, its desk that receives letters, and a worker one rings by hand."""

from collections.abc import Callable, Generator
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from demandes.courrier import lecture
from demandes.courrier.arrivee import deposer
from demandes.models import LettreRecue, LotDeCourrier, PageNumerisee
from guichet.canaux.courrier.decoupe import Genre
from tests import factories
from tests.courrier import papier

MOT = papier.feuille("Une lettre")


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


@pytest.fixture
def pile(ville: factories.Ville) -> Callable[..., list[LettreRecue]]:
    """Put letters on the pile, without a scanner: `pile("LL S B L")` is what each page was found to be."""

    def empiler(pages: str, *, recu_le: date | None = None) -> list[LettreRecue]:
        nom = f"{LotDeCourrier.objects.count()}.pdf"
        lot = deposer(
            [(nom, papier.pdf([MOT]) + nom.encode())],
            point_accueil=ville.accueil,
            recu_le=recu_le or timezone.localdate(),
        ).lot
        genres = {"L": Genre.LETTRE, "S": Genre.SEPARATEUR, "B": Genre.BLANCHE}
        fichier = lot.fichiers.get()
        PageNumerisee.objects.bulk_create(
            PageNumerisee(fichier=fichier, rang=rang, genre=genres[signe].value)
            for rang, signe in enumerate(pages.replace(" ", ""), start=1)
        )
        lot.fichiers.update(etat="lu", nombre_de_pages=len(pages.replace(" ", "")))
        lecture.classer_les_lots()
        lot.lettres.update(lue_le=timezone.now())
        return list(lot.lettres.order_by("pk"))

    return empiler


def client_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client
