"""Webhooks on a real web server: effective once whatever is repeated, and accepted without a broker."""

import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import pytest
import requests

from demandes import reception
from demandes.models import Demande, Reception
from tests import factories
from tests.parcours.maison import Web, ouvrir_le_web
from tests.parcours.test_concurrence import en_meme_temps
from tests.webhooks import en_tetes_de, un_sms

# `make endurance` runs the full count.
WEBHOOKS = int(os.environ.get("GUICHET_WEBHOOKS", "20"))
SIMULTANES = 20


@contextmanager
def courtier_mort(panne: str) -> Iterator[str]:
    """The address of a broker that refuses, or that lets in and says nothing."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        if panne == "muet":
            prise.listen(50)
        yield f"redis://127.0.0.1:{prise.getsockname()[1]}/0"


@pytest.fixture
def ville_publiee(transactional_db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture
def web(transactional_db: None, request) -> Iterator[Web]:
    with courtier_mort(getattr(request, "param", "refuse")) as courtier, ouvrir_le_web(courtier) as web:
        yield web


def poster(web: Web, corps: bytes, **signature) -> tuple[int, float]:
    """The status, and the seconds it took."""
    debut = time.perf_counter()
    reponse = requests.post(
        f"{web.adresse}/api/webhooks/sms",
        data=corps,
        headers=en_tetes_de(corps, **signature),
        timeout=30,
    )
    return reponse.status_code, time.perf_counter() - debut


def test_r10_a_webhook_is_effective_once(web, ville_publiee):
    """Five times in turn, twenty at once, five more after a restart: one message each."""
    corps = [un_sms(f"sms-{i}", de=f"+336399800{i:02}") for i in range(max(1, WEBHOOKS // 20))]
    statuts: Counter[int] = Counter()

    for un in corps:
        statuts.update(poster(web, un, identifiant=f"tour-{i}")[0] for i in range(5))
        statuts.update(statut for statut, _ in en_meme_temps(*([lambda un=un: poster(web, un)] * SIMULTANES)))
    reception.balayer()
    web.relancer()
    for un in corps:
        statuts.update(poster(web, un, identifiant=f"reprise-{i}")[0] for i in range(5))
    reception.balayer()

    assert statuts == {200: 30 * len(corps)}
    assert Reception.objects.count() == len(corps)
    assert Demande.objects.count() == len(corps)


@pytest.mark.parametrize("web", ["refuse", "muet"], indirect=True)
def test_r13_a_webhook_is_accepted_with_the_broker_stopped(web, ville_publiee):
    """They are stored within the second, and read when the sweep comes."""
    envoyes = [un_sms(f"sms-{i}", de=f"+3363998{i:04}") for i in range(WEBHOOKS)]

    reponses = [poster(web, corps) for corps in envoyes]

    assert {statut for statut, _ in reponses} == {200}
    # Waiting for the broker would hold them all; a busy machine holds one.
    assert median(duree for _, duree in reponses) <= 1
    gardees = Reception.objects.order_by("pk").values_list("contenu", "etat")
    assert [(bytes(c), e) for c, e in gardees] == [(c, Reception.Etat.A_TRAITER) for c in envoyes]
    assert reception.balayer() == WEBHOOKS
    assert Demande.objects.count() == WEBHOOKS


def test_r12_a_body_cut_on_the_way_is_refused(web, ville_publiee):
    """The sender announces more than it says, then hangs up; and one that announces nothing says nothing."""
    corps = un_sms()
    en_tetes = "".join(f"{nom}: {valeur}\r\n" for nom, valeur in en_tetes_de(corps).items())
    hote, port = web.adresse.removeprefix("http://").split(":")

    for longueur in (f"Content-Length: {len(corps)}\r\n", ""):
        with socket.create_connection((hote, int(port)), timeout=10) as prise:
            tete = f"POST /api/webhooks/sms HTTP/1.1\r\nHost: {hote}\r\n{longueur}{en_tetes}\r\n"
            prise.sendall(tete.encode() + corps[:-3])
            prise.shutdown(socket.SHUT_WR)
            assert prise.recv(12).endswith((b"403", b"400"))

    assert Reception.objects.count() == 0
