"""Pages by key over the work queues: the next page costs what the first one did, however far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar, Protocol

from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, BooleanField, DateTimeField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, LessThan

from demandes.delais import finie_le
from demandes.models import Demande
from demandes.models.gardes import FIN
from demandes.rangees import Rangee
from guichet.socle.pret import figer, lire_pret

PAR_PAGE = 50
ID_MAXIMUM = 2**63 - 1
# Where the place of a page goes in a statement that is kept: no row is there.
UN_INSTANT = datetime(1, 1, 2, tzinfo=UTC)
UN_RANG = -ID_MAXIMUM


@dataclass(frozen=True)
class Curseur:
    """The place of a row in the order of the lists: urgent first, then by due date, at last without one."""

    TRI: ClassVar = ("-est_urgente", "echeance_service", "pk")

    est_urgente: bool
    echeance: datetime | None
    pk: int

    @classmethod
    def de(cls, rangee: Demande | Rangee) -> Curseur:
        return cls(rangee.est_urgente, rangee.echeance_service, rangee.pk)

    @classmethod
    def lire(cls, texte: str) -> Curseur | None:
        """Read an address; what was tampered with is no cursor, and the list starts from its beginning."""
        try:
            urgente, echeance, pk = texte.split("_")
            curseur = cls(urgente == "1", lire_l_instant(echeance) if echeance else None, int(pk))
        except ValueError:
            return None
        return curseur if 0 < curseur.pk <= ID_MAXIMUM else None

    def __str__(self) -> str:
        return f"{int(self.est_urgente)}_{ecrire_l_instant(self.echeance) if self.echeance else ''}_{self.pk}"

    def modele(self) -> Curseur:
        return replace(self, echeance=self.echeance and UN_INSTANT, pk=UN_RANG)

    def valeurs(self) -> list[datetime | int]:
        return [self.pk] if self.echeance is None else [self.pk, self.echeance]

    def suivantes(self) -> list[Q]:
        """Rows after this one, in parts, each of which is one range of the index of a queue: as one
        condition they would be read from the beginning.
        """
        if self.echeance is None:
            plus_loin = [Q(echeance_service__isnull=True, pk__gt=self.pk)]
        else:
            plus_loin = [Q(GreaterThan(PLACE, self._place())), Q(echeance_service__isnull=True)]
        parts = [Q(est_urgente=self.est_urgente) & q for q in plus_loin]
        return [*parts, Q(est_urgente=False)] if self.est_urgente else parts

    def precedentes(self) -> list[Q]:
        """Rows before this one, in parts too."""
        if self.echeance is None:
            avant = [Q(echeance_service__isnull=True, pk__lt=self.pk), Q(echeance_service__isnull=False)]
        else:
            avant = [Q(LessThan(PLACE, self._place()))]
        parts = [Q(est_urgente=self.est_urgente) & q for q in avant]
        return parts if self.est_urgente else [*parts, Q(est_urgente=True)]

    def _place(self) -> Func:
        return en_un(Value(self.echeance, DateTimeField()), Value(self.pk, BigIntegerField()))


@dataclass(frozen=True)
class CurseurFinies:
    """The place of a row among what is over, the latest first."""

    TRI: ClassVar = (FIN.desc(), "-pk")

    fin: datetime
    pk: int

    @classmethod
    def de(cls, rangee: Rangee) -> CurseurFinies:
        fin = finie_le(rangee)
        assert fin is not None
        return cls(fin, rangee.pk)

    @classmethod
    def lire(cls, texte: str) -> CurseurFinies | None:
        try:
            fin, pk = texte.split("_")
            curseur = cls(lire_l_instant(fin), int(pk))
        except ValueError:
            return None
        return curseur if 0 < curseur.pk <= ID_MAXIMUM else None

    def __str__(self) -> str:
        return f"{ecrire_l_instant(self.fin)}_{self.pk}"

    def modele(self) -> CurseurFinies:
        return CurseurFinies(UN_INSTANT, UN_RANG)

    def valeurs(self) -> list[datetime | int]:
        return [self.pk, self.fin]

    def suivantes(self) -> list[Q]:
        return [Q(LessThan(PLACE_FINIE, self._place()))]

    def precedentes(self) -> list[Q]:
        return [Q(GreaterThan(PLACE_FINIE, self._place()))]

    def _place(self) -> Func:
        return en_un(Value(self.fin, DateTimeField()), Value(self.pk, BigIntegerField()))


Place = Curseur | CurseurFinies


def lire_l_instant(texte: str) -> datetime:
    return datetime.fromisoformat(texte).replace(tzinfo=UTC)


def ecrire_l_instant(instant: datetime) -> str:
    """Without its zone, which would put a « + » in addresses: it is UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat()


