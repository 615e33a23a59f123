"""The scanner is spoken to through clamd's own protocol, held here by a small server of the test."""

import logging
import shutil
import socket
import struct
import tempfile
import threading
from pathlib import Path

import pytest

from guichet.pieces import antivirus
from guichet.pieces.depot import deposer
from tests.pieces.fichiers import PDF, envoi


class Clamd:
    """Reads one INSTREAM command per connection, keeps what it was sent, gives the answer it is told to."""

    def __init__(self, prise: Path) -> None:
        self.reponse, self.recu, self.serveur = b"stream: OK\0", [], socket.socket(socket.AF_UNIX)
        self.serveur.bind(str(prise))
        self.serveur.listen()
        self.fil = threading.Thread(target=self.servir, daemon=True)
        self.fil.start()

    def servir(self) -> None:
        while True:
            try:
                liaison, _ = self.serveur.accept()
            except OSError:
                return
            with liaison, liaison.makefile("rb") as flux:
                if self.reponse is None:
                    continue
                assert flux.read(10) == b"zINSTREAM\0"
                corps = b""
                while taille := struct.unpack("!I", flux.read(4))[0]:
                    corps += flux.read(taille)
                self.recu.append(corps)
                liaison.sendall(self.reponse)

    def fermer(self) -> None:
        self.serveur.shutdown(socket.SHUT_RDWR)
        self.serveur.close()
        self.fil.join(5)


@pytest.fixture
def clamd(settings):
    dossier = tempfile.mkdtemp()  # a socket's path must be short
    settings.GUICHET_CLAMAV = f"{dossier}/clamd.ctl"
    serveur = Clamd(Path(settings.GUICHET_CLAMAV))
    yield serveur
    serveur.fermer()
    shutil.rmtree(dossier)


@pytest.mark.parametrize(
    ("reponse", "motif"),
    [
        (b"stream: OK\0", ""),
        (b"stream: Eicar-Test-Signature FOUND\0", "Programme malveillant : Eicar-Test-Signature"),
        (b"INSTREAM size limit exceeded. ERROR\0", "L'antivirus n'a pas pu examiner ce fichier."),
        (b"", "L'antivirus n'a pas pu examiner ce fichier."),
        (None, "L'antivirus n'a pas répondu."),
    ],
)
def test_what_the_scanner_says(clamd, reponse, motif):
    clamd.reponse = reponse
    contenu = b"x" * 200_000  # several chunks
    soupcon = antivirus.soupcon(contenu)
    if reponse is None:
        # The daemon hangs up at once: seen while writing or while reading, it is a silence either way.
        assert soupcon in (motif, "L'antivirus n'a pas pu examiner ce fichier.")
    else:
        assert soupcon == motif
        assert clamd.recu == [contenu]


def test_a_scanner_that_does_not_answer_in_time_holds_the_file(settings, monkeypatch):
    monkeypatch.setattr(antivirus, "DELAI", 0.1)
    dossier = tempfile.mkdtemp()
    settings.GUICHET_CLAMAV = f"{dossier}/clamd.ctl"
    with socket.socket(socket.AF_UNIX) as muet:
        muet.bind(settings.GUICHET_CLAMAV)
        muet.listen()
        assert antivirus.soupcon(b"x") == "L'antivirus n'a pas répondu."
    shutil.rmtree(dossier)


@pytest.mark.parametrize("prise", ["", "/nulle/part/clamd.ctl"])
def test_without_a_scanner_the_logs_say_so_once(settings, caplog, prise):
    antivirus._dire_absent.cache_clear()
    settings.GUICHET_CLAMAV = prise
    with caplog.at_level(logging.WARNING):
        assert [antivirus.soupcon(b"x") for _ in range(3)] == ["", "", ""]
    assert [ligne.message for ligne in caplog.records if "Aucun antivirus" in ligne.message] == [
        f"Aucun antivirus ({prise or 'non réglé'}) : les pièces déposées ne sont pas examinées."
    ]


@pytest.mark.django_db
def test_an_infected_file_is_kept_in_quarantine_with_its_reason(stockage, clamd):
    clamd.reponse = b"stream: Eicar-Test-Signature FOUND\0"
    piece = deposer(envoi(PDF, "a.pdf"))
    assert (piece.etat, piece.est_saine) == ("quarantaine", False)
    assert piece.motif == "Programme malveillant : Eicar-Test-Signature"
    assert clamd.recu == [PDF]
    clamd.reponse = b"stream: OK\0"
    assert deposer(envoi(PDF, "a.pdf")).est_saine
