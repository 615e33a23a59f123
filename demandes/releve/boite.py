"""One mailbox read once: fetch, store, commit; only then mark on the server and remember how far.

Killed anywhere, the next reading starts from the last UID remembered: what was stored is known again by its
bytes, what was not is still there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from demandes import courriels, reception
from demandes.models import BoiteCourriel, Reception
from demandes.releve.session import Acces, BoiteInaccessible, Pli, Session
from guichet.canaux.canal import Canal

journal = logging.getLogger(__name__)

# Mails fetched at once, and the bytes they may weigh together: a few large ones must not fill the memory.
LOT = 50
POIDS = 16 * 1024 * 1024
# A heavier mail is not fetched: it stays in its mailbox, and the quarantine says so.
TAILLE_MAX = 50 * 1024 * 1024
SANS_SECRET = "La variable « {} » n'est pas définie là où les boîtes sont relevées."  # noqa: S105


def ouvrir(boite: BoiteCourriel) -> Session:
    """Open it, and remember when it was for the first time: what came before is answered to nobody."""
    secret = settings.GUICHET_BOITES.get(boite.variable)
    if not secret:
        raise BoiteInaccessible(SANS_SECRET.format(boite.variable))
    session = Session(
        Acces(boite.serveur, boite.port, boite.securite, boite.identifiant, secret, boite.dossier)
    )
    if boite.connectee_le is None:
        # To the second, as the server counts.
        boite.connectee_le = timezone.now().replace(microsecond=0)
        _noter(boite, connectee_le=boite.connectee_le)
    if boite.uidvalidity != session.uidvalidity:
        # The server numbered its mails again: what is known already is recognised by its bytes.
        boite.uidvalidity, boite.dernier_uid, boite.importee_le = session.uidvalidity, 0, None
        _noter(boite, uidvalidity=session.uidvalidity, dernier_uid=0, importee_le=None)
    return session


class Releve:
    """The reading of one mailbox on an open session, that is opened again when one mail breaks it."""

    def __init__(self, boite: BoiteCourriel, session: Session) -> None:
        self.boite = boite
        self.session = session

    def faire(self, continuer: Callable[[], bool] = lambda: True) -> int:
        """Take in what is new; return how many mails. Stops between two batches when told to."""
        depuis = None if self.boite.importee_le else self.boite.importer_depuis
        total = 0
        for lot in self._lots(self.session.nouveaux(self.boite.dernier_uid, depuis)):
            if not continuer():
                return total
            total += self._prendre(lot)
        faits = {"relevee_le": timezone.now(), "erreur": "", "erreur_le": None}
        if self.boite.importee_le is None:
            self.boite.importee_le = faits["importee_le"] = timezone.now()
        _noter(self.boite, **faits)
        return total

    def _lots(self, uids: list[int]) -> Iterator[list[int]]:
        """UIDs by batches bounded in number and in weight; a mail too heavy goes to quarantine by itself."""
        reste = iter(uids)
        while tranche := list(islice(reste, LOT)):
            tailles = self._tailles(tranche)
            lot: list[int] = []
            poids = 0
            for uid in tranche:
                taille = tailles.get(uid, 0)
                if lot and poids + taille > POIDS:
                    yield lot
                    lot, poids = [], 0
                if taille > TAILLE_MAX:
                    if lot:
                        yield lot
                        lot, poids = [], 0
                    self._renoncer(uid, f"il pèse {taille // (1024 * 1024)} Mo")
                    continue
                lot.append(uid)
                poids += taille
            if lot:
                yield lot

    def _tailles(self, uids: list[int]) -> dict[int, int]:
        try:
            return self.session.tailles(uids)
        except (IMAPClientError, ValueError, OSError):
            # One answer that cannot be read: they are fetched without knowing what they weigh.
            self._rouvrir()
            return {}

    def _prendre(self, uids: list[int]) -> int:
        """Fetch, store, commit, mark, remember. A batch that one mail breaks is taken one by one."""
        try:
            return self._garder(uids, self.session.prendre(uids))
        except BoiteInaccessible:
            raise
        except (OperationalError, InterfaceError):
            raise
        except (IMAPClientError, DatabaseError, ValueError, OSError) as erreur:
            journal.warning("Mailbox %s: a batch failed (%s).", self.boite.pk, type(erreur).__name__)
            # When it is the server and not a mail, this raises: nothing was marked, all will come again.
            self._rouvrir()
            if len(uids) > 1:
                return sum(self._prendre([uid]) for uid in uids)
            return self._prendre_sans_date(uids[0])

    def _prendre_sans_date(self, uid: int) -> int:
        """The last try for a mail that the server, or the client, cannot tell right."""
        try:
            return self._garder([uid], self.session.prendre([uid], avec_date=False))
        except (OperationalError, InterfaceError):
            raise
        except (IMAPClientError, DatabaseError, ValueError, OSError) as erreur:
            self._rouvrir()
            self._renoncer(uid, f"le serveur ne sait pas le donner ({type(erreur).__name__})")
            return 0

    def _garder(self, uids: list[int], plis: list[Pli]) -> int:
        gardees = ranger(self.boite, plis)
        # From here the mails are ours, whatever happens.
        try:
            self.session.marquer([pli.uid for pli in plis], self.boite.dossier_lus)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as erreur:
            journal.warning("Mailbox %s: read mails are not marked (%s).", self.boite.pk, erreur)
        self._avancer(uids[-1], len(plis))
        for pk in gardees:
            reception.sonnette.sonner(pk)
        return len(plis)

    def _renoncer(self, uid: int, raison: str) -> None:
        """Show in quarantine a mail that cannot be fetched; it stays where it is."""
        motif = f"Ce courriel n'a pas pu être lu dans « {self.boite} » : {raison}. Il y est encore."
        cle = f"imap:{self.boite.pk}:{self.boite.uidvalidity}:{uid}"
        trace, est_nouvelle = Reception.ranger(
            Canal.COURRIEL,
            courriels.SOURCE,
            cle,
            cle.encode(),
            adresses=[self.boite.adresses[0]],
            sans_accuse=self.boite.importee_le is None,
        )
        if est_nouvelle:
            reception.mettre_en_quarantaine(trace, motif)
        self._avancer(uid, 0)

    def _avancer(self, uid: int, pris: int) -> None:
        self.boite.dernier_uid = max(self.boite.dernier_uid, uid)
        importes = {} if self.boite.importee_le else {"importes": F("importes") + pris}
        _noter(self.boite, dernier_uid=self.boite.dernier_uid, relevee_le=timezone.now(), **importes)

    def _rouvrir(self) -> None:
        self.session.fermer()
        numerotation = self.boite.uidvalidity
        self.session = ouvrir(self.boite)
        if self.boite.uidvalidity != numerotation:
            raise BoiteInaccessible("Le serveur a renuméroté ses courriels : la lecture reprend du début.")


@transaction.atomic
def ranger(boite: BoiteCourriel, plis: list[Pli]) -> list[int]:
    """Store mails with when they reached the mailbox; committed when this returns."""
    maintenant = timezone.now()
    gardees = []
    for pli in plis:
        est_date = _est_plausible(pli.arrive_le, maintenant)
        arrive_le = pli.arrive_le if est_date and pli.arrive_le else maintenant
        # Without a day that can be read, what the first import finds was there before.
        etait_la = arrive_le < boite.connectee_le if boite.connectee_le else False
        gardee = courriels.recevoir(
            pli.brut,
            adresses=(boite.adresses[0],),
            recue_le=arrive_le,
            sans_accuse=etait_la or (not est_date and boite.importee_le is None),
        )
        if gardee.etat == Reception.Etat.A_TRAITER:
            gardees.append(gardee.pk)
    return gardees


def _est_plausible(arrive_le: datetime | None, maintenant: datetime) -> bool:
    """Whether the server knows when it got it, and does not tell the future."""
    return arrive_le is not None and arrive_le <= maintenant and arrive_le.year >= 1990


def noter_l_erreur(boite: BoiteCourriel, erreur: Exception) -> None:
    """What the administration shows: our own sentence, or the kind of the error."""
    dite = str(erreur) if isinstance(erreur, BoiteInaccessible) else _en_mots(erreur)
    _noter(boite, erreur=dite[:250], erreur_le=timezone.now())


def _en_mots(erreur: Exception) -> str:
    dite = re.sub(r"\s+", " ", str(erreur))[:150]
    return f"La lecture s'est interrompue ({type(erreur).__name__}) : {dite}"


def _noter(boite: BoiteCourriel, **champs: object) -> None:
    BoiteCourriel.objects.filter(pk=boite.pk).update(**champs)
