"""What one agent may reach today: their roles by place and secteur, and those lent by delegation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, cast

from django.http import HttpRequest
from django.utils import timezone

from guichet.organisation.models import Compte, Role
from guichet.socle.pret import lire_pret


def perimetre_de(request: HttpRequest) -> Perimetre:
    """The perimeter of the agent behind a request, read once for the view and the frame around it."""
    if not hasattr(request, "_perimetre"):
        request._perimetre = Perimetre.de(cast(Compte, request.user))  # type: ignore[attr-defined]
    return cast(Perimetre, request._perimetre)  # type: ignore[attr-defined]


# They read what the city does, not what anybody asked.
ROLES_AGREGATS = frozenset({Role.ELU, Role.DPO})


class Poste(NamedTuple):
    """What an affectation gives today."""

    role: str
    point_accueil_id: int | None
    direction_id: int | None
    secteurs: list[str]


# Every page of an agent begins with it: written out, it costs a tenth of what the ORM takes to write it.
POSTES = """
    SELECT compte_id, role, point_accueil_id, direction_id, secteurs FROM organisation_affectation
    WHERE du <= $2 AND (au IS NULL OR au >= $2) AND (
        compte_id = $1
        OR compte_id IN (
            SELECT titulaire_id FROM organisation_delegation
            WHERE suppleant_id = $1 AND du <= $2 AND au >= $2
        )
    )
    ORDER BY du, id
"""


def lire_les_postes(compte_id: int, jour: date) -> list[tuple]:
    """The affectations of an account on a day, then of those it stands in for: (account, *Poste)."""
    return lire_pret(POSTES, compte_id, jour)


def pretables(postes: list[Poste]) -> list[Poste]:
    """What a delegation lends: an administrator's right is named by an administrator, never passed on."""
    return [poste for poste in postes if poste.role != Role.ADMINISTRATEUR]


@dataclass(frozen=True)
class Perimetre:
    """Places are ids; secteurs are stored codes. Equal ones reach the same, so they may key a cache."""

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
        """One query whatever the roles, two for a deputy; none for a resident or a disabled account."""
        if not (compte.is_authenticated and compte.est_agent and compte.is_active):
            return cls(compte)
        jour = timezone.localdate()
        par_compte: dict[int, list[Poste]] = defaultdict(list)
        for compte_id, *poste in lire_les_postes(compte.pk, jour):
            par_compte[compte_id].append(Poste(*poste))
        siens = par_compte.pop(compte.pk, [])
        if not par_compte:
            return cls._depuis(compte, siens)
        titulaires = Compte.objects.filter(pk__in=par_compte, is_active=True).order_by("pk")
        delegues = (cls._depuis(titulaire, pretables(par_compte[titulaire.pk])) for titulaire in titulaires)
        return cls._depuis(compte, siens, tuple(delegues))

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
                }[Role(affectation.role)]
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
    def tient_les_abonnes(self) -> bool:
        """Who removes an address from the alerts for its owner: few, since it is a list of addresses."""
        return self.est_administrateur or any(p.accueils_responsable for p in self.tous)

    @property
    def est_editeur(self) -> bool:
        """Who writes the portal, whether or not they publish."""
        return any(p.roles & {Role.EDITEUR, Role.REDACTEUR} for p in self.tous)

    @property
    def est_pilote(self) -> bool:
        """Heads and directors read the figures of their places; some roles read those of the city."""
        return any(
            p.accueils_responsable or p.directions_responsable or p.directions_lues or p.lit_les_agregats
            for p in self.tous
        )

    @property
    def lit_les_agregats(self) -> bool:
        """Numbers of the whole city, never a demande."""
        return not self.roles.isdisjoint(ROLES_AGREGATS)

    @property
    def a_une_corbeille(self) -> bool:
        """Desks and directions work from it; the administrator finds there what may be restored."""
        return self.est_accueil or self.est_direction or self.est_administrateur

    @property
    def est_administrateur(self) -> bool:
        return any(Role.ADMINISTRATEUR in p.roles for p in self.tous)
