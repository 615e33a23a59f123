from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from guichet.socle.calendrier import PARIS, Calendrier, ajouter_mois, fin_de_journee, jour_de, jours_feries

FRANCE, MOSELLE, ALSACE = Calendrier(), Calendrier("57"), Calendrier("6AE")
JOURNEE = {jour: [(time(8, 30), time(12)), (time(13, 30), time(17))] for jour in range(5)}


def a(jour: int, mois: int, heure: int = 0, minute: int = 0, annee: int = 2026, fold: int = 0) -> datetime:
    return datetime(annee, mois, jour, heure, minute, tzinfo=PARIS, fold=fold)


# The table of domaine.md 1.3: received, then +1 and +10 working days in France, in Alsace, +10 in Moselle.
VECTEURS = [
    ("2026-11-02", "2026-11-03", "2026-11-17", "2026-11-03", "2026-11-17"),
    ("2026-11-20", "2026-11-23", "2026-12-04", "2026-11-23", "2026-12-04"),
    ("2026-11-21", "2026-11-23", "2026-12-04", "2026-11-23", "2026-12-04"),
    ("2026-12-24", "2026-12-28", "2027-01-11", "2026-12-28", "2027-01-11"),
    ("2027-03-25", "2027-03-26", "2027-04-09", "2027-03-30", "2027-04-12"),
    ("2026-05-13", "2026-05-15", "2026-05-29", "2026-05-15", "2026-05-29"),
]


@pytest.mark.parametrize("vecteur", VECTEURS, ids=lambda vecteur: vecteur[0])
def test_working_days_of_the_reference_table(vecteur):
    recue, aee, are, aee_alsace, are_est = map(date.fromisoformat, vecteur)
    assert FRANCE.ajouter_jours_ouvres(recue, 1) == aee
    assert FRANCE.ajouter_jours_ouvres(recue, 10) == are
    assert ALSACE.ajouter_jours_ouvres(recue, 1) == aee_alsace
    assert ALSACE.ajouter_jours_ouvres(recue, 10) == are_est
    assert MOSELLE.ajouter_jours_ouvres(recue, 10) == are_est


