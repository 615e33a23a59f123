from datetime import UTC, date, datetime, timedelta

import pytest

from demandes.horloges import (
    Complement,
    HorlogeLegale,
    Regime,
    alerte_atteinte,
    alertes_silence,
    arreter,
    date_implicite,
    demarrer,
    echeance_aee,
    echeance_are,
    est_en_retard,
    jours_suspendus,
    mots,
    palier,
    pourcentage,
    reprendre,
    reste,
    suspendre,
)
from guichet.socle.calendrier import PARIS, Calendrier, fin_de_journee

# 8:30-12:00 and 13:30-17:00, Monday to Friday: a day is seven hours.
VILLE = Calendrier()


def le(jour: int, mois: int, heure: int = 10, minute: int = 0, annee: int = 2026) -> datetime:
    return datetime(annee, mois, jour, heure, minute, tzinfo=PARIS)


def jour(texte: str) -> date:
    return date.fromisoformat(texte)


# -- service clock: due dates --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valeur", "unite", "recue", "echeance"),
    [
        (5, "jours_ouvres", le(2, 11), fin_de_journee(jour("2026-11-09"))),
        (10, "jours_ouvres", le(2, 11), fin_de_journee(jour("2026-11-17"))),
        (1, "jours_ouvres", le(20, 11), fin_de_journee(jour("2026-11-23"))),
        (1, "jours_ouvres", le(21, 11), fin_de_journee(jour("2026-11-23"))),
        (30, "jours_calendaires", le(2, 11), fin_de_journee(jour("2026-12-02"))),
        (4, "heures_ouvrees", le(2, 11, 10), le(2, 11, 15, 30)),
        (4, "heures_ouvrees", le(6, 11, 16), le(9, 11, 11, 30)),
        (4, "heures_ouvrees", le(7, 11, 16), le(9, 11, 14)),
        (0, "immediat", le(2, 11, 10), fin_de_journee(jour("2026-11-02"))),
        (0, "immediat", le(7, 11, 10), fin_de_journee(jour("2026-11-09"))),
        # 23:30 UTC on the 1st of July is already the 2nd in Paris; clocks change on 25 October.
        (1, "jours_ouvres", datetime(2026, 7, 1, 23, 30, tzinfo=UTC), fin_de_journee(jour("2026-07-03"))),
        (2, "jours_ouvres", le(23, 10, 23, 59), fin_de_journee(jour("2026-10-27"))),
    ],
)
def test_due_date(valeur, unite, recue, echeance):
    assert demarrer(valeur, unite, recue, VILLE).echeance == echeance


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="semaines"):
        demarrer(1, "semaines", le(2, 11), VILLE)


# -- service clock: words and thresholds ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("maintenant", "unites", "phrase"),
    [
        (le(2, 11, 10), 5, "reste 5 j ouvrés"),
        (le(4, 11, 23, 59), 3, "reste 3 j ouvrés"),
        (le(6, 11), 1, "reste 1 j ouvré"),
        (le(7, 11), 1, "reste 1 j ouvré"),
        (le(9, 11, 0, 0), 0, "aujourd'hui"),
        (le(9, 11, 23, 59), 0, "aujourd'hui"),
        (le(10, 11, 0, 0), -1, "en retard de 1 j ouvré"),
        (le(11, 11), -1, "en retard de 1 j ouvré"),  # 11 November does not count
        (le(12, 11), -2, "en retard de 2 j ouvrés"),
    ],
)
def test_words_of_a_delay_in_working_days(maintenant, unites, phrase):
    horloge = demarrer(5, "jours_ouvres", le(2, 11), VILLE)
    assert reste(horloge, maintenant, VILLE) == unites
    assert mots(horloge, maintenant, VILLE) == phrase
    assert est_en_retard(horloge, maintenant) is (unites < 0)


def test_the_weekend_after_the_due_date_is_already_late():
    horloge = demarrer(4, "jours_ouvres", le(2, 11), VILLE)
    assert mots(horloge, le(6, 11, 18), VILLE) == "aujourd'hui"
    assert mots(horloge, le(7, 11), VILLE) == "en retard de 1 j ouvré"
    assert mots(horloge, le(9, 11), VILLE) == "en retard de 1 j ouvré"
    assert mots(horloge, le(10, 11), VILLE) == "en retard de 2 j ouvrés"


