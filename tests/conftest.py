"""A strict suite: no network, no unknown template variable, no skipped test in CI.

Add fixtures of an area in `tests/<area>/conftest.py`.
"""

import os
import shutil
import socket
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.conf import settings
from django.core.management.color import Style
from django.db.backends.postgresql.operations import DatabaseOperations
from django.template import engines
from playwright.sync_api import Browser, expect
from psycopg._preparing import PrepareManager

from demandes import vitrine
from guichet.organisation import ville
from guichet.socle.demarrage import RACINE
from portal import en_memoire, pages_gardees
from tests.chromium import ABSENT, ouvrir_chromium, trouver_chromium

JOURNAUX = ("demandes_entreejournal", "organisation_modification")


# -- order

# One test of these asks for every page, as everybody: begun last, the other processes would wait for it.
LONGS = ("test_permissions.py", "test_saisies_hostiles.py", "test_matrice.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order stays that of chance, the longest first."""
    items.sort(key=lambda item: item.path.name not in LONGS)


# -- speed


@pytest.fixture(scope="session", autouse=True)
def _statements_stay_ready() -> Generator[None]:
    """After a rollback, as each test ends by, psycopg prepares all anew: another object may have the name.

    Here none has, and planning took half of the longest tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PrepareManager, "_should_discard", lambda *_: False)
        yield


# -- the outside world


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Generator[None]:
    """A test that reaches for the outside world fails; loopback and Unix sockets are allowed."""
    with pytest.MonkeyPatch.context() as patch:
        for nom in ("connect", "connect_ex"):
            patch.setattr(socket.socket, nom, _loopback_only(getattr(socket.socket, nom)))
        yield


def _loopback_only(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        local = self.family == socket.AF_UNIX or address[0] in {"localhost", "::1"}
        if not local and not address[0].startswith("127."):
            pytest.fail(f"A test tried to reach {address}.")
        return connect(self, address)

    return guarded


@pytest.fixture(autouse=True)
def _no_mail_left() -> Generator[None]:
    """E-mails written by a test are not there for the next one."""
    yield
    shutil.rmtree(settings.GUICHET_COURRIEL_DOSSIER, ignore_errors=True)


@pytest.fixture(autouse=True)
def _city_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages remember who the city is: no test pays that reading, nor sees another test's city."""
    monkeypatch.setattr(ville.Memoire, "ville", ville.decrire(None))
    monkeypatch.setattr(ville.Memoire, "jusqu_a", float("inf"))


@pytest.fixture(autouse=True)
def _the_minute_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read again each minute is not, between two counts of the same page."""
    monkeypatch.setattr(en_memoire, "DUREE", 3600)
    monkeypatch.setattr(pages_gardees, "DUREE", 3600)
    monkeypatch.setattr(vitrine, "FRAICHEUR_INDEX", 3600)


# -- templates


class UnknownVariable(str):
    """Stands for `string_if_invalid`: Django asks whether it is set each time a variable is unknown.

    In our own templates that is a failure; elsewhere (Wagtail's admin) the answer is no, as usual.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        frame: FrameType | None = sys._getframe(1)
        expression = frame.f_locals.get("self") if frame else None
        while frame and frame.f_code.co_name != "render_annotated":
            frame = frame.f_back
        if frame:
            origin = Path(frame.f_locals["self"].origin.name)
            if origin.is_relative_to(RACINE) and "site-packages" not in origin.parts:
                pytest.fail(f"Unknown variable « {expression} » in {origin.relative_to(RACINE)}.")
        return False


@pytest.fixture(scope="session", autouse=True)
def _unknown_variables_fail() -> None:
    engines["django"].engine.string_if_invalid = UnknownVariable()


# -- the database


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_row_by_row() -> Generator[None]:
    """A test that commits ends with every table emptied: a TRUNCATE makes some 900 files, and takes a second.

    As a replica no trigger fires, nor those that forbid to touch the journals; but the number that tells what
    is kept of the settings must change. Only a superuser may; another one pays the TRUNCATE.
    """
    sql_flush = DatabaseOperations.sql_flush

    def by_rows(self: DatabaseOperations, style: Style, tables: list[str], **options: bool) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SHOW is_superuser")
            is_superuser = cursor.fetchone() == ("on",)
        if is_superuser and not options.get("reset_sequences"):
            return [
                "SET LOCAL session_replication_role = replica;",
                *(f"DELETE FROM {self.quote_name(table)};" for table in tables),
                "SET LOCAL session_replication_role = origin;",
                "UPDATE demandes_referentiel SET numero = nextval('demandes_referentiel_numero');",
            ]
        return [
            *(f"ALTER TABLE {journal} DISABLE TRIGGER USER;" for journal in JOURNAUX),
            *sql_flush(self, style, tables, **options),
            *(f"ALTER TABLE {journal} ENABLE TRIGGER USER;" for journal in JOURNAUX),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", by_rows)
        yield


# -- the browser


def pytest_collection_finish(session: pytest.Session) -> None:
    """Say at once, in one sentence, that the browser tests cannot run."""
    if any(item.get_closest_marker("navigateur") for item in session.items) and not trouver_chromium():
        pytest.exit(ABSENT, 1)


@pytest.fixture(scope="session")
def navigateur() -> Generator[Browser]:
    """The system's Chromium, headless; a test opens its own context and page in it."""
    # Playwright runs an event loop in this thread; Django would refuse its ORM there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Three times what is usual: the machine runs other tests at the same time.
    expect.set_options(timeout=15_000)
    with ouvrir_chromium() as browser:
        yield browser


# -- nothing skipped in CI


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        reporter.write_line("A test was skipped: that is a failure in CI.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
