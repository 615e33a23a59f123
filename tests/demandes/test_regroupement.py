"""Demandes about one thing: who may be grouped, what follows the main one, what comes back when set apart."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from demandes import actions, suivi
from demandes.actions import astreintes
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import CoSignalant, Demande, TypeDemande
from guichet.envois.models import Envoi
from guichet.organisation.models import Astreinte
from guichet.socle.erreurs import Refus
from tests import factories
from tests.demandes.gestes import relire, session, url

DEMAIN = timezone.now() + timedelta(days=1)


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


# What the main one does, from where, and what those who follow it read.
MOUVEMENTS: dict[str, tuple[Etat, str, dict[str, Any], str]] = {
    "prendre_en_charge": (Etat.ORIENTEE, "agent_voirie", {}, "En cours de traitement"),
    "planifier": (Etat.PRISE_EN_CHARGE, "agent_voirie", {"pour": DEMAIN}, "Intervention prévue le "),
    "rejeter": (
        Etat.QUALIFIEE,
        "agent_accueil",
        {"motif": "irrecevable", "texte": "Mots pour Jeanne."},
        "Non recevable",
    ),
    "transmettre": (
        Etat.QUALIFIEE,
        "agent_accueil",
        {"organisme": "Métropole de la Saône", "contact": "04 65 71 60 00"},
        "Transmise à Métropole de la Saône",
    ),
    "annuler": (Etat.QUALIFIEE, "agent_accueil", {"motif": "spam"}, "Annulée"),
    "repondre": (
        Etat.PRISE_EN_CHARGE,
        "agent_voirie",
        {"texte": "Mots pour Jeanne.", "decision": "accord"},
        "La ville vient d'y répondre.",
    ),
}


@pytest.mark.parametrize("geste", MOUVEMENTS)
def test_whoever_was_grouped_hears_of_each_move_on_their_own_number(ville, geste):
    etat, qui, donnees, nouvelle = MOUVEMENTS[geste]
    principale = factories.demande_dans(etat, ville)
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)
    regrouper(ville, demande, principale)
    Envoi.objects.all().delete()

    getattr(actions, geste)(relire(principale), auteur=Auteur.agent(getattr(ville, qui)), **donnees)

    recu = Envoi.objects.get(destinataire=demande.usager.courriel)
    assert recu.reference == f"demande:{demande.numero}"
    assert nouvelle in recu.corps
    assert principale.numero not in recu.corps
    assert "Mots pour Jeanne." not in recu.corps


def test_one_person_who_filed_both_hears_once(ville):
    jeanne = factories.creer_usager()
    principale = factories.demande_dans(Etat.ORIENTEE, ville, usager=jeanne)
    regrouper(ville, factories.demande_dans(Etat.QUALIFIEE, ville, usager=jeanne), principale)
    Envoi.objects.all().delete()

    actions.prendre_en_charge(relire(principale), auteur=Auteur.agent(ville.agent_voirie))

    assert Envoi.objects.get().reference == f"demande:{principale.numero}"


def test_its_resident_does_not_stop_what_others_follow(client, ville):
    principale = factories.demande_dans(Etat.ORIENTEE, ville)
    lien = suivi.chemin_de_suivi(principale)
    regrouper(ville, factories.demande_dans(Etat.QUALIFIEE, ville), principale)

    page = client.get(lien)
    client.post(lien, {"geste": "annuler", "version": relire(principale).version})
    with pytest.raises(Refus, match="elle continue pour elles"):
        actions.annuler(principale, auteur=Auteur.porteur_du_lien(principale), motif="usager")

    assert "elle continue pour elles" in page.content.decode()
    assert page.context["annulation"] is None
    assert relire(principale).etat == Etat.ORIENTEE


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
