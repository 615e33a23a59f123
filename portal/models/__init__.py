"""Wagtail pages of the portal."""

from portal.models.abonnes import Abonne, Diffusion
from portal.models.accessibilite import DeclarationAccessibilite
from portal.models.accueil import PageAccueil
from portal.models.alertes import Alerte, Alertes
from portal.models.base import Effet, PageDuPortail
from portal.models.contenus import PageDemarche, PageFiche, PageLibre, Rubrique
from portal.models.equipements import Equipement, Equipements, Plage
from portal.models.liens import LienDePage
from portal.models.retours import AvisDePage, RechercheVaine
from portal.models.segments import Age, ProfilDuCompte, Segment, Situation, Vu
from portal.models.sujets import Sujet
from portal.models.vie import Actualite, Actualites, Agenda, Evenement, PageSituee

__all__ = [
    "Abonne",
    "Actualite",
    "Actualites",
    "Age",
    "Agenda",
    "Alerte",
    "Alertes",
    "AvisDePage",
    "DeclarationAccessibilite",
    "Diffusion",
    "Effet",
    "Equipement",
    "Equipements",
    "Evenement",
    "LienDePage",
    "PageAccueil",
    "PageDemarche",
    "PageDuPortail",
    "PageFiche",
    "PageLibre",
    "PageSituee",
    "Plage",
    "ProfilDuCompte",
    "RechercheVaine",
    "Rubrique",
    "Segment",
    "Situation",
    "Sujet",
    "Vu",
]
