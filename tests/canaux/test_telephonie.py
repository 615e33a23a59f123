"""What a phone system says of a call, in its own words or others'."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.canaux.message import ContenuIllisible
from guichet.canaux.telephonie import Moment, lire
from tests.webhooks import corps_de

RECU = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
DIT = {
    "appel": "a-1",
    "evenement": "ringing",
    "numero": "06 39 98 00 11",
    "ligne": "0465710000",
    "poste": "214",
}


def test_an_event_is_read_with_its_numbers_as_they_are_stored():
    evenement = lire(corps_de(DIT), recu_le=RECU)

    assert (evenement.appel, evenement.quoi, evenement.poste) == ("a-1", Moment.SONNE, "214")
    assert (evenement.numero, evenement.ligne) == ("+33639980011", "+33465710000")
    assert evenement.le == RECU


def test_other_systems_names_are_understood():
    dit = {"call_id": 12, "event": "ANSWERED", "from": "+33639980011", "to": "+33465710000", "extension": 214}

    evenement = lire(corps_de(dit), recu_le=RECU)

    assert (evenement.appel, evenement.quoi, evenement.poste) == ("12", Moment.DECROCHE, "214")


@pytest.mark.parametrize("numero", ["", None, "anonymous", "Private", "masque"])
def test_a_hidden_number_is_nobody_s(numero):
    assert lire(corps_de(DIT | {"numero": numero}), recu_le=RECU).numero == ""


def test_a_colleague_s_short_number_stays():
    assert lire(corps_de(DIT | {"numero": "231"}), recu_le=RECU).numero == "231"


@pytest.mark.parametrize(
    ("dite", "crue"),
    [
        ("2026-03-02T10:14:58+01:00", RECU - timedelta(seconds=2)),
        ("2026-03-02T10:14:58", RECU - timedelta(seconds=2)),  # the city's own time
        ("2026-03-02T09:20:00+00:00", RECU),  # later than now
        ("2019-01-01T00:00:00+00:00", RECU),  # a clock nobody set
        ("hier", RECU),
    ],
)
def test_its_clock_is_believed_when_it_is_near_ours(dite, crue):
    assert lire(corps_de(DIT | {"date": dite}), recu_le=RECU).le == crue


@pytest.mark.parametrize(
    "change",
    [{"appel": ""}, {"appel": "x" * 121}, {"evenement": "parked"}, {"poste": ""}, {"poste": "2" * 21}],
)
def test_what_cannot_be_read_says_why(change):
    with pytest.raises(ContenuIllisible):
        lire(corps_de(DIT | change), recu_le=RECU)
