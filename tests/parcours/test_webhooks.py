"""Webhooks and forms on a real web server: effective once whatever is repeated, accepted without a broker."""

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
from guichet.envois import livraison
from guichet.envois.models import Envoi
from tests import factories
from tests.parcours.conftest import creer_ville_du_web
from tests.parcours.gestes import PAUL, preparer_un_depot
from tests.parcours.maison import Web, ouvrir_le_web
from tests.parcours.test_concurrence import en_base, en_meme_temps
from tests.parcours.visiteur import Visiteur
from tests.webhooks import en_tetes_de, un_sms
from usagers.models import Usager

# `make endurance` runs the full counts.
WEBHOOKS = int(os.environ.get("GUICHET_WEBHOOKS", "20"))
FORMULAIRES = int(os.environ.get("GUICHET_FORMULAIRES", "1"))
TOURS = int(os.environ.get("GUICHET_TOURS", "1"))
COMPTE_PLEIN = 100
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


def test_r11_ten_sms_of_a_newcomer_posted_at_once_make_one_contact_one_demande_ten_messages(
    web, ville_publiee
):
    """Posted by ten at once, then read by ten at once; another newcomer each round."""
    for tour in range(TOURS):
        numero = f"+3363998{tour:04}"
        corps = [un_sms(f"sms-{tour}-{rang}", f"Photo {rang}", de=numero) for rang in range(10)]

        statuts = [statut for statut, _ in en_meme_temps(*(lambda c=c: poster(web, c) for c in corps))]
        recues = Reception.objects.filter(etat=Reception.Etat.A_TRAITER).values_list("pk", flat=True)
        en_meme_temps(*(en_base(lambda pk=pk: reception.traiter(pk)) for pk in recues))

        assert statuts == [200] * 10
        usager = Usager.objects.get(coordonnees__valeur=numero)
        demande = Demande.objects.get(usager=usager)
        messages = demande.messages.filter(sens="entrant").values_list("corps", flat=True)
        assert sorted(messages) == [f"Photo {rang}" for rang in range(10)]
    assert Reception.objects.filter(etat=Reception.Etat.TRAITEE).count() == 10 * TOURS
    assert Usager.objects.count() == Demande.objects.count() == TOURS


def verifier_les_durees(durees: list[float]) -> None:
    """All within the second, by the full count; fewer are told only: the machine does other things."""
    lentes = [f"{duree:.2f}" for duree in sorted(durees, reverse=True)[:5]]
    print(f"{len(durees)} acceptés : médiane {median(durees):.2f} s, les plus lents {lentes}")
    if len(durees) >= COMPTE_PLEIN:
        assert max(durees) <= 1, lentes


@pytest.mark.parametrize("web", ["refuse", "muet"], indirect=True)
def test_r13_a_webhook_is_accepted_with_the_broker_stopped(web, ville_publiee):
    """They are stored within the second, and read when the sweep comes."""
    envoyes = [un_sms(f"sms-{i}", de=f"+3363998{i:04}") for i in range(WEBHOOKS)]

    reponses = [poster(web, corps) for corps in envoyes]

    assert {statut for statut, _ in reponses} == {200}
    verifier_les_durees([duree for _, duree in reponses])
    gardees = Reception.objects.order_by("pk").values_list("contenu", "etat")
    assert [(bytes(c), e) for c, e in gardees] == [(c, Reception.Etat.A_TRAITER) for c in envoyes]
    assert reception.balayer() == WEBHOOKS
    assert Demande.objects.count() == WEBHOOKS


@pytest.mark.parametrize("web", ["refuse", "muet"], indirect=True)
def test_r13_a_form_is_accepted_with_the_broker_stopped(web, transactional_db):
    """The demande is there at the answer, its acknowledgement leaves when the sweep comes."""
    creer_ville_du_web()
    durees = []

    for rang in range(FORMULAIRES):
        visiteur = Visiteur(web.adresse)
        personne = PAUL | {"courriel": f"paul{rang}@courriel.example"}
        formulaire = preparer_un_depot(visiteur, personne=personne)
        debut = time.perf_counter()
        reponse = formulaire.sans_suivre()
        durees.append(time.perf_counter() - debut)
        assert reponse.statut == 302
        assert Demande.objects.count() == rang + 1
        visiteur.fermer()

    verifier_les_durees(durees)
    accuses = Envoi.objects.filter(nature=Envoi.Nature.ACCUSE)
    assert [envoi.etat for envoi in accuses] == [Envoi.Etat.A_ENVOYER] * FORMULAIRES
    livraison.balayer()
    assert set(accuses.values_list("destinataire", "etat")) == {
        (f"paul{rang}@courriel.example", Envoi.Etat.ENVOYE) for rang in range(FORMULAIRES)
    }


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
