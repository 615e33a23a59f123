"""How agents' views reach a demande: always through what this agent may know."""

from django.http import Http404, HttpRequest

from demandes.droits import Auteur
from demandes.models import Demande
from demandes.models.requetes import DemandeQuerySet
from demandes.rangees import Rangee
from guichet.organisation.models import Secteur
from guichet.organisation.perimetre import perimetre_de

__all__ = ["auteur_de", "demande_connue_ou_404", "perimetre_de"]


def auteur_de(request: HttpRequest) -> Auteur:
    """The agent behind the request with their perimeter, computed once a request."""
    if not hasattr(request, "_auteur"):
        request._auteur = Auteur.agent(request.user, perimetre_de(request))
    return request._auteur


def demande_connue_ou_404(
    request: HttpRequest, numero: str, demandes: DemandeQuerySet | None = None
) -> tuple[Demande, bool]:
    """The demande and whether its content may be shown; what the agent may not know is a 404.

    `demandes` says what to read with it, when that is not everything a gesture may need.
    """
    demandes = (Demande.objects.pour_fil() if demandes is None else demandes).filter(numero=numero)
    if demande := demandes.visibles_par(perimetre_de(request)).first():
        return demande, True
    if demande := demandes.connues_de(perimetre_de(request)).first():
        return demande, False
    raise Http404("Cette demande n'existe pas.")


def est_reservee(demande: Demande | Rangee) -> bool:
    """A walled secteur or a confidential type: its reading is logged, its mails say nothing."""
    return demande.secteur != Secteur.GENERAL or demande.est_confidentielle
