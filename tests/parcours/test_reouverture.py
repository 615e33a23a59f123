"""« Non, ce n'est pas réglé »: within 30 days, twice at most."""

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from tests import factories
from tests.parcours.gestes import il_y_a, journal, relire

REOUVRIR = {"motif": "non_resolu", "commentaire": "Le trou est toujours là."}
REPONSE = {"texte": "Bonjour,\n\nLe trou est rebouché.", "decision": "accord"}


def test_reopened_twice_by_the_resident_then_no_more(maison, ville, connecter, agit):
    usager = factories.creer_usager(courriel="jeanne@courriel.example")
    jeanne = connecter(factories.creer_compte_usager(usager))
    numero = factories.demande_dans(Etat.TRAITEE, ville, usager=usager).numero
    recue_le, legale = relire(numero).recue_le, relire(numero).echeance_legale
    chemin = f"/mes-demandes/{numero}/"

    # First time, through the screens of everybody.
    page = jeanne.ouvrir(chemin)
    ancien_formulaire = page.remplir("Rouvrir ma demande", **REOUVRIR)
    assert "Votre demande est rouverte" in ancien_formulaire.partir()
    demande = relire(numero)
    assert (demande.etat, demande.agent_traitant, demande.compteur_reouvertures) == (Etat.ORIENTEE, None, 1)
    assert (demande.recue_le, demande.echeance_legale) == (recue_le, legale)
    maison.vider_la_boite()
    maison.courriel(usager.courriel, "rouverte")
    page = agit(ville.agent_voirie, numero, "prendre_en_charge")
    assert "Le trou est toujours là." in page
    agit(ville.agent_voirie, numero, "repondre", **REPONSE)

    # Second time.
    jeanne.ouvrir(chemin).envoyer("Rouvrir ma demande", **REOUVRIR)
    agent = Auteur.agent(ville.agent_voirie)
    actions.prendre_en_charge(relire(numero), auteur=agent)
    actions.repondre(relire(numero), auteur=agent, **REPONSE)

    # Third: not offered, and refused to whoever kept the old page.
    page = jeanne.ouvrir(chemin)
    assert "Rouvrir ma demande" not in page.boutons
    assert "la demande a avancé" in ancien_formulaire.partir()
    assert relire(numero).etat == Etat.TRAITEE
    assert journal(numero).count("rouvrir") == 2

    # The desk still may.
    agit(ville.agent_accueil, numero, "rouvrir", motif="non_resolu")
    assert relire(numero).compteur_reouvertures == 3


def test_thirty_days_after_it_is_too_late(maison, ville, connecter):
    usager = factories.creer_usager(courriel="jeanne@courriel.example")
    jeanne = connecter(factories.creer_compte_usager(usager))
    with il_y_a(days=31):
        tardive = factories.demande_dans(Etat.CLOSE, ville, usager=usager).numero
    with il_y_a(days=29):
        recente = factories.demande_dans(Etat.CLOSE, ville, usager=usager).numero

    assert "Rouvrir ma demande" not in jeanne.ouvrir(f"/mes-demandes/{tardive}/").boutons
    page = jeanne.ouvrir(f"/mes-demandes/{recente}/")
    formulaire = page.remplir("Rouvrir ma demande", **REOUVRIR)
    formulaire.adresse = formulaire.adresse.replace(recente, tardive)

    assert "la demande a avancé" in formulaire.partir()
    assert relire(tardive).etat == Etat.CLOSE
    assert "Votre demande est rouverte" in page.envoyer("Rouvrir ma demande", **REOUVRIR)
    assert relire(recente).etat == Etat.ORIENTEE


def test_answered_by_the_desk_it_comes_back_to_the_desk(maison, ville, connecter):
    usager = factories.creer_usager(courriel="jeanne@courriel.example")
    jeanne = connecter(factories.creer_compte_usager(usager))
    fiche = factories.creer_fiche(ville.type_voirie)
    demande = factories.deposer(ville, usager=usager)
    actions.repondre_immediatement(
        demande, auteur=Auteur.agent(ville.agent_accueil), texte=fiche.reponse, fiche=fiche
    )

    jeanne.ouvrir(f"/mes-demandes/{demande.numero}/").envoyer("Rouvrir ma demande", **REOUVRIR)

    assert relire(demande.numero).etat == Etat.QUALIFIEE
    page = connecter(ville.agent_accueil).ouvrir("/agent/corbeille/?vue=accueil_non_lus")
    assert demande.numero in page


def test_nobody_reopens_somebody_else_s(maison, ville, connecter):
    numero = factories.demande_dans(Etat.TRAITEE, ville).numero
    curieux = connecter(factories.creer_compte_usager(factories.creer_usager("Paul", "Autre")))

    assert curieux.demander("GET", f"/mes-demandes/{numero}/").statut == 404
    assert relire(numero).etat == Etat.TRAITEE
