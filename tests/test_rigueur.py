"""The strictness of the suite is itself a promise: what the fixtures of `conftest.py` refuse."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.template.loader import render_to_string

from guichet.socle.demarrage import RACINE
from tests.factories import creer_ville, deposer

SKIPPED = "import pytest\n\n\n@pytest.mark.skip\ndef test_later():\n    pass\n"


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("guichet.example", 443)])
def test_the_network_is_out_of_reach(address: tuple[str, int]) -> None:
    with socket.socket() as client, pytest.raises(pytest.fail.Exception, match="tried to reach"):
        client.connect(address)


def test_loopback_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_an_unknown_variable_fails_in_our_templates() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"« titre » in guichet/templates/composants/etat_vide"):
        render_to_string("composants/etat_vide.html", {"icone_nom": "", "texte": "", "action_url": ""})


def test_an_unknown_variable_is_empty_elsewhere() -> None:
    assert 'class="help-block help-"' in render_to_string("wagtailadmin/shared/help_block.html", {})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committed_journal_is_emptied_between_tests(turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM demandes_entreejournal")
        assert cursor.fetchone() == (0,)
        deposer(creer_ville())
        cursor.execute("SELECT count(*) > 0 FROM demandes_entreejournal")
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'journal_sans_troncature'")
        assert cursor.fetchone() == ("O",)


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skipped_test_is_a_failure_in_ci(tmp_path: Path, ci: str, code: int) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_later.py").write_text(SKIPPED)
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_sessionfinish\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--rootdir", tmp_path, tmp_path],
        cwd=RACINE,
        env=environment | {"CI": ci},
        capture_output=True,
        text=True,
    )

    assert done.returncode == code, done.stdout
    assert ("that is a failure in CI" in done.stdout) == bool(code)
