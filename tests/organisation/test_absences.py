"""« Mon absence »: one names a deputy among one's colleagues; a head does it for their team, nobody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guichet.organisation import effectifs
from guichet.organisation.models import Compte, Delegation, Modification, Role
from guichet.organisation.perimetre import Perimetre
from guichet.socle.erreurs import DonneeInvalide
from tests import factories

ADRESSE = "/agent/absence/"


def entrer(compte: Compte) -> Client:
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    return client


def donnees(suppleant: Compte) -> dict[str, object]:
    jour = timezone.localdate()
    return {"suppleant": suppleant.pk, "du": jour.isoformat(), "au": (jour + timedelta(days=5)).isoformat()}


def test_an_agent_declares_and_ends_an_absence(ville):
    client = entrer(ville.agent_voirie)

    assert client.post(ADRESSE, donnees(ville.collegue_voirie))["Location"] == ADRESSE

    assert [p.compte for p in Perimetre.de(ville.collegue_voirie).delegues] == [ville.agent_voirie]
    assert "remplacé par <strong>Inès Fontaine" in client.get(ADRESSE).content.decode()
    (ligne,) = Modification.objects.all()
    assert (ligne.compte, ligne.action) == (ville.agent_voirie, "creation")

    client.post(f"{ADRESSE}{Delegation.objects.get().pk}/terminer/")
    assert Perimetre.de(ville.collegue_voirie).delegues == ()


@pytest.mark.parametrize("autre", ["agent_proprete", "agent_accueil", "administrateur", "agent_voirie"])
def test_rights_are_lent_to_a_colleague_of_the_same_place_only(ville, autre):
    reponse = entrer(ville.agent_voirie).post(ADRESSE, donnees(getattr(ville, autre)))

    assert (reponse.status_code, Delegation.objects.count()) == (422, 0)


def test_a_head_declares_it_for_their_team(ville):
    client = entrer(ville.responsable_voirie)
    adresse = f"{ADRESSE}{ville.agent_voirie.pk}/"
    assert adresse in client.get(ADRESSE).content.decode()

    client.post(adresse, donnees(ville.collegue_voirie))

    (delegation,) = Delegation.objects.all()
    assert (delegation.titulaire, delegation.suppleant) == (ville.agent_voirie, ville.collegue_voirie)
    assert Modification.objects.get().compte == ville.responsable_voirie


@pytest.mark.parametrize("qui", ["collegue_voirie", "responsable_proprete", "agent_accueil"])
def test_nobody_else_does(ville, qui):
    delegation = Delegation.objects.create(
        titulaire=ville.agent_voirie,
        suppleant=ville.responsable_voirie,
        du=timezone.localdate(),
        au=timezone.localdate(),
    )
    client = entrer(getattr(ville, qui))

    assert client.get(f"{ADRESSE}{ville.agent_voirie.pk}/").status_code == 404
    assert client.post(f"{ADRESSE}{ville.agent_voirie.pk}/", donnees(ville.agent_proprete)).status_code == 404
    assert client.post(f"{ADRESSE}{delegation.pk}/terminer/").status_code == 404
    assert Delegation.objects.get().au == timezone.localdate()


def test_a_deputy_does_not_lend_further_what_was_lent(ville):
    """The deputy of a head is no head: the team's absences stay out of reach."""
    jour = timezone.localdate()
    Delegation.objects.create(
        titulaire=ville.responsable_voirie, suppleant=ville.collegue_voirie, du=jour, au=jour
    )

    client = entrer(ville.collegue_voirie)

    assert client.get(f"{ADRESSE}{ville.agent_voirie.pk}/").status_code == 404


def test_an_administrator_s_right_is_not_lent(ville):
    factories.affecter(ville.administrateur, Role.AGENT_DIRECTION, ville.voirie)

    entrer(ville.administrateur).post(ADRESSE, donnees(ville.agent_voirie))

    (prete,) = Perimetre.de(ville.agent_voirie).delegues
    assert (prete.compte, prete.roles) == (ville.administrateur, frozenset({Role.AGENT_DIRECTION}))
    assert entrer(ville.agent_voirie).get("/agent/administration/").status_code == 404


def test_the_domain_itself_refuses_a_deputy_from_elsewhere(ville):
    jour = timezone.localdate()

    with pytest.raises(DonneeInvalide, match="travaille dans un même lieu"):
        effectifs.deleguer(
            ville.agent_voirie, ville.agent_proprete, du=jour, au=jour, par=ville.administrateur
        )

    assert (Delegation.objects.count(), Modification.objects.count()) == (0, 0)
