"""What of this room hangs on a place or on an agent, for the two GUICHET_ lists of the settings."""

from __future__ import annotations

from demandes.etats import NON_FINAUX
from demandes.models import BoiteCourriel, Demande, RegleOrientation, TypeDemande
from guichet.organisation.lieux import Attache, Lieu, nombrer
from guichet.organisation.models import Compte, Direction


def attaches_du_lieu(lieu: Lieu) -> list[Attache]:
    """Counts, in words; none of it shows a demande to whoever may not read it."""
    ouvertes = Demande.objects.filter(etat__in=NON_FINAUX)
    boites = BoiteCourriel.objects.actives()
    mots = ("boîte de courriel en service", "boîtes de courriel en service")
    if not isinstance(lieu, Direction):
        return [
            *dire(ouvertes.filter(point_accueil=lieu).count(), "demande ouverte", "demandes ouvertes"),
            *dire(boites.filter(point_accueil=lieu).count(), *mots),
        ]
    return [
        *dire(boites.filter(direction=lieu).count(), *mots),
        *dire(ouvertes.filter(direction=lieu).count(), "demande ouverte", "demandes ouvertes"),
        *dire(
            TypeDemande.objects.publies().filter(direction=lieu).count(),
            "type de demande publié",
            "types de demande publiés",
        ),
        *dire(
            RegleOrientation.objects.filter(direction=lieu, est_active=True).count(),
            "règle d'orientation active",
            "règles d'orientation actives",
        ),
    ]


def tenus_par_l_agent(compte: Compte) -> list[Attache]:
    """Open demandes that this agent holds."""
    ouvertes = Demande.objects.filter(agent_traitant=compte, etat__in=NON_FINAUX)
    return dire(ouvertes.count(), "demande ouverte en charge", "demandes ouvertes en charge")


def dire(nombre: int, un: str, plusieurs: str) -> list[Attache]:
    return [Attache(nombrer(nombre, un, plusieurs))] if nombre else []
