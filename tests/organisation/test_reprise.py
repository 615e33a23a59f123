"""A session that ended while somebody was typing: what they sent waits behind the login, for them alone."""

import time

import time_machine
from bs4 import BeautifulSoup
from django.test import Client

from demandes.etats import Etat
from demandes.models import Demande
from tests import factories

MOTS = "Bonjour, le trou sera rebouché jeudi matin."


def finir_la_session(client: Client) -> None:
    client.cookies["sessionid"] = "perdue"


def repondre(client: Client, demande: Demande, **champs):
    adresse = f"/agent/demandes/{demande.numero}/gestes/repondre/"
    donnees = {"version": demande.version, "texte": MOTS, "decision": "accord"} | champs
    return client.post(adresse, donnees, headers={"Referer": f"http://testserver{adresse}"})


def commencer(client: Client, ville: factories.Ville) -> Demande:
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client.force_login(ville.agent_voirie)
    assert client.get(f"/agent/demandes/{demande.numero}/").status_code == 200
    finir_la_session(client)
    return demande


def test_an_answer_sent_too_late_is_shown_after_the_login_and_sent_by_one_button(client, ville):
    demande = commencer(client, ville)

    reponse = repondre(client, demande)
    assert reponse.url == "/agent/connexion/?next=/agent/reprise/"
    client.force_login(ville.agent_voirie)
    page = BeautifulSoup(client.get("/agent/reprise/").content, "html.parser")

    assert page.select_one("blockquote.citation").get_text() == MOTS
    assert page.select_one(".agent__rail a.rail"), "the agents' own frame, with their rail"
    assert Demande.objects.get().etat == Etat.PRISE_EN_CHARGE
    formulaire = page.find("form", action=f"/agent/demandes/{demande.numero}/gestes/repondre/")
    champs = {c["name"]: c["value"] for c in formulaire.select("input[name]")}
    champs.pop("csrfmiddlewaretoken", None)
    assert champs == {"version": str(demande.version), "texte": MOTS, "decision": "accord"}
    assert client.post(formulaire["action"], champs).status_code == 303
    assert Demande.objects.get().etat == Etat.TRAITEE


def test_somebody_else_who_logs_in_here_reads_nothing_of_it(client, ville):
    demande = commencer(client, ville)
    repondre(client, demande)

    client.force_login(ville.collegue_voirie)
    reponse = client.get("/agent/reprise/")

    assert reponse.status_code == 410
    assert MOTS not in reponse.content.decode()
    client.force_login(ville.agent_voirie)
    assert client.get("/agent/reprise/").status_code == 410, "it was forgotten at once"


def test_it_is_forgotten_when_given_up_and_after_half_an_hour(client, ville):
    demande = commencer(client, ville)
    repondre(client, demande)
    client.force_login(ville.agent_voirie)

    page = f"http://testserver/agent/demandes/{demande.numero}/gestes/repondre/"
    assert client.post("/agent/reprise/").url == page
    assert client.get("/agent/reprise/").status_code == 410

    finir_la_session(client)
    repondre(client, demande)
    client.force_login(ville.agent_voirie)
    with time_machine.travel(time.time() + 1801, tick=False):
        assert client.get("/agent/reprise/").status_code == 410


def test_secrets_and_files_are_not_kept_and_a_stranger_s_post_leaves_nothing(client, ville):
    demande = commencer(client, ville)
    repondre(client, demande, mot_de_passe="marche-pied-violet-7")
    noms = [nom for nom, _ in client.session["saisie_interrompue"]["champs"]]
    assert noms == ["version", "texte", "decision"]

    inconnu = Client()
    reponse = repondre(inconnu, demande)
    assert reponse.url == f"/agent/connexion/?next=/agent/demandes/{demande.numero}/gestes/repondre/"
    assert "saisie_interrompue" not in inconnu.session


def test_a_resident_s_message_waits_too(client, ville):
    usager = factories.creer_usager("Paul", "Girard")
    compte = factories.creer_compte_usager(usager)
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)
    adresse = f"/mes-demandes/{demande.numero}/"
    client.force_login(compte)
    assert client.get(adresse).status_code == 200
    finir_la_session(client)

    assert client.post(adresse, {"texte": MOTS}).url == "/connexion/?next=/reprise/"
    client.force_login(compte)
    page = client.get("/reprise/").content.decode()

    assert f'<blockquote class="citation texte-brut">{MOTS}</blockquote>' in page
    assert "agent__rail" not in page
    assert f'action="{adresse}"' in page
