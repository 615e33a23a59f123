"""What colleagues are told because a date came or a demande came back: once, and to the right ones."""

from datetime import datetime, timedelta

import pytest

from demandes import actions
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import Demande
from guichet.envois.models import Envoi
from guichet.socle.erreurs import Refus
from tests import factories

# A Monday morning far from any closed day.
DEBUT = datetime.fromisoformat("2026-09-14T09:00:00+02:00")


@pytest.fixture(autouse=True)
def _debut(time_machine):
    time_machine.move_to(DEBUT, tick=False)


@pytest.fixture
def apres(time_machine):
    """Let this long pass since the beginning; return how many reminders one pass gives, then another."""

    def passer(**duree):
        time_machine.move_to(DEBUT + timedelta(**duree), tick=False)
        return actions.suivre()["rappels"], actions.suivre()["rappels"]

    return passer


def rappels(objet):
    """(address, subject) of the mails of this kind, by their subject's words."""
    envois = Envoi.objects.filter(cle__contains=":agents/rappel:", objet__contains=objet)
    return {envoi.destinataire for envoi in envois}


def test_whoever_waits_for_a_third_party_is_told_on_its_day_then_every_week(ville, apres):
    demande = factories.demande_dans(Etat.ATTENTE_TIERS, ville)
    jours = (demande.tiers_relance_le - DEBUT.date()).days

    assert apres(days=jours - 1) == (0, 0)
    assert apres(days=jours) == (1, 0)
    assert apres(days=jours + 6) == (0, 0)
    assert apres(days=jours + 7) == (1, 0)

    assert rappels("un tiers est à relancer") == {ville.agent_voirie.courriel}
    demande = Demande.objects.get(pk=demande.pk)
    assert demande.etat == Etat.ATTENTE_TIERS
    assert demande.tiers_relance_le == DEBUT.date() + timedelta(days=jours + 14)
    lignes = demande.journal.filter(geste="rappeler").values_list("details__rappel", flat=True)
    assert list(lignes) == ["tiers", "tiers"]


def test_what_nobody_takes_in_two_working_days_is_told_once_per_orientation(ville, apres):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    assert apres(days=2, hours=10) == (0, 0), "the second working day is not over"
    assert apres(days=3) == (1, 0)
    assert apres(days=10) == (0, 0)
    assert rappels("personne ne l'a prise") == {ville.responsable_voirie.courriel, ville.accueil.courriel}

    actions.reorienter(
        Demande.objects.get(pk=demande.pk),
        auteur=Auteur.agent(ville.agent_voirie),
        motif="mauvaise_direction",
        direction=ville.proprete,
    )
    assert apres(days=15) == (1, 0)
    assert ville.responsable_proprete.courriel in rappels("personne ne l'a prise")


def test_a_week_end_is_no_working_day(ville, time_machine):
    time_machine.move_to("2026-09-18T16:00:00+02:00", tick=False)
    factories.demande_dans(Etat.ORIENTEE, ville)

    time_machine.move_to("2026-09-22T18:00:00+02:00", tick=False)
    assert actions.suivre()["rappels"] == 0
    time_machine.move_to("2026-09-23T08:00:00+02:00", tick=False)
    assert actions.suivre()["rappels"] == 1


def test_silence_is_announced_a_month_two_weeks_a_week_and_a_day_before(ville, apres):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    reste = (demande.echeance_legale - DEBUT.date()).days

    faits = [apres(days=reste - jours) for jours in (31, 30, 20, 15, 7, 1)]

    assert faits == [(0, 0), (1, 0), (0, 0), (1, 0), (1, 0), (1, 0)]
    assert rappels("le silence va décider") == {
        ville.agent_voirie.courriel,
        ville.voirie.courriel,
        ville.accueil.courriel,
        ville.responsable_voirie.courriel,
    }
    apres(days=reste)
    assert ville.voirie.courriel in rappels("le silence a décidé")
    assert all(demande.objet not in envoi.corps for envoi in Envoi.objects.filter(nature="alerte"))


def test_after_a_long_stop_the_nearest_step_alone_is_told(ville, apres):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    reste = (demande.echeance_legale - DEBUT.date()).days

    assert apres(days=reste - 5) == (1, 0)
    assert list(demande.journal.filter(geste="rappeler").values_list("details__jours", flat=True)) == [7]


def test_work_that_resumes_by_itself_is_told_to_who_holds_it(ville, time_machine):
    ville.type_voirie.sans_suite_autorise = False
    ville.type_voirie.save()
    factories.demande_dans(Etat.ATTENTE_USAGER, ville)

    time_machine.move_to(DEBUT + timedelta(days=31), tick=False)
    actions.suivre()

    assert rappels("le délai de complément est passé") == {ville.agent_voirie.courriel}


def test_the_owning_desk_is_told_of_what_comes_back(ville):
    rouverte = factories.demande_dans(Etat.TRAITEE, ville)
    actions.rouvrir(rouverte, auteur=Auteur.habitant(rouverte.usager), motif="non_resolu")
    renvoyee = factories.demande_dans(Etat.ORIENTEE, ville)
    actions.renvoyer_a_l_accueil(
        renvoyee, auteur=Auteur.agent(ville.agent_voirie), motif="deuxieme_reorientation"
    )

    assert rappels("elle est rouverte") == {ville.accueil.courriel}
    assert rappels("elle revient à l'accueil") == {ville.responsable_accueil.courriel}


def test_nobody_is_reminded_twice_whatever_calls(ville, apres):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    apres(days=4)

    with pytest.raises(Refus):
        actions.rappeler(Demande.objects.get(pk=demande.pk), "prise_en_charge")
    with pytest.raises(Refus):
        actions.rappeler(Demande.objects.get(pk=demande.pk), "tiers")

    assert demande.journal.filter(geste="rappeler").count() == 1
    assert SYSTEME.genre == demande.journal.get(geste="rappeler").auteur
