"""Which direction acts, and why. Rules are data; the first that matches wins, the type's own comes last."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from demandes.models import RegleOrientation, TypeDemande
from guichet.organisation.models import Direction, Territoire


@dataclass(frozen=True)
class Orientation:
    """A proposed direction with its readable reason; `regle_id` is None for the type's own direction."""

    direction: Direction
    raison: str
    regle_id: int | None = None


def proposer(type: TypeDemande, territoire: Territoire | None, reponses: dict[str, Any]) -> Orientation:
    """Return the direction for this type, district and these answers."""
    regles = RegleOrientation.objects.filter(
        Q(type=type) | Q(type__isnull=True),
        Q(territoire=territoire) | Q(territoire__isnull=True),
        est_active=True,
        direction__est_active=True,
    ).select_related("direction")
    for regle in regles:
        if all(correspond(reponses.get(si["champ"]), si["vaut"]) for si in regle.reponses):
            return Orientation(regle.direction, regle.raison, regle.pk)
    return Orientation(type.direction, f"Direction habituelle pour « {type.libelle} »"[:250])


def correspond(reponse: Any, attendue: Any) -> bool:
    """Compare one answer; among several choices one is enough."""
    return attendue in reponse if isinstance(reponse, list) else reponse == attendue