@pytest.mark.parametrize(
    ("maintenant", "unites", "phrase"),
    [
        (le(2, 11, 10), 4, "reste 4 h ouvrées"),
        (le(2, 11, 11, 1), 3, "reste 3 h ouvrées"),
        (le(2, 11, 12, 45), 2, "reste 2 h ouvrées"),
        (le(2, 11, 15), 1, "reste 1 h ouvrée"),
        (le(2, 11, 15, 30), 0, "maintenant"),
        (le(2, 11, 15, 31), -1, "en retard de 1 h ouvrée"),
        (le(2, 11, 22), -2, "en retard de 2 h ouvrées"),
        (le(3, 11, 8), -2, "en retard de 2 h ouvrées"),
        (le(3, 11, 10), -3, "en retard de 3 h ouvrées"),
    ],
)
def test_words_of_a_delay_in_hours(maintenant, unites, phrase):
    horloge = demarrer(4, "heures_ouvrees", le(2, 11, 10), VILLE)
    assert reste(horloge, maintenant, VILLE) == unites
    assert mots(horloge, maintenant, VILLE) == phrase
    assert est_en_retard(horloge, maintenant) is (unites < 0)


def test_hours_that_end_at_closing_time_are_late_from_then_on():
    horloge = demarrer(2, "heures_ouvrees", le(2, 11, 15), VILLE)
    assert horloge.echeance == le(2, 11, 17)
    assert mots(horloge, le(2, 11, 20), VILLE) == "en retard de 1 h ouvrée"


def test_words_of_calendar_days_and_of_an_immediate_answer():
    mois = demarrer(30, "jours_calendaires", le(2, 11), VILLE)
    assert mots(mois, le(7, 11), VILLE) == "reste 25 j"
    assert mots(mois, le(6, 12), VILLE) == "en retard de 4 j"
    immediat = demarrer(0, "immediat", le(2, 11), VILLE)
    assert mots(immediat, le(2, 11, 16), VILLE) == "aujourd'hui"
    assert mots(immediat, le(4, 11, 16), VILLE) == "en retard de 2 j ouvrés"


@pytest.mark.parametrize(
    ("valeur", "unite", "maintenant", "pourcent", "seuil"),
    [
        (5, "jours_ouvres", le(2, 11, 10), 0, 0),
        (5, "jours_ouvres", le(2, 11, 23), 0, 0),
        (5, "jours_ouvres", le(3, 11, 12), 10, 0),
        (5, "jours_ouvres", le(6, 11, 16, 59), 79, 0),
        (5, "jours_ouvres", le(6, 11, 17), 80, 80),
        (5, "jours_ouvres", le(8, 11, 12), 80, 80),
        (5, "jours_ouvres", le(9, 11, 12), 90, 80),
        (5, "jours_ouvres", le(9, 11, 17), 100, 100),
        (5, "jours_ouvres", le(11, 11, 12), 120, 100),
        (5, "jours_ouvres", le(13, 11, 12), 150, 150),
        (1, "jours_ouvres", le(3, 11, 12), 50, 0),
        (1, "jours_ouvres", le(3, 11, 15, 36), 80, 80),
        (4, "heures_ouvrees", le(2, 11, 12), 50, 0),
        (4, "heures_ouvrees", le(2, 11, 14, 42), 80, 80),
        (4, "heures_ouvrees", le(2, 11, 15, 30), 100, 100),
        (4, "heures_ouvrees", le(3, 11, 9), 150, 150),
        (30, "jours_calendaires", le(26, 11, 17), 80, 80),
        (30, "jours_calendaires", le(17, 12, 23), 150, 150),
        (0, "immediat", le(2, 11, 12), 50, 0),
        (0, "immediat", le(2, 11, 17), 100, 100),
        (0, "immediat", le(3, 11, 12), 150, 150),
    ],
)
def test_share_of_the_delay_and_escalation(valeur, unite, maintenant, pourcent, seuil):
    horloge = demarrer(valeur, unite, le(2, 11, 10), VILLE)
    assert pourcentage(horloge, maintenant, VILLE) == pourcent
    assert palier(pourcent) == seuil


@pytest.mark.parametrize("unite", ["jours_ouvres", "jours_calendaires", "heures_ouvrees", "immediat"])
def test_the_share_never_goes_back(unite):
    horloge = demarrer(3, unite, le(23, 10, 16), VILLE)
    instants = [le(23, 10, 16).astimezone(UTC) + timedelta(minutes=47 * rang) for rang in range(300)]
    parts = [pourcentage(horloge, instant, VILLE) for instant in instants]
    assert parts == sorted(parts)
    assert parts[-1] > 150


