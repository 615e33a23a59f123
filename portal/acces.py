"""Who stands before the portal, what a private page must not let out, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import salted_hmac

from guichet.organisation.models import Compteur
from usagers.models import Usager

FENETRE = timedelta(minutes=15)

Vue = Callable[..., HttpResponse]

# Signs the number of the demande that a new one follows, from its page to the draft.
SEL_DE_SUITE = "portal.suite"


def habitant(request: HttpRequest) -> Usager | None:
    """The resident logged in, or None: an agent's account is nobody on this side of the house."""
    compte = request.user
    if not compte.is_authenticated or compte.est_agent:
        return None
    return getattr(compte, "usager", None)


def vers_la_connexion(request: HttpRequest, *, suite: str = "") -> HttpResponse:
    """To the residents' door, and back to `suite` (the page asked for by default)."""
    return redirect_to_login(suite or request.get_full_path(), reverse("connexion"))


def compte_requis(vue: Vue) -> Vue:
    """Only for a resident's account; an agent's must log in again by the residents' door."""

    @wraps(vue)
    def reservee(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if habitant(request) is None:
            return vers_la_connexion(request)
        return vue(request, *args, **kwargs)

    return page_privee(reservee)


def page_privee(vue: Vue) -> Vue:
    """Never indexed, never kept by a cache, its address never told to another site.

    « same-origin » rather than « no-referrer »: under the latter browsers send « Origin: null » with every
    form, which the CSRF check rightly refuses.
    """

    @wraps(vue)
    def privee(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        reponse = vue(request, *args, **kwargs)
        add_never_cache_headers(reponse)
        reponse.headers["X-Robots-Tag"] = "noindex, nofollow"
        reponse.headers["Referrer-Policy"] = "same-origin"
        return reponse

    return privee


def empreinte(valeur: str) -> str:
    """A key for a counter that tells nobody's address."""
    return salted_hmac("portal.acces", valeur).hexdigest()[:32]


def trop_souvent(
    request: HttpRequest, geste: str, limites: dict[str, int], *, fenetre: timedelta = FENETRE
) -> bool:
    """Count one try under each key and say whether one of them passes its limit in the window.

    `limites`: what is counted → how many. The key "" stands for the visitor's address.
    """
    depasse = False
    for cle, limite in limites.items():
        quoi = cle or str(request.META.get("REMOTE_ADDR", ""))
        nombre = Compteur.ajouter(f"{geste}:{'a' if cle else 'ip'}:{empreinte(quoi)}", fenetre=fenetre)
        depasse = depasse or nombre > limite
    return depasse


def page_trop_souvent(request: HttpRequest, phrase: str) -> HttpResponse:
    reponse = render(request, "portal/trop_souvent.html", {"phrase": phrase}, status=429)
    reponse.headers["Retry-After"] = str(int(FENETRE.total_seconds()))
    return reponse
