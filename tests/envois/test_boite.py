import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from django.conf import settings as reglages
from django.db import connection, transaction
from django.utils import timezone

from guichet.celery import app
from guichet.envois import boite, livraison, tasks
from guichet.envois.models import Envoi
from guichet.envois.sonnette import sonnette as la_sonnette


@pytest.fixture
def sonnette(monkeypatch):
    """What the broker is told."""
    sonnette = Mock()
    monkeypatch.setattr(tasks.envoyer, "delay", sonnette)
    return sonnette


@pytest.mark.django_db(transaction=True)
def test_a_row_needs_the_transaction_of_its_cause(sonnette):
    with pytest.raises(transaction.TransactionManagementError):
        boite.deposer(
            canal="courriel",
            destinataire="a@b.example",
            objet="o",
            corps="c",
            nature="accuse",
            reference="r",
            cle="k",
        )

    assert not Envoi.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_cause_sends_nothing(deposer, sonnette, serveur):
    def echouer():
        with transaction.atomic():
            deposer()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        echouer()
    livraison.balayer()

    assert not Envoi.objects.exists()
    sonnette.assert_not_called()
    assert serveur.recus == []


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit(deposer, sonnette):
    with transaction.atomic():
        envoi = deposer()
        sonnette.assert_not_called()

    la_sonnette.attendre()
    sonnette.assert_called_once_with(envoi.pk)


@pytest.mark.django_db(transaction=True)
def test_the_same_key_is_the_same_row(deposer, sonnette):
    premier = deposer(cle="accuse:2026-0000012", objet="Premier")
    second = deposer(cle="accuse:2026-0000012", objet="Second")

    assert (second.pk, second.message_id, second.objet) == (premier.pk, premier.message_id, "Premier")
    la_sonnette.attendre()
    sonnette.assert_called_once_with(premier.pk)


@pytest.mark.django_db(transaction=True)
def test_the_same_key_from_parallel_requests_is_the_same_row(deposer, sonnette):
    def ecrire(_):
        try:
            return deposer(cle="accuse:2026-0000012").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as equipe:
        lignes = set(equipe.map(ecrire, range(40)))

    assert lignes == {Envoi.objects.get().pk}


def test_what_is_written_is_fit_for_a_mail(deposer):
    envoi = deposer(
        destinataire=" mailto:Ginette@Élan.example ",
        objet="Bonjour\r\nBcc: x\x00" + "a" * 300,
        corps="a\r\nb\x07",
    )

    assert envoi.destinataire == "Ginette@xn--lan-9la.example"
    assert envoi.objet == "Bonjour Bcc: x" + "a" * 236
    assert envoi.corps == "a\nb"
    assert envoi.message_id.endswith("@villeneuve-sur-saone.example>")


@pytest.mark.parametrize(
    "champs", [{"canal": "courrier"}, {"nature": "publicite"}, {"en_tetes": {"Bcc": "victime@tiers.example"}}]
)
def test_what_cannot_leave_is_refused_at_once(deposer, champs):
    with pytest.raises(ValueError):
        deposer(**champs)

    assert not Envoi.objects.exists()


def test_a_failed_row_can_be_tried_again(deposer):
    envoi = deposer(destinataire="pas une adresse")
    livraison.balayer()
    Envoi.objects.filter(pk=envoi.pk).update(destinataire="ginette@boite.example")

    relance = boite.relancer(envoi)
    livraison.balayer()

    envoi = Envoi.objects.get(pk=envoi.pk)
    assert (relance, envoi.etat, envoi.essais) == (True, "envoye", 1)
    assert boite.relancer(envoi) is False
    assert Envoi.objects.get(pk=envoi.pk).etat == "envoye"


# -- killed between commit and publish (fiabilite.md R16)

TUE_AVANT_DE_SONNER = """
import os, signal
import django
django.setup()
from django.db import transaction
from guichet.envois import boite
with transaction.atomic():
    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    boite.deposer(canal="courriel", destinataire="ginette@boite.example", objet="Accusé", corps="Bonjour",
                  nature="accuse", reference="demande:2026-0000012", cle="accuse:tue")
"""


@pytest.mark.django_db(transaction=True)
def test_killed_between_commit_and_publish_the_sweep_sends_once(serveur):
    adresse = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")

    mort = subprocess.run(
        [sys.executable, "-c", TUE_AVANT_DE_SONNER],
        cwd=reglages.RACINE,
        env=os.environ | {"DATABASE_URL": adresse.geturl()},
        capture_output=True,
        timeout=60,
    )
    for _ in range(3):
        tasks.balayer()

    assert mort.returncode == -signal.SIGKILL, mort.stderr
    (brut,) = serveur.messages()
    assert Envoi.objects.get().message_id.encode() in brut


# -- a dead broker (fiabilite.md R13)


@pytest.fixture
def courtier(monkeypatch):
    """Point Celery at one port of this machine."""

    def brancher(port):
        monkeypatch.setitem(app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
        monkeypatch.setitem(app.conf, "broker_write_url", f"redis://127.0.0.1:{port}/0")
        monkeypatch.setitem(app.conf, "task_always_eager", False)
        oublier()

    def oublier():
        app.set_default()
        app._pool = None
        app.amqp._producer_pool = None

    yield brancher
    oublier()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("panne", ["refuse", "muet"])
def test_a_dead_broker_is_waited_for_once_and_by_nobody(deposer, courtier, caplog, monkeypatch, panne):
    deposes = threading.Event()
    appeler = la_sonnette._appeler
    monkeypatch.setattr(la_sonnette, "_appeler", lambda pks: deposes.wait(60) and appeler(pks))
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        if panne == "muet":
            prise.listen(50)
        courtier(prise.getsockname()[1])

        with transaction.atomic():
            for _ in range(10):
                deposer()
        deposer()
        # The bell is still held: a deposit that waited for the broker would not have come here.
        deposes.set()
        la_sonnette.attendre()
        deposer()
        la_sonnette.attendre()

    assert Counter(e.levelname for e in caplog.records if e.name == "guichet.envois.sonnette") == {
        "WARNING": 1
    }
    assert Envoi.objects.filter(etat="a_envoyer", prochain_essai_le__lte=timezone.now()).count() == 12


@pytest.mark.django_db(transaction=True)
def test_what_comes_together_is_told_in_one_go(deposer, sonnette, monkeypatch):
    """However many deposits a second, the broker hears a few words and the worker finds all the rows."""
    balayages = Mock()
    monkeypatch.setattr(tasks.balayer, "delay", balayages)

    with transaction.atomic():
        for _ in range(30):
            deposer()
    la_sonnette.attendre()

    assert sonnette.call_count + balayages.call_count <= 3
    assert balayages.call_count >= 1


@pytest.mark.django_db(transaction=True)
def test_the_bell_is_rung_again_when_the_silence_ends(deposer, monkeypatch):
    appels = []

    def mort(pk):
        appels.append(pk)
        raise ConnectionError

    monkeypatch.setattr(tasks.envoyer, "delay", mort)
    premier = deposer()
    la_sonnette.attendre()
    deuxieme = deposer()
    la_sonnette.attendre()
    monkeypatch.setattr(la_sonnette, "silence_jusqu_a", time.monotonic())
    troisieme = deposer()
    la_sonnette.attendre()

    assert appels == [premier.pk, troisieme.pk]
    assert deuxieme.etat == "a_envoyer"
