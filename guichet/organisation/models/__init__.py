"""Who works here, where, in what role, when."""

from guichet.organisation.models.astreinte import Astreinte
from guichet.organisation.models.audit import Modification
from guichet.organisation.models.calendrier import HeuresOuverture, JourFerme
from guichet.organisation.models.comptes import Affectation, Agent, Compte, Delegation, Espace, Role
from guichet.organisation.models.identite import IdentiteVille
from guichet.organisation.models.limite import Compteur
from guichet.organisation.models.structures import (
    Direction,
    PointAccueil,
    Secteur,
    SignatureDesCourriels,
    Territoire,
    Voie,
)

__all__ = [
    "Affectation",
    "Agent",
    "Astreinte",
    "Compte",
    "Compteur",
    "Delegation",
    "Direction",
    "Espace",
    "HeuresOuverture",
    "IdentiteVille",
    "JourFerme",
    "Modification",
    "PointAccueil",
    "Role",
    "Secteur",
    "SignatureDesCourriels",
    "Territoire",
    "Voie",
]
