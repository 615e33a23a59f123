"""A real SMTP server: it delivers the city's addresses into Dovecot, and keeps the mail of the others."""

import socket
from collections import Counter
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

    dovecot: Dovecot | None
    boites: dict[str, str]
    port: int = 0
    remis: list[tuple[str, EmailMessage]] = field(default_factory=list)

    @property
    def reglages(self) -> dict[str, str]:
        """The environment of a process whose mails leave by this server."""
        return {"GUICHET_COURRIEL": "smtp", "SMTP_HOTE": "127.0.0.1", "SMTP_PORT": str(self.port)}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        brut = envelope.original_content or b""
        for adresse in envelope.rcpt_tos:
            locale, _, domaine = adresse.lower().partition("@")
            boite = self.boites.get(f"{locale.partition('+')[0]}@{domaine}")
            if boite is None:
                self.remis.append((adresse, message_from_bytes(brut, policy=default)))
            else:
                assert self.dovecot is not None
                self.dovecot.deposer(f"Delivered-To: {adresse}\r\n".encode() + brut, boite)
        return "250 2.0.0 OK"

    def pour(self, adresse: str) -> list[EmailMessage]:
        """What somebody got, oldest first."""
        return [courriel for a, courriel in self.remis if a == adresse]

    def remises(self) -> Counter[tuple[str, str]]:
        """How many times each mail was delivered, by address and Message-ID: what a folder of files hides."""
        return Counter((adresse, courriel["Message-ID"]) for adresse, courriel in self.remis)


@contextmanager
def ouvrir(dovecot: Dovecot | None, boites: dict[str, str]) -> Iterator[Facteur]:
    facteur = Facteur(dovecot, boites)
    with socket.create_server(("127.0.0.1", 0)) as prise:
        facteur.port = prise.getsockname()[1]
    serveur = Controller(facteur, hostname="127.0.0.1", port=facteur.port)
    serveur.start()
    try:
        yield facteur
    finally:
        serveur.stop()
