"""Which direction acts, and why. Rules are data; the first that matches wins, the type's own comes last."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from demandes import referentiel
from demandes.formulaires import convient
from demandes.models import RegleOrientation, TypeDemande
from guichet.organisation.models import Direction, Territoire


@dataclass(frozen=True)
class Orientation:
    """A proposed direction with its readable reason; `regle_id` is None for the type's own direction."""

    direction: Direction
    raison: str
    regle_id: int | None = None


@dataclass(frozen=True)
class Examen:
    """What was found when a rule was held against a demande: it matches when nothing stands in its way."""

    regle: RegleOrientation
    est_ailleurs: bool
    manquees: tuple[dict[str, Any], ...]

    @property
    def convient(self) -> bool:
        est_en_service = self.regle.est_active and self.regle.direction.est_active
        return est_en_service and not self.est_ailleurs and not self.manquees


def examiner(type: TypeDemande, territoire: Territoire | None, reponses: dict[str, Any]) -> list[Examen]:
    """Hold every rule that speaks of this type against these answers, in order; the first to match wins."""
    regles = referentiel.courant().garder(("regles", type.pk), lambda: lire_les_regles(type))
    return [
        Examen(
            regle,
            est_ailleurs=regle.territoire_id is not None
            and (territoire is None or regle.territoire_id != territoire.pk),
            manquees=tuple(si for si in regle.reponses if not convient(si, reponses)),
        )
        for regle in regles
    ]


def lire_les_regles(type: TypeDemande) -> list[RegleOrientation]:
    regles = RegleOrientation.objects.filter(Q(type=type) | Q(type__isnull=True))
    return list(regles.select_related("direction", "territoire"))


def trancher(type: TypeDemande, examens: list[Examen]) -> Orientation:
    """Return what the first matching rule says, or the type's own direction."""
    for examen in examens:
        if examen.convient:
            return Orientation(examen.regle.direction, examen.regle.raison, examen.regle.pk)
    return Orientation(type.direction, f"Direction habituelle pour « {type.libelle} »"[:250])


def proposer(type: TypeDemande, territoire: Territoire | None, reponses: dict[str, Any]) -> Orientation:
    """Return the direction for this type, district and these answers."""
    return trancher(type, examiner(type, territoire, reponses))
