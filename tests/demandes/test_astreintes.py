"""Urgent and closed: who is called, in what order, once each, until somebody takes it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from demandes import actions, recit
from demandes.actions import astreintes
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande
from demandes.reperes import reperes
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import Affectation, Astreinte, HeuresOuverture, JourFerme
from guichet.socle.calendrier import PARIS
from guichet.socle.erreurs import Refus
from tests import factories

NUIT = datetime(2026, 9, 14, 22, 0, tzinfo=PARIS)  # a Monday


@pytest.fixture(autouse=True)
def _nuit(time_machine: Any) -> None:
    time_machine.move_to(NUIT, tick=False)


@pytest.fixture
def a(time_machine: Any) -> Callable[[datetime], int]:
    """Watch once at this instant; return how many calls were made."""

    def veiller(instant: datetime) -> int:
        time_machine.move_to(instant, tick=False)
        return astreintes.veiller()

    return veiller


def planifier(ville, compte=None, debut=NUIT - timedelta(days=60), fin=NUIT + timedelta(days=60), **champs):
    return Astreinte.objects.create(
        direction=ville.voirie, compte=compte or ville.agent_voirie, debut=debut, fin=fin, **champs
    )


def urgente(ville, etat: str = Etat.ORIENTEE, **depot: Any) -> Demande:
    return factories.demande_dans(etat, ville, est_urgente=True, **depot)


def relire(demande: Demande) -> Demande:
    return Demande.objects.pour_fil().get(pk=demande.pk)


def appels() -> list[str]:
    return list(Envoi.objects.filter(nature="urgence").order_by("pk").values_list("destinataire", flat=True))


def lien(envoi: Envoi) -> str:
    return next(mot for mot in envoi.corps.split() if "/agent/astreinte/prendre/" in mot).partition("8000")[2]


# -- when


@pytest.mark.parametrize(
    ("quand", "appelle"),
    [
        ("2026-09-14 08:29", True),
        ("2026-09-14 08:30", False),
        ("2026-09-14 11:59", False),
        ("2026-09-14 12:00", True),  # lunch
        ("2026-09-14 13:30", False),
        ("2026-09-14 17:00", True),
        ("2026-09-19 10:00", True),  # Saturday
        ("2026-07-14 10:00", True),  # public holiday
        ("2026-10-25 08:45", True),  # Sunday of the clock change
        ("2026-10-26 08:29", True),  # the morning after: winter time
        ("2026-10-26 08:30", False),
        ("2026-03-30 08:30", False),  # the morning after: summer time
    ],
)
def test_somebody_is_called_only_while_the_direction_is_closed(ville, a, time_machine, quand, appelle):
    instant = datetime.fromisoformat(quand).replace(tzinfo=PARIS)
    time_machine.move_to(instant - timedelta(days=1), tick=False)
    planifier(ville, debut=instant - timedelta(days=2), fin=instant + timedelta(days=2))
    urgente(ville)

    assert a(instant) == int(appelle)
    assert appels() == [ville.agent_voirie.courriel] * appelle


def test_a_local_closure_and_own_hours_count(ville, a):
    planifier(ville)
    urgente(ville)
    HeuresOuverture.objects.create(direction=ville.voirie, jour=1, debut=time(6), fin=time(22))
    JourFerme.objects.create(jour=date(2026, 9, 22), libelle="Inventaire", direction=ville.voirie)

    assert a(datetime(2026, 9, 15, 21, 59, tzinfo=PARIS)) == 0
    assert a(datetime(2026, 9, 22, 10, 0, tzinfo=PARIS)) == 1


# -- what


def test_what_is_not_urgent_or_already_held_calls_nobody(ville):
    planifier(ville)
    factories.demande_dans(Etat.ORIENTEE, ville)
    urgente(ville, Etat.PRISE_EN_CHARGE)

    assert astreintes.veiller() == 0
    assert appels() == []


def test_a_night_deposit_goes_to_its_direction_without_waiting_for_the_desk(ville):
    planifier(ville)
    demande = urgente(ville, Etat.NOUVELLE, canal=Canal.PORTAIL)

    assert astreintes.veiller() == 1

    lue = relire(demande)
    assert (lue.etat, lue.direction) == (Etat.ORIENTEE, ville.voirie)
    assert list(lue.journal.order_by("rang").values_list("geste", "auteur"))[-3:] == [
        ("qualifier", "systeme"),
        ("orienter", "systeme"),
        ("appeler_l_astreinte", "systeme"),
    ]


def test_the_desk_has_five_minutes_to_route_what_it_types(ville, a):
    planifier(ville)
    demande = urgente(ville, Etat.NOUVELLE)

    assert a(NUIT + timedelta(minutes=4)) == 0
    assert relire(demande).etat == Etat.NOUVELLE
    assert a(NUIT + timedelta(minutes=5)) == 1


def test_without_a_type_nobody_can_be_called(ville, a):
    planifier(ville)
    demande = urgente(ville, Etat.NOUVELLE, type=None, canal=Canal.PORTAIL)

    assert a(NUIT + timedelta(hours=1)) == 0
    assert relire(demande).etat == Etat.NOUVELLE


def test_an_answer_makes_it_urgent(ville):
    ville.type_voirie.urgence_si = [{"champ": "nature", "vaut": "trou"}]
    ville.type_voirie.save()

    assert factories.deposer(ville, reponses={"nature": "trou"}).est_urgente
    assert not factories.deposer(ville, reponses={"nature": "bordure"}).est_urgente


# -- who


def test_twice_is_once_then_the_next_person_then_nobody(ville, a):
    planifier(ville)
    planifier(ville, ville.collegue_voirie, courriel="garde@demo.example", telephone="06 39 98 00 01")
    demande = urgente(ville)

    assert (astreintes.veiller(), astreintes.veiller()) == (1, 0)
    assert a(NUIT + timedelta(minutes=14)) == 0
    assert a(NUIT + timedelta(minutes=15)) == 1
    assert a(NUIT + timedelta(minutes=30)) == 1
    assert a(NUIT + timedelta(hours=3)) == 0

    assert appels() == [ville.agent_voirie.courriel, "garde@demo.example", ville.responsable_voirie.courriel]
    details = [ligne.details for ligne in astreintes.appels_de(relire(demande))]
    assert [(d["rang"], d["qui"], d["compte"]) for d in details] == [
        (1, "astreinte", ville.agent_voirie.pk),
        (2, "astreinte", ville.collegue_voirie.pk),
        (3, "responsable", ville.responsable_voirie.pk),
    ]
    assert "vous êtes prévenu comme responsable" in Envoi.objects.filter(nature="urgence").latest("pk").corps


def test_nobody_planned_falls_back_to_the_head_and_says_so(ville):
    planifier(ville, fin=NUIT)  # ends at this very instant
    demande = urgente(ville)

    assert astreintes.veiller() == 1
    assert appels() == [ville.responsable_voirie.courriel]
    ligne = relire(demande).journal.latest("rang")
    assert recit.raconter(ligne, reperes()) == (
        "Astreinte de Voirie appelée, rang 1 : le responsable, faute d'astreinte"
    )


def test_without_anybody_the_mailbox_of_the_direction_is_told(ville):
    Affectation.objects.filter(direction=ville.voirie, role="responsable_direction").delete()
    urgente(ville)

    assert astreintes.veiller() == 1
    envoi = Envoi.objects.get(nature="urgence")
    assert envoi.destinataire == ville.voirie.courriel
    assert "Aucune personne d'astreinte n'est prévue" in envoi.corps
    assert "/agent/astreinte/" not in envoi.corps


def test_another_direction_starts_its_own_calls(ville, a):
    planifier(ville)
    demande = urgente(ville)
    astreintes.veiller()
    actions.reorienter(
        relire(demande),
        auteur=Auteur.agent(ville.agent_voirie),
        motif="mauvaise_direction",
        commentaire="Ce sont des déchets.",
        direction=ville.proprete,
    )

    assert a(NUIT + timedelta(minutes=1)) == 1
    assert appels()[-1] == ville.responsable_proprete.courriel


def test_no_word_of_the_resident_leaves_and_a_walled_subject_is_not_named(ville):
    urgente(ville, objet="MOTS DE L'USAGER", texte="MOTS DE L'USAGER")
    urgente(ville, type=ville.type_social)
    astreintes.veiller()

    ouverte, reservee = Envoi.objects.filter(nature="urgence").order_by("pk")
    assert "MOTS" not in ouverte.corps + ouverte.objet
    assert ville.type_voirie.libelle in ouverte.corps
    assert ville.type_social.libelle not in reservee.corps + reservee.objet


def test_what_waits_for_nobody_cannot_be_called_for(ville):
    appele = astreintes.Appele("astreinte", ville.agent_voirie.courriel, ville.agent_voirie)

    with pytest.raises(Refus):
        actions.appeler_l_astreinte(factories.demande_dans(Etat.ORIENTEE, ville), appele)
    assert appels() == []


# -- « J'ai pris »


def test_the_link_shows_then_takes_and_ends_the_calls(ville, a):
    planifier(ville)
    demande = urgente(ville)
    astreintes.veiller()
    adresse, client = lien(Envoi.objects.get(nature="urgence")), Client()

    page = client.get(adresse).content.decode()
    assert "Une demande urgente vous attend" in page
    assert relire(demande).etat == Etat.ORIENTEE

    assert client.post(adresse).status_code == 302
    lue = relire(demande)
    assert (lue.etat, lue.agent_traitant) == (Etat.PRISE_EN_CHARGE, ville.agent_voirie)
    assert "Vous l'avez prise" in client.get(adresse).content.decode()
    assert client.post(adresse).status_code == 200
    assert relire(demande).version == lue.version
    assert a(NUIT + timedelta(hours=1)) == 0


def test_who_comes_second_is_told_and_changes_nothing(ville):
    planifier(ville)
    demande = urgente(ville)
    astreintes.veiller()
    actions.prendre_en_charge(relire(demande), auteur=Auteur.agent(ville.collegue_voirie))
    adresse = lien(Envoi.objects.get(nature="urgence"))

    reponse = Client().post(adresse)

    assert reponse.status_code == 422
    assert "Cette demande n'attend plus" in reponse.content.decode()
    assert relire(demande).agent_traitant == ville.collegue_voirie


def test_a_link_gives_no_more_than_the_rights_of_its_person(ville):
    planifier(ville, ville.agent_proprete)
    demande = urgente(ville)
    astreintes.veiller()

    reponse = Client().post(lien(Envoi.objects.get(nature="urgence")))

    assert reponse.status_code == 422
    assert "pas le droit" in reponse.content.decode()
    assert relire(demande).etat == Etat.ORIENTEE


@pytest.mark.parametrize("jeton", ["invente", "a:b:c", "%00", "W10:1:x"])
def test_a_forged_link_is_a_404(db, jeton):
    assert Client().post(reverse("astreinte_prendre", args=[jeton])).status_code == 404


def test_a_link_dies_after_two_days_and_with_its_account(ville, time_machine):
    planifier(ville)
    urgente(ville)
    astreintes.veiller()
    adresse = lien(Envoi.objects.get(nature="urgence"))
    ville.agent_voirie.is_active = False
    ville.agent_voirie.save()
    assert Client().get(adresse).status_code == 404
    ville.agent_voirie.is_active = True
    ville.agent_voirie.save()

    time_machine.move_to(NUIT + timedelta(days=2, minutes=1), tick=False)

    assert Client().get(adresse).status_code == 404
