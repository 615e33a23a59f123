"""What the agent sees of an urgent demande: what to say, who is on duty, who was called."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from demandes import delais, suivi
from demandes.actions.astreintes import appels_parmi
from demandes.models import Demande
from demandes.recit import Ligne
from guichet.organisation.models import Compte


def urgence_de(demande: Demande, journal: Sequence[Ligne]) -> dict[str, Any] | None:
    """Numbers, people on duty and the calls its journal tells; None unless it is urgent and open."""
    if not (demande.est_urgente and demande.est_ouverte):
        return None
    direction = delais.direction_du_delai(demande)
    lignes = appels_parmi(demande, journal)
    noms = Compte.objects.in_bulk([ligne.details["compte"] for ligne in lignes if ligne.details["compte"]])
    return {
        "secours": suivi.secours_de(demande),
        "direction": direction,
        "est_fermee": direction is not None
        and not delais.calendrier_de(direction).est_ouvert(timezone.now()),
        "de_garde": list(direction.astreintes.a().select_related("compte")) if direction else [],
        "appels": [
            {
                "le": ligne.fait_le,
                "qui": str(noms.get(ligne.details["compte"], direction)),
                "genre": ligne.details["qui"],
            }
            for ligne in lignes
        ],
    }
