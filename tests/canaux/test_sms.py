"""SMS: what a provider posts, and how many a text takes."""

from datetime import UTC, datetime

import pytest

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.sms import Longueur, Remise, cle, demande_l_arret, demande_la_reprise, lire, mesurer
from tests.webhooks import corps_de

RECU = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


def test_an_sms_is_read_with_its_number_as_it_is_stored():
    message = lire(corps_de({"id": "s-1", "de": "06 39 98 00 11", "texte": "Un banc 🪑 cassé"}), recu_le=RECU)

    assert (message.canal, message.cle_externe, message.texte) == (Canal.SMS, "s-1", "Un banc 🪑 cassé")
    assert message.expediteur.telephone == "+33639980011"


def test_other_providers_names_are_understood():
    message = lire(corps_de({"message_id": 7, "from": "33700", "body": "Bonjour"}), recu_le=RECU)

    assert (message.cle_externe, message.expediteur.telephone, message.texte) == ("7", "33700", "Bonjour")


@pytest.mark.parametrize(
    ("etat", "est_arrive"),
    [("delivered", True), ("DELIVRD", True), ("failed", False), ("undelivered", False), ("sent", None)],
)
def test_what_became_of_ours(etat, est_arrive):
    corps = corps_de({"id": "p-1", "reference": "abc", "status": etat, "error": "absent"})

    assert lire(corps, recu_le=RECU) == Remise("p-1", "abc", est_arrive, "absent")
    assert cle(corps) == f"p-1:{etat.lower()}"


@pytest.mark.parametrize(
    "dit",
    [{"id": "s-1", "texte": "Bonjour"}, {"de": "+33639980011", "texte": "x"}, {"etat": "delivered"}, []],
)
def test_what_cannot_be_read_says_why(dit):
    with pytest.raises(ContenuIllisible):
        lire(corps_de(dit), recu_le=RECU)


def test_stop_is_a_message_of_its_own():
    assert all(
        map(
            demande_l_arret,
            ("STOP", " stop ", "Arrêt", "stop sms", "Stop.", "stop !", "STOP au 36111", "StopSMS"),
        )
    )
    assert not any(map(demande_l_arret, ("Stop au bruit rue Foch", "", "Stopper", "Arrêt de bus")))
    assert demande_la_reprise("START")


@pytest.mark.parametrize(
    ("texte", "attendue"),
    [
        ("", Longueur(0, 1, True)),
        ("a" * 160, Longueur(160, 1, True)),
        ("a" * 161, Longueur(161, 2, True)),
        ("é" * 306, Longueur(306, 2, True)),
        ("€" * 80, Longueur(160, 1, True)),
        ("€" * 81, Longueur(162, 2, True)),
        ("ê" * 70, Longueur(70, 1, False)),
        ("ê" * 71, Longueur(71, 2, False)),
        ("🚧" * 35, Longueur(70, 1, False)),
        ("🚧" * 36, Longueur(72, 2, False)),
    ],
)
def test_a_text_is_counted_as_the_network_does(texte, attendue):
    assert mesurer(texte) == attendue
