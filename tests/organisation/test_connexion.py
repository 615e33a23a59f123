"""The agents' door: who comes in, where they land, and how little a refusal tells."""

import re

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from guichet.organisation.models import Compte, Espace
from guichet.organisation.models.comptes import normaliser_courriel
from tests import factories

SECRET = "marche-pied-violet-7"
CONNEXION = "/agent/connexion/"


@pytest.fixture
def agent(ville: factories.Ville) -> Compte:
    ville.agent_accueil.set_password(SECRET)
    ville.agent_accueil.save()
    return ville.agent_accueil


def entrer(client: Client, courriel: str, secret: str = SECRET, **champs):
    return client.post(CONNEXION, {"username": courriel, "password": secret} | champs)


def sans_jeton(reponse) -> str:
    """The page without what differs on purpose: the form's token and the address typed."""
    page = re.sub(
        r'name="csrfmiddlewaretoken" value="[^"]+"|&quot;[\w-]{64}&quot;', "", reponse.content.decode()
    )
    return re.sub(r'x-csrftoken": "[^"]+"|value="[^"]*@[^"]*"', "", page)


@pytest.mark.parametrize(
    ("qui", "page"),
    [
        ("agent_accueil", "agent_accueil"),
        ("responsable_accueil", "agent_accueil"),
        ("agent_voirie", "agent_corbeille"),
        ("responsable_ccas", "agent_corbeille"),
        ("administrateur", "agent_corbeille"),
    ],
)
def test_an_agent_lands_where_they_work(client, ville, qui, page):
    client.force_login(getattr(ville, qui))

    assert client.get("/agent/").url == reverse(page)


def test_an_agent_without_any_role_is_told_what_is_missing(client, ville):
    client.force_login(factories.creer_agent("Zoé", "Sans-Poste"))

    reponse = client.get("/agent/")

    assert reponse.status_code == 403
    assert "pas encore de poste" in reponse.content.decode()


def test_login_then_logout(client, agent):
    reponse = entrer(client, f"  {agent.courriel.upper()} ")

    assert reponse.url == "/agent/"
    assert client.session["_auth_user_id"] == str(agent.pk)
    assert client.get(CONNEXION).url == "/agent/"
    assert client.post("/agent/deconnexion/").url == CONNEXION
    assert "_auth_user_id" not in client.session
    assert client.post("/agent/deconnexion/").url == CONNEXION


def test_logout_is_never_a_link(client, agent):
    client.force_login(agent)

    assert client.get("/agent/deconnexion/").status_code == 405
    assert "_auth_user_id" in client.session


def test_login_changes_the_session(client, agent):
    client.get(CONNEXION)
    client.session["panier"] = 1
    avant = client.session.session_key

    entrer(client, agent.courriel)

    assert client.session.session_key != avant


def test_where_one_was_going_is_honoured_inside_the_house_only(client, agent):
    page = client.get("/agent/accueil/?q=trou")
    assert page.url == f"{CONNEXION}?next=/agent/accueil/%3Fq%3Dtrou"
    assert 'name="next" value="/agent/accueil/?q=trou"' in client.get(page.url).content.decode()

    assert entrer(client, agent.courriel, next="/agent/accueil/?q=trou").url == "/agent/accueil/?q=trou"
    client.logout()
    for ailleurs in ("https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"):
        assert entrer(client, agent.courriel, next=ailleurs).url == "/agent/"
        client.logout()


def test_every_refusal_reads_the_same(client, ville, agent):
    habitant = Compte.objects.creer(Espace.USAGER, "habitante@courriel.example", mot_de_passe=SECRET)
    parti = factories.creer_agent("Parti", "Ailleurs")
    parti.set_password(SECRET)
    parti.is_active = False
    parti.save()
    refus = [
        entrer(client, "inconnu@demo.example"),
        entrer(client, agent.courriel, "mauvais"),
        entrer(client, habitant.courriel),
        entrer(client, parti.courriel),
    ]

    assert {reponse.status_code for reponse in refus} == {200}
    assert len({sans_jeton(reponse) for reponse in refus}) == 1
    assert "ne convient pas" in refus[0].content.decode()
    assert "_auth_user_id" not in client.session


def test_a_resident_s_account_opens_nothing_of_the_agents(client, ville):
    client.force_login(factories.creer_compte_usager(factories.creer_usager()))

    for chemin in ("/agent/", "/agent/accueil/", "/agent/saisie/", "/agent/corbeille/"):
        assert client.get(chemin).status_code == 404
    assert client.get(CONNEXION).status_code == 200


@override_settings(AXES_ENABLED=True)
def test_trials_are_limited_whatever_the_case_and_the_account(client, agent):
    for cible in (agent.courriel, "inconnu@demo.example"):
        statuts = []
        for rang in range(10):
            ecrit = cible.upper() if rang % 2 else cible
            statuts.append(entrer(client, ecrit, "mauvais").status_code)
        assert statuts == [200] * 7 + [429] * 3

    reponse = entrer(client, agent.courriel)
    assert reponse.status_code == 429
    assert "quinze minutes" in reponse.content.decode()
    assert agent.courriel not in reponse.content.decode()
    assert "_auth_user_id" not in client.session


def test_what_is_typed_never_breaks_the_door(client, ville):
    for courriel in ("a\x00b@demo.example", "é" * 300, "<script>", ""):
        assert entrer(client, courriel).status_code == 200


@pytest.mark.parametrize("est_une_demo", [True, False])
def test_demo_logins_are_listed_in_the_demo_only(client, db, settings, est_une_demo):
    settings.GUICHET_DEMO = est_une_demo

    page = client.get(CONNEXION).content.decode()

    assert ("accueil@demo.example" in page) is est_une_demo
    assert ("guichet-demo" in page) is est_une_demo
    assert "usager@demo.example" not in page


def test_an_address_is_one_whatever_its_case():
    assert normaliser_courriel(" Élodie.MARCHAND@Demo.Example ") == "élodie.marchand@demo.example"
