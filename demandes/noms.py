"""What a row of the queue names by id, kept with the city's settings.

Joining these three tables took the planner longer than reading the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from demandes.models import TypeDemande
from demandes.referentiel import courant
from guichet.organisation.models import Direction, Territoire


class TypeNomme(NamedTuple):
    libelle: str
    validation_requise: bool
    direction_id: int


SANS_TYPE = TypeNomme("", False, 0)


@dataclass(frozen=True)
class Noms:
    """Types, directions and districts by id."""

    types: dict[int, TypeNomme]
    directions: dict[int, str]
    territoires: dict[int, str]

    def type(self, pk: int | None) -> TypeNomme:
        """Empty before a type is chosen."""
        return SANS_TYPE if pk is None else self.types[pk]


def noms() -> Noms:
    """As they are now: to ask for after the rows, which then name nothing newer."""
    return courant().garder("noms", lire)


def lire() -> Noms:
    types = TypeDemande.objects.values_list("pk", *TypeNomme._fields)
    return Noms(
        types={pk: TypeNomme(*valeurs) for pk, *valeurs in types},
        directions=dict(Direction.objects.values_list("pk", "nom_public")),
        territoires={territoire.pk: str(territoire) for territoire in Territoire.objects.all()},
    )
