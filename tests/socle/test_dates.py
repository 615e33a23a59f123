"""Dates in French words, in the city's time zone."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from guichet.socle.templatetags import dates

PARIS = datetime.timezone(datetime.timedelta(hours=1))
MAINTENANT = datetime.datetime(2026, 11, 24, 14, 5, tzinfo=PARIS)


def a(jour: int, heure: int, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, jour, heure, minute, tzinfo=PARIS)


def test_dates_in_full():
    assert dates.date_longue(MAINTENANT) == "mardi 24 novembre 2026"
    assert dates.date_longue(datetime.date(2027, 1, 1)) == "vendredi 1er janvier 2027"
    assert dates.date_simple(datetime.date(2026, 8, 15)) == "15 août 2026"
    assert dates.date_heure(MAINTENANT) == "mardi 24 novembre 2026 à 14 h 05"
    assert dates.heure(a(24, 9)) == "9 h"
    assert dates.heure(datetime.time(17, 30)) == "17 h 30"


def test_a_moment_is_read_in_the_citys_zone():
    tard = datetime.datetime(2026, 7, 14, 22, 30, tzinfo=datetime.UTC)
    assert dates.date_heure(tard) == "mercredi 15 juillet 2026 à 0 h 30"


@pytest.mark.parametrize(
    ("moment", "attendu"),
    [
        (a(24, 14, 5), "à l'instant"),
        (a(24, 14, 4), "il y a 1 minute"),
        (a(24, 13, 6), "il y a 59 minutes"),
        (a(24, 12), "il y a 2 heures"),
        (a(24, 18), "aujourd'hui à 18 h"),
        (a(23, 23, 30), "hier à 23 h 30"),
        (a(21, 8), "il y a 3 jours"),
        (a(26, 8), "le 26 novembre 2026"),
        (datetime.datetime(2026, 9, 1, 8, tzinfo=PARIS), "le 1er septembre 2026"),
        (datetime.date(2026, 11, 24), "aujourd'hui"),
        (datetime.date(2026, 11, 23), "hier"),
    ],
)
def test_since_when(moment, attendu):
    with time_machine.travel(MAINTENANT, tick=False):
        assert dates.il_y_a(moment) == attendu


def test_short_date_names_the_year_only_when_it_is_another():
    with time_machine.travel(MAINTENANT, tick=False):
        assert dates.date_courte(timezone.localdate()) == "24 nov."
        assert dates.date_courte(datetime.date(2025, 12, 1)) == "1er déc. 2025"


@pytest.mark.parametrize(
    ("jours", "attendu"),
    [
        (3, "reste 3 j ouvrés"),
        (1, "reste 1 j ouvré"),
        (0, "aujourd'hui"),
        (-2, "en retard de 2 j ouvrés"),
        (None, ""),
    ],
)
def test_working_days_left(jours, attendu):
    assert dates.reste_ouvre(jours) == attendu


@pytest.mark.parametrize(
    "filtre",
    [dates.date_longue, dates.date_simple, dates.date_courte, dates.heure, dates.date_heure, dates.il_y_a],
)
def test_nothing_gives_nothing(filtre):
    assert filtre(None) == ""
