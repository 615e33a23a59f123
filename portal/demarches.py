"""What the pages of the portal say of a démarche before it is started."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from demandes import brouillons, referentiel, vitrine
from portal.acces import habitant

QUESTIONS_PAR_MINUTE = 3


def contexte_de_demarche(request: HttpRequest, type: brouillons.TypeDemande) -> dict[str, Any]:
    """Context of `portal/demarche.html` for a type read by `vitrine.demarche`."""
    usager = habitant(request)
    return {
        "type": type,
        "peut_commencer": peut_commencer(type),
        "minutes": referentiel.courant().garder(("portail.minutes", type.pk), lambda: minutes_pour(type)),
        "jours_habituels": vitrine.jours_habituels(type),
        "usager": usager,
        "identite_a_prouver": type.acces == "identite_verifiee"
        and not (usager and usager.identite_verifiee_le),
    }


def peut_commencer(type: brouillons.TypeDemande) -> bool:
    return bool(type.sve_autorisee) and not type.teleservice_dedie_url


def minutes_pour(type: brouillons.TypeDemande) -> int:
    """An honest guess of the time it takes, rounded up to whole minutes of five."""
    questions = len(type.formulaire.champs) + 2 * len(type.pieces) + 4
    minutes = -(-questions // QUESTIONS_PAR_MINUTE)
    return max(5, -(-minutes // 5) * 5)
