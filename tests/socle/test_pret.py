"""A statement kept ready says what Django's cursor says, values apart."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guichet.organisation.models import Direction
from guichet.socle.pret import figer, lire_pret

# Tests roll back what they write: nothing is kept ready after them.
pytestmark = pytest.mark.django_db


def prets() -> list[str]:
    with connection.cursor() as curseur:
        curseur.execute("SELECT statement FROM pg_prepared_statements")
        return [texte for (texte,) in curseur.fetchall()]


def test_it_is_planned_once_for_all_the_values_it_is_given():
    texte = "SELECT $1::bigint + 1 AS une_de_plus"

    assert lire_pret(texte, 1) == [(2,)]
    # A number of another width, and a second call: the same statement.
    assert lire_pret(texte, 2**40) == [(2**40 + 1,)]

    assert prets().count(texte) == 1


def test_only_what_changes_stays_open_in_the_text():
    instant = datetime(1, 1, 2, tzinfo=UTC)

    texte = figer("SELECT %s, %s, %s < %s", ["100 % d'eau", -7, instant, instant], -7)

    assert texte.count("$1") == 1
    assert "$2" not in texte
    assert lire_pret(texte.replace("$1", "$1::int"), 12) == [("100 % d'eau", 12, False)]


def test_it_is_counted_and_traced_as_any_statement():
    with CaptureQueriesContext(connection) as traces:
        lire_pret("SELECT $1::text", "x")

    assert [trace["sql"] for trace in traces.captured_queries] == ["SELECT $1::text"]


def test_it_reads_what_its_own_transaction_wrote_and_nothing_after_a_rollback():
    texte = "SELECT count(*) FROM organisation_direction WHERE code = $1"
    with transaction.atomic():
        Direction.objects.create(code="ESS", nom_public="Essai")
        assert lire_pret(texte, "ESS") == [(1,)]
        transaction.set_rollback(True)

    assert lire_pret(texte, "ESS") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_a_server_that_closed_the_connection_is_found_again(settings):
    """What a restart of PostgreSQL does to a worker between two requests."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as autre:
        autre.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    # A request begins.
    connection.health_check_enabled, connection.health_check_done = True, False

    assert lire_pret("SELECT $1::text", "x") == [("x",)]
    assert connection.connection.info.backend_pid != pid
