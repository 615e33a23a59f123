"""What one agent may reach today: their roles by place and secteur, and those lent by delegation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from guichet.organisation.models import Affectation, Compte, Delegation, Role


def perimetre_de(request: HttpRequest) -> Perimetre:
    """The perimeter of the agent behind a request, read once for the view and the frame around it."""
    if not hasattr(request, "_perimetre"):
        request._perimetre = Perimetre.de(cast(Compte, request.user))  # type: ignore[attr-defined]
    return cast(Perimetre, request._perimetre)  # type: ignore[attr-defined]


def pretables(affectations: list[Affectation]) -> list[Affectation]:
    """What a delegation lends: an administrator's right is named by an administrator, never passed on."""
    return [affectation for affectation in affectations if affectation.role != Role.ADMINISTRATEUR]


@dataclass(frozen=True)
class Perimetre:
    """Places are ids; secteurs are stored codes. Equal ones reach the same: what a scope makes is kept by it."""

    compte: Compte
    accueils: frozenset[int] = frozenset()
    accueils_responsable: frozenset[int] = frozenset()
    secteurs_accueil: frozenset[str] = frozenset()
    directions: dict[int, frozenset[str]] = field(default_factory=dict)
    directions_responsable: dict[int, frozenset[str]] = field(default_factory=dict)
    directions_lues: dict[int, frozenset[str]] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    secteurs: frozenset[str] = frozenset()
    delegues: tuple[Perimetre, ...] = ()

    @classmethod
    def de(cls, compte: Compte) -> Perimetre:
        """Two queries, whatever the number of roles; nothing for a resident or a disabled account."""
        if not (compte.is_authenticated and compte.est_agent and compte.is_active):
            return cls(compte)
        jour = timezone.localdate()
        titulaires = [
            delegation.titulaire
            for delegation in Delegation.objects.filter(
                suppleant=compte, du__lte=jour, au__gte=jour, titulaire__is_active=True
            ).select_related("titulaire")
        ]
        par_compte: dict[int, list[Affectation]] = defaultdict(list)
        for affectation in Affectation.objects.en_cours(jour).filter(compte__in=[compte, *titulaires]):
            par_compte[affectation.compte_id].append(affectation)
        delegues = tuple(
            cls._depuis(titulaire, pretables(par_compte[titulaire.pk])) for titulaire in titulaires
        )
        return cls._depuis(compte, par_compte[compte.pk], delegues)

    @classmethod
    def _depuis(cls, compte, affectations, delegues=()) -> Perimetre:
        accueils, responsable = set(), set()
        secteurs_accueil: set[str] = set()
        par_role: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for affectation in affectations:
            if affectation.point_accueil_id:
                accueils.add(affectation.point_accueil_id)
                secteurs_accueil.update(affectation.secteurs)
                if affectation.role == Role.RESPONSABLE_ACCUEIL:
                    responsable.add(affectation.point_accueil_id)
            elif affectation.direction_id:
                genres = {
                    Role.AGENT_DIRECTION: ("agent",),
                    Role.RESPONSABLE_DIRECTION: ("agent", "responsable"),
                    Role.DIRECTEUR: ("lecture",),
                }[affectation.role]
                for genre in genres:
                    par_role[genre][affectation.direction_id].update(affectation.secteurs)
        figer = lambda genre: {lieu: frozenset(s) for lieu, s in par_role[genre].items()}  # noqa: E731
        return cls(
            compte,
            frozenset(accueils),
            frozenset(responsable),
            frozenset(secteurs_accueil),
            figer("agent"),
            figer("responsable"),
            figer("lecture"),
            frozenset(affectation.role for affectation in affectations),
            frozenset(secteur for affectation in affectations for secteur in affectation.secteurs),
            delegues,
        )

    def __hash__(self) -> int:
        return hash((self.compte, self.roles, self.accueils, *self.directions, self.delegues))

    @property
    def tous(self) -> tuple[Perimetre, ...]:
        """One's own perimeter, then those held for somebody absent."""
        return (self, *self.delegues)

    @property
    def est_accueil(self) -> bool:
        return any(p.accueils for p in self.tous)

    @property
    def est_direction(self) -> bool:
        return any(p.directions or p.directions_lues for p in self.tous)

    @property
    def est_editeur(self) -> bool:
        return any(Role.EDITEUR in p.roles for p in self.tous)

    @property
    def a_une_corbeille(self) -> bool:
        """Desks and directions work from it; the administrator finds there what may be restored."""
        return self.est_accueil or self.est_direction or self.est_administrateur

    @property
    def est_administrateur(self) -> bool:
        return any(Role.ADMINISTRATEUR in p.roles for p in self.tous)
