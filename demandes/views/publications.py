"""What the agent sees of a demande's posts: who can read each, and what became of it."""

from demandes.models import Demande, Publication
from guichet.canaux.canal import RESEAUX_SOCIAUX

AFFICHEES = 20


def publications_de(demande: Demande) -> list[Publication]:
    """The latest posts, oldest first; one statement, and only where there may be some."""
    if demande.canal not in RESEAUX_SOCIAUX:
        return []
    lues = demande.publications.exclude(etat=Publication.Etat.RETIREE).select_related(
        "profil", "redigee_par", "saisie_par", "message__remise", "message__envoi"
    )
    return list(reversed(lues.order_by("-pk")[:AFFICHEES]))
