"""The embedded PostgreSQL, started for real in folders of its own."""

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Generator
from pathlib import Path

import dj_database_url
import psycopg
import pytest
from django.conf import settings

from guichet.socle import base_embarquee
from guichet.socle.base_embarquee import demarrer
from guichet.socle.demarrage import LONGUEUR_DE_PRISE, RACINE, DemarrageImpossible, dossier_de_prise

JOIN_AND_WAIT = """
import sys
from pathlib import Path
from guichet.socle.base_embarquee import demarrer
base = demarrer(Path(sys.argv[1]))
print(base.url, flush=True)
sys.stdin.read()
base.arreter()
"""


@pytest.fixture
def dossier() -> Generator[Path]:
    """A new place for data. Not `tmp_path`: root's server account could not enter it."""
    # Capitals, spaces and accents: a path people really have.
    parent = settings.GUICHET_DONNEES / f"Été {uuid.uuid4().hex[:6]}"
    parent.mkdir(parents=True)
    yield parent / "postgresql"
    shutil.rmtree(parent)


def query(url: str, sql: str) -> object:
    with psycopg.connect(url, autocommit=True) as connexion:
        cursor = connexion.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def pid_of(dossier: Path) -> int:
    return int((dossier / "postmaster.pid").read_text().split()[0])


def test_it_serves_french_on_a_private_socket_only(dossier: Path) -> None:
    base = demarrer(dossier, durable=False)
    try:
        assert query(base.url, "SELECT lower('ÉGALITÉ ŒUVRE')") == "égalité œuvre"
        assert query(base.url, "SHOW server_version_num").startswith(base_embarquee.VERSION)
        assert query(base.url, "SHOW listen_addresses") == ""
        assert dossier.stat().st_mode & 0o077 == 0
        # Django's way in: the folder of the socket reaches it letter for letter.
        assert dj_database_url.parse(base.url)["OPTIONS"]["host"] == str(dossier)
    finally:
        base.arreter()

    assert not base.est_vivante()
    assert not (dossier / "postmaster.pid").exists()


def test_data_stay_after_a_stop(dossier: Path) -> None:
    base = demarrer(dossier, durable=False)
    query(base.url, "CREATE TABLE ville AS SELECT 'Villeneuve' AS nom")
    base.arreter()

    base = demarrer(dossier, durable=False)
    try:
        assert query(base.url, "SELECT nom FROM ville") == "Villeneuve"
    finally:
        base.arreter()


def test_the_last_process_to_leave_stops_it(dossier: Path) -> None:
    base = demarrer(dossier, durable=False)
    other = subprocess.Popen(
        [sys.executable, "-c", JOIN_AND_WAIT, str(dossier)],
        cwd=RACINE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        url = other.stdout.readline().strip()
        assert url == base.url

        base.arreter()
        assert query(url, "SELECT 1") == 1

        other.communicate("")
    assert other.returncode == 0
    assert not base.est_vivante()


def test_a_killed_user_does_not_keep_it_running(dossier: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", JOIN_AND_WAIT, str(dossier)],
        cwd=RACINE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        other.stdout.readline()
        pid = pid_of(dossier)
        other.kill()

    base = demarrer(dossier, durable=False)
    assert pid_of(dossier) == pid, "the running server was not joined"
    base.arreter()
    assert not base.est_vivante()


def test_it_starts_again_after_a_power_cut(dossier: Path) -> None:
    base = demarrer(dossier)
    query(base.url, "CREATE TABLE ville AS SELECT 'Villeneuve' AS nom")
    os.kill(pid_of(dossier), signal.SIGKILL)

    base = demarrer(dossier)
    try:
        assert query(base.url, "SELECT nom FROM ville") == "Villeneuve"
    finally:
        base.arreter()


def test_it_starts_again_when_its_number_went_to_another_process(dossier: Path) -> None:
    demarrer(dossier, durable=False).arreter()
    owner = dossier.stat()
    somebody = subprocess.Popen(["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None)
    try:
        witness = dossier / "postmaster.pid"
        witness.write_text(f"{somebody.pid}\n{dossier}\n1700000000\n5432\n{dossier}\n\n  0 0\nready   \n")
        os.chown(witness, owner.st_uid, owner.st_gid)
        base = demarrer(dossier, durable=False)
        base.arreter()
    finally:
        somebody.kill()
        somebody.wait()


def test_a_deep_folder_gets_a_short_private_socket(dossier: Path) -> None:
    deep = dossier.parent / ("p" * 60) / ("q" * 60) / "postgresql"
    base = demarrer(deep, durable=False)
    try:
        short = Path(dj_database_url.parse(base.url)["OPTIONS"]["host"])
        assert len(str(short)) < LONGUEUR_DE_PRISE
        assert short.stat().st_mode & 0o777 == 0o700
        assert query(base.url, "SELECT 1") == 1
    finally:
        base.arreter()
        short.rmdir()


def test_somebody_elses_socket_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = tmp_path / ("p" * 120)
    short = dossier_de_prise(deep, "prise", os.geteuid())
    short.chmod(0o755)

    with pytest.raises(DemarrageImpossible, match="n'est pas un dossier privé"):
        dossier_de_prise(deep, "prise", os.geteuid())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"PG_VERSION": "16\n"}, "est en version 16 de PostgreSQL"),
        ({"photos.zip": ""}, "n'est pas une base PostgreSQL"),
    ],
)
def test_a_folder_that_is_not_our_database_is_left_alone(
    dossier: Path, content: dict[str, str], sentence: str
) -> None:
    dossier.mkdir()
    for name, text in content.items():
        (dossier / name).write_text(text)

    with pytest.raises(DemarrageImpossible, match=sentence):
        demarrer(dossier)

    assert {path.name: path.read_text() for path in dossier.iterdir()} == content


def test_a_file_in_place_of_the_data_folder_is_refused(dossier: Path) -> None:
    dossier.parent.joinpath("var").write_text("")

    with pytest.raises(DemarrageImpossible, match="n'est pas un dossier"):
        demarrer(dossier.parent / "var" / "postgresql")


def test_root_opens_nobodys_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    modes = {folder: folder.stat().st_mode for folder in (tmp_path, closed)}

    with pytest.raises(DemarrageImpossible, match=r"qui ne peut pas entrer dans /\S+ : "):
        demarrer(closed / "clone" / "postgresql")

    assert {folder: folder.stat().st_mode for folder in modes} == modes
    assert not (closed / "clone" / "postgresql").exists()
