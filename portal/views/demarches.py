"""Finding a démarche, and what to know before starting one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from demandes import brouillons, dossier, vitrine
from portal.acces import SEL_DE_SUITE, habitant, page_trop_souvent, trop_souvent, vers_la_connexion
from portal.ciblage import conseillees, ranger, visite_de
from portal.demarches import contexte_de_demarche, peut_commencer
from portal.langues import lisibles
from portal.models import PageDemarche
from portal.recherche import resultats

# A draft makes one demande at most: this bounds what one connection sends too.
BROUILLONS_PAR_ADRESSE = 60


@login_not_required
@require_safe
def recherche(request: HttpRequest) -> HttpResponse:
    """The results alone while the person types; the whole page for a browser without scripts."""
    if request.htmx:
        return render(request, "portal/_resultats_seuls.html", resultats(request))
    return demarches(request)


@login_not_required
@require_safe
def demarches(request: HttpRequest) -> HttpResponse:
    """Every démarche: by words, then by theme."""
    return render(
        request,
        "portal/demarches.html",
        resultats(request) | {"themes": vitrine.themes(), "conseillees": conseillees(visite_de(request))},
    )


@login_not_required
@require_safe
def theme(request: HttpRequest, code: str) -> HttpResponse:
    """The démarches of one theme."""
    trouve = vitrine.theme(code)
    if trouve is None:
        raise Http404
    return render(
        request,
        "portal/theme.html",
        {"theme": trouve, "demarches": ranger(trouve.demarches, visite_de(request))},
    )


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def demarche(request: HttpRequest, code: str) -> HttpResponse:
    """Before starting: danger, who, how long, what to bring, what happens then; POST starts.

    Reading sets no cookie, not even a token's: a visitor without an account starts without one, since a
    forged start would only open a draft of nobody. An account's draft needs its token.
    """
    if request.method == "POST":
        type = vitrine.demarche(code)
        if type is None:
            raise Http404
        if peut_commencer(type):
            debuter = csrf_protect(commencer) if request.user.is_authenticated else commencer
            return debuter(request, type, habitant(request))
    return montrer_la_demarche(request, code)


def montrer_la_demarche(request: HttpRequest, code: str) -> HttpResponse:
    """What the catalogue says of it, and what editors add; engines are sent to the editors' page."""
    type = vitrine.demarche(code)
    if type is None:
        raise Http404
    page = lisibles(PageDemarche.objects.live().filter(code=code)).first()
    return render(request, "portal/demarche.html", contexte_de_demarche(request, type) | {"page": page})


def commencer(request: HttpRequest, type: brouillons.TypeDemande, usager: object | None) -> HttpResponse:
    """Open a draft; a démarche that needs an account sends to the door first, the draft waiting behind it."""
    if trop_souvent(request, "brouillon", {"": BROUILLONS_PAR_ADRESSE}):
        return page_trop_souvent(request, _("Trop de démarches ont été commencées depuis cette connexion."))
    brouillon = brouillons.ouvrir(
        type, compte=request.user if usager else None, suite_de=suite_demandee(request)
    )
    suite = reverse("deposer_etape", args=[type.code, brouillon.jeton, "demande"])
    if usager is None and type.acces in ("compte", "identite_verifiee"):
        return vers_la_connexion(request, suite=suite)
    return redirect(suite)


def suite_demandee(request: HttpRequest) -> brouillons.Demande | None:
    """The ended demande whose page sent here, or None: a forged mark is no mark."""
    try:
        return dossier.retrouver(signing.loads(request.POST.get("suite", ""), salt=SEL_DE_SUITE))
    except signing.BadSignature:
        return None
