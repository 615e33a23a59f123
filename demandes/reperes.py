"""What every page names and counts with: labels by code, agents by direction, calendars.

This changes a few times a year and is read at every click: it is kept one minute in the process, as plain
values, so that a list costs the same whatever it names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from uuid import uuid4

from django.core.cache import cache

from demandes import delais
from demandes.models import Motif, TypeDemande
from guichet.organisation.models import (
    Affectation,
    Direction,
    HeuresOuverture,
    JourFerme,
    PointAccueil,
    Territoire,
)
from guichet.organisation.models.comptes import ROLES_DIRECTION
from guichet.socle.calendrier import Calendrier

CLE = "demandes.reperes"
DUREE_S = 60


@dataclass(eq=False)
class Reperes:
    """Labels by code (`motifs` by gesture and code), and the rows calendars are made of.

    One object is read by many requests: it is filled once, but for calendars, put together when asked for.
    """

    types: dict[str, str]
    directions: dict[str, str]
    accueils: dict[str, str]
    territoires: dict[str, str]
    motifs: dict[tuple[str, str], str]
    agents: list[tuple[int, str, int]]  # account, name, direction
    fermes: list[tuple[int | None, date]]
    heures: list[tuple[int, int, time, time]]
    marque: str
    _calendriers: dict[int | None, Calendrier] = field(default_factory=dict)

    def calendrier(self, direction_id: int | None) -> Calendrier:
        """The working calendar of a direction, put together once."""
        if direction_id not in self._calendriers:
            self._calendriers[direction_id] = delais.composer_le_calendrier(
                direction_id, self.fermes, self.heures
            )
        return self._calendriers[direction_id]

    def agents_de(self, directions: set[int]) -> list[tuple[int, str]]:
        """(account, name) of those who work in these directions, each once."""
        return list(dict.fromkeys((pk, nom) for pk, nom, direction in self.agents if direction in directions))


class Memoire:
    reperes: Reperes | None = None


def reperes() -> Reperes:
    """Those this process read under the cache's current mark: unpacking them would cost at each click."""
    marque = str(cache.get_or_set(CLE, lambda: uuid4().hex, DUREE_S))
    gardes = Memoire.reperes
    if gardes is None or gardes.marque != marque:
        Memoire.reperes = gardes = lire(marque)
    return gardes


def lire(marque: str) -> Reperes:
    """Read it all, eight short tables."""
    agents = (
        Affectation.objects.en_cours()
        .filter(role__in=ROLES_DIRECTION, compte__is_active=True)
        .order_by("compte__nom_affiche", "compte_id")
        .values_list("compte_id", "compte__nom_affiche", "direction_id")
    )
    return Reperes(
        types=dict(TypeDemande.objects.values_list("code", "libelle")),
        directions=dict(Direction.objects.values_list("code", "nom_public")),
        accueils=dict(PointAccueil.objects.values_list("code", "nom")),
        territoires={territoire.code: str(territoire) for territoire in Territoire.objects.all()},
        motifs={
            (geste, code): nom for geste, code, nom in Motif.objects.values_list("geste", "code", "libelle")
        },
        agents=list(agents),
        fermes=list(JourFerme.objects.filter(point_accueil__isnull=True).values_list("direction_id", "jour")),
        heures=list(
            HeuresOuverture.objects.filter(direction__isnull=False).values_list(
                "direction_id", "jour", "debut", "fin"
            )
        ),
        marque=marque,
    )


def oublier() -> None:
    """Read again at the next call: after a load, and between tests."""
    cache.delete(CLE)