# -- service clock: suspension -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valeur", "unite", "suspendue", "reprise", "echeance"),
    [
        # 5 working days from Monday the 2nd are due on Monday the 9th; three were left on Wednesday.
        (5, "jours_ouvres", le(4, 11), le(4, 11, 15), fin_de_journee(jour("2026-11-09"))),
        (5, "jours_ouvres", le(4, 11), le(16, 11), fin_de_journee(jour("2026-11-19"))),
        (5, "jours_ouvres", le(4, 11), le(14, 11), fin_de_journee(jour("2026-11-18"))),
        (5, "jours_ouvres", le(7, 11), le(8, 11), fin_de_journee(jour("2026-11-09"))),
        (5, "jours_ouvres", le(9, 11), le(10, 11), fin_de_journee(jour("2026-11-10"))),
        # Already late: the lateness is kept too, the suspension forgives nothing.
        (5, "jours_ouvres", le(12, 11), le(16, 11), fin_de_journee(jour("2026-11-12"))),
        (30, "jours_calendaires", le(4, 11), le(14, 11), fin_de_journee(jour("2026-12-12"))),
        (4, "heures_ouvrees", le(2, 11, 11), le(3, 11, 9), le(3, 11, 12)),
        (4, "heures_ouvrees", le(2, 11, 20), le(3, 11, 8), le(2, 11, 15, 30)),
    ],
)
def test_what_remained_still_remains_after_a_suspension(valeur, unite, suspendue, reprise, echeance):
    depart = demarrer(valeur, unite, le(2, 11, 10), VILLE)
    pause = suspendre(depart, suspendue)
    assert mots(pause, reprise, VILLE) == "suspendu"
    assert est_en_retard(pause, reprise) is est_en_retard(depart, suspendue)
    assert pourcentage(pause, reprise, VILLE) == pourcentage(depart, suspendue, VILLE)
    suite = reprendre(pause, reprise, VILLE)
    assert (suite.echeance, suite.suspendue_le) == (echeance, None)
    assert reste(suite, reprise, VILLE) == reste(depart, suspendue, VILLE)


def test_suspending_twice_and_resuming_a_running_clock_change_nothing():
    horloge = demarrer(5, "jours_ouvres", le(2, 11), VILLE)
    pause = suspendre(horloge, le(3, 11))
    assert suspendre(pause, le(5, 11)) == pause
    assert reprendre(horloge, le(5, 11), VILLE) == horloge


def test_a_stopped_clock_reads_what_it_read():
    horloge = demarrer(5, "jours_ouvres", le(2, 11), VILLE)
    arretee = arreter(horloge, le(4, 11, 17))
    assert mots(arretee, le(30, 11), VILLE) == "arrêté"
    assert pourcentage(arretee, le(30, 11), VILLE) == 40
    assert not est_en_retard(arretee, le(30, 11))
    assert est_en_retard(arreter(horloge, le(10, 11)), le(30, 11))
    suspendue = arreter(suspendre(horloge, le(3, 11)), le(30, 11))
    assert not est_en_retard(suspendue, le(30, 11))


# -- legal clock ---------------------------------------------------------------------------------------


def legale(regime="rejet", recue="2026-11-20", delai=2, unite="mois", **autres) -> HorlogeLegale:
    return HorlogeLegale(regime, delai, unite, jour(recue), **autres)


def demande(le_, jusqu_au, recu=None, **autres) -> Complement:
    return Complement(jour(le_), jour(jusqu_au), jour(recu) if recu else None, **autres)


@pytest.mark.parametrize(
    ("regime", "recue", "delai", "unite", "attendue"),
    [
        ("rejet", "2026-12-31", 2, "mois", "2027-02-28"),  # S6
        ("acceptation", "2026-12-31", 2, "mois", "2027-02-28"),
        ("rejet", "2026-11-20", 4, "mois", "2027-03-20"),  # a Saturday: not moved
        ("rejet", "2026-10-25", 2, "mois", "2026-12-25"),  # Christmas: not moved
        ("rejet", "2026-11-20", 15, "jours", "2026-12-05"),
        ("special", "2026-11-30", 3, "mois", "2027-02-28"),
        ("special", "2026-11-20", None, "mois", None),
        ("sans_objet", "2026-11-20", None, "mois", None),
        ("sans_objet", "2026-11-20", 2, "mois", None),
    ],
)
def test_implicit_decision_from_date_to_date(regime, recue, delai, unite, attendue):
    horloge = legale(regime, recue, delai, unite)
    assert date_implicite(horloge) == (jour(attendue) if attendue else None)
    assert jours_suspendus(horloge) == 0


