"""The desk says what a demande really is: nothing of what the person filed is lost on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from demandes import actions, delais, horloges, suivi
from demandes.droits import Auteur
from demandes.etats import Etat
from guichet.organisation.models import Direction
from tests import factories
from tests.demandes.gestes import relire, session, url

BORDURE = {"champ": "nature", "vaut": "bordure"}


@pytest.fixture
def type_arbre(ville):
    """Asks another « nature » : its conditions speak of its own question."""
    return factories.creer_type(
        "ARBRE",
        Direction.objects.get(code="PROP"),
        libelle="Arbre dangereux",
        champs=[{**factories.CHAMPS[0], "libelle": "Quel arbre ?"}],
        delai_valeur=20,
        delais_conditionnels=[{"si": BORDURE, "delai": {"valeur": 1, "unite": "jours_ouvres"}}],
        urgence_si=[BORDURE],
    )


def test_what_was_filed_stays_readable_under_another_type(client, ville, type_arbre):
    """And the new type's conditions read nothing in another form's answers."""
    factories.creer_regle(ville, type=type_arbre, direction=ville.voirie)
    demande = factories.deposer(ville, reponses={"nature": "bordure", "precision": "Devant le 12."})
    agent = session(ville.agent_accueil)

    agent.post(url(demande, "qualifier"), {"version": demande.version, "type": type_arbre.pk})

    apres = relire(demande)
    assert (apres.etat, apres.type) == (Etat.QUALIFIEE, type_arbre)
    assert (apres.delai_valeur, apres.est_urgente) == (20, False)
    lues = [("Que faut-il réparer ?", "Une bordure"), ("Précisions", "Devant le 12.")]
    page = agent.get(f"/agent/demandes/{demande.numero}/")
    assert page.context["reponses"] == lues
    assert "Réponses au formulaire « Nid-de-poule ou trou dans la chaussée »" in page.content.decode()
    assert client.get(suivi.chemin_de_suivi(apres)).context["vue"].reponses == lues
    routage = agent.get(url(demande, "orienter")).context["formulaire"]
    assert routage["direction"].value() == type_arbre.direction_id


def test_a_letter_that_filled_in_no_form_takes_that_of_its_type(ville, type_arbre):
    demande = factories.deposer(ville, type=None)

    session(ville.agent_accueil).post(
        url(demande, "qualifier"), {"version": demande.version, "type": type_arbre.pk}
    )

    assert relire(demande).formulaire == type_arbre.formulaire


def test_routing_a_letter_says_which_questions_nobody_answered(ville):
    """It may be routed as it is: a letter fills in no form."""
    lettre = factories.demande_dans(Etat.QUALIFIEE, ville, canal="courrier", reponses={})
    agent = session(ville.agent_accueil)

    page = agent.get(url(lettre, "orienter")).content.decode()
    agent.post(url(lettre, "orienter"), {"version": lettre.version, "direction": ville.voirie.pk})

    assert "Il manque des réponses" in page
    assert "<li>Que faut-il réparer ?</li>" in page
    assert "<li>Précisions</li>" not in page
    assert relire(lettre).etat == Etat.ORIENTEE


def test_routing_a_filled_in_form_asks_nothing_more(ville):
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)

    page = session(ville.agent_accueil).get(url(demande, "orienter")).content.decode()

    assert "Il manque des réponses" not in page


# -- a type found wrong later


def test_a_wrong_type_is_corrected_after_a_direction_sent_it_back(ville, type_arbre):
    """The clocks start again from the reception, under the new type; the first promise stays readable."""
    recue_le = timezone.now() - timedelta(days=3)
    demande = factories.demande_dans(Etat.ORIENTEE, ville, recue_le=recue_le)
    demande = actions.renvoyer_a_l_accueil(
        demande, auteur=Auteur.agent(ville.agent_voirie), motif="deuxieme_reorientation"
    )
    agent = session(ville.agent_accueil)
    donnees = {"version": demande.version, "type": type_arbre.pk, "motif": "mauvais_type"}

    reponse = agent.post(url(demande, "requalifier"), donnees)

    apres = relire(demande)
    assert reponse["Location"] == f"/agent/demandes/{demande.numero}/"  # its head says where it goes
    assert (apres.etat, apres.type, apres.delai_valeur) == (Etat.QUALIFIEE, type_arbre, 20)
    depuis = horloges.demarrer(20, "jours_ouvres", recue_le, delais.calendrier_de(type_arbre.direction))
    assert apres.echeance_service == depuis.echeance
    assert apres.echeance_promise == demande.echeance_promise
    assert apres.qualifiee_le == demande.qualifiee_le
    page = agent.get(f"/agent/demandes/{demande.numero}/")
    assert page.context["reponses"] == [("Que faut-il réparer ?", "Un trou")]
    journal = agent.get(f"/agent/demandes/{demande.numero}/?onglet=journal").content.decode()
    assert "Qualification corrigée : Arbre dangereux – type mal choisi" in journal


@pytest.mark.parametrize(
    ("qui", "motif", "statut"),
    [("agent_accueil", "", 422), ("agent_accueil", "invente", 422), ("agent_voirie", "mauvais_type", 404)],
)
def test_a_type_is_not_corrected_without_a_reason_nor_by_a_direction(ville, type_arbre, qui, motif, statut):
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)
    donnees = {"version": demande.version, "type": type_arbre.pk, "motif": motif}

    reponse = session(getattr(ville, qui)).post(url(demande, "requalifier"), donnees)

    assert reponse.status_code == statut
    assert relire(demande).type == ville.type_voirie
