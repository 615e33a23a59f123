"""SMS leave as mails do: once, tried again, shown; by a provider whose template the city writes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from guichet.envois import boite, livraison, texto
from guichet.envois.models import Envoi, NumeroOppose
from tests.operateur import ouvrir_l_operateur

PARIS = ZoneInfo("Europe/Paris")
MIDI = datetime(2026, 3, 2, 12, 0, tzinfo=PARIS)
JEANNE = "+33639980011"


@pytest.fixture
def operateur(settings, time_machine):
    time_machine.move_to(MIDI)
    with ouvrir_l_operateur() as operateur:
        settings.GUICHET_SMS, settings.GUICHET_SMS_URL = "http", operateur.url
        settings.GUICHET_SMS_JETON, settings.GUICHET_SMS_EXPEDITEUR = "jeton-de-fiction", "VILLENEUVE"
        yield operateur


@pytest.fixture
def texter(db):
    def ecrire(cle: str = "sms:01", **champs) -> Envoi:
        with transaction.atomic():
            return boite.deposer(
                **{
                    "canal": "sms",
                    "destinataire": "06 39 98 00 11",
                    "objet": "Réponse",
                    "corps": "Le banc est réparé 🙂 {texte}",
                    "nature": "reponse",
                    "reference": "demande:2026-0000012",
                    "cle": cle,
                    "est_automatique": False,
                }
                | champs
            )

    return ecrire


def relu(envoi: Envoi) -> Envoi:
    return Envoi.objects.get(pk=envoi.pk)


def test_the_channels_one_may_write_to_are_those_that_are_sent():
    assert set(boite.ADRESSES) == set(livraison.VOIES)


def test_an_sms_is_posted_once_with_its_key_and_its_token(texter, operateur):
    envoi = texter()

    livraison.balayer()
    livraison.balayer()

    reference = texto.reference(envoi)
    assert operateur.recus == [
        {
            "to": JEANNE,
            "text": "Le banc est réparé 🙂 {texte}",
            "from": "VILLENEUVE",
            "reference": reference,
        }
    ]
    assert operateur.en_tetes[0]["authorization"] == "Bearer jeton-de-fiction"
    assert operateur.en_tetes[0]["idempotency-key"] == reference
    assert len(reference) == 32
    assert (relu(envoi).etat, relu(envoi).identifiant_externe) == ("envoye", "op-1")


def test_the_city_writes_the_template_of_its_provider(texter, operateur, settings):
    settings.GUICHET_SMS_CORPS = '{"messages": [{"a": ["{destinataire}"], "corps": "{texte}", "fixe": 3}]}'
    texter()

    livraison.balayer()

    assert operateur.recus == [
        {"messages": [{"a": [JEANNE], "corps": "Le banc est réparé 🙂 {texte}", "fixe": 3}]}
    ]


@pytest.mark.parametrize("statut", [429, 500, 503, 409])
def test_a_refusal_that_may_pass_is_tried_again_with_the_same_key(texter, operateur, statut, time_machine):
    operateur.statuts = [statut]
    envoi = texter()

    livraison.balayer()
    assert (relu(envoi).etat, relu(envoi).essais) == ("a_envoyer", 1)
    assert relu(envoi).erreur.startswith(f"L'opérateur a répondu {statut}")
    time_machine.move_to(MIDI + timedelta(minutes=2))
    livraison.balayer()

    assert relu(envoi).etat == "envoye"
    assert len(operateur.recus) == 2
    assert len(operateur.sms) == 1


@pytest.mark.parametrize("statut", [400, 422])
def test_a_refused_message_is_not_tried_again(texter, operateur, statut):
    operateur.statuts = [statut]
    envoi = texter()

    livraison.balayer()

    assert relu(envoi).etat == "echec"
    assert len(operateur.recus) == 1


@pytest.mark.parametrize("statut", [401, 403, 302])
def test_a_wrong_setting_uses_up_no_attempt_and_follows_nobody(texter, operateur, statut):
    operateur.statuts = [statut]
    envoi = texter()

    livraison.balayer()

    assert (relu(envoi).etat, relu(envoi).essais) == ("a_envoyer", 0)
    assert relu(envoi).erreur.startswith("Service de SMS injoignable")
    assert len(operateur.recus) == 1


def test_a_provider_that_is_down_does_not_stop_the_mails(texter, deposer, settings, time_machine):
    time_machine.move_to(MIDI)
    settings.GUICHET_SMS, settings.GUICHET_SMS_URL = "http", "http://127.0.0.1:9/envois"
    premier, second, courriel = texter(), texter("sms:02"), deposer()

    livraison.balayer()

    assert [relu(e).etat for e in (premier, second, courriel)] == ["a_envoyer", "a_envoyer", "envoye"]
    assert (relu(premier).essais, relu(second).essais, relu(second).erreur) == (0, 0, "")


def test_a_provider_too_slow_is_asked_again_with_the_same_key(texter, operateur, monkeypatch, time_machine):
    monkeypatch.setattr(texto, "DELAIS", (1, 0.1))
    operateur.lenteur = 0.5
    texter()
    livraison.balayer()
    operateur.lenteur = 0
    time_machine.move_to(MIDI + timedelta(minutes=2))

    livraison.balayer()

    assert len(operateur.sms) == 1
    assert Envoi.objects.get().etat == "envoye"


@pytest.mark.parametrize(
    ("ecrit", "part"),
    [
        ("2026-03-02T21:30", "2026-03-03T08:00"),
        ("2026-03-03T02:00", "2026-03-03T08:00"),
        ("2026-03-02T20:00", "2026-03-03T08:00"),
        ("2026-03-28T23:00", "2026-03-29T08:00"),  # the night clocks change
    ],
)
def test_nobody_is_woken_up(texter, operateur, time_machine, ecrit, part):
    ecrit, part = (datetime.fromisoformat(date).replace(tzinfo=PARIS) for date in (ecrit, part))
    time_machine.move_to(ecrit)
    envoi = texter()

    livraison.balayer()

    assert operateur.recus == []
    assert relu(envoi).prochain_essai_le == part
    assert relu(envoi).essais == 0
    time_machine.move_to(part)
    livraison.balayer()
    assert len(operateur.recus) == 1


def test_a_call_on_duty_wakes_up(texter, operateur, time_machine):
    time_machine.move_to(datetime(2026, 3, 3, 2, 0, tzinfo=PARIS))
    texter(nature="urgence")

    livraison.balayer()

    assert len(operateur.recus) == 1


def test_nothing_leaves_for_a_number_that_said_stop(texter, operateur):
    envoi = texter()
    boite.opposer(JEANNE)
    boite.opposer(JEANNE)

    livraison.balayer()

    assert NumeroOppose.objects.count() == 1
    assert operateur.recus == []
    assert (relu(envoi).etat, relu(envoi).erreur) == ("echec", texto.STOP)


def test_a_wrong_number_is_kept_and_shown(texter, operateur):
    envoi = texter(destinataire="12")

    livraison.balayer()

    assert relu(envoi).erreur == "Le numéro de téléphone est mal écrit."
    assert operateur.recus == []


def test_what_became_of_it_is_told_in_any_order(texter, operateur):
    arrive, perdu, en_avance = texter(), texter("sms:02"), texter("sms:03")
    boite.noter_la_remise(reference=texto.reference(en_avance), identifiant="", est_remis=True)
    livraison.balayer()

    with transaction.atomic():
        assert boite.noter_la_remise(reference="", identifiant="op-1", est_remis=True) == relu(arrive)
        assert boite.noter_la_remise(reference="", identifiant="op-1", est_remis=False) is None
        boite.noter_la_remise(
            reference=texto.reference(perdu), identifiant="", est_remis=False, motif="absent"
        )
        assert boite.noter_la_remise(reference="x", identifiant="inconnu", est_remis=True) is None

    assert relu(arrive).remis_le is not None
    assert (relu(perdu).etat, relu(perdu).erreur) == ("echec", "Non remis : absent")
    assert (relu(en_avance).etat, relu(en_avance).remis_le is not None) == ("envoye", True)


def test_a_demo_writes_files(texter, settings, tmp_path, time_machine):
    time_machine.move_to(MIDI)
    settings.GUICHET_SMS, settings.GUICHET_SMS_DOSSIER = "dossier", tmp_path / "sms"
    texter()

    livraison.balayer()

    (fichier,) = (tmp_path / "sms").iterdir()
    assert JEANNE in fichier.read_text()
    assert timezone.localdate().isoformat() in fichier.name
