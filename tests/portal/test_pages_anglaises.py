"""English pages beside the French ones, and the French page within English where there is none."""

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page

from demandes.models import Fiche
from portal import garnir
from portal.models import Actualite, Actualites, PageAccueil, PageFiche, PageLibre
from tests.factories import Ville
from tests.portal.conftest import texte_de

SEULEMENT = "This page is only available in French."


@pytest.fixture(autouse=True)
def _pages_a_neuf() -> None:
    caches["pages"].clear()


@pytest.fixture
def accueil(ville: Ville) -> PageAccueil:
    return PageAccueil.objects.get()


@pytest.fixture
def libre(accueil: PageAccueil) -> PageLibre:
    return accueil.add_child(
        instance=PageLibre(title="Sans internet", slug="sans-internet", chapeau="Au guichet.")
    )


def traduire(page: Page, titre: str, slug: str) -> Page:
    """What the editors' « Traduire » does, then their words, published."""
    anglaise = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    anglaise.title, anglaise.slug = titre, slug
    anglaise.save_revision().publish()
    return type(page).objects.get(pk=anglaise.pk)


def publier_l_accueil(accueil: PageAccueil) -> None:
    traduire(accueil, "Home", "home")


def test_a_page_without_english_is_read_in_french_within_english(client: Client, libre: PageLibre) -> None:
    page = texte_de(client.get("/en/sans-internet/"))

    assert '<html lang="en"' in page
    assert SEULEMENT in page
    assert '<h1 lang="fr">Sans internet</h1>' in page
    assert f'<link rel="canonical" href="{libre.full_url}">' in page
    assert libre.full_url.endswith("/sans-internet/")
    assert "/en/" not in libre.full_url
    assert '<a href="/sans-internet/" hreflang="fr" lang="fr">' in page
    assert SEULEMENT not in texte_de(client.get("/sans-internet/"))


def test_a_page_in_english_has_its_own_words_and_address(
    client: Client, accueil: PageAccueil, libre: PageLibre
) -> None:
    publier_l_accueil(accueil)
    traduire(libre, "Without internet", "without-internet")

    page = texte_de(client.get("/en/without-internet/"))
    assert "<h1>Without internet</h1>" in page
    assert SEULEMENT not in page
    assert '<a href="/sans-internet/" hreflang="fr" lang="fr">' in page
    # The French address within English leads to it: lists and switches need not know.
    assert client.get("/en/sans-internet/").url == "/en/without-internet/"
    assert client.get("/without-internet/").status_code == 404
    assert "<h1>Sans internet</h1>" in texte_de(client.get("/sans-internet/"))


def test_an_english_home_page_still_shows_french_pages(
    client: Client, accueil: PageAccueil, libre: PageLibre
) -> None:
    publier_l_accueil(accueil)

    assert client.get("/en/").status_code == 200
    assert SEULEMENT in texte_de(client.get("/en/sans-internet/"))


def test_a_draft_in_english_is_nobody_s(client: Client, libre: PageLibre) -> None:
    libre.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)

    assert SEULEMENT in texte_de(client.get("/en/sans-internet/"))


def test_each_language_lists_its_news(client: Client, accueil: PageAccueil) -> None:
    liste = garnir.ajouter(accueil, Actualites(title="Actualités", slug="actualites"))
    une = garnir.ajouter(liste, Actualite(title="La piscine rouvre", chapeau="Lundi."))
    garnir.ajouter(liste, Actualite(title="Marché de Noël", chapeau="Samedi."))
    traduire(une, "The pool reopens", "the-pool-reopens")

    francais, anglais = texte_de(client.get("/")), texte_de(client.get("/en/"))

    assert ("La piscine rouvre" in francais, "Marché de Noël" in francais) == (True, True)
    assert "The pool reopens" not in francais
    assert ("The pool reopens" in anglais, "Marché de Noël" in anglais) == (True, True)
    assert "La piscine rouvre" not in anglais
    flux = client.get("/en/actualites.rss").content.decode()
    assert "<title>Villeneuve-sur-Saône, news</title>" in flux
    assert "<language>en</language>" in flux
    assert "/en/actualites/the-pool-reopens/</link>" in flux.replace("/en/home/", "/en/")
    assert "/en/actualites/marche-de-noel/</link>" in flux
    assert "The pool reopens" not in client.get("/actualites.rss").content.decode()
    agenda = client.get("/en/agenda.ics").content.decode()
    assert "NAME:What is on in Villeneuve-sur-Saône" in agenda


def test_agents_answer_with_the_french_fiche(client: Client, ville: Ville) -> None:
    fiche = Fiche.objects.create(code="SAPIN", question="Où déposer mon sapin ?", reponse="À la déchèterie.")
    fiche.types.add(ville.type_voirie)
    garnir.garnir()
    page = PageFiche.objects.get(code="SAPIN")

    anglaise = traduire(page, "Where can I leave my Christmas tree?", "christmas-tree")

    assert (anglaise.code, anglaise.langue, page.langue) == ("SAPIN", "en", "fr")
    fiche = Fiche.objects.get(pk=fiche.pk)
    assert (fiche.question, fiche.reponse) == ("Où déposer mon sapin ?", "À la déchèterie.")
    fiche.reponse = "Dans le parc."
    fiche.save()
    assert PageFiche.objects.get(pk=page.pk).reponse == "Dans le parc."
    assert PageFiche.objects.get(pk=anglaise.pk).reponse == "À la déchèterie."


def test_reading_in_english_costs_the_same_whatever_the_number_of_pages(
    client: Client, accueil: PageAccueil
) -> None:
    liste = garnir.ajouter(accueil, Actualites(title="Actualités", slug="actualites"))
    comptes = []
    for rang in range(3):
        for une in range(3):
            garnir.ajouter(liste, Actualite(title=f"Nouvelle {rang} {une}", chapeau="Lundi."))
        client.get("/en/actualites/")
        caches["pages"].clear()
        with CaptureQueriesContext(connection) as requetes:
            assert f"Nouvelle {rang} 2" in texte_de(client.get("/en/actualites/"))
        comptes.append(len(requetes))

    assert comptes == [comptes[0]] * 3


def test_the_search_finds_a_page_once(client: Client, accueil: PageAccueil, libre: PageLibre) -> None:
    publier_l_accueil(accueil)
    traduire(libre, "Internet at the desk", "internet-at-the-desk")

    francais = texte_de(client.get("/deposer/?q=internet"))
    anglais = texte_de(client.get("/en/deposer/?q=internet"))

    assert ("Sans internet" in francais, "Internet at the desk" in francais) == (True, False)
    assert ("Sans internet" in anglais, "Internet at the desk" in anglais) == (False, True)


def test_engines_are_given_both_addresses(client: Client, accueil: PageAccueil, libre: PageLibre) -> None:
    plan = texte_de(client.get("/plan.xml"))

    assert f"<loc>{libre.full_url}</loc>" in plan
    assert 'hreflang="en" href="http://127.0.0.1:8000/en/sans-internet/"' in plan


def test_no_french_page_may_take_the_address_of_english(accueil: PageAccueil) -> None:
    with pytest.raises(ValidationError, match="déjà prise"):
        accueil.add_child(instance=PageLibre(title="En", slug="en"))
