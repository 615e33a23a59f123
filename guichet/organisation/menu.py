"""The agents' rail: what each may open, and nothing that would answer 404."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from guichet.organisation.perimetre import perimetre_de


@dataclass(frozen=True)
class Entree:
    """One line of the rail; `icone` is a lucide name."""

    libelle: str
    icone: str
    url: str
    actif: bool


def menu_agent(request: HttpRequest) -> dict[str, list[Entree]]:
    """Context processor: the rail of an agent inside their space, empty for anybody else."""
    if not request.path.startswith("/agent/") or not getattr(request.user, "est_agent", False):
        return {"menu_agent": []}
    perimetre = perimetre_de(request)
    planifie_l_astreinte = perimetre.est_administrateur or any(
        p.directions_responsable for p in perimetre.tous
    )
    choix = (
        (perimetre.est_accueil, "Accueil", "house", "agent_accueil"),
        (perimetre.a_une_corbeille, "Corbeille", "inbox", "agent_corbeille"),
        (planifie_l_astreinte, "Astreinte", "phone-call", "astreinte"),
        (perimetre.est_administrateur, "Courriels", "mail", "courriels"),
        (perimetre.est_administrateur, "Administration", "settings", "administration_accueil"),
        (
            perimetre.est_administrateur or perimetre.est_editeur,
            "Portail",
            "panels-top-left",
            "wagtailadmin_home",
        ),
    )
    return {
        "menu_agent": [
            Entree(libelle, icone, url := reverse(nom), request.path.startswith(url))
            for permis, libelle, icone, nom in choix
            if permis
        ]
    }
