"""One IMAP connection on one folder, in the few words the reader needs. No database here."""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

# Seconds: to open a connection, and without a byte from the server.
OUVERTURE = 15
SILENCE = 60


class BoiteInaccessible(Exception):
    """The mailbox cannot be opened: `str(erreur)` is the French reason, without any secret."""


STARTTLS_REFUSE = "Le serveur ne chiffre pas la connexion, ou son certificat n'est pas reconnu."


@dataclass(frozen=True)
class Acces:
    """How a mailbox is opened."""

    serveur: str
    port: int
    securite: str
    identifiant: str
    mot_de_passe: str
    dossier: str


@dataclass(frozen=True)
class Pli:
    """One mail as the server gives it, and when it arrived there, if the server can say."""

    uid: int
    brut: bytes
    arrive_le: datetime | None


class Session:
    """An open folder. Any error of the network or of the protocol comes out: the caller opens another."""

    def __init__(self, acces: Acces) -> None:
        self._client = _connecter(acces)
        self._connus: set[str] = set()
        self._dossier = acces.dossier
        try:
            self._client.login(acces.identifiant, acces.mot_de_passe)
        except IMAPClientError as cause:
            self.fermer()
            raise BoiteInaccessible("Le serveur refuse l'identifiant ou le mot de passe.") from cause
        try:
            etat = self._client.select_folder(acces.dossier)
        except IMAPClientError as cause:
            self.fermer()
            raise BoiteInaccessible(f"Le dossier « {acces.dossier} » ne s'ouvre pas.") from cause
        self.uidvalidity = int(etat.get(b"UIDVALIDITY", 0))
        self._uid_suivant = etat.get(b"UIDNEXT")

    def nouveaux(self, apres: int, depuis: date | None) -> list[int]:
        """The UIDs after one, in order; those that arrived from a day on, when it is given."""
        # « n:* » always names the last mail, even when its UID is below n.
        criteres: list[object] = ["UID", f"{apres + 1}:*"]
        if depuis is not None:
            criteres += ["SINCE", depuis]
        return sorted(uid for uid in self._client.search(criteres) if uid > apres)

    def tailles(self, uids: Iterable[int]) -> dict[int, int]:
        lues = self._client.fetch(list(uids), [b"RFC822.SIZE"])
        return {uid: int(champs.get(b"RFC822.SIZE", 0)) for uid, champs in lues.items()}

    def prendre(self, uids: Iterable[int], *, avec_date: bool = True) -> list[Pli]:
        """These mails whole, without marking them. One that left the folder meanwhile is not among them."""
        champs = [b"BODY.PEEK[]", *([b"INTERNALDATE"] if avec_date else [])]
        lus = self._client.fetch(list(uids), champs)
        return [
            Pli(uid, lu[b"BODY[]"], lu.get(b"INTERNALDATE"))
            for uid, lu in sorted(lus.items())
            if lu.get(b"BODY[]") is not None
        ]

    def marquer(self, uids: list[int], dossier: str) -> None:
        """Mark as read, and put away when a folder says where."""
        self._client.add_flags(uids, [b"\\Seen"], silent=True)
        if not dossier:
            return
        if dossier not in self._connus and not self._client.folder_exists(dossier):
            self._client.create_folder(dossier)
        self._connus.add(dossier)
        if self._client.has_capability("MOVE"):
            self._client.move(uids, dossier)
            return
        self._client.copy(uids, dossier)
        self._client.delete_messages(uids, silent=True)
        # Without UIDPLUS, « expunge » would erase what somebody else marked: the mails stay marked.
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(uids)

    def a_change(self) -> bool:
        """Whether mails arrived since this was last asked, or since the folder was opened.

        To be asked before `guetter`: a server tells an arrival once, be it in the answer to another command.
        """
        avant = self._uid_suivant
        self._uid_suivant = self._client.select_folder(self._dossier).get(b"UIDNEXT")
        return avant != self._uid_suivant

    @property
    def sait_prevenir(self) -> bool:
        return bool(self._client.has_capability("IDLE"))

    def guetter(self) -> None:
        """Ask the server to say what arrives, until `ne_plus_guetter`."""
        self._client.idle()

    def quelque_chose(self, secondes: float) -> bool:
        """Whether the server said that a mail is there, within some seconds."""
        debut = time.monotonic()
        dites = self._client.idle_check(timeout=secondes)
        if not dites and time.monotonic() - debut < secondes / 2:
            # A closed connection is readable, and gives nothing: not to be taken for silence.
            raise IMAPClientAbortError("connection lost")
        return any(len(dite) > 1 and dite[1] == b"EXISTS" for dite in dites)

    def ne_plus_guetter(self) -> None:
        self._client.idle_done()

    def fermer(self) -> None:
        with contextlib.suppress(OSError, IMAPClientError):
            self._client.shutdown()


def _connecter(acces: Acces) -> IMAPClient:
    est_clair = acces.securite == "aucune"
    if est_clair and not _est_cette_machine(acces.serveur):
        raise BoiteInaccessible("Sans chiffrement, seul un serveur de cette machine peut être lu.")
    contexte = ssl.create_default_context()
    try:
        client = IMAPClient(
            acces.serveur,
            acces.port,
            ssl=acces.securite == "tls",
            ssl_context=contexte if acces.securite == "tls" else None,
            timeout=SocketTimeout(OUVERTURE, SILENCE),
        )
    except ssl.SSLError as cause:
        raise BoiteInaccessible("Le certificat du serveur n'est pas reconnu.") from cause
    except (OSError, IMAPClientError) as cause:
        raise BoiteInaccessible("Le serveur ne répond pas.") from cause
    client.normalise_times = False
    if acces.securite == "starttls":
        try:
            client.starttls(contexte)
        except (OSError, IMAPClientError) as cause:
            with contextlib.suppress(OSError, IMAPClientError):
                client.shutdown()
            raise BoiteInaccessible(STARTTLS_REFUSE) from cause
    return client


def _est_cette_machine(serveur: str) -> bool:
    if serveur == "localhost":
        return True
    try:
        return ipaddress.ip_address(serveur).is_loopback
    except ValueError:
        return False
