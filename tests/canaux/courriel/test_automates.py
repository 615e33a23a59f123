"""Machines are recognised, and people are not taken for them."""

import pytest

from guichet.canaux.courriel.message import Nature
from tests.canaux.courriel.lettres import courriel, decoder, parties


@pytest.mark.parametrize(
    ("plus", "nature"),
    [
        ("Auto-Submitted: auto-replied", Nature.REPONSE_AUTOMATIQUE),
        ("Auto-Submitted: auto-replied (vacation)", Nature.REPONSE_AUTOMATIQUE),
        ("Auto-Submitted: auto-generated; type=x", Nature.ROBOT),
        ("X-Autoreply: yes", Nature.REPONSE_AUTOMATIQUE),
        ("Precedence: auto_reply", Nature.REPONSE_AUTOMATIQUE),
        ("Precedence: bulk", Nature.LISTE),
        ("List-Id: <voisins.liste.example>", Nature.LISTE),
        ("List-Unsubscribe: <https://x.example>", Nature.LISTE),
        ("Return-Path: <>", Nature.ROBOT),
        ("\r\n".join(["Received: from a by b"] * 61), Nature.BOUCLE),
        ("X-Guichet-Demande: 2026-0000012\r\nAuto-Submitted: auto-generated", Nature.BOUCLE),
    ],
)
def test_the_headers_of_machines(plus, nature):
    message = decoder(courriel(plus=plus))
    assert (message.nature, message.est_automatique, message.sans_accuse) == (nature, True, True)
    assert message.raison_nature


@pytest.mark.parametrize(
    "objet",
    [
        "Réponse automatique : Votre demande",
        "Automatic reply: x",
        "Absence du bureau Re: Trou",
        "Out of Office",
        "Abwesenheitsnotiz: x",
        "Automatische Antwort: x",
        "Respuesta automática: x",
        "Re: Réponse automatique",
        "Réponse auto",
        "Absence temporaire",
        "Absence du bureau du 2 au 12 décembre",
        "Je suis absente du bureau jusqu'au 12",
        "Message d'absence – Re: Trou",
    ],
)
def test_an_absence_says_so_in_its_subject(objet):
    assert decoder(courriel(Subject=objet)).nature is Nature.REPONSE_AUTOMATIQUE


@pytest.mark.parametrize(
    "adresse",
    [
        "mailer-daemon",
        "no-reply",
        "noreply",
        "ne-pas-repondre",
        "nepasrepondre",
        "bounces+12",
        "voisins-owner",
        "notifications",
    ],
)
def test_nobody_reads_these_addresses(adresse):
    assert decoder(courriel(From=f"{adresse}@autre.example")).nature is Nature.ROBOT


def test_the_city_does_not_answer_itself():
    assert decoder(courriel(From="Guichet <GUICHET@ville.example>")).nature is Nature.BOUCLE


def test_a_read_receipt_is_one():
    brut = parties(
        "Content-Type: text/plain\r\n\r\nLu.",
        "Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed",
        genre="report; report-type=disposition-notification",
    )
    assert decoder(brut).nature is Nature.ACCUSE_DE_LECTURE


@pytest.mark.parametrize(
    "changements",
    [
        {},
        {"Auto-Submitted": "no"},
        {"Subject": "Absence de poubelle rue Foch"},
        {"Subject": "Je suis en congés et mon bac déborde toujours malgré mes appels répétés depuis lundi"},
        {"Subject": "Réponse à votre courriel"},
        {"Subject": "Réponse autorisation de travaux"},
        {"Subject": "Réponse auto-école de la Gare"},
        {"Subject": "Absence temporaire d'éclairage rue Foch"},
        {"Subject": "Absence du bureau de vote"},
        {"Subject": "Message d'absence de lampadaire"},
        {"Subject": "En congé maternité, place en crèche"},
        {"From": "Rene Robotti <robotti@courriel.example>"},
        {"From": "nora.reply@courriel.example"},
        {"Precedence": "normal"},
    ],
)
def test_a_person_is_a_person(changements):
    message = decoder(courriel(**changements))
    assert (message.nature, message.est_automatique, message.sans_accuse) == (Nature.PERSONNE, False, False)


@pytest.mark.parametrize(
    "champs",
    [
        {"Subject": "Absent : mon fils à la cantine"},
        {"Subject": "En congés du 3 au 12"},
        {"plus": "X-MS-Exchange-Inbox-Rules-Loop: mairie@autre.example"},
    ],
    ids=["a word of machines", "another", "passed on by a mailbox's rule"],
)
def test_what_a_person_may_have_written_is_not_lost_and_not_acknowledged(champs):
    message = decoder(courriel(**champs))
    assert (message.nature, message.est_automatique, message.sans_accuse) == (Nature.PERSONNE, False, True)


def test_who_asks_for_no_automatic_answer_gets_none():
    message = decoder(courriel(plus="X-Auto-Response-Suppress: OOF, AutoReply"))
    assert (message.nature, message.est_automatique, message.sans_accuse) == (Nature.PERSONNE, False, True)