@pytest.mark.parametrize(
    ("complements", "suspendus", "attendue"),
    [
        ([], 0, "2027-01-20"),
        # open: the whole delay granted is counted
        ([demande("2026-12-01", "2026-12-31")], 30, "2027-02-19"),
        # early production ends the suspension
        ([demande("2026-12-01", "2026-12-31", "2026-12-11")], 10, "2027-01-30"),
        # expired: resumes without the pieces, and late pieces change nothing
        ([demande("2026-12-01", "2026-12-31", "2027-01-15")], 30, "2027-02-19"),
        ([demande("2026-12-01", "2026-12-31", "2026-12-01")], 0, "2027-01-20"),
        # two requests add up, an overlap counts once
        ([demande("2026-12-01", "2026-12-16"), demande("2027-01-04", "2027-01-19")], 30, "2027-02-19"),
        ([demande("2026-12-10", "2026-12-25"), demande("2026-12-01", "2026-12-16")], 24, "2027-02-13"),
        # asked once the suspended delay is still running, although the first date is past
        ([demande("2026-12-01", "2026-12-31"), demande("2027-02-01", "2027-02-16")], 45, "2027-03-06"),
        # asked after birth: too late
        ([demande("2027-01-20", "2027-02-04")], 0, "2027-01-20"),
        # not indispensable (S10)
        ([demande("2026-12-01", "2026-12-31", indispensable=False)], 0, "2027-01-20"),
    ],
)
def test_rejection_is_held_only_during_the_delay_granted(complements, suspendus, attendue):
    horloge = legale("rejet", complements=tuple(complements))
    assert jours_suspendus(horloge) == suspendus
    assert date_implicite(horloge) == jour(attendue)


@pytest.mark.parametrize(
    ("complements", "attendue"),
    [
        ([], "2027-01-20"),
        ([demande("2026-12-01", "2026-12-31")], None),
        ([demande("2026-12-01", "2026-12-31", "2026-12-11")], "2027-02-11"),
        # after the delay granted too: acceptance waits for the complete file
        ([demande("2026-12-01", "2026-12-31", "2027-03-31")], "2027-05-31"),
        (
            [
                demande("2026-12-01", "2026-12-16", "2026-12-10"),
                demande("2026-12-20", "2027-01-10", "2026-12-31"),
            ],
            "2027-02-28",
        ),
        ([demande("2026-12-01", "2026-12-16", "2026-12-10"), demande("2026-12-20", "2027-01-10")], None),
        ([demande("2027-01-20", "2027-02-04")], "2027-01-20"),
        ([demande("2026-12-01", "2026-12-31", indispensable=False)], "2027-01-20"),
    ],
)
def test_acceptance_runs_from_the_complete_file(complements, attendue):
    horloge = legale("acceptation", complements=tuple(complements))
    assert date_implicite(horloge) == (jour(attendue) if attendue else None)


def test_passed_on_by_another_administration():
    """L114-3: rejection counts from the first reception, acceptance from that of the competent one."""
    plus_tard = {"recue_par_la_competente_le": jour("2026-12-05")}
    assert date_implicite(legale("rejet", **plus_tard)) == jour("2027-01-20")
    assert date_implicite(legale("acceptation", **plus_tard)) == jour("2027-02-05")


def test_a_special_regime_keeps_the_earliest_date():
    horloge = legale("special", complements=(demande("2026-12-01", "2026-12-31"),))
    assert date_implicite(horloge) == jour("2027-01-20")


def test_regime_and_unit_are_checked():
    assert legale("rejet").regime is Regime.REJET
    with pytest.raises(ValueError, match="tacite"):
        legale("tacite")
    with pytest.raises(ValueError, match="annees"):
        legale(unite="annees")


def test_alerts_before_silence():
    naissance = jour("2027-01-20")
    assert alertes_silence(naissance) == {
        30: jour("2026-12-21"),
        15: jour("2027-01-05"),
        7: jour("2027-01-13"),
        1: jour("2027-01-19"),
    }
    atteintes = {
        "2026-12-20": None, "2026-12-21": 30, "2027-01-04": 30, "2027-01-05": 15, "2027-01-13": 7,
        "2027-01-18": 7, "2027-01-19": 1, "2027-01-20": 0, "2027-06-01": 0,
    }  # fmt: skip
    assert {texte: alerte_atteinte(naissance, jour(texte)) for texte in atteintes} == atteintes
    assert alerte_atteinte(None, naissance) is None


# -- acknowledgements ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recue", "aee", "are"),
    [
        (le(2, 11), "2026-11-03", "2026-11-17"),
        (le(24, 12, 23, 59), "2026-12-28", "2027-01-11"),
        (datetime(2026, 11, 5, 22, 59, tzinfo=UTC), "2026-11-06", "2026-11-20"),
        (datetime(2026, 11, 5, 23, 0, tzinfo=UTC), "2026-11-09", "2026-11-23"),
    ],
)
def test_acknowledgements(recue, aee, are):
    assert echeance_aee(recue, VILLE) == jour(aee)
    assert echeance_are(recue, VILLE) == jour(are)


def test_acknowledgements_in_alsace():
    recue = le(25, 3, annee=2027)
    assert echeance_aee(recue, Calendrier("6AE")) == jour("2027-03-30")
    assert echeance_are(recue, Calendrier("6AE")) == jour("2027-04-12")
