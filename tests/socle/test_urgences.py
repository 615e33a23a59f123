"""Whom to call: the numbers the sentence names come first, none is missing, none is invented."""

import pytest

from guichet.socle.urgences import CONSIGNE, POUR_TOUS, secours


def numeros(appels) -> list[str]:
    return [appel.numero for appel in appels]


def test_without_a_sentence_the_numbers_are_everybody_s():
    s = secours()

    assert (s.consigne, numeros(s.premiers), numeros(s.autres)) == (
        CONSIGNE,
        ["112", "18", "15", "17"],
        ["115", "114"],
    )


def test_the_numbers_of_the_sentence_come_first_and_once():
    s = secours("Personne à la rue : le 115. Violences : le 17, ou le 114 par SMS. Encore le 17.")

    assert numeros(s.premiers) == ["115", "17", "114"]
    assert numeros(s.autres) == ["112", "18", "15"]
    assert [appel.lien for appel in s.premiers] == ["tel:115", "tel:17", "sms:114"]


@pytest.mark.parametrize(
    "phrase", ["Appelez l'accueil au 04 65 71 00 00.", "Le 15/06, à 17 h, sous 18 mois.", "Il pèse 15,5 kg."]
)
def test_dates_hours_and_ordinary_numbers_are_no_emergency(phrase):
    assert numeros(secours(phrase).premiers) == ["112", "18", "15", "17"]


def test_every_number_is_said_in_a_mail():
    mots = secours("Enfant en danger : le 119.").en_mots

    assert mots.startswith("119 (Enfance en danger) ; 112 (Toutes les urgences)")
    assert all(f"{numero} (" in mots for numero in POUR_TOUS)
