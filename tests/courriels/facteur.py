"""A real SMTP server: it delivers the city's addresses into Dovecot, and keeps the mail of the others."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.courriels.dovecot import Dovecot


@dataclass
class Facteur:
    """`boites`: which mailbox of Dovecot holds the mails of an address, its « +… » left out."""

    dovecot: Dovecot
    boites: dict[str, str]
    port: int = 0
    remis: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        brut = envelope.original_content or b""
        for adresse in envelope.rcpt_tos:
            locale, _, domaine = adresse.lower().partition("@")
            boite = self.boites.get(f"{locale.partition('+')[0]}@{domaine}")
            if boite is None:
                self.remis.append((adresse, message_from_bytes(brut, policy=default)))
            else:
                self.dovecot.deposer(f"Delivered-To: {adresse}\r\n".encode() + brut, boite)
        return "250 2.0.0 OK"

    def pour(self, adresse: str) -> list[EmailMessage]:
        """What somebody got, oldest first."""
        return [courriel for a, courriel in self.remis if a == adresse]


@contextmanager
def ouvrir(dovecot: Dovecot, boites: dict[str, str]) -> Iterator[Facteur]:
    facteur = Facteur(dovecot, boites)
    with socket.create_server(("127.0.0.1", 0)) as prise:
        facteur.port = prise.getsockname()[1]
    serveur = Controller(facteur, hostname="127.0.0.1", port=facteur.port)
    serveur.start()
    try:
        yield facteur
    finally:
        serveur.stop()
