"""« Mon profil »: say, change and erase what adapts the portal; and why one sees what one sees."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from portal import profils
from portal.acces import page_privee
from portal.ciblage import siens, visite_de
from portal.formulaires.profil import ProfilForm


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@page_privee
def mon_profil(request: HttpRequest) -> HttpResponse:
    """Reading sets no cookie; without an account, what a forged form would set is nobody's."""
    if request.method == "POST":
        return (csrf_protect(enregistrer) if request.user.is_authenticated else enregistrer)(request)
    return montrer(request, ProfilForm(initial=profils.lire(request).en_valeurs()))


def enregistrer(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and show what it changes, or forget everything."""
    if "effacer" in request.POST:
        reponse = redirect("mon_profil")
        profils.effacer(request, reponse)
        return reponse
    formulaire = ProfilForm(request.POST)
    if not formulaire.is_valid():
        return montrer(request, formulaire, status=422)
    reponse = redirect("accueil")
    profils.garder(request, reponse, formulaire.profil)
    return reponse


def montrer(request: HttpRequest, formulaire: ProfilForm, *, status: int = 200) -> HttpResponse:
    profil = profils.lire(request)
    contexte = {
        "form": formulaire,
        "choisi": profil.en_mots,
        "segments": siens(visite_de(request)),
        "avec_compte": request.user.is_authenticated,
    }
    return render(request, "portal/profil.html", contexte, status=status)


@login_not_required
@require_safe
@page_privee
def ligne(request: HttpRequest) -> HttpResponse:
    """The visitor's profile in one line: the only part of the home page that is theirs."""
    return render(request, "portal/_ligne_profil.html", {"choisi": profils.lire(request).en_mots})
