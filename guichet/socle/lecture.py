"""Reads of hot pages, put into SQL once a process: the ORM takes longer to write them than to run them."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

from guichet.socle.pret import figer, lire_pret

# Stand for the values that change, in the query that is compiled; nothing else in it has them.
MARQUE, AUTRE_MARQUE = -987654321, -987654320
Valeur = int | str | list[int] | list[str]


class Lecture:
    """A `values_list` that is always the same but for a value (a number, a text), asked for as `MARQUE`.

    `JOURNAL = Lecture(lambda: EntreeJournal.objects.filter(demande=MARQUE).values_list("rang", "geste"))`,
    then `JOURNAL(demande.pk)` gives the rows as tuples. The query is built at the first call. Of a query
    of models, `objets` gives the objects. A list of values is asked for as `__in=[MARQUE]`, a second value
    as `AUTRE_MARQUE`.
    """

    def __init__(self, construire: Callable[[], QuerySet]) -> None:
        self._construire = construire

    def __call__(self, *valeurs: Valeur) -> Iterable[tuple[Any, ...]]:
        try:
            compilateur, texte, convertisseurs = self._prete
        except EmptyResultSet:
            return []
        rangees = lire_pret(texte, *valeurs)
        if not convertisseurs:
            return rangees
        return map(tuple, compilateur.apply_converters(rangees, convertisseurs))

    def objets(self, *valeurs: Valeur) -> list[Any]:
        """The objects as the ORM would give them: `only`, `select_related` and annotations are kept."""
        try:
            modele, noms, debut, fin, lies, annotations = self._moule
        except EmptyResultSet:
            return []
        objets = []
        for rangee in self(*valeurs):
            objet = modele.from_db(connection.alias, noms, rangee[debut:fin])
            for lie in lies:
                lie.populate(rangee, objet)
            for nom, place in annotations.items():
                setattr(objet, nom, rangee[place])
            objets.append(objet)
        return objets

    @cached_property
    def _moule(self) -> tuple[Any, list[str], int, int, list[Any], dict[str, int]]:
        """What the ORM works out at each read to make objects of rows."""
        compilateur = self._prete[0]
        info = compilateur.klass_info
        debut, fin = info["select_fields"][0], info["select_fields"][-1] + 1
        noms = [colonne.target.attname for colonne, *_ in compilateur.select[debut:fin]]
        # The stubs are those of a later Django.
        lies = get_related_populators(info, compilateur.select, connection.alias)  # type: ignore[call-arg]
        return info["model"], noms, debut, fin, lies, compilateur.annotation_col_map or {}

    @cached_property
    def _prete(self) -> tuple[Any, str, dict[int, Any]]:
        compilateur = self._construire().query.get_compiler(connection=connection)
        sql, parametres = compilateur.as_sql()
        marques = [m for m in (MARQUE, str(MARQUE), AUTRE_MARQUE, str(AUTRE_MARQUE)) if m in parametres]
        convertisseurs = compilateur.get_converters([colonne for colonne, *_ in compilateur.select])
        texte = re.sub(r" IN \((\$\d)\)", r" = ANY(\1)", figer(sql, parametres, *marques))
        return compilateur, texte, convertisseurs
