"""A mailbox that fills while its readers are killed, or while the broker is stopped (see `pannes`).

A few dozen mails here; a thousand, with twenty kills, in `make endurance` (GUICHET_COURRIELS, GUICHET_MORTS).
"""

import os

import pytest

from tests import factories
from tests.courriels import pannes

COURRIELS = int(os.environ.get("GUICHET_COURRIELS", "60"))
MORTS = int(os.environ.get("GUICHET_MORTS", "3"))


@pytest.fixture(autouse=True)
def ville(transactional_db: None) -> factories.Ville:
    return factories.creer_ville()


def test_r1_every_mail_is_one_message_while_readers_and_workers_are_killed(dovecot):
    """fiabilite.md R1: 0 lost, 0 double; one acknowledgement each, at most one more per worker killed."""
    bilan = pannes.tuer_au_hasard(dovecot, COURRIELS, MORTS)

    print(bilan)
    assert bilan.morts >= MORTS


def test_r13_mails_are_taken_in_while_the_broker_is_stopped(dovecot):
    bilan = pannes.arreter_le_courtier(dovecot, COURRIELS)

    print(bilan)
    assert bilan.doublons == 0
