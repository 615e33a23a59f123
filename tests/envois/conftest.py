"""A mail server that behaves as badly as asked, and a way to fill the outbox."""

import asyncio
import itertools
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import transaction

from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.envois.sonnette import sonnette

SUJETS = itertools.count()


@pytest.fixture(autouse=True)
def _bell_rings() -> Iterator[None]:
    """Forget a dead broker met by another test."""
    sonnette.silence_jusqu_a = 0.0
    yield
    sonnette.silence_jusqu_a = 0.0


@pytest.fixture
def deposer(db) -> Callable[..., Envoi]:
    """Write one automatic acknowledgement; any argument can be changed."""

    def ecrire(**champs) -> Envoi:
        numero = next(SUJETS)
        with transaction.atomic():
            return boite.deposer(
                **{
                    "canal": "courriel",
                    "destinataire": "ginette@boite.example",
                    "objet": "Votre demande est enregistrée",
                    "corps": "Bonjour,\n\nSuivez-la ici : https://ville.example/suivi/abc",
                    "nature": "accuse",
                    "reference": "demande:2026-0000012",
                    "cle": f"accuse:{numero}",
                }
                | champs
            )

    return ecrire


class Serveur:
    """What it received, and what it answers: per address, one line per attempt, then « 250 OK »."""

    def __init__(self) -> None:
        self.recus: list[Envelope] = []
        self.reponses: defaultdict[str, list[str]] = defaultdict(list)
        self.lenteur: dict[str, float] = {}  # seconds before answering RCPT, or « QUIT »
        self.essais: defaultdict[str, int] = defaultdict(int)
        self.adieux = 0  # answers to QUIT

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, adresse: str, options: list[str]
    ) -> str:
        self.essais[adresse] += 1
        await asyncio.sleep(self.lenteur.get(adresse, 0))
        reponse = self.reponses[adresse].pop(0) if self.reponses[adresse] else "250 OK"
        if reponse.startswith("250"):
            envelope.rcpt_tos.append(adresse)
        return reponse

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.recus.append(envelope)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.lenteur.get("QUIT", 0))
        self.adieux += 1
        return "221 Bye"

    def messages(self, adresse: str = "ginette@boite.example") -> list[bytes]:
        return [recu.content for recu in self.recus if recu.rcpt_tos == [adresse]]


@pytest.fixture
def serveur(settings, unused_tcp_port) -> Iterator[Serveur]:
    """A live SMTP server on loopback that settings point to."""
    settings.GUICHET_COURRIEL = "smtp"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_tcp_port
    settings.EMAIL_TIMEOUT = 1
    serveur = Serveur()
    controleur = Controller(serveur, hostname="127.0.0.1", port=unused_tcp_port)
    controleur.start()
    yield serveur
    controleur.stop()


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return prise.getsockname()[1]
