"""The home page and the pages the law asks for."""

from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.views import serve

# Wagtail's pages are public; every other view of the house is closed unless it says otherwise.
servir = login_not_required(serve)


@login_not_required
@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    """The city's home page, as its editors wrote it."""
    return serve(request, "")


@login_not_required
@require_safe
def accessibilite(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (law of 11 February 2005, art. 47)."""
    return render(request, "portal/accessibilite.html")


@login_not_required
@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    """Who publishes, what becomes of personal data, and how to object (RGPD, art. 13)."""
    expediteur = parseaddr(settings.GUICHET_COURRIEL_EXPEDITEUR)[1]
    return render(request, "portal/mentions.html", {"expediteur": expediteur})


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Engines read the démarches; never a demande, a draft or an account."""
    return render(request, "portal/robots.txt", content_type="text/plain; charset=utf-8")
