"""Ways of writing that Django lacks: a row unless its key is taken, and saying so; many rows saved at once;
rows of several tables in one statement.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import compress, groupby
from typing import Any

from django.db import connection
from django.db.models import Model

Modele = type[Model]


def inserer_sauf_conflit(objet: Model, unique: str) -> bool:
    """Insert a new `objet` and give it its id, in one statement that never breaks the transaction.

    False, and nothing written, when a row has the same value in the field `unique` already.
    """
    sql, champs = _ordre(type(objet), unique)
    valeurs = [champ.get_db_prep_save(champ.pre_save(objet, add=True), connection) for champ in champs]
    with connection.cursor() as curseur:
        curseur.execute(sql, valeurs)
        recu = curseur.fetchone()
    if recu is None:
        return False
    objet.pk = recu[0]
    objet._state.adding, objet._state.db = False, connection.alias
    return True


def reecrire(objets: Sequence[Any], champs: Sequence[str]) -> None:
    """Save these fields of rows that exist, in one statement; `bulk_update` takes ten times as long.

    As `save` does, it dates the change in the fields that say when the row was last saved.
    """
    if not objets:
        return
    modele = type(objets[0])
    dates = [c.name for c in modele._meta.concrete_fields if getattr(c, "auto_now", False)]
    if ecrits := [*champs, *dates]:
        modele._default_manager.bulk_create(
            objets, update_conflicts=True, unique_fields=[modele._meta.pk.name], update_fields=ecrits
        )


@cache
def _ordre(modele: type[Model], unique: str) -> tuple[str, list[Any]]:
    meta: Any = modele._meta
    nommer = connection.ops.quote_name
    champs = [c for c in meta.local_concrete_fields if not (c.generated or c.primary_key)]
    colonnes = ", ".join(nommer(champ.column) for champ in champs)
    sql = (
        f"INSERT INTO {nommer(meta.db_table)} ({colonnes}) VALUES ({', '.join(['%s'] * len(champs))}) "  # noqa: S608
        f"ON CONFLICT ({nommer(meta.get_field(unique).column)}) DO NOTHING RETURNING {nommer(meta.pk.column)}"
    )
    return sql, champs


def inserer_ensemble(objets: Sequence[Any]) -> None:
    """Insert these rows (model instances) as they stand; those of one model follow each other.

    PostgreSQL runs every INSERT of a WITH in one statement, and checks foreign keys at the commit: rows may
    point at one another whatever their order. Each has its id (see `tirer`), unless nobody needs it. There is
    no signal and no `save()` of the model's own: what it computes must be computed already.
    """
    for objet in objets:
        # An id drawn after a row was pointed at: what `save()` and `bulk_create()` begin with too.
        objet._prepare_related_fields_for_save(operation_name="save")
    tranches = [(modele, list(siens)) for modele, siens in groupby(objets, type)]
    tables, valeurs = [], []
    for modele, siens in tranches:
        rangees = [
            [champ.get_db_prep_save(champ.pre_save(o, add=True), connection) for champ in _champs(modele)]
            for o in siens
        ]
        # A NULL is what a column left out holds: half of a new demande is not sent.
        tables.append(
            (
                modele,
                len(siens),
                tuple(any(v is not None for v in colonne) for colonne in zip(*rangees, strict=True)),
            )
        )
        valeurs += [v for rangee in rangees for v, utile in zip(rangee, tables[-1][2], strict=True) if utile]
    with connection.cursor() as curseur:
        curseur.execute(_ordre_ensemble(tuple(tables)), valeurs)
    for objet in objets:
        objet._state.adding, objet._state.db = False, connection.alias


@cache
def _champs(modele: Modele) -> list[Any]:
    return [champ for champ in modele._meta.local_concrete_fields if not champ.generated]


@lru_cache(maxsize=256)
def _ordre_ensemble(tables: tuple[tuple[Modele, int, tuple[bool, ...]], ...]) -> str:
    """The statement for this many rows of each model, with these of its columns."""
    inserts = []
    for modele, nombre, utiles in tables:
        noms = [connection.ops.quote_name(champ.column) for champ in compress(_champs(modele), utiles)]
        rangee = f"({', '.join(['%s'] * len(noms))})"
        table = connection.ops.quote_name(modele._meta.db_table)
        inserts.append(f"INSERT INTO {table} ({', '.join(noms)}) VALUES {', '.join([rangee] * nombre)}")  # noqa: S608
    *autres, dernier = inserts
    avant = ", ".join(f"t{rang} AS ({insert})" for rang, insert in enumerate(autres))
    return f"WITH {avant} {dernier}" if autres else dernier


def tirer(*modeles: Modele) -> str:
    """The SQL list that draws one id for each of these models, for a SELECT."""
    return ", ".join(f"nextval('{modele._meta.db_table}_id_seq')" for modele in modeles)
