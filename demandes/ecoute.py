"""Mails handed over by the city's mail server (LMTP, or SMTP): accepted once they are committed, not before.

The server keeps what gets a 4xx and tries again; it sends back to its sender what gets a 5xx.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections, connections, transaction

from demandes import adresses_de_reponse, boites, courriels, reception
from guichet.canaux.courriel.adresses import lire

journal = logging.getLogger(__name__)

TAILLE_MAX = 50 * 1024 * 1024
# The standard says 1,000; real mails have lines of any length, and one is no reason to lose them.
LIGNE_MAX = 1024 * 1024
FILS = 4

GARDE = "250 2.0.0 Garde"
PLUS_TARD = "451 4.3.0 Le message n'a pas pu etre garde, reessayez plus tard"
INCONNUE = "550 5.1.1 Cette adresse n'est pas a nous"
# What the library says of too much data, or of an endless line.
REFUS_APRES_DATA = ("552 ", "500 Line")
TROP_DE_DESTINATAIRES = "452 4.5.3 Trop de destinataires"
DESTINATAIRES_MAX = 100

T = TypeVar("T")


class Accueil:
    """What is answered to the mail server. The database is asked in threads, each with its connection."""

    def __init__(self) -> None:
        self._fils = ThreadPoolExecutor(FILS, thread_name_prefix="ecoute")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= DESTINATAIRES_MAX:
            return TROP_DE_DESTINATAIRES
        adresse = normale(address)
        try:
            est_connue = await self._demander(lambda: est_a_nous(adresse))
        except Exception as erreur:
            journal.warning("A recipient cannot be checked (%s).", type(erreur).__name__)
            return PLUS_TARD
        if not est_connue:
            return INCONNUE
        envelope.rcpt_tos.append(adresse)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        brut, adresses = envelope.original_content or b"", tuple(envelope.rcpt_tos)
        try:
            reponse = GARDE
            pk = await self._demander(lambda: garder(brut, adresses))
            reception.sonnette.sonner(pk)
        except Exception:
            journal.exception("A mail is not stored: its server keeps it.")
            reponse = PLUS_TARD
        # LMTP answers once for each recipient (RFC 2033); the mail is stored once for all of them.
        return "\r\n".join([reponse] * len(adresses)) if isinstance(server, LMTP) else reponse

    def fermer(self) -> None:
        """Finish what is being stored; each thread closes its own connection."""
        ensemble = threading.Barrier(FILS)
        for _ in range(FILS):
            self._fils.submit(_fermer_la_base, ensemble)
        self._fils.shutdown(wait=True)

    async def _demander(self, quoi: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._fils, _avec_la_base, quoi)


def _avec_la_base(quoi: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return quoi()
    finally:
        close_old_connections()


def _fermer_la_base(ensemble: threading.Barrier) -> None:
    # None of them takes the turn of another.
    ensemble.wait(30)
    connections.close_all()


def garder(brut: bytes, adresses: tuple[str, ...]) -> int:
    """Committed when this returns."""
    with transaction.atomic():
        return courriels.recevoir(brut, adresses=adresses).pk


def normale(adresse: str) -> str:
    lues = lire(f"<{adresse}>")
    return lues[0].cle if lues else adresse.lower()


def est_a_nous(adresse: str) -> bool:
    """The addresses set up, and those that the city's own mails are answered to."""
    return adresses_de_reponse.est_une_reponse(adresse) or boites.est_connue(adresse)


class EcouteSMTP(SMTP):
    """Announces its size, and takes lines of any length."""

    line_length_limit = LIGNE_MAX


class EcouteLMTP(LMTP):
    """The same; what the library refuses by itself once the data came is said for each recipient too."""

    line_length_limit = LIGNE_MAX

    async def push(self, status: Any) -> None:
        if isinstance(status, str) and status.startswith(REFUS_APRES_DATA) and self.envelope is not None:
            status = "\r\n".join([status] * max(1, len(self.envelope.rcpt_tos)))
        await super().push(status)


PROTOCOLES: dict[str, type[SMTP]] = {"lmtp": EcouteLMTP, "smtp": EcouteSMTP}


def parler(protocole: str, accueil: Accueil, boucle: asyncio.AbstractEventLoop) -> SMTP:
    """One conversation."""
    return PROTOCOLES[protocole](
        accueil,
        data_size_limit=TAILLE_MAX,
        enable_SMTPUTF8=True,
        hostname="guichet",
        ident="Guichet",
        loop=boucle,
    )


async def ecouter(adresse: str, port: int, protocole: str, *, pret: Callable[[int], None]) -> None:
    """Listen until told to stop (SIGTERM, SIGINT); `pret` is given the port."""
    boucle = asyncio.get_running_loop()
    accueil = Accueil()

    serveur = await boucle.create_server(lambda: parler(protocole, accueil, boucle), adresse, port)
    arret = asyncio.Event()
    for numero in (signal.SIGINT, signal.SIGTERM):
        boucle.add_signal_handler(numero, arret.set)
    pret(serveur.sockets[0].getsockname()[1])
    await arret.wait()
    # A mail that was not answered yet stays with its server, and is known again when it comes back.
    serveur.close()
    accueil.fermer()
