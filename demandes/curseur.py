"""Pages by key over the work queues: the next page costs what the first one did, however far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, DateTimeField, F, Func, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from demandes.models import Demande
from demandes.rangees import Rangee

PAR_PAGE = 50
ID_MAXIMUM = 2**63 - 1
# Where the place of a page goes in a statement that is kept: no row is there.
UN_INSTANT = datetime(1, 1, 2, tzinfo=UTC)
UN_RANG = -ID_MAXIMUM


@dataclass(frozen=True)
class Curseur:
    """The place of a row in the order of the lists."""

    est_urgente: bool
    echeance: datetime | None
    pk: int

    @classmethod
    def de(cls, demande: Demande | Rangee) -> Curseur:
        return cls(demande.est_urgente, demande.echeance_service, demande.pk)

    @classmethod
    def lire(cls, texte: str) -> Curseur | None:
        """Read an address; what was tampered with is no cursor, and the list starts from its beginning."""
        try:
            urgente, echeance, pk = texte.split("_")
            instant = datetime.fromisoformat(echeance).replace(tzinfo=UTC) if echeance else None
            curseur = cls(urgente == "1", instant, int(pk))
        except ValueError:
            return None
        return curseur if 0 < curseur.pk <= ID_MAXIMUM else None

    def __str__(self) -> str:
        # Without its zone, which would put a « + » in addresses: it is UTC.
        echeance = self.echeance.astimezone(UTC).replace(tzinfo=None).isoformat() if self.echeance else ""
        return f"{int(self.est_urgente)}_{echeance}_{self.pk}"

    def suivantes(self) -> list[Q]:
        """Rows after this one: urgent first, then by due date, those without one last, then by id.

        In parts, each of which is one range of the index of a queue: as one condition they would be read
        from the beginning.
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


def en_un(echeance: F | Value, pk: F | Value) -> Func:
    """Both as one value, compared as the index orders them; without a due date it is never true."""
    return Func(echeance, pk, function="ROW", output_field=BooleanField())


PLACE = en_un(F("echeance_service"), F("pk"))


@dataclass(frozen=True)
class Page:
    """Some rows, with the cursors before and after them (None: there is nothing there)."""

    rangees: list[Rangee]
    avant: Curseur | None
    apres: Curseur | None


class Source(Protocol):
    """The demandes to page through. Equal ones are the same demandes: their statement is kept."""

    def __hash__(self) -> int: ...

    def demandes(self) -> QuerySet[Demande]: ...


def paginer(source: Source, parametres: Mapping[str, str]) -> Page:
    """The page that `apres` or `avant` asks for, the first one by default: one statement."""
    if avant := Curseur.lire(parametres.get("avant", "")):
        lues = lire(source, avant, vers_le_debut=True)
        lignes = lues[:PAR_PAGE][::-1]
        il_y_en_a_avant, il_y_en_a_apres = len(lues) > PAR_PAGE, True
    else:
        apres = Curseur.lire(parametres.get("apres", ""))
        lues = lire(source, apres, vers_le_debut=False)
        lignes = lues[:PAR_PAGE]
        il_y_en_a_avant, il_y_en_a_apres = apres is not None, len(lues) > PAR_PAGE
    if not lignes:
        return Page([], None, None)
    return Page(
        lignes,
        Curseur.de(lignes[0]) if il_y_en_a_avant else None,
        Curseur.de(lignes[-1]) if il_y_en_a_apres else None,
    )


def lire(source: Source, depuis: Curseur | None, *, vers_le_debut: bool) -> list[Rangee]:
    """The rows of a page, and one more when there is another page."""
    modele = depuis and replace(depuis, echeance=depuis.echeance and UN_INSTANT, pk=UN_RANG)
    texte, modeles = composer(source, modele, vers_le_debut, PAR_PAGE + 1)
    if not texte:
        return []
    valeurs = {UN_INSTANT: depuis.echeance, UN_RANG: depuis.pk} if depuis else {}
    with connection.cursor() as curseur:
        curseur.execute(texte, [valeurs.get(valeur, valeur) for valeur in modeles])
        return [Rangee._make(valeurs) for valeurs in curseur.fetchall()]


@lru_cache(maxsize=256)
def composer(source: Source, depuis: Curseur | None, vers_le_debut: bool, nombre: int) -> tuple[str, tuple]:
    """The ORM's statement and its values, empty when there can be no row.

    Writing it takes longer than running it: it is written once for a scope, a view and filters, with
    UN_INSTANT and UN_RANG where the place of the page goes.
    """
    ordre = (
        ("est_urgente", "-echeance_service", "-pk")
        if vers_le_debut
        else ("-est_urgente", "echeance_service", "pk")
    )
    demandes = source.demandes().order_by(*ordre)
    try:
        if depuis is not None:
            parts = depuis.precedentes() if vers_le_debut else depuis.suivantes()
            # No part gives more than a page; their ids are found in the index alone.
            une, *autres = (demandes.filter(part).values("pk")[:nombre] for part in parts)
            demandes = demandes.filter(pk__in=une.union(*autres, all=True) if autres else une)
        return demandes.values_list(*Rangee._fields)[:nombre].query.sql_with_params()
    except EmptyResultSet:
        return "", ()
