"""A page that somebody else made stale: a conflict is said, nothing is written, no word is lost."""

from datetime import timedelta

from django.utils import timezone

from demandes.etats import Etat
from tests import factories
from tests.parcours.gestes import journal, relire

REPONSE = "Bonjour,\n\nUne réponse longuement écrite, que personne ne doit perdre."


def test_an_agent_who_comes_second_is_told_who_and_keeps_their_words(maison, ville, connecter, agit):
    numero = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville).numero
    karim = connecter(ville.agent_voirie)
    page = karim.ouvrir(f"/agent/demandes/{numero}/gestes/repondre/")
    agit(ville.collegue_voirie, numero, "planifier", pour=f"{timezone.localdate() + timedelta(days=90)}")
    lignes = journal(numero)

    conflit = page.envoyer("Répondre", texte=REPONSE, decision="accord")

    assert conflit.statut == 409
    assert "Inès Fontaine vient de faire « planifier »" in conflit
    assert "Intervention planifiée" in conflit
    assert conflit.html.find("textarea", {"name": "texte"}).get_text().split() == REPONSE.split()
    assert journal(numero) == lignes

    # The gesture still makes sense: one press confirms it, on the fresh version.
    assert conflit.envoyer("Confirmer quand même").statut == 200
    assert relire(numero).etat == Etat.TRAITEE


def test_when_the_gesture_makes_no_sense_any_more_the_words_are_given_back(maison, ville, connecter, agit):
    numero = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville).numero
    page = connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{numero}/gestes/repondre/")
    agit(ville.collegue_voirie, numero, "repondre", texte="Autre réponse.", decision="accord")

    conflit = page.envoyer("Répondre", texte=REPONSE, decision="refus")

    assert conflit.statut == 409
    assert "Ce geste n'est plus possible" in conflit
    assert REPONSE.split() == conflit.html.find("textarea", {"name": "texte"}).get_text().split()
    assert "Répondre" not in conflit.boutons
    assert relire(numero).decision == "accord"


def test_gone_out_of_sight_the_words_still_come_back(maison, ville, connecter, agit):
    numero = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville).numero
    page = connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{numero}/gestes/repondre/")
    agit(ville.collegue_voirie, numero, "reorienter", direction=ville.proprete.pk, motif="mauvaise_direction")

    perdue = page.envoyer("Répondre", texte=REPONSE, decision="accord")

    assert perdue.statut == 404
    assert REPONSE in perdue
    assert "Propreté" not in perdue, "where it went is not theirs to know"


def test_a_resident_s_page_is_stale_too_and_names_no_agent(maison, ville, connecter, agit):
    usager = factories.creer_usager(courriel="jeanne@courriel.example")
    jeanne = connecter(factories.creer_compte_usager(usager))
    numero = factories.demande_dans(Etat.ORIENTEE, ville, usager=usager).numero
    page = jeanne.ouvrir(f"/mes-demandes/{numero}/")
    agit(ville.agent_accueil, numero, "ajouter_une_note", texte="Appelée ce matin.")

    conflit = page.envoyer("Annuler ma demande")

    assert conflit.statut == 409
    assert "Votre demande a avancé" in conflit
    assert "Salimata" not in conflit
    assert relire(numero).etat == Etat.ORIENTEE
    assert conflit.envoyer("Annuler ma demande").statut == 200
    assert relire(numero).etat == Etat.ANNULEE


def test_an_expired_form_token_says_what_to_do(maison, ville, anonyme):
    page = anonyme.ouvrir("/suivi/")
    formulaire = page.remplir("Voir ma demande", numero="2026-0000001", code="BBBBBBBB")
    formulaire.champs = [(n, v) for n, v in formulaire.champs if n != "csrfmiddlewaretoken"]

    refus = formulaire.partir()

    assert refus.statut == 403
    assert "CSRF" not in refus
