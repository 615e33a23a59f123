"""Planning who is on duty: one's own direction only, periods that make sense, each change in the register."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from demandes.actions import astreintes
from demandes.etats import Etat
from guichet.organisation.models import Astreinte, Modification
from guichet.socle.calendrier import PARIS
from tests import factories

ADRESSE = "/agent/astreinte/"


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture
def bureau(ville: factories.Ville) -> Client:
    client = Client()
    client.force_login(ville.responsable_voirie)
    return client


def saisie(ville: factories.Ville, **champs: Any) -> dict[str, Any]:
    demain = timezone.localtime() + timedelta(days=1)
    return {
        "direction": ville.voirie.pk,
        "compte": ville.agent_voirie.pk,
        "debut": demain.strftime("%Y-%m-%dT18:00"),
        "fin": (demain + timedelta(days=1)).strftime("%Y-%m-%dT08:00"),
        "telephone": "0639980001",
        "courriel": "",
    } | champs


def test_a_head_plans_a_night_and_the_register_says_so(ville, bureau):
    assert bureau.post(ADRESSE, saisie(ville)).status_code == 302

    posee = Astreinte.objects.get()
    assert (posee.compte, posee.telephone) == (ville.agent_voirie, "06 39 98 00 01")
    assert timezone.localtime(posee.debut).hour == 18
    assert posee.adresse == ville.agent_voirie.courriel
    page = bureau.get(ADRESSE).content.decode()
    assert str(ville.agent_voirie) in page
    assert "Personne n'est d'astreinte en ce moment" in page  # tonight is not planned
    assert Modification.objects.get().compte == ville.responsable_voirie


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"fin": "2020-01-01T08:00", "debut": "2020-01-01T07:00"}, "déjà passée"),
        ({"fin": "2020-01-01T08:00"}, "La fin vient après le début."),
        ({"debut": ""}, "Dites quand l&#x27;astreinte commence."),
        ({"debut": "demain\x00"}, "une date et une heure qui existent"),
        ({"telephone": "12"}, "téléphone n&#x27;est pas reconnu"),
        ({"compte": "999999"}, "Choisissez l&#x27;agent."),
    ],
)
def test_a_bad_period_is_refused_in_words_and_keeps_the_rest(ville, bureau, champs, phrase):
    reponse = bureau.post(ADRESSE, saisie(ville, **champs))

    assert reponse.status_code == 422
    assert phrase in reponse.content.decode()
    assert not Astreinte.objects.exists()
    assert not Modification.objects.exists()


def test_an_hour_that_the_clock_skips_is_refused(ville, bureau):
    annee = timezone.localdate().year + 1
    saut = next(
        jour
        for jour in (datetime(annee, 3, 31, 2, 30, tzinfo=UTC) - timedelta(days=n) for n in range(7))
        if jour.weekday() == 6
    )
    reponse = bureau.post(
        ADRESSE, saisie(ville, debut=saut.strftime("%Y-%m-%dT%H:%M"), fin=f"{annee}-04-02T08:00")
    )

    assert reponse.status_code == 422
    assert not Astreinte.objects.exists()


def test_another_direction_and_its_agents_are_out_of_reach(ville, bureau):
    ailleurs = Astreinte.objects.create(
        direction=ville.proprete,
        compte=ville.agent_proprete,
        debut=timezone.now(),
        fin=timezone.now() + timedelta(days=1),
    )

    assert bureau.post(ADRESSE, saisie(ville, direction=ville.proprete.pk)).status_code == 422
    assert bureau.post(ADRESSE, saisie(ville, compte=ville.agent_proprete.pk)).status_code == 422
    assert bureau.post(f"{ADRESSE}{ailleurs.pk}/retirer/").status_code == 404
    assert str(ville.agent_proprete) not in bureau.get(ADRESSE).content.decode()
    assert list(Astreinte.objects.all()) == [ailleurs]


def test_the_administrator_cannot_put_somebody_who_has_no_right_there(ville):
    client = Client()
    client.force_login(ville.administrateur)

    reponse = client.post(ADRESSE, saisie(ville, compte=ville.agent_proprete.pk))

    assert reponse.status_code == 422
    assert "ne travaille pas dans cette direction" in reponse.content.decode()


def test_a_period_is_taken_away_and_kept_in_the_register(ville, bureau):
    bureau.post(ADRESSE, saisie(ville))
    posee = Astreinte.objects.get()

    assert bureau.post(f"{ADRESSE}{posee.pk}/retirer/").status_code == 302

    assert not Astreinte.objects.exists()
    assert list(Modification.objects.order_by("pk").values_list("action", flat=True)) == [
        "creation",
        "suppression",
    ]


def test_the_demande_says_what_to_say_who_is_on_duty_and_who_was_called(ville, bureau, time_machine):
    nuit = datetime(2026, 9, 14, 22, 0, tzinfo=PARIS)
    time_machine.move_to(nuit, tick=False)
    demande = factories.demande_dans(Etat.ORIENTEE, ville, est_urgente=True)
    Astreinte.objects.create(
        direction=ville.voirie,
        compte=ville.agent_voirie,
        debut=nuit,
        fin=nuit + timedelta(hours=9),
        telephone="06 39 98 00 01",
    )
    astreintes.veiller()
    bureau.force_login(ville.responsable_voirie)  # the session began at another time

    page = bureau.get(f"/agent/demandes/{demande.numero}/").content.decode()

    assert "À dire d'abord à la personne" in page
    assert 'href="tel:112"' in page
    assert "Voirie : fermée en ce moment." in page
    assert f"D'astreinte : {ville.agent_voirie}" in page
    assert 'href="tel:0639980001"' in page
    assert f"{ville.agent_voirie} prévenu" in page
