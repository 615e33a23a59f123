"""The doorbell: it tells the worker that a row waits, and no request waits for the broker.

Rung beside the requests by one thread per process, at most once a `PAUSE`: what was deposited meanwhile
is told in one go. It is only a doorbell: whatever happens to it, the sweep comes.
"""

import logging
import os
import queue
import threading
import time
from typing import Any

from django.utils.module_loading import import_string

journal = logging.getLogger(__name__)

# Seconds between two rings, and seconds without ringing after a dead broker (the sweep is as frequent).
PAUSE = 0.05
SILENCE = 20


class Sonnette:
    """One per process and kind of row: a forked worker starts its own thread at its first ring.

    `une` and `toutes` name the tasks, for one row and for all those that wait.
    """

    def __init__(self, une: str, toutes: str) -> None:
        self._une, self._toutes = une, toutes
        self._attente: queue.Queue[int | None] = queue.Queue()
        self._verrou = threading.Lock()
        self._processus = 0
        self.silence_jusqu_a = 0.0

    def sonner(self, pk: int | None) -> None:
        """Tell that the row `pk` waits, or several (None); at once where tasks run in the asking process."""
        if tache(self._une).app.conf.task_always_eager:
            self._appeler([pk])
            return
        with self._verrou:
            if self._processus != os.getpid():
                self._processus, self._attente = os.getpid(), queue.Queue()
                threading.Thread(target=self._veiller, args=(self._attente,), daemon=True).start()
        self._attente.put(pk)

    def attendre(self) -> None:
        """Wait until everything put so far was told, or given up."""
        self._attente.join()

    def _veiller(self, attente: "queue.Queue[int | None]") -> None:
        while True:
            pks = [attente.get()]
            while not attente.empty():
                pks.append(attente.get())
            self._appeler(pks)
            for _ in pks:
                attente.task_done()
            time.sleep(PAUSE)

    def _appeler(self, pks: list[int | None]) -> None:
        """Ring, unless the broker has just been found dead."""
        if time.monotonic() < self.silence_jusqu_a:
            return
        try:
            if len(pks) == 1 and pks[0] is not None:
                tache(self._une).delay(pks[0])
            else:
                tache(self._toutes).delay()
        except Exception as erreur:
            self.silence_jusqu_a = time.monotonic() + SILENCE
            journal.warning("Broker unreachable (%s): the next sweep will see.", type(erreur).__name__)


def tache(nom: str) -> Any:
    return import_string(nom)


sonnette = Sonnette("guichet.envois.tasks.envoyer", "guichet.envois.tasks.balayer")
