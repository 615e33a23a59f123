"""The agents' rail: what each may open, and nothing that would answer 404."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from guichet.organisation.perimetre import perimetre_de


@dataclass(frozen=True)
class Entree:
    """One line of the rail; `icone` is a lucide name."""

    libelle: str
    icone: str
    url: str
    actif: bool
    compte: int = 0

    @property
    def mots_du_compte(self) -> str:
        return f"{PLAFOND}+" if self.compte > PLAFOND else str(self.compte)


# Beyond, the rail says « more ».
PLAFOND = 99
# Tabs of one screen that have an address of their own.
VOISINES = {"agent_arrivees": ("/agent/a-rapprocher/",)}


def est_ici(chemin: str, nom: str, url: str) -> bool:
    return chemin.startswith((url, *VOISINES.get(nom, ())))


def menu_agent(request: HttpRequest) -> dict[str, list[Entree]]:
    """Context processor: the rail of an agent inside their space, empty for anybody else."""
    if not request.path.startswith("/agent/") or not getattr(request.user, "est_agent", False):
        return {"menu_agent": []}
    perimetre = perimetre_de(request)
    planifie_l_astreinte = perimetre.est_administrateur or any(
        p.directions_responsable for p in perimetre.tous
    )
    remet_a_la_main = perimetre.est_accueil or any(p.directions for p in perimetre.tous)
    choix = (
        (perimetre.est_accueil, "Accueil", "house", "agent_accueil"),
        (perimetre.a_une_corbeille, "Corbeille", "inbox", "agent_corbeille"),
        (perimetre.est_accueil, "Courrier", "scan-text", "agent_courrier"),
        (perimetre.est_accueil, "Arrivées", "mail-warning", "agent_arrivees"),
        (perimetre.est_accueil, "À rappeler", "phone-outgoing", "agent_a_rappeler"),
        (remet_a_la_main, "À remettre", "mailbox", "agent_a_remettre"),
        (perimetre.tient_les_abonnes, "Abonnés", "bell", "agent_abonnes"),
        (perimetre.est_pilote, "Pilotage", "chart-column", "agent_pilotage"),
        (planifie_l_astreinte, "Astreinte", "phone-call", "astreinte"),
        (perimetre.est_administrateur, "Envois", "send", "courriels"),
        (perimetre.est_administrateur, "Administration", "settings", "administration_accueil"),
        (
            perimetre.est_administrateur or perimetre.est_editeur,
            "Portail",
            "panels-top-left",
            "wagtailadmin_home",
        ),
    )
    compteurs = {nom: import_string(chemin) for nom, chemin in settings.GUICHET_COMPTES_DU_MENU.items()}
    return {
        "menu_agent": [
            Entree(
                libelle,
                icone,
                url := reverse(nom),
                est_ici(request.path, nom, url),
                compteurs[nom](perimetre) if nom in compteurs else 0,
            )
            for permis, libelle, icone, nom in choix
            if permis
        ]
    }
