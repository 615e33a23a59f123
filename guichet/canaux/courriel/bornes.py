"""Read a mail in a process bounded by the kernel: a hostile one ends that process, not the worker.

One reader per worker process, started at the first mail and kept: 5 s of processor and 300 MB a mail, 30 s in
all. Its environment is empty: it knows no secret. Whatever happens to it, the next mail gets a new one.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from guichet.canaux.courriel import transport
from guichet.canaux.courriel.lecteur import SORTIE_MEMOIRE
from guichet.canaux.courriel.message import CourrielEntrant
from guichet.canaux.message import ContenuIllisible

DELAI = 30  # seconds by the clock, for one mail
RACINE = Path(__file__).parents[3]
# A process that read a large mail, or many, keeps their memory: a fresh one costs half a second.
GROS = 4 * 1024 * 1024
LECTURES = 500
# What a mail can unfold to, its files decoded, its words in UTF-8 and in HTML.
REPONSE_AU_PLUS = 16 * 1024 * 1024


class LecteurIndisponible(RuntimeError):
    """The reader cannot be started: nothing is wrong with the mail, it will be read later."""


class Lecteur:
    """Asks one mail at a time of a process it starts, watches and replaces."""

    def __init__(self, commande: tuple[str, ...] = (), delai: float = DELAI) -> None:
        self._commande = commande or (sys.executable, "-m", "guichet.canaux.courriel.lecteur")
        self._delai = delai
        self._verrou = threading.Lock()
        self._processus: subprocess.Popen[bytes] | None = None
        self._proprietaire = 0
        self._lectures = 0

    def lire(
        self, brut: bytes, *, recu_le: datetime, nos_adresses: frozenset[str] = frozenset()
    ) -> CourrielEntrant:
        """As `decodage.lire`. Raises ContenuIllisible for this mail, LecteurIndisponible for none of them."""
        return self._faire_lire(brut, recu_le=recu_le.isoformat(), nos_adresses=sorted(nos_adresses))

    def lire_l_epave(self, brut: bytes, *, recu_le: datetime) -> CourrielEntrant:
        """As `epave.lire`, within the same bounds. Raises as `lire`."""
        return self._faire_lire(brut, recu_le=recu_le.isoformat(), est_une_epave=True)

    def _faire_lire(self, brut: bytes, **question: Any) -> CourrielEntrant:
        question["taille"] = len(brut)
        with self._verrou:
            genre, reponse = self._demander(json.dumps(question).encode() + b"\n" + brut, 2 * len(brut))
        if genre == "lu":
            return transport.deballer(reponse)
        motif = reponse.decode(errors="replace")
        raise ContenuIllisible(motif if genre == "illisible" else f"La lecture a échoué : {motif}.")

    def arreter(self) -> None:
        """End the process, if any; the next mail starts another."""
        processus, self._processus = self._processus, None
        if processus is not None and self._proprietaire == os.getpid():
            with suppress(OSError):
                processus.kill()
            for tuyau in (processus.stdin, processus.stdout):
                with suppress(OSError):
                    cast("BinaryIO", tuyau).close()
            processus.wait()

    def _demander(self, question: bytes, taille: int) -> tuple[str, bytes]:
        processus = self._vivant()
        # Ends a process that waits as well as one that works: no read below can last longer.
        minuteur = threading.Timer(self._delai, processus.kill)
        minuteur.start()
        try:
            try:
                cast("BinaryIO", processus.stdin).write(question)
                cast("BinaryIO", processus.stdin).flush()
                reponse = _lire_la_reponse(processus, taille + REPONSE_AU_PLUS)
            except (OSError, EOFError):
                reponse = None
            except BaseException:
                # The worker is told to stop in the middle of a mail: no half answer for the next one.
                self.arreter()
                raise
        finally:
            minuteur.cancel()
        self._lectures += 1
        if reponse is None:
            motif = _raison_de_la_fin(processus)
            self.arreter()
            raise ContenuIllisible(motif)
        if len(question) > GROS or self._lectures >= LECTURES:
            self.arreter()
        return reponse

    def _vivant(self) -> "subprocess.Popen[bytes]":
        """The process of this worker, started if need be: a forked worker does not share its parent's."""
        if self._processus is not None and self._proprietaire == os.getpid():
            if self._processus.poll() is None:
                return self._processus
            self.arreter()
        try:
            processus = subprocess.Popen(  # noqa: S603
                self._commande,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=RACINE,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            )
        except OSError as cause:
            raise LecteurIndisponible("The reader of mails does not start.") from cause
        self._processus, self._proprietaire, self._lectures = processus, os.getpid(), 0
        minuteur = threading.Timer(self._delai, processus.kill)
        minuteur.start()
        try:
            _lire_la_reponse(processus, 0)
        except (OSError, EOFError) as cause:
            self.arreter()
            raise LecteurIndisponible("The reader of mails does not start.") from cause
        finally:
            minuteur.cancel()
        return processus


def _lire_la_reponse(processus: "subprocess.Popen[bytes]", au_plus: int) -> tuple[str, bytes]:
    sortie = cast("BinaryIO", processus.stdout)
    genre, _, taille = sortie.readline(100).decode("ascii", "replace").partition(" ")
    if not taille.strip().isdigit() or int(taille) > au_plus:
        raise EOFError
    octets = sortie.read(int(taille))
    if len(octets) < int(taille):
        raise EOFError
    return genre, octets


def _raison_de_la_fin(processus: "subprocess.Popen[bytes]") -> str:
    """Why the process ended without an answer, in the words shown in quarantine."""
    try:
        fin = processus.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return "Ce courriel se déplie en un contenu démesuré."
    if fin == -signal.SIGXCPU:
        return "La lecture de ce courriel demande plus de 5 secondes de calcul."
    if fin == SORTIE_MEMOIRE:
        return "La lecture de ce courriel demande plus de 300 Mo de mémoire."
    if fin == -signal.SIGKILL:
        return "La lecture de ce courriel n'en finissait pas : elle a été arrêtée."
    return f"La lecture de ce courriel a fait tomber le lecteur ({fin})."


lecteur = Lecteur()
atexit.register(lecteur.arreter)
