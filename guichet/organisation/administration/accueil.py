"""The first page: the sections, how much each holds, and what awaits the administrator."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guichet.organisation.administration.cadre import Attention, administrateur_ou_404, rendre, sections


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
    attentions: list[Attention] = [a for carte in cartes for a in carte["attentions"]]  # type: ignore[attr-defined]
    genres: dict[str, list[Attention]] = {}
    for attention in attentions:
        if attention.genre:
            genres.setdefault(attention.genre, []).append(attention)
    contexte = {
        "cartes": cartes,
        "attentions": [attention for attention in attentions if not attention.genre],
        "genres": genres,
    }
    return rendre(request, "organisation/administration/accueil.html", "", contexte)
