"""`make run` as a person uses it: in a terminal, stopped with Ctrl-C, started again."""

import fcntl
import json
import os
import pty
import shutil
import socket
import subprocess
import termios
import time
import uuid
from collections.abc import Generator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from select import select

import psycopg
import pytest
from django.conf import settings

from guichet.socle.base_embarquee import demarrer
from guichet.socle.demarrage import RACINE

CTRL_C = b"\x03"


class Terminal:
    """A command in the foreground of a terminal of its own."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        self.output = ""
        self.process = subprocess.Popen(
            command,
            cwd=RACINE,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    def read_until(self, text: str, seconds: float) -> bool:
        limit = time.monotonic() + seconds
        while text not in self.output and time.monotonic() < limit:
            if select([self._master], [], [], 0.2)[0]:
                try:
                    self.output += os.read(self._master, 65536).decode(errors="replace")
                except OSError:  # the last process of the terminal ended
                    break
        return text in self.output

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(60)
        os.close(self._master)


@pytest.fixture
def donnees() -> Generator[Path]:
    """A data folder that the database's account can reach, unlike `tmp_path` for root."""
    folder = settings.GUICHET_DONNEES / f"ville-{uuid.uuid4().hex[:6]}"
    yield folder
    shutil.rmtree(folder)


def processes_of(folder: Path) -> list[str]:
    """The living processes that were started for this data folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
        if command and (f"GUICHET_DONNEES={folder}".encode() in environment or str(folder) in command):
            found.append(command)
    return found


def get(port: int, path: str) -> tuple[int, bytes]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_a_city_opens_closes_and_opens_again_with_its_data(donnees: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    environment |= {"PORT": str(port), "GUICHET_DONNEES": str(donnees), "GUICHET_DEMO": "0"}

    for turn in (1, 2):
        terminal = Terminal(["make", "run"], environment)
        try:
            assert terminal.read_until("Ctrl-C arrête tout", 500), terminal.output
            status, body = get(port, "/sante/")
            assert (status, json.loads(body)["etat"]) == (200, "vert")
            assert get(port, "/connexion/")[0] == 200

            # Another command on the same data uses the same server, and leaves it running.
            base = demarrer(donnees / "postgresql")
            with psycopg.connect(base.url, autocommit=True) as connexion:
                connexion.execute("CREATE TABLE IF NOT EXISTS passage (tour int)")
                connexion.execute("INSERT INTO passage VALUES (%s)", [turn])
                turns = connexion.execute("SELECT array_agg(tour ORDER BY tour) FROM passage").fetchone()
            base.arreter()
            assert turns == ([1, 2][:turn],)
            assert get(port, "/sante/")[0] == 200

            terminal.press(CTRL_C)
            assert terminal.read_until("Guichet est arrêté.", 60), terminal.output
        finally:
            terminal.close()
        assert "Traceback" not in terminal.output
        assert processes_of(donnees) == []
