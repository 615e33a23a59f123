"""Killed after any step of its way, from mailbox to acknowledgement: a mail is kept once, answered once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from demandes import reception
from demandes.models import Demande, Message, Reception
from demandes.releve.boucle import relever_une_fois
from guichet.envois import livraison
from guichet.envois.models import Envoi
from guichet.socle.demarrage import RACINE
from tests import factories
from tests.canaux.courriel.lettres import courriel
from tests.courriels import facteur
from tests.courriels.conftest import SECRET, creer_boite
from tests.courriels.dovecot import MOT_DE_PASSE
from tests.courriels.facteur import Facteur
from tests.courriels.mourir import NON_ANNONCE
from tests.parcours.maison import base_de_test

# How many times at each step, and between commit and publish: 50 and 500 in `make endurance`.
COUPS = int(os.environ.get("GUICHET_COUPS", "1"))
COUPS_ENVOI = int(os.environ.get("GUICHET_COUPS_ENVOI", "3"))
DE_LA_RELEVE = ("pris", "ecrit, non valide", "garde", "marque", "retenu")
DU_WORKER = ("lu", "demande ecrite, non validee", "demande validee", "reception verrouillee")
# The server has the mail and our database does not know it yet.
NON_NOTES = ("courriel accepte", "envoi parti")
DES_ENVOIS = ("envoi reserve", "destinataire accepte", *NON_NOTES, "envoi note")
ETAPES = (*DE_LA_RELEVE, *DU_WORKER, *DES_ENVOIS)


@pytest.fixture(scope="module")
def poste_ouverte() -> Iterator[Facteur]:
    with facteur.ouvrir(None, {}) as ouvert:
        yield ouvert


@pytest.fixture
def poste(poste_ouverte: Facteur, settings) -> Facteur:
    """A real SMTP server, that every mail of this city leaves by, empty."""
    settings.GUICHET_COURRIEL = "smtp"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", poste_ouverte.port
    poste_ouverte.remis.clear()
    return poste_ouverte


@pytest.fixture(scope="module")
def mourir(django_db_setup: None, poste_ouverte: Facteur) -> Iterator[Callable[[str], int]]:
    """Do a step in a process that is killed right after it; return the signal that ended it."""
    processus = subprocess.Popen(
        [sys.executable, "-m", "tests.courriels.mourir"],
        cwd=RACINE,
        env=os.environ
        | {
            "DATABASE_URL": base_de_test(),
            "GUICHET_COURRIEL_REPONSE": "reponse@ville.example",
            # Nobody listens there.
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
            SECRET: MOT_DE_PASSE,
            **poste_ouverte.reglages,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert processus.stdin is not None
    assert processus.stdout is not None

    def faire(etape: str) -> int:
        processus.stdin.write(etape + "\n")
        processus.stdin.flush()
        return int(processus.stdout.readline())

    try:
        assert processus.stdout.readline() == "pret\n"
        yield faire
    finally:
        with suppress(OSError):
            processus.stdin.close()
        processus.wait(timeout=20)
        processus.stdout.close()


def finir() -> None:
    """What the next reading, the next sweeps do; the lease of a killed sending is over."""
    relever_une_fois()
    reception.balayer()
    Envoi.objects.filter(etat=Envoi.Etat.A_ENVOYER).update(prochain_essai_le="2026-01-01T00:00:00Z")
    livraison.balayer()


@pytest.mark.parametrize("etape", ETAPES)
@pytest.mark.django_db(transaction=True)
def test_r2_and_r16_killed_after_this_step_a_mail_is_kept_once_and_answered_once(
    dovecot, mourir, poste, etape, monkeypatch
):
    """Kept once and filed once whatever the step; answered once, but for the one gap that SMTP cannot close.

    Deliveries are counted by the SMTP server itself, by address and Message-ID. Killed before the server has
    the whole mail, or after its answer is noted: exactly one delivery. Killed in between (NON_NOTES), nobody
    can know that it left, and not sending again would lose it: it leaves again, so exactly two deliveries
    here where every kill falls there, with one Message-ID, by which mail systems see that they are one mail.
    """
    # What ended its worker is tried again after a while: here, at once.
    monkeypatch.setattr(reception, "PAUSE", timedelta(0))
    factories.creer_ville()
    boite = creer_boite(dovecot)
    relever_une_fois()
    attendus: dict[str, bytes] = {}
    for rang in range(1, COUPS + 1):
        brut = courriel(
            f"Bonjour,\r\n\r\nCoup {rang} : {etape}.\r\n",
            From=f"Jeanne Martin <jeanne{rang}@courriel.example>",
            Message_ID=f"<{rang}@courriel.example>",
        )
        attendus[f"<{rang}@courriel.example>"] = brut
        dovecot.deposer(brut, boite.identifiant)
        if etape not in DE_LA_RELEVE:
            relever_une_fois()
        if etape in DES_ENVOIS:
            reception.balayer()

        assert mourir(etape) == signal.SIGKILL

        finir()
        gardees = {r.cle_externe: bytes(r.contenu) for r in Reception.objects.all()}
        assert gardees == attendus
        assert (Demande.objects.count(), Message.objects.count()) == (rang, rang)
        assert Reception.objects.filter(etat=Reception.Etat.TRAITEE).count() == rang
        partis = Envoi.objects.filter(etat=Envoi.Etat.ENVOYE, nature=Envoi.Nature.ACCUSE)
        assert len({envoi.destinataire for envoi in partis}) == Envoi.objects.count() == rang
    accuses = list(Envoi.objects.values_list("destinataire", "message_id"))
    assert len(accuses) == COUPS
    assert poste.remises() == dict.fromkeys(accuses, 2 if etape in NON_NOTES else 1)


@pytest.mark.django_db(transaction=True)
def test_r16_killed_between_commit_and_publish_the_acknowledgement_leaves_once(mourir, poste):
    """The demande and its acknowledgement are committed, no doorbell is rung: the sweep sends it, once."""
    factories.creer_ville()
    attendus = set()
    for rang in range(1, COUPS_ENVOI + 1):
        usager = factories.creer_usager()

        assert mourir(NON_ANNONCE) == signal.SIGKILL

        assert usager.demandes.count() == 1
        envoi = Envoi.objects.get(etat=Envoi.Etat.A_ENVOYER)
        attendus.add((usager.courriel, envoi.message_id))
        assert (envoi.essais, len(poste.remis)) == (0, rang - 1)
        livraison.balayer()
        livraison.balayer()
    assert len(attendus) == COUPS_ENVOI
    assert poste.remises() == dict.fromkeys(attendus, 1)


@pytest.mark.django_db(transaction=True)
def test_r16_what_is_rolled_back_sends_nothing(poste, monkeypatch):
    factories.creer_ville()
    gardee = Reception.ranger("courriel", "courriel", "<1@x.example>", courriel())[0]

    def tomber(*_args, **_options):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        # The acknowledgement is written, then the transaction is undone.
        patch.setattr(Reception, "save", tomber)
        with pytest.raises(ZeroDivisionError):
            reception.traiter(gardee.pk)
    assert (Envoi.objects.count(), Demande.objects.count()) == (0, 0)
    livraison.balayer()
    assert poste.remis == []
