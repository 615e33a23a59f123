"""The residents' door and what stands behind it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes import brouillons, dossier
from guichet.organisation.models import Compte, Espace
from guichet.socle import demonstration
from portal import comptes
from portal.acces import compte_requis, habitant, page_privee, page_trop_souvent, trop_souvent
from portal.formulaires.compte import ConnexionForm, CourrielForm, InscriptionForm, MotDePasseForm

BACKEND = "guichet.organisation.portes.PorteBackend"
COURRIELS_DEMANDES_PAR_ADRESSE_IP = 20
SUITE = "suite_apres_inscription"


@method_decorator([login_not_required, page_privee], name="dispatch")
class ConnexionView(LoginView):
    """The residents' door. An agent's account is unknown here, whatever its password."""

    template_name = "portal/compte/connexion.html"
    form_class = ConnexionForm
    next_page = "mes_demandes"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if habitant(request) is not None:
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        suite = self.get_redirect_url()
        if suite:
            # Opening an account on the way must lead back to the same page.
            self.request.session[SUITE] = suite
        demo = []
        if settings.GUICHET_DEMO:
            demo = [c for c in demonstration.COMPTES if c.porte == demonstration.PORTE_USAGER]
        return super().get_context_data(
            vient_d_une_demarche=suite.startswith(reverse("deposer")),
            comptes_demo=demo,
            mot_de_passe_demo=demonstration.MOT_DE_PASSE if demo else "",
            **kwargs,
        )


@login_not_required
@require_POST
def deconnexion(request: HttpRequest) -> HttpResponse:
    """End the session; done twice, it still ends on the home page."""
    logout(request)
    messages.success(request, _("Vous êtes déconnecté."))
    return redirect("accueil")


# -- opening an account --------------------------------------------------------------------------------


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def inscription(request: HttpRequest) -> HttpResponse:
    """Ask for one address; the answer is the same whether it has an account or not."""
    return demander_un_courriel(request, "portal/compte/inscription.html", comptes.inviter)


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def mot_de_passe_oublie(request: HttpRequest) -> HttpResponse:
    """Ask for one address; the answer is the same whether it has an account or not."""
    return demander_un_courriel(request, "portal/compte/mot_de_passe_oublie.html", comptes.rappeler)


def demander_un_courriel(request: HttpRequest, gabarit: str, envoyer: Any) -> HttpResponse:
    formulaire = CourrielForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and formulaire.is_valid():
        if trop_souvent(request, "compte", {"": COURRIELS_DEMANDES_PAR_ADRESSE_IP}):
            return page_trop_souvent(request, _("Trop de liens ont été demandés depuis cette connexion."))
        envoyer(formulaire.cleaned_data["courriel"])
        return redirect("courriel_envoye")
    return render(request, gabarit, {"formulaire": formulaire}, status=422 if formulaire.errors else 200)


@login_not_required
@page_privee
@require_safe
def courriel_envoye(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/compte/courriel_envoye.html")


@sensitive_post_parameters()
@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def inscription_suite(request: HttpRequest, jeton: str) -> HttpResponse:
    """Behind the link: name and password, then the account is open and the person inside."""
    courriel = comptes.courriel_prouve(jeton)
    if courriel is None:
        return render(request, "portal/compte/lien_perime.html", {"recommencer": "inscription"}, status=410)
    if comptes.compte_de(courriel) is not None:
        messages.info(request, _("Votre compte est déjà ouvert : connectez-vous."))
        return redirect("connexion")
    futur = Compte(espace=Espace.USAGER, courriel=courriel)
    formulaire = InscriptionForm(request.POST if request.method == "POST" else None, compte=futur)
    if request.method == "POST" and formulaire.is_valid():
        compte = comptes.inscrire(comptes.Inscription(courriel=courriel, **formulaire.cleaned_data))
        messages.success(request, _("Votre compte est ouvert."))
        return entrer(request, compte)
    contexte = {"formulaire": formulaire, "courriel": courriel}
    statut = 422 if formulaire.errors else 200
    return render(request, "portal/compte/inscription_suite.html", contexte, status=statut)


@sensitive_post_parameters()
@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def mot_de_passe_nouveau(request: HttpRequest, cle: str, jeton: str) -> HttpResponse:
    """Behind the link: another password. The link dies with the one it replaces."""
    compte = comptes.compte_du_lien(cle, jeton)
    if compte is None:
        contexte = {"recommencer": "mot_de_passe_oublie"}
        return render(request, "portal/compte/lien_perime.html", contexte, status=410)
    formulaire = MotDePasseForm(request.POST if request.method == "POST" else None, compte=compte)
    if request.method == "POST" and formulaire.is_valid():
        comptes.changer_le_mot_de_passe(compte, formulaire.cleaned_data["mot_de_passe"])
        messages.success(request, _("Votre mot de passe est changé."))
        return entrer(request, compte)
    contexte = {"formulaire": formulaire, "courriel": compte.courriel}
    statut = 422 if formulaire.errors else 200
    return render(request, "portal/compte/mot_de_passe_nouveau.html", contexte, status=statut)


def entrer(request: HttpRequest, compte: Compte) -> HttpResponse:
    """Log in by the residents' door, then back to what the person was doing."""
    suite = request.session.get(SUITE, "")
    login(request, compte, backend=BACKEND)
    request.session.pop(SUITE, None)
    if url_has_allowed_host_and_scheme(suite, allowed_hosts={request.get_host()}):
        return redirect(suite)
    return redirect("mes_demandes")


# -- behind the door -----------------------------------------------------------------------------------


@compte_requis
@require_safe
def mes_demandes(request: HttpRequest) -> HttpResponse:
    """Those that await the person first, then the open ones, then the others; and unfinished deposits."""
    usager = habitant(request)
    assert usager is not None
    page = dossier.page_de(usager, avant=request.GET.get("avant", ""), apres=request.GET.get("apres", ""))
    est_la_premiere = not page.avant
    return render(
        request,
        "portal/compte/mes_demandes.html",
        {
            "page": page,
            "precedente": f"?avant={page.avant}" if page.avant else "",
            "suivante": f"?apres={page.apres}" if page.apres else "",
            "lignes": [dossier.Ligne(demande) for demande in page.demandes],
            "brouillons": brouillons.en_cours_de(request.user) if est_la_premiere else [],
        },
    )
