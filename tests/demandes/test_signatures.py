"""Two signatures are two people's: a delegation lends a hat, never the author's own eyes."""

import pytest
from django.utils import timezone

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import ProjetReponse
from guichet.organisation.models import Delegation, Role
from tests import factories
from tests.demandes.gestes import donnees_de, relire, session, url


@pytest.fixture
def projet_d_odile(ville):
    """Odile, head of the roads, wrote the draft herself; Karim is her deputy today."""
    jour = timezone.localdate()
    Delegation.objects.create(
        titulaire=ville.responsable_voirie, suppleant=ville.agent_voirie, du=jour, au=jour
    )
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_a_valider)
    return actions.proposer_une_reponse(
        demande, auteur=Auteur.agent(ville.responsable_voirie), texte="Bonjour.", decision="accord"
    )


def valider(ville, demande):
    donnees = {"version": relire(demande).version, **donnees_de("repondre", ville, demande)}
    return session(ville.agent_voirie).post(url(demande, "repondre"), donnees)


def test_a_deputy_does_not_sign_the_draft_of_whom_they_replace(ville, projet_d_odile):
    page = session(ville.agent_voirie).get(f"/agent/demandes/{projet_d_odile.numero}/")
    assert url(projet_d_odile, "repondre") not in page.content.decode()
    assert url(projet_d_odile, "refuser_le_projet") in page.content.decode()

    reponse = valider(ville, projet_d_odile)

    assert reponse.status_code == 422
    assert "Odile Charpentier a écrit ce projet" in reponse.content.decode()
    assert relire(projet_d_odile).etat == Etat.A_VALIDER
    assert ProjetReponse.objects.get().etat == ProjetReponse.Etat.EN_ATTENTE


def test_they_sign_it_by_the_hat_of_another_head_and_the_journal_says_whose(ville, projet_d_odile):
    autre_chef = factories.creer_agent("Nadia", "Benali", Role.RESPONSABLE_DIRECTION, ville.voirie)
    jour = timezone.localdate()
    Delegation.objects.create(titulaire=autre_chef, suppleant=ville.agent_voirie, du=jour, au=jour)

    assert valider(ville, projet_d_odile).status_code == 303

    assert relire(projet_d_odile).etat == Etat.TRAITEE
    assert projet_d_odile.journal.get(geste="repondre").par_delegation_de == autre_chef