@pytest.mark.parametrize(
    ("depart", "mois", "arrivee"),
    [
        ("2026-12-31", 2, "2027-02-28"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2026-11-20", 2, "2027-01-20"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-10-31", 4, "2027-02-28"),
        ("2026-11-30", 12, "2027-11-30"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-03-14", 2, "2026-05-14"),  # Ascension Day: never moved
        ("2026-06-04", 2, "2026-08-04"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-03-31", 0, "2026-03-31"),
    ],
)
def test_months_run_from_date_to_date(depart, mois, arrivee):
    assert ajouter_mois(date.fromisoformat(depart), mois) == date.fromisoformat(arrivee)


def test_local_closures_count_as_holidays():
    pont = Calendrier(jours_fermes=frozenset({date(2026, 5, 15)}))
    assert FRANCE.ajouter_jours_ouvres(date(2026, 5, 13), 1) == date(2026, 5, 15)
    assert pont.ajouter_jours_ouvres(date(2026, 5, 13), 1) == date(2026, 5, 18)
    assert pont.jours_ouvres_entre(date(2026, 5, 13), date(2026, 5, 18)) == 1


@pytest.mark.parametrize(
    ("jour", "nombre", "attendu"),
    [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-23"),
        ("2026-11-23", -1, "2026-11-20"),
        ("2026-11-22", -1, "2026-11-20"),
        ("2026-11-12", -2, "2026-11-09"),
    ],
)
def test_zero_and_negative_working_days(jour, nombre, attendu):
    assert FRANCE.ajouter_jours_ouvres(date.fromisoformat(jour), nombre) == date.fromisoformat(attendu)


@pytest.mark.parametrize(
    "calendrier", [FRANCE, ALSACE, Calendrier(jours_fermes=frozenset({date(2026, 12, 31)}))]
)
def test_counting_and_adding_working_days_agree_over_a_year(calendrier):
    """The arithmetic count is compared with a naive walk from every day of a year."""
    for depart in range(0, 365, 3):
        debut = date(2026, 7, 1) + timedelta(days=depart)
        compte = 0
        for ecart in range(1, 60):
            jour = debut + timedelta(days=ecart)
            compte += calendrier.est_ouvre(jour)
            assert calendrier.jours_ouvres_entre(debut, jour) == compte
            assert calendrier.jours_ouvres_entre(jour, debut) == -compte
            if calendrier.est_ouvre(jour):
                assert calendrier.ajouter_jours_ouvres(debut, compte) == jour


def test_an_unknown_territory_is_said_at_once():
    with pytest.raises(ValueError, match="inconnu"):
        Calendrier("Alsacie")


def test_holidays_are_computed_once_per_year():
    assert jours_feries("", 2026) is jours_feries("", 2026)
    assert len(jours_feries("", 2026)) == 11
    assert jours_feries("57", 2026) == jours_feries("6AE", 2026) > jours_feries("", 2026)


# -- hours -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depart", "heures", "arrivee"),
    [
        (a(2, 11, 9), 2, a(2, 11, 11)),
        (a(2, 11, 9), 3, a(2, 11, 12)),  # ends at the closing, not at the next opening
        (a(2, 11, 11), 2, a(2, 11, 14, 30)),  # lunch
        (a(2, 11, 12, 30), 1, a(2, 11, 14, 30)),
        (a(2, 11, 6), 4, a(2, 11, 14)),
        (a(2, 11, 16), 4, a(3, 11, 11, 30)),
        (a(6, 11, 17), 4, a(9, 11, 14)),  # Friday evening
        (a(7, 11, 10), 1, a(9, 11, 9, 30)),  # Saturday
        (a(10, 11, 16), 2, a(12, 11, 9, 30)),  # 11 November
        (a(24, 12, 16, 30), 1, a(28, 12, 9)),
        (a(2, 11, 23, 59), 0, a(2, 11, 23, 59)),
        (a(2, 11, 9), 0.5, a(2, 11, 9, 30)),
        (a(2, 11, 9), 70, a(17, 11, 9)),
        (a(27, 3, 16), 2, a(30, 3, 9, 30)),  # the night of 28 to 29 March is an hour short
        (a(23, 10, 16), 2, a(26, 10, 9, 30)),  # that of 24 to 25 October an hour long
    ],
)
def test_opening_hours(depart, heures, arrivee):
    assert FRANCE.horaires[0] == tuple(JOURNEE[0])
    assert FRANCE.ajouter_heures_ouvrees(depart, heures) == arrivee
    assert FRANCE.ajouter_heures_ouvrees(depart.astimezone(UTC), heures) == arrivee
    assert FRANCE.heures_ouvrees_entre(depart, arrivee) == timedelta(hours=heures)
    assert FRANCE.heures_ouvrees_entre(arrivee, depart) == -timedelta(hours=heures)


def test_a_night_service_counts_real_hours_across_clock_changes():
    nuit = Calendrier(horaires={jour: [(time(0), time(6))] for jour in range(7)})
    # 29 March 2026: 2:00 becomes 3:00, the night lasts five hours; 25 October it lasts seven.
    assert nuit.heures_ouvrees_entre(a(29, 3), a(29, 3, 6)) == timedelta(hours=5)
    assert nuit.heures_ouvrees_entre(a(25, 10), a(25, 10, 6)) == timedelta(hours=7)
    assert nuit.ajouter_heures_ouvrees(a(29, 3, 1), 2) == a(29, 3, 4)
    assert nuit.ajouter_heures_ouvrees(a(25, 10, 1), 2) == a(25, 10, 2, fold=1)
    assert nuit.heures_ouvrees_entre(a(25, 10, 2), a(25, 10, 2, fold=1)) == timedelta(hours=1)


def test_saturday_opening_runs_hours_but_is_no_working_day():
    samedi = Calendrier(horaires={**JOURNEE, 5: [(time(9), time(12))]})
    assert samedi.ajouter_heures_ouvrees(a(6, 11, 16), 2) == a(7, 11, 10)
    assert samedi.ajouter_jours_ouvres(date(2026, 11, 6), 1) == date(2026, 11, 9)


def test_counting_and_adding_hours_agree():
    for minutes in range(0, 4000, 37):
        depart = a(23, 10, 7) + timedelta(minutes=minutes * 3)
        arrivee = FRANCE.ajouter_heures_ouvrees(depart, timedelta(minutes=minutes))
        assert FRANCE.heures_ouvrees_entre(depart, arrivee) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "horaires",
    [
        {0: [(time(12), time(8))]},
        {0: [(time(8), time(12)), (time(11), time(17))]},
        {0: [(time(8), time(8))]},
        {7: [(time(8), time(12))]},
    ],
)
def test_impossible_opening_hours_are_refused(horaires):
    with pytest.raises(ValueError, match="Horaires impossibles"):
        Calendrier(horaires=horaires)


def test_ranges_that_touch_are_one_long_opening():
    continu = Calendrier(horaires={0: [(time(8), time(12)), (time(12), time(18))]})
    assert continu.ajouter_heures_ouvrees(a(2, 11, 8), 5) == a(2, 11, 13)


def test_without_opening_hours_an_hour_never_ends():
    with pytest.raises(ValueError, match="aucune plage"):
        Calendrier(horaires={}).ajouter_heures_ouvrees(a(2, 11), 1)


def test_share_of_the_working_day():
    parts = [FRANCE.part_du_jour(a(2, 11, heure, minute)) for heure, minute in ((0, 0), (8, 30), (10, 15))]
    assert parts == [0, 0, 0.25]
    assert [FRANCE.part_du_jour(a(2, 11, heure)) for heure in (12, 13, 17, 23)] == [0.5, 0.5, 1, 1]
    dimanche = [FRANCE.part_du_jour(a(1, 11, heure)) for heure in range(24)]
    assert all(avant < apres for avant, apres in pairwise(dimanche))
    assert FRANCE.part_du_jour(a(25, 10, 23, 59)) == 1.0


# -- time zone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "jour"),
    [
        (datetime(2026, 11, 20, 22, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_day_of_an_instant_is_that_of_paris(instant, jour):
    assert jour_de(instant) == jour
    assert jour_de(fin_de_journee(jour)) == jour
    assert instant <= fin_de_journee(jour)


def test_an_instant_without_zone_is_refused():
    naif = datetime(2026, 11, 20)  # noqa: DTZ001 - that is the point
    for appel in (jour_de, lambda instant: FRANCE.ajouter_heures_ouvrees(instant, 1)):
        with pytest.raises(ValueError, match="sans fuseau"):
            appel(naif)
