"""Every mailbox read as long as the process lives: one thread each, that comes back from any failure."""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import datetime

from django.db import close_old_connections, connections

from demandes.models import BoiteCourriel
from demandes.releve import boite as lecture
from demandes.releve.session import Session

journal = logging.getLogger(__name__)

# Seconds between two looks where the server does not say what arrives, and at most where it does.
RONDE = 30
GUET = 240
# Seconds between two looks at the settings, and at whether we must stop.
REGLAGES = 10
PAS = 1.0
# Seconds before another try: doubled after each failure.
REPRISE = (5, 300)


class Releveur(threading.Thread):
    """Reads one mailbox until told to stop."""

    def __init__(self, pk: int, modifiee_le: datetime, arret: threading.Event) -> None:
        super().__init__(name=f"boite-{pk}", daemon=True)
        self.pk = pk
        self.modifiee_le = modifiee_le
        self._arret_general = arret
        self._arret = threading.Event()

    @property
    def continue_(self) -> bool:
        return not (self._arret.is_set() or self._arret_general.is_set())

    def arreter(self) -> None:
        self._arret.set()

    def run(self) -> None:
        attente = REPRISE[0]
        while self.continue_:
            debut = time.monotonic()
            try:
                self._vivre()
            except Exception as erreur:
                journal.warning("Mailbox %s: %s.", self.pk, type(erreur).__name__, exc_info=True)
                self._dire(erreur)
                # One that worked for a while starts again from the shortest wait.
                attente = REPRISE[0] if time.monotonic() - debut > REPRISE[1] else attente
                self._patienter(attente * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the retries
                attente = min(2 * attente, REPRISE[1])
        connections.close_all()

    def _vivre(self) -> None:
        """One connection, from its opening to its end."""
        close_old_connections()
        boite = BoiteCourriel.objects.relevees().filter(pk=self.pk).first()
        if boite is None:
            self._patienter(REGLAGES)
            return
        releve = lecture.Releve(boite, lecture.ouvrir(boite))
        try:
            while self.continue_:
                close_old_connections()
                releve.faire(lambda: self.continue_)
                self._attendre(releve.session)
        finally:
            releve.session.fermer()

    def _attendre(self, session: Session) -> None:
        """Until something arrives, or it is time to look anyway."""
        if session.a_change():
            return
        if not session.sait_prevenir:
            self._patienter(RONDE)
            return
        session.guetter()
        fin = time.monotonic() + GUET
        while self.continue_ and time.monotonic() < fin and not session.quelque_chose(PAS):
            pass
        session.ne_plus_guetter()

    def _patienter(self, secondes: float) -> None:
        fin = time.monotonic() + secondes
        while self.continue_ and (reste := fin - time.monotonic()) > 0:
            self._arret.wait(min(PAS, reste))

    def _dire(self, erreur: Exception) -> None:
        try:
            close_old_connections()
            lecture.noter_l_erreur(BoiteCourriel(pk=self.pk), erreur)
        except Exception:
            journal.warning("Mailbox %s: the database does not answer.", self.pk)
            connections.close_all()


def relever_sans_fin(arret: threading.Event) -> None:
    """Read all the mailboxes of the settings, as they are: added, changed and retired while it runs."""
    equipe: dict[int, Releveur] = {}
    while not arret.is_set():
        try:
            close_old_connections()
            voulues = dict(BoiteCourriel.objects.relevees().values_list("pk", "modifiee_le"))
            _ajuster(equipe, voulues, arret)
        except Exception:
            journal.warning("The settings of the mailboxes cannot be read.", exc_info=True)
            connections.close_all()
        arret.wait(REGLAGES)
    for releveur in equipe.values():
        releveur.join(timeout=20)


def _ajuster(equipe: dict[int, Releveur], voulues: dict[int, datetime], arret: threading.Event) -> None:
    for pk, releveur in list(equipe.items()):
        if voulues.get(pk) != releveur.modifiee_le or not releveur.is_alive():
            releveur.arreter()
            releveur.join(timeout=60)
            if not releveur.is_alive():
                del equipe[pk]
    for pk, modifiee_le in voulues.items():
        if pk not in equipe:
            equipe[pk] = Releveur(pk, modifiee_le, arret)
            equipe[pk].start()


def relever_une_fois() -> list[tuple[BoiteCourriel, int | None]]:
    """Read each mailbox once, in turn; None for one that failed: its row says why."""
    bilan: list[tuple[BoiteCourriel, int | None]] = []
    for boite in BoiteCourriel.objects.relevees():
        pris: int | None = None
        try:
            releve = lecture.Releve(boite, lecture.ouvrir(boite))
            try:
                pris = releve.faire()
            finally:
                releve.session.fermer()
        except Exception as erreur:
            journal.warning("Mailbox %s: %s.", boite.pk, type(erreur).__name__)
            lecture.noter_l_erreur(boite, erreur)
        bilan.append((boite, pris))
    return bilan
