"""The example messages from the administration: in a demo city only, by the worker, never twice."""

import json
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.test import Client
from django.utils import timezone

from demandes import tasks
from demandes.chargement import exemples
from demandes.models import Demande, Reception, TypeDemande
from tests.demandes.gestes import session

URL = "/agent/administration/demonstration/"


def lire(reponse: Any) -> str:
    return unescape(reponse.content.decode())


@pytest.fixture
def admin(ville) -> Client:
    return session(ville.administrateur)


@pytest.fixture
def demandees(monkeypatch) -> list[str]:
    """What is asked of the worker."""
    noms: list[str] = []
    monkeypatch.setattr(current_app, "send_task", noms.append)
    return noms


@pytest.fixture
def demo(settings, monkeypatch, tmp_path: Path) -> None:
    """A demo city with three example messages, filed two at a time."""
    settings.GUICHET_DEMO = True
    fichier = tmp_path / "exemples.jsonl"
    message = {"canal": "telephone", "texte": "Un lampadaire est éteint.", "identite": {}, "anonyme": True}
    fichier.write_text("\n".join(json.dumps(message | {"id": f"E{rang}"}) for rang in range(3)))
    monkeypatch.setattr(exemples, "FICHIER", fichier)
    monkeypatch.setattr(exemples, "LOT", 2)


def test_outside_a_demo_city_it_is_refused_in_a_sentence(admin, demandees):
    for reponse in (admin.get(URL), admin.post(URL)):
        page = lire(reponse)
        assert (reponse.status_code, "n'est pas une ville de démonstration" in page) == (403, True)
        assert '<form method="post" action="/agent/administration' not in page
    assert f'href="{URL}"' not in lire(admin.get("/agent/administration/"))

    tasks.deposer_des_exemples()

    assert (demandees, Reception.objects.exists()) == ([], False)


@pytest.mark.usefixtures("demo")
def test_the_worker_files_them_a_few_at_a_time_and_the_page_says_where_it_is(admin, demandees, monkeypatch):
    suites: list[bool] = []
    monkeypatch.setattr(tasks.deposer_des_exemples, "delay", lambda: suites.append(True))
    assert "0 message sur 3" in lire(admin.get(URL))
    assert f'href="{URL}"' in lire(admin.get("/agent/administration/"))

    page = lire(admin.post(URL, follow=True))
    assert "le dépôt est en cours" in page
    assert "Actualiser" in page
    admin.post(URL)
    assert demandees == ["demandes.tasks.deposer_des_exemples"]

    tasks.deposer_des_exemples()
    assert "2 messages sur 3 : le dépôt est en cours." in lire(admin.get(URL))
    tasks.deposer_des_exemples()
    assert (suites, Demande.objects.count()) == ([True], 3)
    page = lire(admin.get(URL))
    assert "Les 3 messages d'exemple sont déposés." in page
    assert "hx-trigger" not in page

    tasks.deposer_des_exemples()
    admin.post(URL)
    assert (len(demandees), Demande.objects.count()) == (1, 3)


@pytest.mark.usefixtures("demo")
def test_a_worker_that_stopped_half_way_is_asked_again(admin, demandees, monkeypatch):
    monkeypatch.setattr(tasks.deposer_des_exemples, "delay", lambda: None)
    admin.post(URL)
    tasks.deposer_des_exemples()

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert "Déposer les messages qui manquent" in lire(admin.get(URL))
        admin.post(URL)

    assert len(demandees) == 2


@pytest.mark.usefixtures("demo")
def test_a_dead_broker_and_an_empty_catalogue_are_said_and_nothing_starts(admin, demandees, monkeypatch):
    def tomber(nom: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", tomber)
    reponse = admin.post(URL)
    assert (reponse.status_code, "ne répond pas" in lire(reponse)) == (503, True)
    assert "en cours" not in lire(admin.get(URL))

    TypeDemande.objects.update(publie_le=None)
    reponse = admin.post(URL)
    assert (reponse.status_code, "Aucune démarche n'est publiée" in lire(reponse)) == (422, True)
