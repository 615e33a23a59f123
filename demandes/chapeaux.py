"""The hats a gesture asks for. Who wears which, for one demande, is computed in `demandes.droits`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol


class Chapeau(StrEnum):
    """The actors of cycle_de_vie.md."""

    USAGER = "U"
    AGENT_ACCUEIL = "A1"
    RESPONSABLE_ACCUEIL = "R1"
    AGENT_DIRECTION = "A2"
    RESPONSABLE_DIRECTION = "R2"
    ADMINISTRATEUR = "ADM"
    SYSTEME = "SYS"


U = Chapeau.USAGER
A1 = Chapeau.AGENT_ACCUEIL
R1 = Chapeau.RESPONSABLE_ACCUEIL
A2 = Chapeau.AGENT_DIRECTION
R2 = Chapeau.RESPONSABLE_DIRECTION
ADM = Chapeau.ADMINISTRATEUR
SYS = Chapeau.SYSTEME

# A responsible has every gesture of their agents.
INCLUS = {A1: frozenset({A1, R1}), A2: frozenset({A2, R2})}


class PorteChapeaux(Protocol):
    """Anyone who acts: they know which hats they wear for a given demande."""

    def chapeaux(self, demande: Any) -> frozenset[Chapeau]: ...


class ReserveA:
    """A permission for an edge of the machine: one of these hats, readable by tests and pages."""

    def __init__(self, *acteurs: Chapeau):
        self.acteurs = frozenset().union(*(INCLUS.get(acteur, {acteur}) for acteur in acteurs))

    def __call__(self, demande: Any, auteur: PorteChapeaux) -> bool:
        return not self.acteurs.isdisjoint(auteur.chapeaux(demande))


Permission = Callable[[Any, PorteChapeaux], bool]
