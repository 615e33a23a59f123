import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from guichet.canaux import portail, saisie
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible, Expediteur, MessageEntrant

RANGE_LE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
APPEL = {"canal": "telephone", "id": "appel-1", "texte": "Un nid de poule devant chez moi."}


def lire(**champs):
    return saisie.lire(json.dumps(APPEL | champs).encode(), recu_le=RANGE_LE)


def lire_depot(**champs):
    depot = {"id": "jeton", "type": "VOI-NIDS", "reponses": {"ou": "rue des Loriots"}} | champs
    return portail.lire(json.dumps(depot).encode(), recu_le=RANGE_LE)


def test_complete_entry():
    message = lire(
        objet="Nid de poule",
        type="VOI-NIDS",
        identite={
            "nom": "Prévotat",
            "prenom": "Ginette",
            "courriel": "g@boite.example",
            "telephone": "06 39 98 12 34",
            "adresse": "2 rue des Loriots",
        },
        reponses={"profondeur": 12, "photos": ["a", "b"]},
        version=3,
        recu_le="2026-03-02T08:15:00+01:00",
        urgent=True,
    )

    assert message == MessageEntrant(
        canal=Canal.TELEPHONE,
        cle_externe="appel-1",
        recu_le=datetime(2026, 3, 2, 7, 15, tzinfo=UTC),
        objet="Nid de poule",
        texte="Un nid de poule devant chez moi.",
        expediteur=Expediteur(
            "Prévotat", "Ginette", "g@boite.example", "06 39 98 12 34", "2 rue des Loriots"
        ),
        type_suggere="VOI-NIDS",
        reponses={"profondeur": 12, "photos": ["a", "b"]},
        version_formulaire=3,
        est_urgent=True,
    )


def test_absent_and_null_values_are_empty():
    message = lire(objet=None, type=None, identite={"nom": None, "courriel": None}, urgent=None)

    assert (message.objet, message.type_suggere, message.expediteur) == ("", "", Expediteur())
    assert (message.recu_le, message.est_urgent, message.version_formulaire) == (RANGE_LE, False, None)


@pytest.mark.parametrize(("nom", "canal"), [(c.value, c) for c in Canal] + [("web", Canal.PORTAIL)])
def test_every_channel_is_known(nom, canal):
    assert lire(canal=nom).canal is canal


def test_a_naive_date_is_local_time():
    assert lire(recu_le="2026-03-02T08:15:00").recu_le == datetime(2026, 3, 2, 7, 15, tzinfo=UTC)


def test_nothing_is_received_after_it_was_stored():
    assert lire(recu_le=(RANGE_LE + timedelta(days=1)).isoformat()).recu_le == RANGE_LE


def test_text_is_cleaned_wherever_it_stands():
    message = lire(texte="ligne\r\nsuite\x07\u202e", reponses={"cle\u202e": ["e\u0301"]})

    assert message.texte == "ligne\nsuite"
    assert message.reponses == {"cle": ["é"]}


def test_the_byte_order_mark_of_windows_is_ignored():
    assert (
        saisie.lire(b"\xef\xbb\xbf" + json.dumps(APPEL).encode(), recu_le=RANGE_LE).cle_externe == "appel-1"
    )


@pytest.mark.parametrize(
    ("contenu", "raison"),
    [
        (b"", "JSON"),
        (b"\xff\xfe{}", "UTF-8"),
        (b"{\x00}", "JSON"),
        (b"[1]", "objet JSON"),
        (b"null", "objet JSON"),
        (b'{"a": NaN}', "NaN"),
        (b"[" * 100_000, "imbriqu"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "imbriqu"),
        (b'{"a": ' + b"9" * 5000 + b"}", "JSON"),
        (b" " * (5 * 1024 * 1024 + 1), "5 Mo"),
    ],
)
def test_unreadable_bytes_are_refused_with_a_reason(contenu, raison):
    with pytest.raises(ContenuIllisible, match=raison):
        saisie.lire(contenu, recu_le=RANGE_LE)


@pytest.mark.parametrize(
    ("champs", "raison"),
    [
        ({"canal": "pigeon"}, "Canal inconnu : pigeon"),
        ({"canal": None}, "canal n'est pas indiqué"),
        ({"canal": ["courriel"]}, "Canal inconnu"),
        ({"id": None}, "identifiant"),
        ({"id": " \n"}, "identifiant"),
        ({"texte": ""}, "vide"),
        ({"texte": "a\x00b"}, "caractère nul"),
        ({"reponses": {"a": ["\x00"]}}, "caractère nul"),
        ({"texte": ["a"]}, "« texte » doit être un texte"),
        ({"texte": True}, "« texte » doit être un texte"),
        ({"identite": "Ginette"}, "« identite »"),
        ({"identite": {"nom": {}}}, "« nom »"),
        ({"reponses": [1]}, "« reponses »"),
        ({"version": "3"}, "« version »"),
        ({"version": True}, "« version »"),
        ({"urgent": "oui"}, "« urgent »"),
        ({"recu_le": "hier"}, "« recu_le »"),
        ({"recu_le": "0001-01-01T00:00:00+23:00"}, "« recu_le »"),
    ],
)
def test_wrong_values_are_refused_with_a_reason(champs, raison):
    with pytest.raises(ContenuIllisible, match=raison):
        lire(**champs)


def test_a_message_never_has_a_naive_date():
    with pytest.raises(ValueError, match="time zone"):
        MessageEntrant(Canal.COURRIEL, "x", datetime(2026, 3, 2))  # noqa: DTZ001


def test_portal_deposit():
    message = lire_depot(version=2, anonyme=True)

    assert (message.canal, message.type_suggere, message.version_formulaire) == (Canal.PORTAIL, "VOI-NIDS", 2)
    assert message.est_anonyme


@pytest.mark.parametrize(
    ("champs", "raison"),
    [({"canal": "telephone"}, "autre canal"), ({"type": ""}, "démarche"), ({"reponses": {}}, "vide")],
)
def test_wrong_portal_deposit_is_refused(champs, raison):
    with pytest.raises(ContenuIllisible, match=raison):
        lire_depot(**champs)


def test_every_example_message_is_read():
    fichier = Path(settings.RACINE) / "demandes" / "donnees" / "exemples_messages.jsonl"
    lignes = fichier.read_bytes().splitlines()

    messages = [saisie.lire(ligne, recu_le=RANGE_LE) for ligne in lignes]

    assert len(messages) == len({message.cle_externe for message in messages}) == 260
    assert all(message.texte and message.type_suggere for message in messages)
