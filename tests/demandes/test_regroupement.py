"""Demandes about one thing: who may be grouped, what follows the main one, what comes back when set apart."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from demandes import actions
from demandes.actions import astreintes
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import CoSignalant, Demande, TypeDemande
from guichet.organisation.models import Astreinte
from tests import factories
from tests.demandes.gestes import relire, session, url


def regrouper(ville: factories.Ville, demande: Demande, principale: Demande) -> Any:
    donnees = {"version": relire(demande).version, "principale": "autre", "numero": principale.numero}
    return session(ville.agent_accueil).post(url(demande, "fusionner"), donnees)


# -- who may be grouped


@pytest.mark.parametrize("anonymes", [False, True])
@pytest.mark.parametrize("autre_est_la_demande", [False, True])
def test_two_people_are_grouped_only_when_both_report_a_fact(ville, anonymes, autre_est_la_demande):
    """Nobody's name is not a shared name: two anonymous demandes are two people's."""
    autre_type = factories.creer_type("ACTE", ville.voirie, nature=TypeDemande.Nature.DEMANDE)
    signalement = factories.demande_dans(Etat.QUALIFIEE, ville, est_anonyme=anonymes)
    autre = factories.demande_dans(Etat.QUALIFIEE, ville, type=autre_type, est_anonyme=anonymes)
    demande, principale = (autre, signalement) if autre_est_la_demande else (signalement, autre)

    reponse = regrouper(ville, demande, principale)

    assert reponse.status_code == 422
    assert "seuls des signalements peuvent être regroupés" in reponse.content.decode()
    assert relire(demande).etat == Etat.QUALIFIEE
    assert not CoSignalant.objects.exists()


def test_one_person_may_have_two_demandes_of_any_kind_grouped(ville):
    autre_type = factories.creer_type("ACTE", ville.voirie, nature=TypeDemande.Nature.DEMANDE)
    jeanne = factories.creer_usager()
    demande, principale = (
        factories.demande_dans(Etat.QUALIFIEE, ville, usager=jeanne, type=autre_type) for _ in range(2)
    )

    regrouper(ville, demande, principale)

    assert relire(demande).principale == principale


# -- what follows the main one


def test_the_urgency_of_a_grouped_demande_is_that_of_the_main_one(ville):
    """In the night, whoever is on duty is called for the main one."""
    maintenant = timezone.now()
    principale = factories.demande_dans(Etat.ORIENTEE, ville)
    demande = factories.demande_dans(Etat.QUALIFIEE, ville, est_urgente=True)
    Astreinte.objects.create(
        direction=ville.voirie,
        compte=ville.agent_voirie,
        debut=maintenant - timedelta(hours=1),
        fin=maintenant + timedelta(days=1),
    )

    regrouper(ville, demande, principale)

    apres = relire(principale)
    assert apres.est_urgente
    astreintes.veiller_sur(apres)
    assert apres.journal.filter(geste="appeler_l_astreinte").count() == 1


def test_a_grouped_demande_that_can_wait_changes_nothing_of_the_main_one(ville):
    principale = factories.demande_dans(Etat.ORIENTEE, ville, est_urgente=True)

    regrouper(ville, factories.demande_dans(Etat.QUALIFIEE, ville), principale)

    assert relire(principale).est_urgente


# -- what comes back


def test_setting_one_apart_brings_back_those_it_had_brought(ville):
    """A → B → C → D and E → C: without C, A and B follow C again, E too, and D keeps nobody but F."""
    a, b, c, d, e, f = (factories.demande_dans(Etat.QUALIFIEE, ville) for _ in range(6))
    for demande, principale in ((a, b), (e, c), (b, c), (f, d), (c, d)):
        assert regrouper(ville, demande, principale).status_code == 303
    assert {relire(x).principale for x in (a, b, c, e, f)} == {d}

    actions.defusionner(relire(c), auteur=Auteur.agent(ville.responsable_accueil))

    assert [relire(x).principale for x in (a, b, c, e, f)] == [c, c, None, c, d]
    suivies = dict(CoSignalant.objects.values_list("origine", "principale"))
    assert suivies == {a.pk: c.pk, b.pk: c.pk, e.pk: c.pk, f.pk: d.pk}
