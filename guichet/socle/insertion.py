"""Ways of writing that Django lacks: a row unless its key is taken, and saying so; many rows saved at once;
rows of several tables in one statement.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import compress, count, groupby
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
)

from guichet.socle.pret import curseur_pret

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


def inserer_ensemble(objets: Sequence[Any], reecrite: tuple[Any, tuple[str, ...]] | None = None) -> None:
    """Insert these rows (model instances) as they stand; those of one model follow each other.

    `reecrite` is a row that exists and the fields of it to save in the same statement.

    PostgreSQL runs every INSERT of a WITH in one statement, and checks foreign keys at the commit: rows may
    point at one another whatever their order. Each has its id (see `tirer`), unless nobody needs it. There is
    no signal and no `save()` of the model's own: what it computes must be computed already.
    """
    for objet in objets:
        # An id drawn after a row was pointed at: what `save()` and `bulk_create()` begin with too.
        objet._prepare_related_fields_for_save(operation_name="save")
    tables: list[tuple[Modele, tuple[tuple[str, ...], ...]]] = []
    valeurs: list[Any] = []
    for modele, siens in groupby(objets, type):
        formes = []
        for objet in siens:
            rangee = [preparer(objet) for preparer in _preparations(modele)]
            formes.append(tuple(map(_forme, rangee)))
            valeurs += compress(rangee, (forme is PLACE for forme in formes[-1]))
        tables.append((modele, tuple(formes)))
    maj = None
    if reecrite is not None:
        ancien, noms = reecrite
        champs = [ancien._meta.get_field(nom) for nom in noms]
        maj = (ancien._meta.db_table, tuple(champ.column for champ in champs))
        valeurs += [*(_preparation(champ)(ancien) for champ in champs), ancien.pk]
    with curseur_pret() as curseur:
        curseur.execute(_ordre_ensemble(tuple(tables), maj), valeurs)
    for objet in objets:
        objet._state.adding, objet._state.db = False, connection.alias


PLACE = "$"


def _forme(valeur: Any) -> str:
    """How a value stands in the text: half of a new demande is nothing, and is not sent."""
    if valeur is None:
        return "DEFAULT"
    if valeur is True or valeur is False:
        return "true" if valeur else "false"
    return "''" if valeur == "" else PLACE


@cache
def _champs(modele: Modele) -> list[Any]:
    return [champ for champ in modele._meta.local_concrete_fields if not champ.generated]


# Their value is what the database takes.
TELS_QUELS = (BooleanField, CharField, DateTimeField, ForeignKey, IntegerField, TextField)


@cache
def _preparations(modele: Modele) -> list[Callable[[Any], Any]]:
    """What gives the value of each column of a row."""
    return [_preparation(champ) for champ in _champs(modele)]


def _preparation(champ: Any) -> Callable[[Any], Any]:
    automatique = getattr(champ, "auto_now", False) or getattr(champ, "auto_now_add", False)
    if isinstance(champ, TELS_QUELS) and not automatique:
        return attrgetter(champ.attname)
    return lambda objet: champ.get_db_prep_save(champ.pre_save(objet, add=True), connection)


@lru_cache(maxsize=256)
def _ordre_ensemble(
    tables: tuple[tuple[Modele, tuple[tuple[str, ...], ...]], ...],
    maj: tuple[str, tuple[str, ...]] | None,
) -> str:
    """The statement for these rows of each model, by the form of each of their values, and for the columns of
    this other table."""
    places = count(1)
    inserts = []
    for modele, rangees in tables:
        noms = ", ".join(connection.ops.quote_name(champ.column) for champ in _champs(modele))
        valeurs = ", ".join(
            f"({', '.join(f'${next(places)}' if forme is PLACE else forme for forme in rangee)})"
            for rangee in rangees
        )
        table = connection.ops.quote_name(modele._meta.db_table)
        inserts.append(f"INSERT INTO {table} ({noms}) VALUES {valeurs}")  # noqa: S608
    *autres, dernier = inserts
    if maj is not None:
        table, colonnes = maj
        mises = ", ".join(f"{connection.ops.quote_name(colonne)} = ${next(places)}" for colonne in colonnes)
        autres.append(f"UPDATE {connection.ops.quote_name(table)} SET {mises} WHERE id = ${next(places)}")  # noqa: S608
    avant = ", ".join(f"t{rang} AS ({insert})" for rang, insert in enumerate(autres))
    return f"WITH {avant} {dernier}" if autres else dernier


def tirer(*modeles: Modele) -> str:
    """The SQL list that draws one id for each of these models, for a SELECT."""
    return ", ".join(f"nextval('{modele._meta.db_table}_id_seq')" for modele in modeles)
