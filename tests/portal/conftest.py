"""The small city of `tests.factories` seen by its residents."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image
from wagtail.models import Locale, Page, Site

from demandes import vitrine
from demandes.models import Brouillon, Theme
from guichet.organisation.models import Role
from portal import garnir
from portal.models import Alertes, PageAccueil
from tests import factories
from usagers.models import Usager

LIEU = {
    "nom": "adresse",
    "libelle": "Où se trouve le trou ?",
    "type": "adresse",
    "obligatoire": True,
    "aide": None,
}
PHOTOS = {"nom": "photos", "libelle": "Photos", "type": "photos", "obligatoire": False, "aide": None}
TEXTE = "Un trou profond devant l'école, on y tombe à vélo."


@pytest.fixture(autouse=True)
def _catalogue_lu_a_neuf() -> Iterator[None]:
    """The search index belongs to the process: each test reads its own city."""
    vitrine.oublier()
    yield
    vitrine.oublier()


@pytest.fixture
def ville(db: None) -> factories.Ville:
    """The usual city; its road type asks for a place and takes pictures."""
    return preparer(factories.creer_ville())


def preparer(ville: factories.Ville) -> factories.Ville:
    version = ville.type_voirie.formulaire
    version.champs = [*version.champs, LIEU, PHOTOS]
    version.save()
    theme = Theme.objects.create(
        code="rue", libelle="Rue et voirie", description="Trous et trottoirs.", icone="traffic-cone"
    )
    theme.types.add(ville.type_voirie)
    return ville


@pytest.fixture
def usager(ville: factories.Ville) -> Usager:
    """A resident with an account."""
    usager = factories.creer_usager("Élodie", "Garnier", courriel="elodie.garnier@courriel.example")
    factories.creer_compte_usager(usager)
    return usager


@pytest.fixture
def connecte(usager: Usager) -> Client:
    client = Client()
    client.force_login(usager.compte, backend="guichet.organisation.portes.PorteBackend")
    return client


@pytest.fixture
def ville_garnie(ville: factories.Ville) -> factories.Ville:
    factories.creer_territoire(ville.accueil, 8, "Les Tisserands")
    garnir.ajouter(PageAccueil.objects.get(), Alertes(title="Alertes", slug="alertes"))
    return ville


@pytest.fixture
def editeur(ville_garnie: factories.Ville) -> Client:
    client = Client()
    compte = factories.creer_agent("Marc", "Relit", Role.EDITEUR)
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    client.get("/gestion/")
    return client


@pytest.fixture
def commencer() -> Callable[..., str]:
    """Start a deposit and give the address of its pages, without the last word."""

    def commencer_depot(client: Client, code: str = "VOI-TROU", suite: str = "") -> str:
        reponse = client.post(f"/deposer/{code}/", {"suite": suite})
        assert reponse.status_code == 302
        return reponse.url.removesuffix("demande/")

    return commencer_depot


REPONSES: dict[str, dict[str, Any]] = {
    "demande": {"recit-texte": TEXTE, "q-nature": "trou"},
    "lieu": {"lieu-adresse": "12 rue des Tisserands, 69983 Villeneuve-sur-Saône"},
    "pieces": {},
    "coordonnees": {"vous-anonyme": "oui"},
}


@pytest.fixture
def remplir(commencer: Callable[..., str]) -> Callable[..., str]:
    """Fill in every page up to the summary; `demande={…}` replaces what one page is given."""

    def remplir_depot(
        client: Client, code: str = "VOI-TROU", suite: str = "", **pages: dict[str, Any]
    ) -> str:
        base = commencer(client, code, suite)
        for page, donnees in (REPONSES | pages).items():
            reponse = client.post(f"{base}{page}/", donnees)
            assert reponse.status_code == 302, (page, reponse.status_code)
        return base

    return remplir_depot


def remettre_l_accueil() -> None:
    """Put back the home page that a migration made and that a committing test's flush took away."""
    if Site.objects.exists():
        return
    Locale.objects.get_or_create(language_code="fr")
    racine = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    accueil = racine.add_child(instance=PageAccueil(title="Accueil", slug="accueil"))
    Site.objects.create(hostname="localhost", root_page=accueil, is_default_site=True)


def brouillon_de(base: str) -> Brouillon:
    return Brouillon.objects.select_related("demande").get(jeton=base.strip("/").split("/")[-1])


def photo(nom: str = "trou.jpg") -> SimpleUploadedFile:
    octets = io.BytesIO()
    Image.new("RGB", (60, 40), "grey").save(octets, "JPEG")
    return SimpleUploadedFile(nom, octets.getvalue(), "image/jpeg")


def texte_de(reponse: HttpResponse) -> str:
    """The page on one line, whatever its layout."""
    return " ".join(reponse.content.decode().split())
