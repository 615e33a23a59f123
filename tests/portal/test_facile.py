"""A fiche in easy words: offered where editors wrote them, the complete answer one press away."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from demandes.models import Fiche
from portal import garnir
from portal.models import PageFiche
from tests import factories
from tests.factories import Ville


@pytest.fixture
def page(ville: Ville) -> PageFiche:
    factories.creer_fiche(ville.type_voirie)
    garnir.garnir()
    page = PageFiche.objects.get()
    page.facile = "Il y a un trou.\nIl faut le dire :\n– par téléphone ;\n– à la mairie."
    page.save_revision().publish()
    return page


def lire(client: Client, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200
    return reponse.content.decode()


def test_a_reader_goes_to_the_easy_words_and_back(page: PageFiche, client: Client) -> None:
    complete = lire(client, page.url)
    assert 'href="?facile=oui"' in complete
    assert "Il y a un trou." not in complete

    facile = lire(client, f"{page.url}?facile=oui")
    assert "<p>Il y a un trou.</p><p>Il faut le dire :</p><ul><li>par téléphone ;</li>" in facile
    assert f'href="{page.url}"' in facile
    assert '<div class="prose">' not in facile
    # Engines know one page.
    assert f'<link rel="canonical" href="{page.full_url}">' in facile


def test_a_fiche_without_easy_words_offers_none(page: PageFiche, client: Client) -> None:
    page.facile = ""
    page.save_revision().publish()
    complete = lire(client, page.url)
    assert "facile=oui" not in complete
    assert '<div class="prose">' in lire(client, f"{page.url}?facile=oui")


def test_agents_keep_the_complete_answer(page: PageFiche) -> None:
    assert Fiche.objects.get(code=page.code).reponse == page.reponse


def test_the_easy_words_of_the_demo_city_are_easy_to_read() -> None:
    contenu: dict[str, Any] = json.loads(garnir.DEMO.read_text(encoding="utf-8"))
    phrases = [phrase for lignes in contenu["faciles"].values() for phrase in lignes]
    assert len(contenu["faciles"]) == 3
    assert [phrase for phrase in phrases if len(re.findall(r"\w+", phrase)) > 13] == []
