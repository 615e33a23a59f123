"""The installer that the system's Python runs as a plain file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from guichet.socle import installation
from guichet.socle.demarrage import RACINE

SCRIPT = Path(installation.__file__)


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment folder of our own, and a lock we can change."""
    lock = tmp_path / "dev.txt"
    lock.write_text("django==5.2.14\n")
    monkeypatch.setattr(installation, "BIBLIOTHEQUES", lock)
    monkeypatch.setattr(installation, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(installation, "TEMOIN", tmp_path / ".venv" / "installation.sha256")
    return tmp_path / ".venv"


def pretend_to_install(monkeypatch: pytest.MonkeyPatch, venv: Path, *, uv: str | None) -> list[list[str]]:
    """Record the commands, and leave what the first one would."""
    commands: list[list[str]] = []

    def run(*command: str) -> None:
        commands.append([*command])
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        (venv / "bin" / "python").touch()

    monkeypatch.setattr(installation, "executer", run)
    monkeypatch.setattr(installation.shutil, "which", lambda name: uv if name == "uv" else None)
    return commands


def test_an_old_python_can_read_it() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


def test_an_old_python_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(installation.shutil, "which", lambda name: None)

    with pytest.raises(SystemExit) as refusal:
        installation.passer_a_un_autre_python()

    assert (
        refusal.value.code
        == "Guichet a besoin de Python 3.11 ou plus récent ; celui-ci est en version 3.9.2."
    )


def test_an_old_python_hands_over_to_a_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python3.13"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    (tmp_path / "python3.12").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    executed: list[list[str]] = []
    monkeypatch.setattr(installation.os, "execv", lambda program, words: executed.append(words))

    with pytest.raises(SystemExit):
        installation.passer_a_un_autre_python()

    assert executed == [[str(tmp_path / "python3.12"), "-I", str(SCRIPT)]]


@pytest.mark.parametrize("uv", [None, "/usr/bin/uv"])
def test_everything_is_installed_by_its_hash(
    venv: Path, monkeypatch: pytest.MonkeyPatch, uv: str | None
) -> None:
    commands = pretend_to_install(monkeypatch, venv, uv=uv)

    installation.installer()

    create, install = commands
    assert create[-1] == str(venv)
    assert "--require-hashes" in install
    assert install[-2:] == ["--requirement", str(installation.BIBLIOTHEQUES)]
    assert (install[0] == uv) == bool(uv)
    assert installation.est_a_jour()


def test_a_changed_lock_installs_again(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_to_install(monkeypatch, venv, uv=None)
    installation.installer()

    installation.BIBLIOTHEQUES.write_text("django==5.2.15\n")

    assert not installation.est_a_jour()


def test_a_vanished_python_installs_again(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_to_install(monkeypatch, venv, uv=None)
    installation.installer()

    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/nonexistent/python3.11")

    assert not installation.est_a_jour()


def test_a_failed_installation_is_not_taken_for_done(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.shutil, "which", lambda name: "/bin/false" if name == "uv" else None)

    with pytest.raises(SystemExit, match="L'installation a échoué"):
        installation.installer()

    assert not installation.est_a_jour()


def test_debian_without_venv_is_told_what_to_install(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.shutil, "which", lambda name: None)
    monkeypatch.setattr(installation, "find_spec", lambda name: None if name == "ensurepip" else object())

    with pytest.raises(SystemExit, match="apt install python3-venv"):
        installation.installer()

    assert not venv.exists()


def test_make_install_is_silent_when_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT)], cwd=RACINE, capture_output=True, text=True, timeout=10
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
