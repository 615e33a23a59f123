"""How many demandes each view holds: one statement for all of them, put together once for each scope.

Each is counted in an index, and no further than PLAFOND: the queue of a direction that has ten thousand open
demandes costs what a small one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Count, Q, Value
from django.utils import timezone

from demandes.corbeilles import Vue, vues_du_jour
from demandes.curseur import CurseurFinies
from demandes.models import ARapprocher, Demande, Reception
from demandes.models.requetes import connues_de
from demandes.vues_gardees import Gardee
from guichet.organisation.perimetre import Perimetre
from guichet.socle.calendrier import jour_de
from guichet.socle.pret import figer, lire_pret

PLAFOND = 1000
DUREE_DES_ARRIVEES = 60  # seconds
TABLE = Demande._meta.db_table


def compter(vues: Iterable[Vue], perimetre: Perimetre, gardees: tuple[Gardee, ...] = ()) -> dict[str, int]:
    """How many each view holds, one more than PLAFOND meaning « more »; and each kept one, of the first
    PLAFOND of its list.
    """
    codes = tuple(vue.code for vue in vues)
    if not codes:
        return {}
    lus = dict(lire_pret(composer(perimetre, codes, gardees, jour_de(timezone.now()), PLAFOND)))
    # Of an empty list, nothing is said of what is kept of it.
    return dict.fromkeys([gardee.code for gardee in gardees], 0) | lus


def compter_les_arrivees(perimetre: Perimetre) -> int:
    """What a message waits for a person of the desk to decide: said on every page, counted once a minute."""
    cle = cle_des_arrivees(perimetre)
    if (compte := cache.get(cle)) is None:
        compte = sum(lire_les_arrivees(perimetre).values())
        cache.set(cle, compte, DUREE_DES_ARRIVEES)
    return compte


def lire_les_arrivees(perimetre: Perimetre) -> dict[str, int]:
    """The two lists that wait, each no further than PLAFOND."""
    a_rapprocher = ARapprocher.objects.en_attente().visibles_par(perimetre)
    quarantaine = Reception.objects.visibles_par(perimetre).en_quarantaine()
    return {
        "a-rapprocher": a_rapprocher.order_by()[: PLAFOND + 1].count(),
        "": quarantaine.order_by()[: PLAFOND + 1].count(),
    }


def rafraichir_les_arrivees(perimetre: Perimetre) -> dict[str, int]:
    """Counted now, for the page of these lists: its rail says the same."""
    comptes = lire_les_arrivees(perimetre)
    cache.set(cle_des_arrivees(perimetre), sum(comptes.values()), DUREE_DES_ARRIVEES)
    return comptes


def cle_des_arrivees(perimetre: Perimetre) -> str:
    """The same for all who reach the same desks and secteurs."""
    lieux = sorted({pk for p in perimetre.tous for pk in p.accueils})
    secteurs = sorted({str(secteur) for p in perimetre.tous for secteur in p.secteurs_accueil})
    lectures = sorted({(pk, *sorted(s)) for p in perimetre.tous for pk, s in lues_de(p)})
    return f"arrivees:{sha256(repr((lieux, secteurs, lectures)).encode()).hexdigest()[:32]}"


def lues_de(perimetre: Perimetre) -> list[tuple[int, frozenset[str]]]:
    return [*perimetre.directions.items(), *perimetre.directions_lues.items()]


@lru_cache(maxsize=256)
def composer(
    perimetre: Perimetre, codes: tuple[str, ...], gardees: tuple[Gardee, ...], jour: date, plafond: int
) -> str:
    """The statement that counts these views: (code, number) rows. It holds for a scope and a day."""
    textes: list[str] = []
    for vue in vues_du_jour(perimetre, jour):
        if vue.code in codes:
            texte, valeurs = condition(connues_de(perimetre) & vue.filtre)
            # The ORM's own conditions, their values apart.
            bornees = f"SELECT 1 FROM {TABLE} WHERE {texte} LIMIT %s"  # noqa: S608
            compte = f"SELECT %s, count(*) FROM ({bornees}) AS bornees"  # noqa: S608
            textes.append(figer(compte, [vue.code, *valeurs, plafond + 1]))
            siennes = [gardee for gardee in gardees if gardee.vue == vue.code]
            if siennes and texte != "false":
                textes.append(parmi(vue, siennes, perimetre, plafond))
    return " UNION ALL ".join(textes)


def parmi(vue: Vue, gardees: Sequence[Gardee], perimetre: Perimetre, plafond: int) -> str:
    """How many of the first rows of a list each kept view keeps: they are read once for all of them, and a
    rare word is not looked for any further.
    """
    comptes = {
        f"n{rang}": Count("pk", filter=une.filtres.q(perimetre, est_un_compte=True))
        for rang, une in enumerate(gardees)
    }
    requete = Demande.objects.order_by().values(tout=Value(1)).annotate(**comptes).query
    sql, siennes = requete.sql_with_params()
    premieres, valeurs = premieres_de(vue, perimetre, plafond)
    # The same statement, on these rows instead of the table.
    tete, queue = sql.split(f' FROM "{TABLE}"')
    coupe = tete.count("%s")
    couples = ", ".join(f"(%s, n{rang})" for rang in range(len(gardees)))
    return figer(
        f"SELECT couples.* FROM ({tete} FROM ({premieres}) AS {TABLE}{queue}) AS comptes "  # noqa: S608
        f"CROSS JOIN LATERAL (VALUES {couples}) AS couples",
        [*siennes[:coupe], *valeurs, *siennes[coupe:], *(une.code for une in gardees)],
    )


def premieres_de(vue: Vue, perimetre: Perimetre, plafond: int) -> tuple[str, list[Any]]:
    """The first rows of a list; of what is over, in the order of its index, place by place: the database
    would rather read the table until it has met enough of them.
    """
    ordre = CurseurFinies.TRI if vue.est_finie else ()
    textes, valeurs = [], []
    for place in vue.ranges or (Q(),):
        siennes = Demande.objects.connues_de(perimetre).filter(vue.filtre, place).order_by(*ordre)[:plafond]
        texte, les_leurs = siennes.query.sql_with_params()
        textes.append(f"({texte})")
        valeurs += les_leurs
    return " UNION ALL ".join(textes), valeurs


def condition(q: Q) -> tuple[str, list[Any]]:
    """The ORM's SQL for what a demande's own columns say."""
    requete = Demande.objects.filter(q).query
    try:
        texte, valeurs = requete.where.as_sql(requete.get_compiler(DEFAULT_DB_ALIAS), connection)
    except EmptyResultSet:
        return "false", []
    except FullResultSet:
        return "true", []
    return texte or "true", list(valeurs)
