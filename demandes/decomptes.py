"""How many demandes each view holds: one statement for all of them, put together once for each scope.

The open demandes of somebody's places are read once, in the index of their queue, and counted for each view
at that passage; what may be closed is counted apart, as far as PLAFOND.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Q
from django.utils import timezone

from demandes.corbeilles import Vue, vues_du_jour
from demandes.models import Demande
from demandes.models.requetes import connues_de
from guichet.organisation.perimetre import Perimetre
from guichet.socle.calendrier import jour_de

PLAFOND = 1000
TABLE = Demande._meta.db_table

Texte = tuple[str, list[Any]]


def compter(vues: Iterable[Vue], perimetre: Perimetre) -> dict[str, int]:
    """How many each view holds, one more than PLAFOND meaning « more »."""
    codes = tuple(vue.code for vue in vues)
    if not codes:
        return {}
    texte, parametres = composer(perimetre, codes, jour_de(timezone.now()), PLAFOND)
    with connection.cursor() as curseur:
        curseur.execute(texte, parametres)
        nombres = dict(curseur.fetchall())
    return {code: min(nombres[code], PLAFOND + 1) for code in codes}


@lru_cache(maxsize=256)
def composer(perimetre: Perimetre, codes: tuple[str, ...], jour: date, plafond: int) -> Texte:
    """The statement that counts these views: (code, number) rows. It holds for a scope and a day."""
    vues = [vue for vue in vues_du_jour(perimetre, jour) if vue.code in codes]
    comptees: dict[str, list[Vue]] = {}
    morceaux = []
    for vue in vues:
        if vue.parmi:
            comptees.setdefault(vue.groupe, []).append(vue)
        else:
            morceaux.append(a_part(vue, perimetre, plafond))
    morceaux += [d_un_passage(siennes, perimetre) for siennes in comptees.values()]
    textes, valeurs = zip(*morceaux, strict=True)
    return " UNION ALL ".join(textes), [valeur for siennes in valeurs for valeur in siennes]


def d_un_passage(vues: Sequence[Vue], perimetre: Perimetre) -> Texte:
    """Count several views among the same demandes: they are read once."""
    parmi, valeurs_parmi = condition(connues_de(perimetre) & vues[0].parmi)
    filtres = [condition(vue.propre) for vue in vues]
    comptes = ", ".join(f"count(*) FILTER (WHERE {texte})" for texte, _ in filtres)
    # The ORM's own conditions, their values apart.
    texte = (
        "SELECT unnest(%s::text[]), unnest(comptes.nombres) FROM "  # noqa: S608
        f"(SELECT ARRAY[{comptes}] AS nombres FROM {TABLE} WHERE {parmi}) AS comptes"
    )
    valeurs = [valeur for _, siennes in filtres for valeur in siennes]
    return texte, [[vue.code for vue in vues], *valeurs, *valeurs_parmi]


def a_part(vue: Vue, perimetre: Perimetre, plafond: int) -> Texte:
    texte, valeurs = condition(connues_de(perimetre) & vue.filtre)
    bornees = f"SELECT 1 FROM {TABLE} WHERE {texte} LIMIT %s"  # noqa: S608
    return f"SELECT %s, count(*) FROM ({bornees}) AS bornees", [vue.code, *valeurs, plafond + 1]  # noqa: S608


def condition(q: Q) -> Texte:
    """The ORM's SQL for what a demande's own columns say."""
    requete = Demande.objects.filter(q).query
    try:
        texte, valeurs = requete.where.as_sql(requete.get_compiler(DEFAULT_DB_ALIAS), connection)
    except EmptyResultSet:
        return "false", []
    except FullResultSet:
        return "true", []
    return texte or "true", list(valeurs)
