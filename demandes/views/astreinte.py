"""« J'ai pris », from the link of a call: no login, one demande, one person, one button."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from demandes.actions import prendre_en_charge
from demandes.actions.astreintes import lire_le_lien
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande
from demandes.views.acces import est_reservee
from guichet.organisation.models import Compte
from guichet.socle.erreurs import ErreurMetier


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def prendre(request: HttpRequest, jeton: str) -> HttpResponse:
    """GET says what waits (a mail scanner may open it), POST takes it with the rights of that person."""
    lus = lire_le_lien(jeton)
    if lus is None:
        raise Http404("Ce lien ne marche pas, ou ne marche plus.")
    demande, compte = lus
    if request.method != "POST" or est_prise_par(demande, compte):
        return afficher(request, demande, compte)
    try:
        prendre_en_charge(demande, auteur=Auteur.agent(compte))
    except ErreurMetier as erreur:
        return afficher(request, demande, compte, phrase=str(erreur), statut=422)
    return redirect("astreinte_prendre", jeton)


def est_prise_par(demande: Demande, compte: Compte) -> bool:
    return demande.etat == Etat.PRISE_EN_CHARGE and demande.agent_traitant_id == compte.pk


def afficher(
    request: HttpRequest, demande: Demande, compte: Compte, phrase: str = "", statut: int = 200
) -> HttpResponse:
    contexte = {
        "demande": demande,
        "compte": compte,
        "est_reservee": est_reservee(demande),
        "est_a_prendre": demande.etat == Etat.ORIENTEE,
        "est_prise": est_prise_par(demande, compte),
        "phrase": phrase,
    }
    reponse = render(request, "demandes/astreinte_prendre.html", contexte, status=statut)
    reponse["Referrer-Policy"] = "no-referrer"
    return reponse
