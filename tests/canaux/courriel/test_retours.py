"""What comes back: the address, the reason, for good or for now; and nothing else is taken for it."""

import pytest

from guichet.canaux.courriel.message import Nature, Raison
from tests.canaux.courriel.lettres import courriel, decoder, parties

ORIGINAL = "Message-ID: <abc@ville.example>\r\nTo: x@courriel.example\r\nSubject: Votre demande"


def rapport(champs: str, *, action: str = "failed", retour: str = "text/rfc822-headers") -> bytes:
    """A notice as RFC 3464 writes it."""
    return parties(
        "Content-Type: text/plain\r\n\r\nVotre message n'a pas pu être remis.",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.courriel.example\r\n\r\n"
        f"Final-Recipient: rfc822; x@courriel.example\r\nAction: {action}\r\n{champs}",
        f"Content-Type: {retour}\r\n\r\n{ORIGINAL}",
        genre="report; report-type=delivery-status",
        plus="Return-Path: <>",
    )


@pytest.mark.parametrize(
    ("champs", "raison", "definitif"),
    [
        ("Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown", Raison.ADRESSE_INCONNUE, True),
        ("Status: 5.1.2", Raison.DOMAINE_INCONNU, True),
        ("Status: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full", Raison.BOITE_PLEINE, True),
        ("Status: 4.2.2", Raison.BOITE_PLEINE, False),
        ("Status: 5.3.4", Raison.TROP_GROS, True),
        ("Status: 5.7.1\r\nDiagnostic-Code: smtp; 550 blocked as spam", Raison.REFUSE, True),
        ("Status: 5.7.1\r\nDiagnostic-Code: smtp; 550 no such user here", Raison.ADRESSE_INCONNUE, True),
        (
            "Status: 5.0.0\r\nDiagnostic-Code: smtp; 550-5.1.1 The account does not exist",
            Raison.ADRESSE_INCONNUE,
            True,
        ),
        ("Status: 5.0.0", Raison.AUTRE, True),
    ],
)
def test_a_standard_notice(champs, raison, definitif):
    message = decoder(rapport(champs))

    assert (message.nature, message.est_automatique, message.sans_accuse) == (Nature.RETOUR, True, True)
    retour = message.retour
    assert retour.adresses == ("x@courriel.example",)
    assert (retour.raison, retour.est_definitif) == (raison, definitif)
    assert retour.message_ids == ("<abc@ville.example>",)


def test_a_whole_message_returned_gives_its_identifier_too():
    assert decoder(rapport("Status: 5.1.1", retour="message/rfc822")).retour.message_ids == (
        "<abc@ville.example>",
    )


def test_a_delay_is_no_failure_for_good():
    retour = decoder(rapport("Status: 4.4.1", action="delayed")).retour
    assert (retour.raison, retour.est_definitif) == (Raison.EN_ATTENTE, False)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_notice_of_delivery_is_no_return(action):
    message = decoder(rapport("Status: 2.0.0", action=action))
    assert message.retour is None
    assert message.est_automatique


def usage(corps: str, **en_tetes: str) -> bytes:
    return courriel(corps, From="MAILER-DAEMON@courriel.example", **en_tetes)


QMAIL = (
    "Hi. This is the qmail-send program at courriel.example.\r\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
    "<x@courriel.example>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
    "--- Below this line is a copy of the message.\r\n\r\n" + ORIGINAL + "\r\n\r\nBonjour"
)
EXIM = (
    "This message was created automatically by mail delivery software.\r\n\r\n"
    "A message that you sent could not be delivered to one or more of its\r\n"
    "recipients. This is a permanent error. The following address(es) failed:\r\n\r\n"
    "  x@courriel.example\r\n    SMTP error from remote mail server: 550 User unknown\r\n\r\n"
    "------ This is a copy of the message, including all the headers. ------\r\n\r\n" + ORIGINAL
)


@pytest.mark.parametrize("corps", [QMAIL, EXIM])
def test_servers_that_write_to_people(corps):
    message = decoder(usage(corps, Subject="failure notice"))

    assert message.nature is Nature.RETOUR
    retour = message.retour
    assert retour.adresses == ("x@courriel.example",)
    assert (retour.raison, retour.est_definitif) == (Raison.ADRESSE_INCONNUE, True)
    assert "<abc@ville.example>" in retour.message_ids


def test_the_header_some_servers_add_is_enough():
    message = decoder(
        usage("550 mailbox full", X_Failed_Recipients="x@courriel.example", Subject="Mail delivery failed")
    )
    assert message.retour.adresses == ("x@courriel.example",)
    assert message.retour.raison is Raison.BOITE_PLEINE


@pytest.mark.parametrize(
    "brut",
    [
        courriel(),
        courriel("550 5.1.1 user unknown\r\n<x@courriel.example>", Subject="Undelivered Mail"),
        courriel(QMAIL, Subject="TR: failure notice"),
        courriel("Je suis absent", plus="Return-Path: <>", Subject="Réponse automatique : delayed"),
    ],
)
def test_what_a_person_writes_about_a_return_is_none(brut):
    assert decoder(brut).retour is None
