"""Statements that PostgreSQL keeps ready on a connection: planning one takes longer than running it.

A text stays ready as long as its connection, psycopg keeping the hundred last used. What makes the plan (the
rights of somebody, the states of a list) is written in it, see `figer`: only the place of what changes from
one page to another, a number or an instant, is left open, as `$1`, `$2`…
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import CursorDebugWrapper
from django.db.backends.utils import CursorWrapper
from psycopg.types.numeric import Int8


class CurseurPret(psycopg.RawCursor):
    """Sends the values apart from the text, where Django's cursor writes them into it."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> CurseurPret:
        return super().execute(query, params, prepare=True, **options)


class CurseurTrace(CursorDebugWrapper):
    """Traces the text as it is: its values are not in it."""

    def debug_sql(
        self, sql: Any = None, params: Any = None, use_last_executed_query: bool = False, many: bool = False
    ) -> Any:
        return super().debug_sql(sql, params, use_last_executed_query=False, many=many)


@contextmanager
def curseur_pret() -> Iterator[CursorWrapper]:
    """A cursor of Django's connection (its transaction, its traces) whose statements are kept ready."""
    # As Django's own cursor does: a server that restarted is found again, not answered with an error.
    base = connections[DEFAULT_DB_ALIAS]  # itself: its proxy looks it up again for each of its attributes
    base.close_if_health_check_failed()
    base.ensure_connection()
    genre = CurseurTrace if base.queries_logged else CursorWrapper
    with genre(CurseurPret(base.connection), base) as curseur:
        yield curseur


def lire_pret(texte: str, *valeurs: Any) -> list[tuple[Any, ...]]:
    """The rows of a text of `figer`, its open places filled with `valeurs`."""
    with curseur_pret() as curseur:
        curseur.execute(texte, [large(valeur) for valeur in valeurs])
        return curseur.fetchall()


def large(valeur: Any) -> Any:
    """Whole numbers of one width, alone or in a list: a statement is kept once for each."""
    if type(valeur) is list:
        return [large(un) for un in valeur]
    return Int8(valeur) if type(valeur) is int else valeur


def figer(sql: str, parametres: Sequence[Any], *places: Any) -> str:
    """The statement with its parameters written in it; those equal to the nth of `places` become `$n`."""
    texte = _litteral(sql, parametres)
    for rang, valeur in enumerate(places, start=1):
        texte = texte.replace(_litteral("%s", [valeur]), f"${rang}")
    return texte


def _litteral(sql: str, valeurs: Sequence[Any]) -> str:
    with connections[DEFAULT_DB_ALIAS].cursor() as curseur:
        return psycopg.ClientCursor(curseur.connection).mogrify(sql, valeurs)
