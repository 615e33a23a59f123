"""Alerts by mail: asking, confirming, choosing again, leaving. The link of a mail is the only key."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal import abonnements, profils
from portal.acces import habitant, page_privee, page_trop_souvent, trop_souvent
from portal.formulaires.abonnement import AbonnementForm, ChoixForm

DEMANDES_PAR_ADRESSE_IP = 20


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def demander(request: HttpRequest) -> HttpResponse:
    """One address and what it wants; the answer is the same whether it is known or not."""
    if request.method != "POST":
        return montrer(request, AbonnementForm(initial=deja_dit(request)))
    formulaire = AbonnementForm(request.POST)
    if not formulaire.is_valid():
        return montrer(request, formulaire)
    if trop_souvent(request, "abonnement", {"": DEMANDES_PAR_ADRESSE_IP}):
        return page_trop_souvent(request, _("Trop de liens ont été demandés depuis cette connexion."))
    abonnements.demander(formulaire.cleaned_data["courriel"], formulaire.choix, langue=get_language())
    return redirect("courriel_envoye")


def deja_dit(request: HttpRequest) -> dict[str, object]:
    """What the visitor's profile and account say already: they change it before sending."""
    profil = profils.lire(request)
    return {
        "courriel": request.user.courriel if habitant(request) else "",
        "territoires": [profil.territoire] if profil.territoire else [],
        "sujets": sorted(profil.sujets),
    }


def montrer(request: HttpRequest, formulaire: AbonnementForm) -> HttpResponse:
    statut = 422 if formulaire.errors else 200
    return render(request, "portal/abonnement/demander.html", {"formulaire": formulaire}, status=statut)


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def confirmer(request: HttpRequest, jeton: str) -> HttpResponse:
    """A button to press: programs that read mails follow links, and must subscribe nobody."""
    abonne = abonnements.a_confirmer(jeton)
    if abonne is None:
        return lien_perime(request)
    if request.method == "POST":
        abonnements.confirmer(abonne)
        messages.success(request, _("Votre abonnement est confirmé. La prochaine alerte vous parviendra."))
        return redirect("abonnement_choisir", abonnements.jeton_de(abonne))
    return render(request, "portal/abonnement/confirmer.html")


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def choisir(request: HttpRequest, jeton: str) -> HttpResponse:
    """Behind the link of every mail: what one is told of. It says nobody's address: mails are passed on."""
    abonne = abonnements.abonne_du_lien(jeton)
    if abonne is None:
        return lien_perime(request)
    initial = {"territoires": abonne.territoires, "sujets": abonne.sujets}
    formulaire = ChoixForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and formulaire.is_valid():
        abonnements.choisir(abonne, formulaire.choix)
        messages.success(request, _("Vos choix sont enregistrés."))
        return redirect("abonnement_choisir", jeton)
    contexte = {"formulaire": formulaire, "jeton": jeton}
    statut = 422 if formulaire.errors else 200
    return render(request, "portal/abonnement/choisir.html", contexte, status=statut)


@csrf_exempt
@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def quitter(request: HttpRequest, jeton: str) -> HttpResponse:
    """Leave: asked by a button, or posted by a mail program that has no cookie (RFC 8058).

    The link is the right to it, and nobody's session counts. Posted twice, the answer is the same.
    """
    numero = abonnements.numero_du_lien(jeton)
    if numero is None:
        return lien_perime(request)
    if request.method == "POST":
        abonnements.oublier([numero])
    est_parti = abonnements.abonne_du_lien(jeton) is None
    return render(request, "portal/abonnement/quitter.html", {"est_parti": est_parti})


def lien_perime(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/compte/lien_perime.html", {"recommencer": "abonnement"}, status=410)
