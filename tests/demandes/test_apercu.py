"""The sheet beside the queue, and the way back to the queue after a gesture made from it."""

from html import unescape

import pytest
from django.urls import reverse
from structlog.testing import capture_logs

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande
from demandes.views.suites import ouvrir, suites
from tests import factories
from tests.demandes.gestes import donnees_de, session, url

HTMX = {"HX-Request": "true"}


def adresse(demande: Demande) -> str:
    return reverse("agent_apercu", args=[demande.numero])


def test_the_sheet_says_what_it_is_who_asks_and_what_can_be_done_now(ville):
    usager = factories.creer_usager("Jeanne", "Martin", telephone="06 39 98 12 34")
    demande = factories.demande_dans(Etat.ORIENTEE, ville, usager=usager)

    reponse = session(ville.agent_voirie).get(adresse(demande), headers=HTMX)

    feuille, contenu = reponse.context["feuille"], unescape(reponse.content.decode())
    assert feuille["gestes"][0]["geste"] == "prendre_en_charge"
    assert [geste["geste"] for geste in feuille["gestes"] if geste["est_principal"]] == ["prendre_en_charge"]
    assert "annuler" not in {geste["geste"] for geste in feuille["gestes"]}
    assert "<html" not in contenu
    for mots in (demande.objet, "Jeanne Martin", "06 39 98 12 34", demande.libelle_type):
        assert mots in contenu


def test_the_sheet_shows_the_last_three_exchanges(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    for rang in range(4):
        actions.ajouter_une_note(demande, auteur=Auteur.agent(ville.agent_voirie), texte=f"Passage {rang}.")

    reponse = session(ville.agent_voirie).get(adresse(demande), headers=HTMX)

    assert [m.corps for m in reponse.context["feuille"]["derniers"]] == [
        "Passage 3.",
        "Passage 2.",
        "Passage 1.",
    ]


def test_without_scripts_its_address_is_the_page_of_the_demande(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = session(ville.agent_voirie).get(adresse(demande))

    assert reponse["Location"] == reverse("agent_demande", args=[demande.numero])


def test_a_sheet_out_of_sight_does_not_exist(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    client = session(ville.agent_proprete)

    assert client.get(adresse(demande), headers=HTMX).status_code == 404
    queue = client.get(f"{reverse('agent_corbeille')}?ouverte={demande.numero}")

    assert (queue.status_code, queue.context["feuille"]) == (200, None)


@pytest.mark.parametrize("ouverte", ["", "magie", "2026-9999999", "\0", "x" * 500])
def test_an_address_that_opens_nothing_still_shows_the_queue(ville, ouverte):
    factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = session(ville.agent_voirie).get(reverse("agent_corbeille"), {"ouverte": ouverte})

    assert (reponse.status_code, reponse.context["feuille"]) == (200, None)


def test_the_desk_sees_clocks_and_no_content_of_what_is_closed_to_it(ville):
    demande = factories.deposer(ville, type=ville.type_social)

    contenu = unescape(session(ville.agent_accueil).get(adresse(demande), headers=HTMX).content.decode())

    assert "Contenu réservé" in contenu
    assert demande.objet not in contenu
    assert str(demande.usager) not in contenu


def test_reading_a_walled_sheet_is_logged(ville):
    demande = factories.deposer(ville, type=ville.type_social)
    lecteur = ville.agent_accueil_habilite

    with capture_logs() as lignes:
        session(lecteur).get(adresse(demande), headers=HTMX)

    assert [(x["event"], x["demande"]) for x in lignes if x["event"] == "demande_reservee_lue"] == [
        ("demande_reservee_lue", demande.pk)
    ]


# -- the way back ----------------------------------------------------------------------------------------


def test_after_a_row_one_stands_on_the_next_and_after_the_last_on_the_one_before():
    apres = suites("/agent/corbeille/?vue=a_prendre&ouverte=A", ["A", "B", "C"])

    assert apres == {
        "A": "/agent/corbeille/?vue=a_prendre&ouverte=B",
        "B": "/agent/corbeille/?vue=a_prendre&ouverte=C",
        "C": "/agent/corbeille/?vue=a_prendre&ouverte=B",
    }
    assert suites("/agent/corbeille/?ouverte=A", ["A"]) == {"A": "/agent/corbeille/"}


def test_a_gesture_from_the_queue_comes_back_to_it_with_its_filters_on_the_next_row(ville):
    client = session(ville.agent_accueil)
    demandes = [factories.demande_dans(Etat.QUALIFIEE, ville) for _ in range(2)]
    lignes = client.get(f"{reverse('agent_corbeille')}?vue=a_orienter&type=VOI-TROU").context["lignes"]
    premiere = next(d for d in demandes if d.numero == lignes[0]["numero"])

    formulaire = client.get(f"{lignes[0]['prochain']['url']}?suite={lignes[0]['suite']}")
    suite = formulaire.context["suite"]
    reponse = client.post(
        url(premiere, "orienter"),
        {**donnees_de("orienter", ville, premiere), "version": premiere.version, "suite": suite},
        follow=True,
    )

    attendue = f"/agent/corbeille/?vue=a_orienter&type=VOI-TROU&ouverte={lignes[1]['numero']}"
    assert suite == attendue
    assert reponse.redirect_chain == [(attendue, 303)]
    assert reponse.context["feuille"]["demande"].numero == lignes[1]["numero"]
    assert f"{premiere.numero} : La demande est orientée." in reponse.content.decode()
    # Who gives up comes back on the row they left.
    assert formulaire.context["retour"] == ouvrir(attendue, premiere.numero)


def test_a_way_back_that_is_not_ours_is_not_taken(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = session(ville.agent_voirie).post(
        f"{url(demande, 'prendre_en_charge')}?suite=https://ailleurs.example/", {"version": demande.version}
    )

    assert reponse["Location"] == reverse("agent_demande", args=[demande.numero])
