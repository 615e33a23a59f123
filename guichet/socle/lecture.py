"""Reads of hot pages, put into SQL once a process: the ORM takes longer to write them than to run them."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, cast

from django.db import connection
from django.db.models import QuerySet

# Stands for the value that changes, in the query that is compiled; nothing else in it has this value.
MARQUE = -987654321
MARQUES = (MARQUE, str(MARQUE))


class Lecture:
    """A `values_list` that is always the same but for one value (a number, a text), asked for as `MARQUE`.

    `JOURNAL = Lecture(lambda: EntreeJournal.objects.filter(demande=MARQUE).values_list("rang", "geste"))`,
    then `JOURNAL(demande.pk)` gives the rows as tuples. The query is built at the first call.
    """

    def __init__(self, construire: Callable[[], QuerySet]) -> None:
        self._construire = construire

    def __call__(self, valeur: int | str) -> Iterable[tuple[Any, ...]]:
        compilateur, sql, parametres, convertisseurs = self._prete
        with connection.cursor() as curseur:
            curseur.execute(sql, [valeur if p in MARQUES else p for p in parametres])
            rangees = curseur.fetchall()
        if not convertisseurs:
            return cast(list[tuple[Any, ...]], rangees)
        return map(tuple, compilateur.apply_converters(rangees, convertisseurs))

    @cached_property
    def _prete(self) -> tuple[Any, str, tuple[Any, ...], dict[int, Any]]:
        compilateur = self._construire().query.get_compiler(connection=connection)
        sql, parametres = compilateur.as_sql()
        assert any(p in MARQUES for p in parametres), sql
        convertisseurs = compilateur.get_converters([colonne for colonne, *_ in compilateur.select])
        return compilateur, sql, parametres, convertisseurs
