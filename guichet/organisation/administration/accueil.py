"""The first page: the sections, how much each holds, and what awaits the administrator."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guichet.organisation.administration.cadre import administrateur_ou_404, rendre, sections


@require_safe
@administrateur_ou_404
def accueil(request: HttpRequest) -> HttpResponse:
    cartes = [
        {
            "section": section,
            "compte": section.compter() if section.compter else "",
            "attentions": section.signaler() if section.signaler else [],
        }
        for section in sections()
    ]
    attentions = [attention for carte in cartes for attention in carte["attentions"]]  # type: ignore[attr-defined]
    contexte = {"cartes": cartes, "attentions": attentions}
    return rendre(request, "organisation/administration/accueil.html", "", contexte)
