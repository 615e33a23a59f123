"""Found by everyday words, read by engines and calendars, and told what is missing."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from portal import garnir, recherche
from portal.models import (
    Agenda,
    AvisDePage,
    Equipement,
    Evenement,
    PageDemarche,
    PageFiche,
    RechercheVaine,
)
from tests import factories
from tests.factories import Ville
from tests.portal.conftest import texte_de


@pytest.fixture
def garnie(ville: Ville) -> Ville:
    factories.creer_fiche(
        ville.type_voirie, question="Où jeter mon vieux sapin ?", reponse="Aux points de collecte.\n– Place A"
    )
    garnir.garnir()
    garnir.garnir_la_demonstration()
    return ville


def vue(client: Client, adresse: str, **parametres: Any) -> str:
    reponse = client.get(adresse, parametres)
    assert reponse.status_code == 200
    return unescape(texte_de(reponse))


@pytest.mark.parametrize(
    ("mots", "titre"),
    [
        ("sapain", "Où jeter mon vieux sapin ?"),
        ("horaires piscine lavandieres", "Piscine des Lavandières"),
        ("thé dansant", "Thé dansant des aînés"),
        ("je viens d'arriver en ville", "Vous venez d'arriver dans la ville"),
    ],
)
def test_pages_are_found_by_everyday_words(garnie: Ville, client: Client, mots: str, titre: str) -> None:
    assert recherche.chercher_pages(mots)[0].titre == titre
    assert titre in vue(client, "/", q=mots)


def test_an_unpublished_page_is_found_no_more(garnie: Ville) -> None:
    PageFiche.objects.get().unpublish()
    assert "Où jeter mon vieux sapin ?" not in [page.titre for page in recherche.chercher_pages("sapin")]


def test_what_is_looked_for_in_vain_is_counted_and_never_names_anybody(garnie: Ville, client: Client) -> None:
    for mots in ("xyzzyx", "XYZZYX", "zqwv@courriel.example", "zqwv 0639981234", "zqwv " * 20):
        vue(client, "/", q=mots)
    client.get("/deposer/recherche/", {"q": "xyz"}, headers={"HX-Request": "true"})
    vue(client, "/", q="sapin")
    assert list(RechercheVaine.objects.values_list("mots", "nombre")) == [("xyzzyx", 2)]

    RechercheVaine.objects.update(derniere_le=timezone.now() - timedelta(days=91))
    assert recherche.oublier_les_anciens() == 1


def test_a_reader_says_what_is_missing_without_a_cookie(garnie: Ville) -> None:
    client = Client(enforce_csrf_checks=True)
    fiche = PageFiche.objects.get()
    assert "Avez-vous trouvé ce que vous cherchiez ?" in vue(client, fiche.url)
    reponse = client.post(f"/avis-de-page/{fiche.pk}/", {"utile": "non"})
    assert reponse.status_code == 200
    suite = re.search(r'action="(/avis-de-page/[^"]+/precisions/)"', reponse.content.decode()).group(1)
    assert client.post(suite, {"texte": "Et les sapins en pot ?"}).status_code == 200
    assert client.cookies == {}
    avis = AvisDePage.objects.get()
    assert (avis.page.pk, avis.a_aide, avis.texte) == (fiche.pk, False, "Et les sapins en pot ?")


@pytest.mark.parametrize("choix", ["", "peut-être"])
def test_an_answer_that_is_none_is_refused(garnie: Ville, client: Client, choix: str) -> None:
    assert client.post(f"/avis-de-page/{PageFiche.objects.get().pk}/", {"utile": choix}).status_code == 404
    assert client.post("/avis-de-page/faux/precisions/", {"texte": "x"}).status_code == 404
    assert not AvisDePage.objects.exists()


def test_too_many_answers_from_one_connection_are_not_kept(garnie: Ville, client: Client) -> None:
    adresse = f"/avis-de-page/{PageFiche.objects.get().pk}/"
    statuts = [client.post(adresse, {"utile": "oui"}).status_code for _ in range(22)]
    assert (statuts[:20], statuts[20:]) == ([200] * 20, [429, 429])
    assert AvisDePage.objects.count() == 20


def donnees(client: Client, adresse: str) -> dict[str, Any]:
    page = client.get(adresse).content.decode()
    (brut,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(brut)


def test_engines_read_what_a_page_is(garnie: Ville, client: Client) -> None:
    demarche = donnees(client, PageDemarche.objects.get().url)
    assert (demarche["@type"], demarche["name"]) == ("GovernmentService", PageDemarche.objects.get().title)
    question = donnees(client, PageFiche.objects.get().url)
    assert question["mainEntity"][0]["acceptedAnswer"]["text"].startswith("Aux points de collecte.")
    evenement = Evenement.objects.first()
    lu = donnees(client, evenement.url)
    assert (lu["@type"], lu["startDate"]) == ("Event", evenement.debut.isoformat())
    piscine = donnees(client, Equipement.objects.get(title="Piscine des Lavandières").url)
    assert piscine["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "Monday",
        "opens": "12:00",
        "closes": "14:00",
    }


def test_words_that_would_end_the_script_do_not(garnie: Ville, client: Client) -> None:
    fiche = PageFiche.objects.get()
    fiche.reponse = "</script><script>alert(1)</script> & « é »"
    fiche.save_revision().publish()
    assert donnees(client, fiche.url)["mainEntity"][0]["acceptedAnswer"]["text"] == fiche.reponse
    assert "<script>alert" not in client.get(fiche.url).content.decode()


def test_the_site_map_names_each_page_and_no_demande(garnie: Ville, client: Client) -> None:
    plan = client.get("/plan.xml").content.decode()
    assert f"<loc>{PageFiche.objects.get().full_url}</loc>" in plan
    assert "/suivi/" not in plan
    assert "Sitemap: http" in client.get("/robots.txt").content.decode()


def test_the_news_are_followed_by_subject(garnie: Ville, client: Client) -> None:
    flux = client.get("/actualites.rss", {"sujet": "sport"}).content.decode()
    assert re.findall(r"<item>\s*<title>(.*?)</title>", flux) == [
        "La piscine des Lavandières rouvre ses deux bassins"
    ]
    assert client.get("/actualites.rss").content.decode().count("<item>") == 8
    assert client.get("/actualites.rss", {"sujet": "rien"}).status_code == 404


def test_what_is_on_goes_into_ones_own_calendar(garnie: Ville, client: Client) -> None:
    evenement = Evenement.objects.order_by("debut").first()
    assert f"/agenda/{evenement.pk}.ics" in vue(client, evenement.url)
    reponse = client.get(f"/agenda/{evenement.pk}.ics")
    (lu,) = Calendar.from_ical(reponse.content).walk("VEVENT")
    assert str(lu["SUMMARY"]) == evenement.title
    assert lu["DTSTART"].dt == evenement.debut
    assert lu["DTEND"].dt == evenement.fin
    tous = Calendar.from_ical(client.get("/agenda.ics").content).walk("VEVENT")
    assert len(tous) == Evenement.objects.count()
    assert Agenda.objects.get().url in "/agenda/"
