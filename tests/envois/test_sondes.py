from datetime import timedelta

import pytest
from django.utils import timezone

from guichet.envois import livraison, sondes, tasks
from guichet.envois.models import Battement, Envoi


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to("2026-03-02 10:00:00+01:00", tick=False)


@pytest.mark.django_db
def test_the_worker_is_red_until_its_first_beat_and_90_seconds_after_the_last(time_machine):
    jamais = sondes.sonder_worker()
    tasks.battre()
    tasks.battre()
    a_l_instant = sondes.sonder_worker()
    time_machine.shift(90)
    encore = sondes.sonder_worker()
    time_machine.shift(1)
    trop_tard = sondes.sonder_worker()

    assert [s.est_verte for s in (jamais, a_l_instant, encore, trop_tard)] == [False, True, True, False]
    assert trop_tard.valeurs == {"silence_s": 91}
    assert Battement.objects.count() == 1


def test_a_message_due_for_more_than_ten_minutes_is_red(deposer, time_machine):
    deposer()
    time_machine.shift(600)
    a_temps = sondes.sonder_envois()
    time_machine.shift(1)
    en_retard = sondes.sonder_envois()

    assert (a_temps.est_verte, en_retard.est_verte) == (True, False)
    assert en_retard.valeurs == {"retard_s": 601, "echecs": 0}


def test_a_message_that_waits_on_purpose_is_not_late(deposer, time_machine):
    envoi = deposer()
    Envoi.objects.filter(pk=envoi.pk).update(prochain_essai_le=timezone.now() + timedelta(hours=4))
    time_machine.shift(timedelta(hours=2))

    assert sondes.sonder_envois().est_verte


def test_a_dead_mail_server_is_red_until_it_answers(deposer, settings, unused_tcp_port, time_machine):
    settings.GUICHET_COURRIEL, settings.EMAIL_PORT = "smtp", unused_tcp_port
    deposer()
    livraison.balayer()
    en_panne = sondes.sonder_envois()
    time_machine.shift(61)
    settings.GUICHET_COURRIEL = "dossier"
    livraison.balayer()

    assert (en_panne.est_verte, en_panne.detail) == (False, "Le serveur de courriel ne répond pas.")
    assert sondes.sonder_envois().est_verte


def test_failures_are_counted(deposer):
    deposer(destinataire="pas une adresse")
    livraison.balayer()

    assert sondes.sonder_envois().valeurs == {"retard_s": 0, "echecs": 1}
