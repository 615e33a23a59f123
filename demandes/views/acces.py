"""How agents' views reach a demande: always through what this agent may know."""

from functools import lru_cache

from django.http import Http404, HttpRequest

from demandes.droits import Auteur
from demandes.models import Demande
from demandes.rangees import Rangee
from guichet.organisation.models import Secteur
from guichet.organisation.perimetre import Perimetre, perimetre_de
from guichet.socle.lecture import MARQUE, Lecture

__all__ = ["auteur_de", "demande_connue_ou_404", "page_connue_ou_404", "perimetre_de"]


def auteur_de(request: HttpRequest) -> Auteur:
    """The agent behind the request with their perimeter, computed once a request."""
    if not hasattr(request, "_auteur"):
        request._auteur = Auteur.agent(request.user, perimetre_de(request))
    return request._auteur


def demande_connue_ou_404(request: HttpRequest, numero: str) -> tuple[Demande, bool]:
    """The demande and whether its content may be shown; what the agent may not know is a 404."""
    demandes = Demande.objects.filter(numero=numero)
    if demande := demandes.visibles_par(perimetre_de(request)).premiere_pour_fil():
        return demande, True
    if demande := demandes.connues_de(perimetre_de(request)).premiere_pour_fil():
        return demande, False
    raise Http404("Cette demande n'existe pas.")


def page_connue_ou_404(request: HttpRequest, numero: str) -> tuple[Demande, bool]:
    """The same for the page of a demande, which reads less than a gesture may need."""
    for lisible in (True, False):
        for demande in lecture_de_la_page(perimetre_de(request), lisible=lisible).objets(numero):
            return demande, lisible
    raise Http404("Cette demande n'existe pas.")


@lru_cache(maxsize=256)
def lecture_de_la_page(perimetre: Perimetre, *, lisible: bool) -> Lecture:
    """The statement for these rights, put together once: the rights themselves are read at each request."""
    demandes = Demande.objects.pour_page().filter(numero=str(MARQUE))
    permises = demandes.visibles_par(perimetre) if lisible else demandes.connues_de(perimetre)
    return Lecture(lambda: permises)


def est_reservee(demande: Demande | Rangee) -> bool:
    """A walled secteur or a confidential type: its reading is logged, its mails say nothing."""
    return demande.secteur != Secteur.GENERAL or demande.est_confidentielle
