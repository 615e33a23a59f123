"""Finding a démarche, and what to know before starting one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from demandes import brouillons, dossier, vitrine
from portal.acces import SEL_DE_SUITE, habitant, page_trop_souvent, trop_souvent, vers_la_connexion

LONGUEUR_RECHERCHE = 300
BROUILLONS_PAR_ADRESSE = 60
QUESTIONS_PAR_MINUTE = 3


def lire_la_recherche(request: HttpRequest) -> str:
    """What was typed in the search box, on one line, without NUL, bounded."""
    return " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGUEUR_RECHERCHE]


def resultats(request: HttpRequest) -> dict[str, object]:
    """Context of `portal/_resultats.html`, on a page or alone."""
    q = lire_la_recherche(request)
    return {"q": q, "trouvees": vitrine.chercher_demarches(q) if q else []}


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
    return render(request, "portal/demarches.html", resultats(request) | {"themes": vitrine.themes()})


@login_not_required
@require_safe
def theme(request: HttpRequest, code: str) -> HttpResponse:
    """The démarches of one theme."""
    trouve = vitrine.theme(code)
    if trouve is None:
        raise Http404
    return render(request, "portal/theme.html", {"theme": trouve})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def demarche(request: HttpRequest, code: str) -> HttpResponse:
    """Before starting: danger, who, how long, what to bring, what happens then; POST starts."""
    type = vitrine.demarche(code)
    if type is None:
        raise Http404
    usager = habitant(request)
    peut_commencer = bool(type.sve_autorisee) and not type.teleservice_dedie_url
    if request.method == "POST" and peut_commencer:
        return commencer(request, type, usager)
    return render(
        request,
        "portal/demarche.html",
        {
            "type": type,
            "peut_commencer": peut_commencer,
            "minutes": minutes_pour(type),
            "usager": usager,
            "identite_a_prouver": type.acces == "identite_verifiee"
            and not (usager and usager.identite_verifiee_le),
        },
    )


def commencer(request: HttpRequest, type: brouillons.TypeDemande, usager: object | None) -> HttpResponse:
    """Open a draft; a démarche that needs an account sends to the door first, the draft waiting behind it."""
    if trop_souvent(request, "brouillon", {"": BROUILLONS_PAR_ADRESSE}):
        return page_trop_souvent(request, "Trop de démarches ont été commencées depuis cette connexion.")
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


def minutes_pour(type: brouillons.TypeDemande) -> int:
    """An honest guess of the time it takes, rounded up to whole minutes of five."""
    questions = len(type.formulaire.champs) + 2 * len(type.pieces) + 4
    minutes = -(-questions // QUESTIONS_PAR_MINUTE)
    return max(5, -(-minutes // 5) * 5)