def en_un(instant: Combinable, pk: Combinable) -> Func:
    """Both as one value, compared as the index orders them; without a due date it is never true."""
    return Func(instant, pk, function="ROW", output_field=BooleanField())


PLACE = en_un(F("echeance_service"), F("pk"))
PLACE_FINIE = en_un(FIN, F("pk"))


@dataclass(frozen=True)
class Page:
    """Some rows, with the cursors before and after them (None: there is nothing there)."""

    rangees: list[Rangee]
    avant: Place | None
    apres: Place | None


class Source(Protocol):
    """The demandes to page through. Equal ones are the same demandes: their statement is kept."""

    def __hash__(self) -> int: ...

    @property
    def places(self) -> type[Place]:
        """How they are ordered."""

    @property
    def ranges(self) -> Sequence[Q]:
        """The ranges of an index they are read from, when these are several: the first of each are enough."""

    def demandes(self) -> QuerySet[Demande]: ...


def paginer(source: Source, parametres: Mapping[str, str], par_page: int = PAR_PAGE) -> Page:
    """The page that `apres` or `avant` asks for, the first one by default: one statement."""
    places = source.places
    if avant := places.lire(parametres.get("avant", "")):
        lues = lire(source, avant, par_page + 1, vers_le_debut=True)
        lignes = lues[:par_page][::-1]
        il_y_en_a_avant, il_y_en_a_apres = len(lues) > par_page, True
    else:
        apres = places.lire(parametres.get("apres", ""))
        lues = lire(source, apres, par_page + 1, vers_le_debut=False)
        lignes = lues[:par_page]
        il_y_en_a_avant, il_y_en_a_apres = apres is not None, len(lues) > par_page
    if not lignes:
        return Page([], None, None)
    return Page(
        lignes,
        places.de(lignes[0]) if il_y_en_a_avant else None,
        places.de(lignes[-1]) if il_y_en_a_apres else None,
    )


def lire(source: Source, depuis: Place | None, nombre: int, *, vers_le_debut: bool) -> list[Rangee]:
    """The first rows from there, `nombre` at most."""
    texte = composer(source, depuis and depuis.modele(), vers_le_debut, nombre)
    if not texte:
        return []
    return [Rangee._make(rangee) for rangee in lire_pret(texte, *(depuis.valeurs() if depuis else ()))]


@lru_cache(maxsize=256)
def composer(source: Source, depuis: Place | None, vers_le_debut: bool, nombre: int) -> str:
    """The ORM's statement, empty when there can be no row.

    Writing it takes longer than running it: it is written once for a scope, a view and filters, with
    UN_INSTANT and UN_RANG where the place of the page goes.
    """
    demandes = source.demandes().order_by(*source.places.TRI)
    if vers_le_debut:
        demandes = demandes.reverse()
    parts = list(source.ranges)
    if depuis is not None:
        suite = depuis.precedentes() if vers_le_debut else depuis.suivantes()
        parts = [une & part for une in parts or [Q()] for part in suite]
    try:
        if parts:
            # No part gives more than a page; their ids are found in the index alone.
            une, *autres = (demandes.filter(part).values("pk")[:nombre] for part in parts)
            demandes = demandes.filter(pk__in=une.union(*autres, all=True) if autres else une)
        sql, valeurs = demandes.values_list(*Rangee._fields)[:nombre].query.sql_with_params()
    except EmptyResultSet:
        return ""
    return figer(sql, valeurs, *(depuis.valeurs() if depuis else ()))
