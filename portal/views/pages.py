"""The home page and the pages the law asks for."""

from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.models import Page
from wagtail.query import PageQuerySet

from guichet.organisation import ville
from portal import langues, menus
from portal.models import DeclarationAccessibilite
from portal.models.accessibilite import en_vigueur as declaration_en_vigueur
from portal.pages_gardees import gardee

# Wagtail's pages are public; every other view of the house is closed unless it says otherwise.
servir = login_not_required(gardee(langues.servir))


@login_not_required
@require_safe
@gardee
def accueil(request: HttpRequest) -> HttpResponse:
    """The city's home page, as its editors wrote it."""
    return langues.servir(request, "")


@login_not_required
@require_safe
@gardee
def accessibilite(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (law of 11 February 2005, art. 47), even when nobody published one."""
    page = langues.premiere(DeclarationAccessibilite) or declaration_en_vigueur()
    return page.serve(request)


@login_not_required
@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    """Who publishes, what becomes of personal data, and how to object (RGPD, art. 13)."""
    expediteur = parseaddr(settings.GUICHET_COURRIEL_EXPEDITEUR)[1]
    return render(request, "portal/mentions.html", {"expediteur": expediteur})


@login_not_required
@require_safe
def charte_des_reseaux(request: HttpRequest) -> HttpResponse:
    """What the city hides on its networks, as it says it; nothing to read while it wrote nothing."""
    if not ville.lire()["charte_reseaux"]:
        raise Http404
    return render(request, "portal/charte_des_reseaux.html")


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Engines read the démarches; never a demande, a draft or an account."""
    plan = f"{settings.GUICHET_ADRESSE}{reverse('plan_xml')}"
    return render(request, "portal/robots.txt", {"plan": plan}, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@gardee
def plan_du_site(request: HttpRequest) -> HttpResponse:
    """Every page, whatever a profile puts first or hides."""
    return render(request, "portal/plan.html", {"rayons": menus.plan()})


class PlanDuSite(Sitemap):
    """The pages of every language, not only those below the French home page."""

    def items(self) -> PageQuerySet:
        publiques = Page.objects.live().public().filter(depth__gte=2)
        return publiques.order_by("path").defer_streamfields().specific()


@login_not_required
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """Every page, for engines (sitemaps.org)."""
    return sitemap(request, sitemaps={"pages": PlanDuSite(request)})
