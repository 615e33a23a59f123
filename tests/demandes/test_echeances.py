"""What time does on its own: once each, caught up after a stop, one fault stopping nobody else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from demandes import actions
from demandes.actions import echeances
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Decision, Etat
from demandes.models import Demande
from guichet.envois.models import Envoi
from guichet.organisation.models import Role
from guichet.socle.erreurs import Refus
from tests import factories

# A Monday morning far from any closed day.
DEBUT = datetime.fromisoformat("2026-09-14T09:00:00+02:00")
RIEN = {"relances": 0, "complements_expires": 0, "closes": 0, "decisions_implicites": 0}


@pytest.fixture(autouse=True)
def _debut(time_machine: Any) -> None:
    time_machine.move_to(DEBUT, tick=False)


@pytest.fixture
def apres(time_machine: Any) -> Callable[..., dict[str, int]]:
    """Let this long pass since the beginning, then let time act once; return what it did."""

    def passer(**duree: float) -> dict[str, int]:
        time_machine.move_to(DEBUT + timedelta(**duree), tick=False)
        return {cle: nombre for cle, nombre in actions.suivre().items() if cle in RIEN}

    return passer


def fait(**attendu: int) -> dict[str, int]:
    return RIEN | attendu


def relire(demande: Demande) -> Demande:
    return Demande.objects.pour_fil().get(pk=demande.pk)


def gestes(demande: Demande) -> list[str]:
    return list(demande.journal.order_by("rang").values_list("geste", flat=True))


# -- the complement


def test_the_resident_is_reminded_once_a_week_before_the_deadline(ville, apres):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)

    assert apres(days=22) == fait()
    assert apres(days=23) == fait(relances=1)
    assert apres(days=24) == fait()

    assert gestes(demande).count("relancer_l_usager") == 1
    assert relire(demande).etat == Etat.ATTENTE_USAGER
    relance = Envoi.objects.get(cle__contains=":relance:")
    assert relance.destinataire == demande.usager.courriel
    assert "Photo du trou" in relance.corps


def test_a_reminder_by_an_agent_is_not_repeated(ville, apres):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    actions.relancer_l_usager(demande, auteur=Auteur.agent(ville.agent_voirie))

    assert apres(days=23) == fait()
    with pytest.raises(Refus, match="déjà été relancé"):
        actions.relancer_l_usager(relire(demande), auteur=SYSTEME)


def test_who_chose_sms_is_reminded_by_sms(ville, apres, settings, tmp_path):
    settings.GUICHET_SMS, settings.GUICHET_SMS_DOSSIER = "dossier", tmp_path
    paul = factories.creer_usager("Paul", "Roux", telephone="06 39 98 12 34", canal_prefere="sms")
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville, usager=paul)

    assert apres(days=23) == fait(relances=1)

    envoi = demande.messages.get(nature="avis").envoi
    assert (envoi.canal, envoi.destinataire) == ("sms", "+33639981234")
    assert not Envoi.objects.filter(cle__contains=":relance:").exists()


def test_a_reminder_on_paper_waits_to_be_posted_and_closes_nothing_until_then(ville, apres):
    zoe = factories.creer_usager("Zoé", "Roux", courriel="", adresse="3 rue Neuve, 69100 Valmont")
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville, usager=zoe)
    agent = Auteur.agent(ville.agent_voirie)

    assert apres(days=23) == fait(relances=1)

    rappel = demande.messages.get(nature="avis")
    assert (rappel.canal, rappel.remise.remise_le) == ("courrier", None)
    assert "Photo du trou" in rappel.corps
    assert "ce courriel" not in rappel.corps
    apres(days=31)
    with pytest.raises(Refus, match="pas encore remis"):
        actions.classer_sans_suite(relire(demande), auteur=agent, motif="delai_expire")
    assert relire(demande).etat == Etat.ATTENTE_USAGER
    jour = timezone.localdate()
    actions.marquer_remise(
        relire(demande), auteur=Auteur.agent(ville.agent_accueil), message=rappel, remise_le=jour
    )
    actions.classer_sans_suite(relire(demande), auteur=agent, motif="delai_expire")
    assert demande.messages.filter(nature="avis").latest("pk").remise.numero is not None


def test_nobody_to_remind_is_not_reminded(ville, apres):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=None, est_anonyme=True)
    actions.demander_complement(
        demande,
        auteur=Auteur.agent(ville.agent_voirie),
        elements=["Photo"],
        texte="Merci d'envoyer une photo.",
        delai_jours=30,
        est_indispensable=True,
    )

    assert apres(days=23) == fait()
    with pytest.raises(Refus, match="aucun moyen de la joindre"):
        actions.relancer_l_usager(relire(demande), auteur=SYSTEME)
    assert demande.complements.get().relance_le is None
    assert gestes(demande).count("relancer_l_usager") == 0


def test_without_the_complement_the_work_resumes_by_itself(ville, apres):
    ville.type_voirie.sans_suite_autorise = False
    ville.type_voirie.save()
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    attendue = demande.echeance_service

    assert apres(days=30) == fait(relances=1), "the last day is the resident's"
    assert apres(days=31) == fait(complements_expires=1)
    assert apres(days=32) == fait()

    demande = relire(demande)
    assert (demande.etat, demande.service_suspendu_le) == (Etat.PRISE_EN_CHARGE, None)
    assert demande.echeance_service > attendue
    assert demande.complements.get().clos_sans_le == timezone.now() - timedelta(days=1)


def test_where_it_may_be_closed_the_agent_has_a_week_to_choose(ville, apres):
    a_classer = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    oubliee = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    assert apres(days=25) == fait(relances=2)

    assert apres(days=31) == fait()
    actions.classer_sans_suite(
        relire(a_classer), auteur=Auteur.agent(ville.agent_voirie), motif="delai_expire"
    )
    assert apres(days=37) == fait()
    assert apres(days=38) == fait(complements_expires=1)

    a_classer, oubliee = relire(a_classer), relire(oubliee)
    assert (a_classer.etat, a_classer.decision) == (Etat.CLOSE, Decision.SANS_SUITE)
    assert oubliee.etat == Etat.PRISE_EN_CHARGE


# -- closing


def test_what_was_answered_closes_after_fifteen_days_unless_somebody_wrote(ville, apres):
    muette = factories.demande_dans(Etat.TRAITEE, ville)
    bavarde = factories.demande_dans(Etat.TRAITEE, ville)
    actions.ecrire_a_la_ville(bavarde, auteur=Auteur.habitant(bavarde.usager), texte="Et le trottoir ?")

    assert apres(days=15) == fait()
    assert apres(days=15, minutes=1) == fait(closes=1)
    assert apres(days=90)["closes"] == 0

    assert relire(muette).etat == Etat.CLOSE
    assert relire(bavarde).etat == Etat.TRAITEE


# -- silence


def test_silence_decides_on_its_day_once_and_the_demande_stays_open(ville, apres):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    jour = datetime.fromisoformat("2026-11-14").date()
    assert demande.echeance_legale == jour

    assert apres(days=60) == fait()
    assert apres(days=61) == fait(decisions_implicites=1)
    assert apres(days=62) == fait()

    demande = relire(demande)
    assert (demande.etat, demande.decision_implicite_le, demande.decision) == (
        Etat.PRISE_EN_CHARGE,
        jour,
        "",
    )
    note = demande.messages.get(sens="interne")
    assert note.corps.startswith("Le silence de la ville vaut rejet depuis le 14/11/2026.")
    assert note.visibilite == "interne"
    with pytest.raises(Refus):
        actions.inscrire_la_decision_implicite(demande)


def test_silence_never_decides_while_the_resident_is_awaited(ville, apres):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    apres(days=50)
    actions.demander_complement(
        demande,
        auteur=Auteur.agent(ville.agent_voirie),
        elements=["Photo"],
        texte="Merci d'envoyer une photo.",
        delai_jours=30,
        est_indispensable=True,
    )

    assert apres(days=70)["decisions_implicites"] == 0
    assert relire(demande).echeance_legale == datetime.fromisoformat("2026-12-14").date()


def test_silence_means_nothing_where_the_type_says_so(ville, apres):
    ville.type_voirie.regime_silence, ville.type_voirie.silence_delai = "sans_objet", None
    ville.type_voirie.save()
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    assert apres(days=400)["decisions_implicites"] == 0
    assert relire(demande).echeance_legale is None


# -- alerts


def alertes(demande: Demande) -> list[int]:
    return [d["palier"] for d in demande.journal.filter(geste="alerter").values_list("details", flat=True)]


def test_each_step_is_told_once_to_those_who_answer_for_it(ville, time_machine):
    """Five working days from Monday: 80 % on Friday evening, 100 % after Monday, 150 % three days on."""
    directrice = factories.creer_agent("Di", "Rectrice", Role.DIRECTEUR, ville.voirie)
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    destinataires = {
        80: {ville.agent_voirie.courriel},
        100: {ville.responsable_voirie.courriel, ville.accueil.courriel},
        150: {directrice.courriel, ville.responsable_accueil.courriel},
    }
    Envoi.objects.all().delete()

    for instant, palier in (
        ("2026-09-17T18:00:00+02:00", None),
        ("2026-09-18T18:00:00+02:00", 80),
        ("2026-09-22T09:00:00+02:00", 100),
        ("2026-09-24T18:00:00+02:00", 150),
        ("2026-10-30T09:00:00+01:00", None),
    ):
        time_machine.move_to(instant, tick=False)
        faits = [actions.suivre()["alertes"], actions.suivre()["alertes"]]
        assert faits == ([1, 0] if palier else [0, 0]), instant
        envois = Envoi.objects.filter(cle__contains=":agents/alerte:")
        assert {envoi.destinataire for envoi in envois} == (destinataires[palier] if palier else set()), (
            instant
        )
        envois.delete()

    assert alertes(demande) == [80, 100, 150]


def test_after_a_long_stop_the_worst_is_told_to_those_of_every_step(ville, time_machine):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    time_machine.move_to(DEBUT + timedelta(days=30), tick=False)

    actions.suivre()

    assert alertes(demande) == [150]
    alertes_envoyees = Envoi.objects.filter(cle__contains=":agents/alerte:")
    assert {envoi.destinataire for envoi in alertes_envoyees} == {
        ville.voirie.courriel,
        ville.responsable_voirie.courriel,
        ville.accueil.courriel,
        ville.responsable_accueil.courriel,
    }


@pytest.mark.parametrize("etat", [Etat.ATTENTE_USAGER, Etat.ATTENTE_TIERS, Etat.TRAITEE, Etat.ANNULEE])
def test_a_clock_that_does_not_run_alerts_nobody(ville, time_machine, etat):
    demande = factories.demande_dans(etat, ville)
    time_machine.move_to(DEBUT + timedelta(days=14), tick=False)

    actions.suivre()

    assert alertes(demande) == []


# -- after a stop, after a fault, with two schedulers


def test_a_scheduler_dead_for_three_months_catches_everything_up(ville, apres):
    ville.type_voirie.sans_suite_autorise = False
    ville.type_voirie.save()
    attend, traitee, prise = (
        factories.demande_dans(etat, ville)
        for etat in (Etat.ATTENTE_USAGER, Etat.TRAITEE, Etat.PRISE_EN_CHARGE)
    )

    assert apres(days=95) == fait(complements_expires=1, closes=1, decisions_implicites=2)
    assert apres(days=95) == fait()

    assert [relire(d).etat for d in (attend, traitee, prise)] == [
        Etat.PRISE_EN_CHARGE,
        Etat.CLOSE,
        Etat.PRISE_EN_CHARGE,
    ]


def test_one_fault_stops_nobody_else(ville, apres, monkeypatch):
    demandes = [factories.demande_dans(Etat.TRAITEE, ville) for _ in range(3)]
    clore = echeances.clore

    def tomber(demande, **donnees):
        if demande.pk == demandes[1].pk:
            raise ZeroDivisionError
        return clore(demande, **donnees)

    monkeypatch.setattr(echeances, "clore", tomber)
    assert apres(days=16) == fait(closes=2)
    monkeypatch.undo()
    assert apres(days=16) == fait(closes=1)


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_remind_close_and_alert_once():
    ville = factories.creer_ville()
    demandes = [
        factories.demande_dans(etat, ville)
        for etat in (Etat.ATTENTE_USAGER, Etat.TRAITEE, Etat.PRISE_EN_CHARGE)
        for _ in range(3)
    ]
    depart = threading.Barrier(4)

    def suivre(_rang: int) -> None:
        depart.wait()
        try:
            actions.suivre()
        finally:
            connections.close_all()

    for jours in (24, 62):
        with time_machine.travel(DEBUT + timedelta(days=jours), tick=False), ThreadPoolExecutor(4) as equipe:
            list(equipe.map(suivre, range(4)))

    systeme = [geste for demande in demandes for geste in gestes(demande)]
    assert systeme.count("relancer_l_usager") == 3
    assert systeme.count("clore") == 3
    assert systeme.count("inscrire_la_decision_implicite") == 3
    assert all(len(alertes(d)) == len(set(alertes(d))) for d in demandes)
