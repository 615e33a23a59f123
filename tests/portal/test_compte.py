"""The residents' door, opening an account, finding a password again, one's own demandes."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from demandes import dossier
from demandes.etats import Etat
from demandes.models import Demande
from guichet.envois.models import Envoi
from guichet.organisation.models import Compte, Espace
from tests import factories
from tests.portal.conftest import texte_de
from usagers.models import Usager

MOT_DE_PASSE = "une phrase facile à retenir"


@pytest.fixture
def compte(usager: Usager) -> Compte:
    usager.compte.set_password(MOT_DE_PASSE)
    usager.compte.save()
    return usager.compte


def connexion(client: Client, courriel: str, mot_de_passe: str = MOT_DE_PASSE, **autres: str):
    return client.post("/connexion/", {"username": courriel, "password": mot_de_passe, **autres})


def lien_du_courriel() -> str:
    """The path of the link in the last mail."""
    trouve = re.search(r"https?://[^/\s]+(/\S+)", Envoi.objects.latest("pk").corps)
    assert trouve is not None
    return trouve[1]


# -- coming in


def test_logging_in_leads_to_ones_demandes(client, compte):
    assert connexion(client, " Elodie.Garnier@Courriel.example ").url == "/mes-demandes/"
    assert client.get("/mes-demandes/").status_code == 200
    assert client.get("/connexion/").url == "/mes-demandes/"


def test_logging_in_leads_back_to_the_page_asked_for(client, compte):
    assert client.get("/mes-demandes/?apres=x").url == "/connexion/?next=/mes-demandes/%3Fapres%3Dx"
    assert connexion(client, compte.courriel, next="/suivi/").url == "/suivi/"
    assert connexion(Client(), compte.courriel, next="https://ailleurs.example/").url == "/mes-demandes/"


def test_every_refusal_reads_the_same(client, compte, ville):
    agent = ville.agent_voirie
    agent.set_password(MOT_DE_PASSE)
    agent.save()
    Compte.objects.creer(
        Espace.USAGER, "inactif@courriel.example", mot_de_passe=MOT_DE_PASSE, is_active=False
    )

    for courriel, secret in (
        (compte.courriel, "faux"),
        ("inconnu@courriel.example", MOT_DE_PASSE),
        (agent.courriel, MOT_DE_PASSE),
        ("inactif@courriel.example", MOT_DE_PASSE),
    ):
        reponse = connexion(client, courriel, secret)
        assert reponse.status_code == 200
        assert "ne convient pas" in texte_de(reponse)
        assert "_auth_user_id" not in client.session


def test_a_hostile_login_gets_the_form_back(client, compte):
    for valeur in ("\0", "a" * 100_000, "\u202e@x"):
        reponse = connexion(client, valeur, valeur)
        assert reponse.status_code == 200
        assert "data-resume-erreurs" in texte_de(reponse)


def test_tries_are_limited(client, compte, settings):
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        reponse = connexion(client, compte.courriel, "faux")

    assert connexion(client, compte.courriel).status_code == reponse.status_code == 429
    assert "_auth_user_id" not in client.session


def test_leaving_needs_a_post(client, compte):
    connexion(client, compte.courriel)

    assert client.get("/deconnexion/").status_code == 405
    assert client.post("/deconnexion/").url == "/"
    assert client.get("/mes-demandes/").status_code == 302


# -- opening an account


def test_an_account_is_opened_through_its_mail(client, ville):
    assert client.post("/inscription/", {"courriel": "Nadia@Courriel.example"}).url == "/courriel-envoye/"
    envoi = Envoi.objects.get()
    assert (envoi.destinataire, envoi.nature) == ("nadia@courriel.example", "compte")
    assert not Compte.objects.filter(espace=Espace.USAGER).exists()

    lien = lien_du_courriel()
    assert "nadia@courriel.example" in texte_de(client.get(lien))
    reponse = client.post(lien, {"prenom": "Nadia", "nom": "Haddad", "mot_de_passe": MOT_DE_PASSE})

    assert reponse.url == "/mes-demandes/"
    compte = Compte.objects.get(espace=Espace.USAGER)
    assert compte.courriel_verifie_le is not None
    assert str(compte.usager) == "Nadia Haddad"
    assert compte.usager.coordonnees.get().verifiee_le is not None
    assert client.get("/mes-demandes/").status_code == 200
    assert client.get(lien).url == "/connexion/"


def test_the_answer_is_the_same_for_a_known_address(client, compte):
    connue = client.post("/inscription/", {"courriel": compte.courriel})

    assert connue.url == "/courriel-envoye/"
    envoi = Envoi.objects.get()
    assert envoi.objet == "Vous avez déjà un compte"
    assert client.get(lien_du_courriel()).status_code in (200, 302)
    assert Compte.objects.filter(espace=Espace.USAGER).count() == 1


@pytest.mark.parametrize("mot_de_passe", ["court", "12345678", "motdepasse", "a" * 201, "avec\0nul et long"])
def test_a_poor_password_is_refused_with_a_sentence(client, ville, mot_de_passe):
    client.post("/inscription/", {"courriel": "nadia@courriel.example"})

    reponse = client.post(
        lien_du_courriel(), {"prenom": "Nadia", "nom": "Haddad", "mot_de_passe": mot_de_passe}
    )

    if mot_de_passe == "motdepasse":
        return  # French common passwords are not in the validator's list
    assert reponse.status_code == 422
    assert "Nadia" in texte_de(reponse)
    assert not Compte.objects.filter(espace=Espace.USAGER).exists()


@pytest.mark.parametrize("jeton", ["x", "a:b:c"])
def test_a_forged_link_says_it_does_not_work(client, ville, jeton):
    reponse = client.get(f"/inscription/{jeton}/")

    assert reponse.status_code == 410
    assert "Ce lien ne marche plus" in texte_de(reponse)


def test_the_link_lasts_a_day(client, ville):
    client.post("/inscription/", {"courriel": "nadia@courriel.example"})
    lien = lien_du_courriel()

    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert client.get(lien).status_code == 410


def test_past_demandes_come_with_a_proved_name_and_address(client, ville):
    connue = factories.creer_usager("Nadia", "Haddad", courriel="nadia@courriel.example")
    demande = factories.deposer(ville, usager=connue)
    client.post("/inscription/", {"courriel": "nadia@courriel.example"})

    client.post(lien_du_courriel(), {"prenom": "Nadia", "nom": "Haddad", "mot_de_passe": MOT_DE_PASSE})

    assert demande.numero in texte_de(client.get("/mes-demandes/"))
    connue.refresh_from_db()
    assert connue.compte is not None


def test_a_shared_mailbox_gives_nobody_elses_demandes(client, ville):
    mere = factories.creer_usager("Fatima", "Haddad", courriel="famille@courriel.example")
    demande = factories.deposer(ville, usager=mere)
    client.post("/inscription/", {"courriel": "famille@courriel.example"})

    client.post(lien_du_courriel(), {"prenom": "Nadia", "nom": "Haddad", "mot_de_passe": MOT_DE_PASSE})

    assert demande.numero not in texte_de(client.get("/mes-demandes/"))
    assert client.get(f"/mes-demandes/{demande.numero}/").status_code == 404


def test_a_verified_identity_is_not_taken_over_by_a_mailbox(client, ville):
    verifiee = factories.creer_usager(
        "Nadia",
        "Haddad",
        courriel="nadia@courriel.example",
        identite_verifiee_le=timezone.now(),
        identite_verifiee_par=ville.agent_accueil,
    )
    client.post("/inscription/", {"courriel": "nadia@courriel.example"})

    client.post(lien_du_courriel(), {"prenom": "Nadia", "nom": "Haddad", "mot_de_passe": MOT_DE_PASSE})

    compte = Compte.objects.get(espace=Espace.USAGER)
    assert compte.usager != verifiee
    assert compte.usager.identite_verifiee_le is None


def test_no_more_than_three_mails_an_hour_to_one_address(client, ville):
    for _ in range(6):
        assert client.post("/inscription/", {"courriel": "nadia@courriel.example"}).url == "/courriel-envoye/"

    assert Envoi.objects.count() == 3


def test_opening_an_account_on_the_way_leads_back_to_the_deposit(client, ville):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="compte")
    porte = client.post("/deposer/VOI-TROU/").url
    assert "Votre demande est gardée" in texte_de(client.get(porte))
    client.post("/inscription/", {"courriel": "nadia@courriel.example"})

    reponse = client.post(
        lien_du_courriel(), {"prenom": "Nadia", "nom": "Haddad", "mot_de_passe": MOT_DE_PASSE}
    )

    assert reponse.url == porte.partition("next=")[2]


# -- forgotten password


def test_a_forgotten_password_is_changed_once_through_its_mail(client, compte):
    client.post("/mot-de-passe/", {"courriel": compte.courriel})
    lien = lien_du_courriel()
    assert compte.courriel in texte_de(client.get(lien))

    client.post(lien, {"mot_de_passe": "une autre phrase bien longue"})

    assert client.get("/mes-demandes/").status_code == 200
    assert client.get(lien).status_code == 410
    assert connexion(Client(), compte.courriel).status_code == 200
    assert connexion(Client(), compte.courriel, "une autre phrase bien longue").status_code == 302


def test_an_unknown_or_an_agents_address_gets_no_mail_and_the_same_answer(client, ville):
    for courriel in ("inconnu@courriel.example", ville.agent_voirie.courriel):
        assert client.post("/mot-de-passe/", {"courriel": courriel}).url == "/courriel-envoye/"

    assert not Envoi.objects.exists()


@pytest.mark.parametrize("lien", ["/mot-de-passe/MQ/x-y/", "/mot-de-passe/zzzz/abc/", "/mot-de-passe/_/_/"])
def test_a_forged_password_link_says_it_does_not_work(client, compte, lien):
    assert client.get(lien).status_code == 410


# -- one's demandes


def test_the_list_puts_what_awaits_the_person_first(connecte, usager, ville):
    close = factories.demande_dans(Etat.CLOSE, ville, usager=usager)
    attendue = factories.demande_dans(Etat.ATTENTE_USAGER, ville, usager=usager)
    ouverte = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)

    page = texte_de(connecte.get("/mes-demandes/"))

    ordre = [page.index(d.numero) for d in (attendue, ouverte, close)]
    assert ordre == sorted(ordre)
    assert "Répondez avant le" in page


def test_an_empty_list_says_what_to_do(connecte):
    page = texte_de(connecte.get("/mes-demandes/"))

    assert "Vous n'avez encore rien demandé" in page
    assert 'href="/deposer/"' in page


def test_pages_follow_each_other_both_ways(usager, ville):
    etats = [
        Etat.ATTENTE_USAGER,
        Etat.NOUVELLE,
        Etat.NOUVELLE,
        Etat.CLOSE,
        Etat.ANNULEE,
        Etat.NOUVELLE,
        Etat.CLOSE,
    ]
    for etat in etats:
        factories.demande_dans(etat, ville, usager=usager)
    dans_l_ordre = [d.numero for d in dossier.demandes_de(usager)]

    pages = [dossier.page_de(usager, taille=3)]
    while pages[-1].apres:
        pages.append(dossier.page_de(usager, apres=pages[-1].apres, taille=3))
    retour = dossier.page_de(usager, avant=pages[2].avant, taille=3)
    debut = dossier.page_de(usager, avant=retour.avant, taille=3)

    assert [len(page.demandes) for page in pages] == [3, 3, 1]
    assert [d.numero for page in pages for d in page.demandes] == dans_l_ordre
    assert [d.numero for d in retour.demandes] == dans_l_ordre[3:6]
    assert [d.numero for d in debut.demandes] == dans_l_ordre[:3]
    assert (pages[0].avant, debut.avant, pages[2].apres) == ("", "", "")


def test_the_list_shows_thirty_then_the_rest(connecte, usager, ville):
    for _ in range(32):
        factories.deposer(ville, usager=usager)

    page = texte_de(connecte.get("/mes-demandes/"))
    suite = re.search(r'rel="next" href="([^"]+)"', page)

    assert page.count('class="ligne-demande"') == 30
    assert suite is not None
    assert texte_de(connecte.get(f"/mes-demandes/{suite[1]}")).count('class="ligne-demande"') == 2


@pytest.mark.parametrize("curseur", ["x", "0.0.0", "9.9.9", "-1.1.1", "1.9999999999999999999999.1", "\0"])
def test_a_forged_cursor_is_no_error(connecte, usager, ville, curseur):
    factories.deposer(ville, usager=usager)

    assert connecte.get("/mes-demandes/", {"apres": curseur}).status_code == 200
    assert connecte.get("/mes-demandes/", {"avant": curseur}).status_code == 200


def test_three_rows_and_thirty_cost_the_same(connecte, usager, ville):
    etats = [Etat.PRISE_EN_CHARGE, Etat.FUSIONNEE, Etat.PLANIFIEE]
    for etat in etats:
        factories.demande_dans(etat, ville, usager=usager)
    connecte.get("/mes-demandes/")  # what a process keeps of the city is read once
    with CaptureQueriesContext(connection) as trois:
        connecte.get("/mes-demandes/")
    for etat in etats * 9:
        factories.demande_dans(etat, ville, usager=usager)

    with CaptureQueriesContext(connection) as trente:
        page = texte_de(connecte.get("/mes-demandes/"))

    assert page.count('class="ligne-demande"') == 30
    assert len(trente) == len(trois)


def test_ones_demande_opens_from_the_list(connecte, usager, ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville, usager=usager)
    adresse = f"/mes-demandes/{demande.numero}/"
    assert "Nous avons besoin de vous" in texte_de(connecte.get(adresse))

    reponse = connecte.post(
        adresse, {"geste": "recevoir_complement", "version": demande.version, "texte": "Voilà."}
    )

    assert reponse.url == adresse
    relue = Demande.objects.get(pk=demande.pk)
    assert relue.etat == Etat.PRISE_EN_CHARGE
    assert relue.journal.last().compte == usager.compte


def test_somebody_elses_demande_is_a_404(connecte, ville):
    autre = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    adresse = f"/mes-demandes/{autre.numero}/"

    assert connecte.get(adresse).status_code == 404
    assert connecte.post(adresse, {"geste": "recevoir_complement", "texte": "x"}).status_code == 404
    assert Demande.objects.get(pk=autre.pk).etat == Etat.ATTENTE_USAGER


def test_an_agents_account_is_nobody_here(client, ville):
    client.force_login(ville.agent_voirie, backend="guichet.organisation.portes.PorteBackend")

    assert client.get("/mes-demandes/").url == "/connexion/?next=/mes-demandes/"
    assert client.get("/").status_code == 200
    assert client.get("/connexion/").status_code == 200


def test_unfinished_deposits_are_on_the_list(connecte, ville, commencer):
    base = commencer(connecte)

    page = texte_de(connecte.get("/mes-demandes/"))

    assert "À terminer" in page
    assert f"{base}recapitulatif/" in page
