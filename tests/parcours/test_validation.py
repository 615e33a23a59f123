"""An answer that wants two signatures: its author never signs, a refused draft comes back with its reason."""

from demandes.etats import Etat
from demandes.models import ProjetReponse
from guichet.organisation.models import Role
from tests import factories
from tests.parcours.gestes import journal, liens, relire, texte_de

PROJET = "Bonjour,\n\nLe passage piéton sera peint."
CORRIGE = "Bonjour,\n\nLe passage piéton sera peint avant le 30 juin."


def test_a_draft_refused_then_signed_by_somebody_else(maison, ville, connecter, agit, anonyme):
    usager = factories.creer_usager(courriel="amina@courriel.example")
    numero = factories.demande_dans(
        Etat.PRISE_EN_CHARGE, ville, usager=usager, type=ville.type_a_valider, objet="Passage piéton"
    ).numero

    # The agent cannot answer alone.
    page = connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{numero}/")
    assert "repondre" not in page.gestes
    agit(ville.agent_voirie, numero, "proposer_une_reponse", texte=PROJET, decision="accord")
    assert relire(numero).etat == Etat.A_VALIDER

    # Their head sends it back with a reason; nothing has left for the resident.
    odile = connecter(ville.responsable_voirie)
    assert numero in odile.ouvrir("/agent/corbeille/?vue=a_valider")
    agit(ville.responsable_voirie, numero, "refuser_le_projet", commentaire="Donnez une date.")
    assert relire(numero).etat == Etat.PRISE_EN_CHARGE
    assert "Donnez une date." in connecter(ville.agent_voirie).ouvrir(f"/agent/demandes/{numero}/")
    assert not maison.courriels(usager.courriel, "Réponse à votre demande")

    # Corrected, proposed again, signed.
    agit(ville.agent_voirie, numero, "proposer_une_reponse", texte=CORRIGE, decision="accord")
    page = odile.ouvrir(f"/agent/demandes/{numero}/gestes/repondre/")
    assert "Projet écrit par Karim Belkacem" in page
    assert page.envoyer("Valider et envoyer").statut == 200

    assert relire(numero).etat == Etat.TRAITEE
    assert list(ProjetReponse.objects.values_list("etat", "redacteur", "tranche_par").order_by("pk")) == [
        ("refuse", ville.agent_voirie.pk, ville.responsable_voirie.pk),
        ("valide", ville.agent_voirie.pk, ville.responsable_voirie.pk),
    ]
    reponse = maison.courriel(usager.courriel, "Réponse à votre demande")
    assert "avant le 30 juin" in texte_de(reponse)
    page = anonyme.ouvrir(liens(reponse)[0])
    assert "avant le 30 juin" in page
    for mot in ("Donnez une date", "Le passage piéton sera peint."):
        assert mot not in page
    assert journal(numero)[-4:] == [
        "proposer_une_reponse",
        "refuser_le_projet",
        "proposer_une_reponse",
        "repondre",
    ]


def test_the_author_of_a_draft_never_signs_it_even_as_head(maison, ville, connecter, agit):
    numero = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_a_valider).numero
    agit(ville.responsable_voirie, numero, "proposer_une_reponse", texte=PROJET, decision="accord")

    page = connecter(ville.responsable_voirie).ouvrir(f"/agent/demandes/{numero}/")
    assert "repondre" not in page.gestes
    page = page.visiteur.ouvrir(f"/agent/demandes/{numero}/gestes/repondre/").envoyer("Valider et envoyer")
    assert page.statut == 422
    assert "une autre personne doit le valider" in page
    assert relire(numero).etat == Etat.A_VALIDER

    autre = factories.creer_agent("Ana", "Rossi", Role.RESPONSABLE_DIRECTION, ville.voirie)
    agit(autre, numero, "repondre")
    assert relire(numero).etat == Etat.TRAITEE


def test_a_refusal_leaves_with_its_remedies(maison, ville, agit, anonyme):
    usager = factories.creer_usager(courriel="amina@courriel.example")
    numero = factories.demande_dans(
        Etat.PRISE_EN_CHARGE, ville, usager=usager, type=ville.type_a_valider
    ).numero
    agit(
        ville.agent_voirie,
        numero,
        "proposer_une_reponse",
        texte="La rue est trop étroite.",
        decision="refus",
    )
    agit(ville.responsable_voirie, numero, "repondre")

    reponse = texte_de(maison.courriel(usager.courriel, "Réponse à votre demande"))
    assert "La rue est trop étroite." in reponse
    assert "tribunal administratif" in reponse
    assert relire(numero).decision == "refus"
