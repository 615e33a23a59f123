"""What was sent after the session had ended: kept through the login, shown, sent again by its author only."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

CLE = "saisie_interrompue"
GARDEE = 30 * 60  # seconds
CARACTERES = 200_000
DERNIER = "dernier_compte"  # a signed cookie: whose page this was
DUREE_DU_COOKIE = 7 * 24 * 3600
JAMAIS_GARDES = ("password", "mot_de_passe", "csrfmiddlewaretoken")


def retenir(request: HttpRequest, reponse: HttpResponse) -> None:
    """Tell this browser whose page it just showed; the session that knew it will be gone."""
    compte = getattr(request, "compte_vu", None)
    if compte is not None and dernier(request) != str(compte):
        reponse.set_signed_cookie(
            DERNIER,
            str(compte),
            salt=DERNIER,
            max_age=DUREE_DU_COOKIE,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )


def dernier(request: HttpRequest) -> str | None:
    return request.get_signed_cookie(DERNIER, default=None, salt=DERNIER, max_age=DUREE_DU_COOKIE)


def garder(request: HttpRequest) -> bool:
    """Keep what this anonymous request sent; False when there is nothing that can be given back."""
    auteur = dernier(request)
    if request.method != "POST" or auteur is None or request.headers.get("HX-Request"):
        return False
    champs = [
        (nom, valeur.replace("\x00", ""))
        for nom, valeurs in request.POST.lists()
        for valeur in valeurs
        if not any(mot in nom for mot in JAMAIS_GARDES)
    ]
    if not any(valeur.strip() for _, valeur in champs):
        return False
    if sum(len(valeur) for _, valeur in champs) > CARACTERES:
        return False
    request.session[CLE] = {
        "adresse": request.get_full_path(),
        "page": page_de(request),
        "champs": champs,
        "fichiers": [fichier.name for nom in request.FILES for fichier in request.FILES.getlist(nom)],
        "compte": auteur,
        "quand": time.time(),
    }
    return True


def page_de(request: HttpRequest) -> str:
    """Where the form stood: some addresses only take what is sent to them."""
    page = request.headers.get("Referer", "")
    est_d_ici = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if est_d_ici else "/"


def interrompue(request: HttpRequest) -> dict[str, Any] | None:
    """What this account had sent; what somebody else had sent here is forgotten at once."""
    saisie = request.session.get(CLE)
    if saisie is None:
        return None
    if saisie["compte"] != str(request.user.pk) or time.time() - saisie["quand"] > GARDEE:
        del request.session[CLE]
        return None
    return saisie


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def reprise(request: HttpRequest) -> HttpResponse:
    """GET shows what was about to be sent, with the button that sends it; POST gives it up."""
    saisie = interrompue(request) if request.user.is_authenticated else None
    if saisie is None:
        return render(request, "organisation/reprise.html", {"saisie": None}, status=410)
    if request.method == "POST":
        del request.session[CLE]
        return redirect(saisie["page"])
    textes = [valeur for _, valeur in saisie["champs"] if " " in valeur.strip()]
    contexte = {"saisie": saisie, "textes": textes}
    return render(request, "organisation/reprise.html", contexte)
