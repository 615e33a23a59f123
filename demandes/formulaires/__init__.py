"""Versioned schema → Django form: `formulaire_pour` to ask, `relire` to show, `verifier_champs` to load."""

from demandes.formulaires.formulaire import Condition, FormulaireDynamique, formulaire_pour
from demandes.formulaires.relecture import relire
from demandes.formulaires.schema import (
    convient,
    est_affiche,
    sans_reponse,
    verifier_champs,
    verifier_reponses,
)

__all__ = [
    "Condition",
    "FormulaireDynamique",
    "convient",
    "est_affiche",
    "formulaire_pour",
    "relire",
    "sans_reponse",
    "verifier_champs",
    "verifier_reponses",
]
