"""The bounded processes of paper, as seen by who calls them: pages out of a file, a PDF out of pages."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from guichet.canaux.courrier.decoupe import Genre
from guichet.canaux.courrier.scan import PDF_ABIME
from guichet.canaux.message import ContenuIllisible

DELAI = 70  # seconds by the clock, for one call: below what the worker gives a task
IMAGE_AU_PLUS = 20 * 1024**2
PDF_AU_PLUS = 200 * 1024**2
RACINE = Path(__file__).parents[3]
# A scanned file knows no secret of ours.
ENVIRONNEMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


class ProcessusPerdu(RuntimeError):
    """The kernel or the clock ended the process: too large, too slow, or broken."""


@dataclass(frozen=True)
class Page:
    """One page: its rank from 1, what it is, its picture as JPEG (empty when it cannot be drawn)."""

    rang: int
    genre: Genre
    image: bytes


def compter(fichier: BinaryIO) -> int:
    """How many pages a file has. Raises ContenuIllisible with the reason."""
    try:
        with _scanner(fichier, 1, 0) as processus:
            return _nombre(processus)
    except ProcessusPerdu as cause:
        raise ContenuIllisible(PDF_ABIME) from cause


def lire(fichier: BinaryIO, premiere: int, derniere: int) -> Iterator[Page]:
    """These pages, one by one: never two pictures in memory. Raises ProcessusPerdu after those that came."""
    with _scanner(fichier, premiere, derniere) as processus:
        _nombre(processus)
        assert processus.stdout is not None
        while ligne := processus.stdout.readline(1024):
            entete = json.loads(ligne)
            if not 0 <= entete["taille"] <= IMAGE_AU_PLUS:
                break
            image = processus.stdout.read(entete["taille"])
            if len(image) < entete["taille"]:
                break
            yield Page(entete["rang"], Genre(entete["genre"]), image)
    if processus.returncode:
        raise ProcessusPerdu


def assembler(plan: Sequence[tuple[str, int, int]]) -> bytes:
    """The PDF of these pages: (path, rank from 1, degrees to turn). Raises ProcessusPerdu."""
    try:
        sortie = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "guichet.canaux.courrier.lettre_pdf", json.dumps(plan)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DELAI,
            check=True,
            cwd=RACINE,
            env=ENVIRONNEMENT,
        ).stdout
    except subprocess.SubprocessError as cause:
        raise ProcessusPerdu from cause
    if not sortie.startswith(b"%PDF-") or len(sortie) > PDF_AU_PLUS:
        raise ProcessusPerdu
    return sortie


@contextmanager
def _scanner(fichier: BinaryIO, premiere: int, derniere: int) -> Iterator[subprocess.Popen[bytes]]:
    """`scan` at work on these pages; ended when the clock says so, or when nobody reads it any more."""
    fichier.seek(0)
    programme = [sys.executable, "-m", "guichet.canaux.courrier.scan", str(premiere), str(derniere)]
    with subprocess.Popen(  # noqa: S603
        programme,
        stdin=fichier,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=RACINE,
        env=ENVIRONNEMENT,
    ) as processus:
        minuteur = threading.Timer(DELAI, processus.kill)
        minuteur.start()
        try:
            yield processus
        finally:
            minuteur.cancel()


def _nombre(processus: subprocess.Popen[bytes]) -> int:
    assert processus.stdout is not None
    ligne = processus.stdout.readline(4096)
    if not ligne:
        raise ProcessusPerdu
    dit = json.loads(ligne)
    if motif := dit.get("illisible"):
        raise ContenuIllisible(motif)
    return int(dit["pages"])
