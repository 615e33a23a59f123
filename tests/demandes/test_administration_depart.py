"""An agent leaves: what they hold goes to somebody who may have it, then their rights end."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from demandes import actions, tasks
from demandes.actions import fermetures
from demandes.actions.fermetures import cle_de
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, EntreeJournal, Suite
from guichet.envois.models import Envoi
from guichet.organisation import effectifs
from guichet.organisation.models import Agent, Astreinte, Compte, Delegation, Modification, Role
from guichet.organisation.perimetre import Perimetre
from guichet.organisation.sondes import sonder_departs
from guichet.socle.calendrier import PARIS
from guichet.socle.erreurs import DonneeInvalide, Refus
from tests import factories
from tests.demandes.gestes import relire, session


def adresse(compte) -> str:
    return f"/agent/administration/agents/{compte.agent.pk}/depart/"


def jour(decalage: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=decalage)).isoformat()


def libre(direction, secteur: str = "general") -> str:
    return cle_de(direction.pk, secteur, "libre")


def engagee(direction, secteur: str = "general") -> str:
    return cle_de(direction.pk, secteur, "engagee")


def photographie() -> tuple:
    """What a refusal leaves as it was."""
    return (
        list(Demande.objects.order_by("pk").values_list("etat", "agent_traitant", "version")),
        EntreeJournal.objects.count(),
        Modification.objects.count(),
        Envoi.objects.count(),
    )


@pytest.fixture
def admin(ville):
    return session(ville.administrateur)


# -- the story -----------------------------------------------------------------------------------------


def test_an_agent_leaves_today_and_everything_they_held_has_somebody(ville, admin):
    partant, collegue = ville.agent_voirie, ville.collegue_voirie
    prise = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    planifiee = factories.demande_dans(Etat.PLANIFIEE, ville)
    finie = factories.demande_dans(Etat.TRAITEE, ville)
    Delegation.objects.create(
        titulaire=collegue, suppleant=partant, du=date.fromisoformat(jour(5)), au=date.fromisoformat(jour(9))
    )
    envois = Envoi.objects.count()

    page = admin.get(adresse(partant)).content.decode()
    assert "Voirie : 1 demande en cours" in page
    assert "Voirie : 1 demande planifiée, en attente ou à valider" in page
    reponse = admin.post(
        adresse(partant),
        {libre(ville.voirie): "corbeille", engagee(ville.voirie): collegue.pk, "au": jour()},
        follow=True,
    )

    assert "2 demandes ont changé de mains. Le compte est désactivé." in reponse.content.decode()
    prise, planifiee, finie = relire(prise), relire(planifiee), relire(finie)
    assert (prise.etat, prise.agent_traitant, prise.direction) == (Etat.ORIENTEE, None, ville.voirie)
    assert (planifiee.etat, planifiee.agent_traitant) == (Etat.PLANIFIEE, collegue)
    assert finie.agent_traitant == partant, "what is over keeps the name of who did it"
    derniere = planifiee.journal.order_by("rang").last()
    assert (derniere.geste, derniere.compte, derniere.details) == (
        "confier_a_un_collegue",
        ville.administrateur,
        {"agent": collegue.pk, "ancien_agent": partant.pk},
    )
    assert Envoi.objects.count() == envois, "the resident is not written to"
    miennes = session(collegue).get("/agent/corbeille/?vue=miennes").content.decode()
    assert planifiee.numero in miennes
    journal = session(collegue).get(f"/agent/demandes/{planifiee.numero}/?onglet=journal").content.decode()
    assert "Confiée à Inès Fontaine" in journal

    partant.refresh_from_db()
    assert partant.is_active is False
    assert partant.affectations.get().au == timezone.localdate()
    assert not Delegation.objects.exists()
    assert sorted(Modification.objects.values_list("objet_genre", "action")) == [
        ("organisation.affectation", "modification"),
        ("organisation.agent", "modification"),
        ("organisation.delegation", "suppression"),
    ]


def test_posting_twice_changes_nothing_more(ville, admin):
    factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    envoi = {libre(ville.voirie): ville.collegue_voirie.pk, "au": jour()}
    admin.post(adresse(ville.agent_voirie), envoi)
    apres = photographie()

    assert admin.post(adresse(ville.agent_voirie), envoi).status_code == 302
    assert photographie() == apres


def test_a_last_day_to_come_ends_rights_that_evening_and_cuts_the_duty(ville, admin):
    partant = ville.agent_voirie
    debut = datetime.combine(date.fromisoformat(jour(9)), datetime.min.time(), PARIS)
    coupee = Astreinte.objects.create(
        direction=ville.voirie, compte=partant, debut=debut, fin=debut + timedelta(days=4)
    )
    Astreinte.objects.create(
        direction=ville.voirie,
        compte=partant,
        debut=debut + timedelta(days=8),
        fin=debut + timedelta(days=9),
    )

    reponse = admin.post(adresse(partant), {"au": jour(10)}, follow=True)

    assert "Le compte se fermera de lui-même à la fin de son dernier jour." in reponse.content.decode()
    assert "Un rôle donné au-delà annule ce départ." in reponse.content.decode()
    partant.refresh_from_db()
    assert (partant.is_active, partant.affectations.get().au.isoformat()) == (True, jour(10))
    (reste,) = Astreinte.objects.all()
    assert (reste.pk, timezone.localtime(reste.fin).isoformat()[:16]) == (coupee.pk, f"{jour(11)}T00:00")
    with time_machine.travel(timezone.now() + timedelta(days=12)):
        assert Perimetre.de(partant).directions == {}


def test_only_those_cleared_for_the_secteur_are_offered(ville, admin):
    """The administrator here reads no social demande: handing them over shows none."""
    general = factories.creer_agent("Gaël", "Général", Role.AGENT_DIRECTION, ville.ccas)
    admin_general = factories.creer_agent("Ana", "Admin", Role.ADMINISTRATEUR)
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_social)
    client = session(admin_general)

    page = client.get(adresse(ville.agent_ccas)).content.decode()
    assert "Action sociale, secteur social : 1 demande en cours" in page
    assert ("Paul Girard" in page, "Gaël" in page, demande.numero in page) == (True, False, False)
    avant = photographie()
    refusee = client.post(adresse(ville.agent_ccas), {libre(ville.ccas, "social"): general.pk, "au": jour()})
    assert (refusee.status_code, photographie()) == (422, avant)

    client.post(
        adresse(ville.agent_ccas), {libre(ville.ccas, "social"): ville.responsable_ccas.pk, "au": jour()}
    )
    assert relire(demande).agent_traitant == ville.responsable_ccas


# -- the end of the last day ---------------------------------------------------------------------------


@pytest.fixture
def au_lendemain(ville, admin):
    """A departure recorded for five days from now, then the morning after; what was taken meanwhile."""
    prises = [factories.demande_dans(Etat.PRISE_EN_CHARGE, ville) for _ in range(2)]
    planifiee = factories.demande_dans(Etat.PLANIFIEE, ville)
    admin.post(
        adresse(ville.agent_voirie),
        {
            libre(ville.voirie): "corbeille",
            engagee(ville.voirie): ville.collegue_voirie.pk,
            "au": jour(5),
        },
    )
    assert Suite.objects.count() == 2
    assert relire(planifiee).agent_traitant == ville.collegue_voirie
    for demande in prises:
        actions.prendre_en_charge(relire(demande), auteur=Auteur.agent(ville.agent_voirie))
    reprise = factories.demande_dans(Etat.PLANIFIEE, ville)
    with time_machine.travel(datetime.combine(date.fromisoformat(jour(6)), datetime.min.time(), PARIS)):
        yield [*prises, reprise]


def test_the_account_closes_by_itself_and_what_was_taken_meanwhile_follows(ville, au_lendemain):
    *prises, reprise = au_lendemain

    tasks.fermer_les_comptes()

    ville.agent_voirie.refresh_from_db()
    assert ville.agent_voirie.is_active is False
    assert [(relire(d).etat, relire(d).agent_traitant) for d in prises] == [(Etat.ORIENTEE, None)] * 2
    assert (relire(reprise).etat, relire(reprise).agent_traitant) == (Etat.PLANIFIEE, ville.collegue_voirie)
    derniere = reprise.journal.order_by("rang").last()
    assert (derniere.geste, derniere.auteur, derniere.compte) == (
        "confier_a_un_collegue",
        EntreeJournal.Auteur.SYSTEME,
        None,
    )
    ligne = Modification.objects.latest("pk")
    assert (ligne.compte, ligne.objet_genre, ligne.apres) == (
        None,
        "organisation.agent",
        {"compte_actif": False},
    )
    assert not Suite.objects.exists()
    apres = photographie()
    tasks.fermer_les_comptes()
    assert photographie() == apres


def test_nothing_closes_before_the_day_is_over(ville, admin):
    admin.post(adresse(ville.agent_voirie), {"au": jour(5)})
    avant = photographie()

    dernier_soir = datetime.combine(date.fromisoformat(jour(5)), datetime.max.time(), PARIS)
    with time_machine.travel(dernier_soir - timedelta(minutes=1)):
        tasks.fermer_les_comptes()
        assert sonder_departs().est_verte

    assert photographie() == avant
    ville.agent_voirie.refresh_from_db()
    assert ville.agent_voirie.is_active is True


def test_a_colleague_who_left_too_is_replaced_by_the_head_of_the_direction(ville, au_lendemain):
    *_, reprise = au_lendemain
    ville.collegue_voirie.affectations.all().delete()

    tasks.fermer_les_comptes()

    assert relire(reprise).agent_traitant == ville.responsable_voirie


def test_a_promise_that_nobody_can_follow_keeps_its_holder_and_the_account_closes(ville, au_lendemain):
    *_, reprise = au_lendemain
    for compte in (ville.collegue_voirie, ville.responsable_voirie):
        compte.affectations.all().delete()

    tasks.fermer_les_comptes()

    ville.agent_voirie.refresh_from_db()
    assert (relire(reprise).agent_traitant, ville.agent_voirie.is_active) == (ville.agent_voirie, False)
    fiche = session(ville.administrateur).get(f"/agent/administration/agents/{ville.agent_voirie.agent.pk}/")
    assert "quelqu'un doit prendre la suite" in fiche.content.decode()


def test_a_right_given_beyond_the_last_day_keeps_the_agent(ville, au_lendemain):
    factories.affecter(ville.agent_voirie, Role.AGENT_DIRECTION, ville.proprete)

    tasks.fermer_les_comptes()

    ville.agent_voirie.refresh_from_db()
    assert (ville.agent_voirie.is_active, ville.agent_voirie.agent.dernier_jour) == (True, None)
    assert relire(au_lendemain[0]).agent_traitant == ville.agent_voirie


def test_the_health_page_tells_of_an_account_left_open(ville, au_lendemain):
    assert sonder_departs().est_verte
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        sonde = sonder_departs()
    assert (sonde.est_verte, sonde.valeurs) == (False, {"en_retard": 1})


def test_one_departure_that_fails_does_not_hold_the_others(ville, au_lendemain, monkeypatch):
    autre = factories.creer_agent("Léa", "Roche", Role.AGENT_DIRECTION, ville.proprete)
    hier = timezone.localdate() - timedelta(days=1)
    autre.affectations.update(du=hier, au=hier)
    Agent.objects.filter(compte=autre).update(dernier_jour=hier)
    remettre = fermetures.remettre_le_reste

    def echouer(compte):
        if compte == ville.agent_voirie:
            raise RuntimeError
        remettre(compte)

    monkeypatch.setattr(fermetures, "remettre_le_reste", echouer)
    tasks.fermer_les_comptes()

    ouverts = Compte.objects.filter(pk__in=[autre.pk, ville.agent_voirie.pk], is_active=True)
    assert list(ouverts) == [ville.agent_voirie]


def test_opened_again_the_account_has_no_last_day(ville, au_lendemain):
    tasks.fermer_les_comptes()

    effectifs.activer(ville.agent_voirie.agent, est_actif=True, par=ville.administrateur)
    tasks.fermer_les_comptes()

    agent = Agent.objects.get(compte=ville.agent_voirie)
    assert (agent.compte.is_active, agent.dernier_jour) == (True, None)


def test_whoever_s_right_ends_today_cannot_act_tomorrow(ville):
    agent = ville.agent_voirie
    agent.affectations.update(au=timezone.localdate())
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    url = f"/agent/demandes/{demande.numero}/"
    assert session(agent).get(url).status_code == 200

    with time_machine.travel(datetime.combine(date.fromisoformat(jour(1)), datetime.min.time(), PARIS)):
        client = session(agent)
        avant = photographie()
        reponses = [
            client.get(url).status_code,
            client.post(f"{url}gestes/prendre_en_charge/", {"version": demande.version}).status_code,
        ]
        with pytest.raises(Refus):
            actions.prendre_en_charge(demande, auteur=Auteur.agent(agent))

    assert (reponses, photographie()) == ([404, 404], avant)


# -- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choix", ["", "999999", "-1", "\0", "\u202e1", "corbeille\0", "x" * 1_000_000])
def test_a_choice_that_is_not_in_the_list_is_refused_and_the_day_kept(ville, admin, choix):
    factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    avant = photographie()

    reponse = admin.post(adresse(ville.agent_voirie), {libre(ville.voirie): choix, "au": jour(3)})

    page = reponse.content.decode()
    assert (reponse.status_code, photographie()) == (422, avant)
    assert "Dites qui prend la suite dans « Voirie »." in page
    assert f'value="{jour(3)}"' in page


@pytest.mark.parametrize(
    ("au", "phrase"),
    [
        ("", "Donnez une date."),
        ("hier", "Écrivez une date complète"),
        ("\0", "Écrivez une date complète"),
        (jour(-1), "Le dernier jour est aujourd&#x27;hui ou plus tard."),
        (jour(400), "un an à l&#x27;avance, au plus"),
    ],
)
def test_a_wrong_day_hands_nothing_over(ville, admin, au, phrase):
    factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    avant = photographie()

    reponse = admin.post(
        adresse(ville.agent_voirie), {libre(ville.voirie): ville.collegue_voirie.pk, "au": au}
    )

    assert (reponse.status_code, photographie()) == (422, avant)
    assert phrase in reponse.content.decode()
    assert ville.agent_voirie.affectations.get().au is None


def test_what_is_promised_cannot_go_back_to_the_queue(ville, admin):
    factories.demande_dans(Etat.A_VALIDER, ville)
    avant = photographie()

    reponse = admin.post(adresse(ville.agent_voirie), {engagee(ville.voirie): "corbeille", "au": jour()})

    assert (reponse.status_code, photographie()) == (422, avant)


def test_nobody_to_take_what_is_promised_says_what_to_do(ville, admin):
    factories.demande_dans(Etat.PLANIFIEE, ville)
    for compte in (ville.collegue_voirie, ville.responsable_voirie):
        compte.affectations.all().delete()

    page = admin.get(adresse(ville.agent_voirie)).content.decode()

    assert "Personne d&#x27;autre ne peut les prendre : donnez d&#x27;abord un rôle à un collègue" in page


def test_one_does_not_record_ones_own_departure(ville, admin):
    factories.creer_agent("Ana", "Admin", Role.ADMINISTRATEUR)

    assert "C'est votre propre compte" in admin.get(adresse(ville.administrateur)).content.decode()
    reponse = admin.post(adresse(ville.administrateur), {"au": jour()})

    assert reponse.status_code == 422
    ville.administrateur.refresh_from_db()
    assert (ville.administrateur.is_active, ville.administrateur.affectations.get().au) == (True, None)


def test_the_last_administrator_stays_and_what_they_held_with_them(ville):
    """Whoever records the departure is an administrator for a few days more only."""
    bref = factories.creer_agent("Ana", "Admin", Role.ADMINISTRATEUR)
    bref.affectations.update(au=date.fromisoformat(jour(2)))
    factories.affecter(ville.administrateur, Role.AGENT_DIRECTION, ville.voirie)
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    actions.prendre_en_charge(demande, auteur=Auteur.agent(ville.administrateur))
    avant = photographie()

    reponse = session(bref).post(
        adresse(ville.administrateur), {libre(ville.voirie): "corbeille", "au": jour(5)}
    )

    assert (reponse.status_code, photographie()) == (422, avant)
    assert "Il ne resterait plus aucun administrateur" in reponse.content.decode()


def test_the_door_refuses_whoever_may_not_hold_it(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    libre_ = factories.demande_dans(Etat.ORIENTEE, ville)
    auteur = Auteur.agent(ville.administrateur)
    avant = photographie()

    with pytest.raises(DonneeInvalide, match="habilité pour son secteur"), transaction.atomic():
        actions.confier_a_un_collegue(
            demande, auteur=auteur, collegue=ville.agent_proprete, est_verrouillee=True
        )
    with pytest.raises(DonneeInvalide, match="tient déjà"), transaction.atomic():
        actions.confier_a_un_collegue(
            demande, auteur=auteur, collegue=ville.agent_voirie, est_verrouillee=True
        )
    with pytest.raises(Refus, match="Personne ne tient cette demande"), transaction.atomic():
        actions.confier_a_un_collegue(
            libre_, auteur=auteur, collegue=ville.agent_voirie, est_verrouillee=True
        )
    with pytest.raises(Refus, match="Seul l'agent qui tient la demande, ou son responsable"):
        actions.rendre_a_la_corbeille(demande, auteur=auteur)
    assert photographie() == avant


# -- cost ----------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_for_many_demandes_and_each_moves_in_a_few_statements(ville, admin):
    factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    admin.get(adresse(ville.agent_voirie))
    with CaptureQueriesContext(
        connection,
    ) as une:
        admin.get(adresse(ville.agent_voirie))
    for _ in range(9):
        factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    with CaptureQueriesContext(connection) as dix:
        admin.get(adresse(ville.agent_voirie))
    with CaptureQueriesContext(connection) as depart:
        admin.post(adresse(ville.agent_voirie), {libre(ville.voirie): ville.collegue_voirie.pk, "au": jour()})

    assert len(dix) == len(une)
    assert not Demande.objects.filter(agent_traitant=ville.agent_voirie).exists()
    assert len(depart) <= 60 + 10 * 5
