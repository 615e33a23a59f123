"""A resident who reads English, from the home page to the follow-up; the address alone says the language."""

import re

import pytest
from django.core.cache import caches
from django.test import Client

from demandes.models import Demande, Message
from guichet.envois.models import Envoi
from tests.factories import Ville
from tests.portal.conftest import TEXTE, texte_de
from usagers.models import Usager


@pytest.fixture(autouse=True)
def _pages_a_neuf() -> None:
    caches["pages"].clear()


def langue_de(page: str) -> str:
    return re.search(r'<html lang="(\w+)"', page)[1]


def test_a_resident_asks_and_follows_in_english(client: Client, ville: Ville) -> None:
    accueil = texte_de(client.get("/en/"))
    assert langue_de(accueil) == "en"
    assert "What can we do for you?" in accueil
    demarche = texte_de(client.get("/en/deposer/VOI-TROU/"))
    assert "We mean to answer you within 5 working days." in demarche
    assert '<h1 lang="fr">' in demarche  # the catalogue is the city's own words
    assert "say it in your own words, we find the service" in accueil
    assert 'data-sans-connexion="No connection. Nothing was sent."' in accueil

    base = client.post("/en/deposer/VOI-TROU/").url.removesuffix("demande/")
    assert base.startswith("/en/deposer/VOI-TROU/")
    questions = texte_de(client.get(f"{base}demande/"))
    assert re.search(r'<legend[^>]*><span lang="fr">[^<]+</span>', questions)
    assert re.search(r'<span lang="fr">[^<]+</span></label>', questions)
    refusee = client.post(f"{base}demande/", {"recit-texte": "", "q-nature": "trou"})
    assert refusee.status_code == 422
    assert "Something still needs correcting" in texte_de(refusee)
    # A colon is spaced as in English, after a name told to be in the city's language or not.
    assert ">What is happening?</a>: Describe" in texte_de(refusee)
    assert "Describe what is happening in a few words." in texte_de(refusee)
    client.post(f"{base}demande/", {"recit-texte": TEXTE, "q-nature": "trou"})
    client.post(f"{base}lieu/", {"lieu-adresse": "12 rue des Tisserands, 69983 Villeneuve-sur-Saône"})
    client.post(f"{base}pieces/", {})
    sans_moyen = {"vous-anonyme": "non", "vous-prenom": "Grace", "vous-nom": "Hill"}
    assert "Leave at least one way to reach you" in texte_de(client.post(f"{base}coordonnees/", sans_moyen))
    client.post(f"{base}coordonnees/", sans_moyen | {"vous-courriel": "grace.hill@courriel.example"})
    assert "Check, then send" in texte_de(client.get(f"{base}recapitulatif/"))
    reponse = client.post(f"{base}recapitulatif/")
    assert reponse.url == f"{base}recu/"
    recu = texte_de(client.get(reponse.url))
    assert "Your request has been sent" in recu

    demande = Demande.objects.get()
    suivi = client.get(f"/en/suivi/{demande.numero}/{demande.jeton_suivi}/")
    assert f'href="/en/suivi/{demande.numero}/{demande.jeton_suivi}/"' in recu
    assert re.search(
        r"We mean to answer you by <strong>\w+day \d+ \w+ \d{4}</strong> at the latest", texte_de(suivi)
    )
    assert "Progress" in texte_de(suivi)

    # What the city writes to them is in English too, and leads to English pages.
    accuse = Envoi.objects.get(nature=Envoi.Nature.ACCUSE)
    assert accuse.objet == f"Your request {demande.numero} is registered"
    assert re.match(r"Hello, We received your request on \w+day \d", " ".join(accuse.corps.split()))
    assert f"/en/suivi/{demande.numero}/{demande.jeton_suivi}/" in accuse.corps
    client.force_login(ville.agent_accueil, backend="guichet.organisation.portes.PorteBackend")
    assert "écrite depuis les pages en anglais" in texte_de(client.get(f"/agent/demandes/{demande.numero}/"))
    assert Message.objects.filter(corps=TEXTE).exists()


@pytest.mark.parametrize(
    ("chemin", "autre"),
    [
        ("/", "/en/"),
        ("/deposer/", "/en/deposer/"),
        ("/deposer/?q=trou", "/en/deposer/?q=trou"),
        ("/en/suivi/", "/suivi/"),
        ("/en/mon-profil/", "/mon-profil/"),
        ("/connexion/", "/en/connexion/"),
    ],
    ids=["home", "services", "search", "tracking", "profile", "sign in"],
)
def test_every_page_leads_to_itself_in_the_other_language(
    client: Client, ville: Ville, chemin: str, autre: str
) -> None:
    page = texte_de(client.get(chemin))
    code = "en" if autre.startswith("/en/") else "fr"

    assert f'<a href="{autre}" hreflang="{code}" lang="{code}">' in page
    assert (
        f'<link rel="alternate" hreflang="{code}" href="http://127.0.0.1:8000{autre.split("?")[0]}">' in page
    )
    assert client.get(autre).status_code == 200


def test_choosing_a_language_sets_no_cookie(client: Client, ville: Ville) -> None:
    for chemin in ("/en/", "/en/deposer/", "/", "/en/deposer/VOI-TROU/"):
        reponse = client.get(chemin, headers={"accept-language": "en"})

        assert dict(reponse.cookies) == {}, chemin
        assert "Accept-Language" not in reponse.headers.get("Vary", "")


def test_a_kept_page_has_one_language(client: Client, ville: Ville) -> None:
    pages = [texte_de(client.get(chemin)) for chemin in ("/", "/en/", "/", "/en/")]

    assert [langue_de(page) for page in pages] == ["fr", "en", "fr", "en"]
    assert pages[0] == pages[2]
    assert pages[1] == pages[3]


def test_the_browser_does_not_choose(client: Client, ville: Ville) -> None:
    assert langue_de(texte_de(client.get("/", headers={"accept-language": "en-GB,en"}))) == "fr"


def test_the_language_of_a_request_ends_with_it(client: Client, ville: Ville) -> None:
    client.get("/en/deposer/")

    assert "Quelle démarche voulez-vous faire" in texte_de(client.get("/deposer/"))


def test_an_error_page_speaks_the_language_of_its_address(client: Client, ville: Ville) -> None:
    reponse = client.get("/en/deposer/RIEN/")

    assert reponse.status_code == 404
    assert "This page does not exist, or no longer exists" in texte_de(reponse)


def test_signing_in_and_the_account_are_in_english(client: Client, usager: Usager) -> None:
    refuse = client.post("/en/connexion/", {"username": "elodie.garnier@courriel.example", "password": "non"})
    assert "The email address or the password is not right." in texte_de(refuse)
    assert client.get("/en/mes-demandes/").url == "/en/connexion/?next=/en/mes-demandes/"

    client.post("/en/mot-de-passe/", {"courriel": "elodie.garnier@courriel.example"})
    courriel = Envoi.objects.get(reference="compte:mot_de_passe")
    assert courriel.objet == "Choose a new password"
    assert re.search(r"http://127.0.0.1:8000/en/mot-de-passe/\S+/\n", courriel.corps)
    assert "City front desk" in courriel.corps

    client.force_login(usager.compte, backend="guichet.organisation.portes.PorteBackend")

    assert "You have not asked for anything yet" in texte_de(client.get("/en/mes-demandes/"))


def test_agents_have_no_english_address(client: Client, ville: Ville) -> None:
    assert client.get("/en/agent/").status_code == 404
    assert "hreflang" not in texte_de(client.get("/agent/connexion/"))
