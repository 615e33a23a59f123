"""Child processes that live and stop together: when one dies, the others are stopped and it is named."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from guichet.socle.demarrage import RACINE, DemarrageImpossible

# Seconds a process has to end by itself.
DELAI_ARRET = 10


class ArretDemande(Exception):
    """Somebody asked us to stop while we were waiting for something."""


class Processus:
    """One command and its log; `visible` lets its standard output through to the terminal."""

    def __init__(self, nom: str, commande: Sequence[str], journal: Path, *, visible: bool = False) -> None:
        self.nom = nom
        self.journal = journal
        self._commande = commande
        self._visible = visible
        self._enfant: subprocess.Popen[bytes] | None = None

    def lancer(self) -> None:
        if self.journal.exists():
            # The log of the run before may tell why it ended.
            self.journal.replace(self.journal.with_suffix(".precedent.log"))
        with self.journal.open("wb") as journal:
            self._enfant = subprocess.Popen(  # noqa: S603
                self._commande,
                cwd=RACINE,
                stdin=subprocess.DEVNULL,
                stdout=None if self._visible else journal,
                stderr=journal,
                # Ctrl-C in the terminal is for us, we stop our children in order.
                start_new_session=True,
                preexec_fn=_suivre_le_parent if sys.platform == "linux" else None,
            )

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._enfant.poll() if self._enfant else None

    def fin_du_journal(self, lignes: int = 20) -> str:
        return "\n".join(self.journal.read_text(errors="replace").splitlines()[-lignes:])

    def arreter(self, delai: float = DELAI_ARRET) -> None:
        """Ask it to end; after `delai` seconds end it and whatever it started."""
        if self._enfant is None:
            return
        self._enfant.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._enfant.wait(delai)
        with suppress(ProcessLookupError):
            os.killpg(self._enfant.pid, signal.SIGKILL)
        self._enfant.wait()


def _suivre_le_parent() -> None:
    """In the child, before the command: ask Linux to end us if our parent dies without a word."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Equipe:
    """The running processes; `arret` is set by whoever wants everything to stop."""

    def __init__(self, arret: Event) -> None:
        self._arret = arret
        self._processus: list[Processus] = []
        self._sondes: list[tuple[str, Callable[[], bool]]] = []

    def lancer(self, processus: Processus) -> None:
        """Start a process that must run as long as we do."""
        processus.lancer()
        self._processus.append(processus)

    def surveiller(self, nom: str, est_vivant: Callable[[], bool]) -> None:
        """Watch something we did not start as a child."""
        self._sondes.append((nom, est_vivant))

    def executer(self, processus: Processus) -> None:
        """Run a process to its end; raise `DemarrageImpossible` with the end of its log if it fails."""
        processus.lancer()
        try:
            self.attendre(lambda: processus.code is not None)
        finally:
            processus.arreter()
        if processus.code:
            raise DemarrageImpossible(f"l'étape « {processus.nom} » a échoué.\n{processus.fin_du_journal()}")

    def attendre(
        self, condition: Callable[[], bool], *, delai: float = float("inf"), pas: float = 0.1
    ) -> bool:
        """Wait until `condition`, tried every `pas` seconds, holds; False after `delai` seconds.

        Raises `DemarrageImpossible` when a process dies meanwhile, `ArretDemande` when asked to stop.
        """
        limite = time.monotonic() + delai
        while not condition():
            self.verifier()
            if time.monotonic() > limite:
                return False
            if self._arret.wait(pas):
                raise ArretDemande
        return True

    def verifier(self) -> None:
        """Raise `DemarrageImpossible`, with the end of its log, for the first process found dead."""
        for processus in self._processus:
            if processus.code is not None:
                raise DemarrageImpossible(
                    f"le processus « {processus.nom} » s'est arrêté (code {processus.code}). "
                    f"Fin de {processus.journal} :\n{processus.fin_du_journal()}"
                )
        for nom, est_vivant in self._sondes:
            if not est_vivant():
                raise DemarrageImpossible(f"la partie « {nom} » s'est arrêtée.")

    def arreter(self) -> None:
        """Stop everything, last started first."""
        for processus in reversed(self._processus):
            processus.arreter()
