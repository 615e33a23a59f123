"""« Abonnés aux alertes », at the desk: for somebody who phones or writes « enlevez-moi ».

Nobody browses the addresses: one is found by whoever already has all of it, and typed again for each gesture.
It is posted, so that no address of ours, no history and no log of requests holds it.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from guichet.organisation.administration.agent import auteur, tenter
from guichet.organisation.perimetre import perimetre_de
from portal import abonnements
from portal.acces import page_privee
from portal.formulaires.abonnement import AdresseEntiereForm
from portal.models import Abonne

GESTES = {
    "retirer": (abonnements.retirer, "L'adresse est effacée. Plus aucune alerte ne lui sera envoyée."),
    "renvoyer": (abonnements.renvoyer, "Le courriel part à cette adresse dans moins d'une minute."),
}


@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
def abonnes(request: HttpRequest) -> HttpResponse:
    """Look an address up, then remove it or send its link again; heads of desks and administrators."""
    if not perimetre_de(request).tient_les_abonnes:
        raise Http404
    if request.method != "POST":
        return montrer(request, AdresseEntiereForm())
    formulaire = AdresseEntiereForm(request.POST)
    formulaire.is_valid()
    if geste := GESTES.get(request.POST.get("geste", "")):
        faire, phrase = geste
        fait = tenter(formulaire, lambda v: faire(v["courriel"], par=auteur(request)) or True)
        if fait:
            messages.success(request, phrase)
            return redirect("agent_abonnes")
    return montrer(request, formulaire)


def montrer(request: HttpRequest, formulaire: AdresseEntiereForm) -> HttpResponse:
    """How many there are, and the one whose address was typed; what they chose is theirs alone to read."""
    cherche = formulaire.cleaned_data.get("courriel", "") if formulaire.is_bound else ""
    contexte = {
        "formulaire": formulaire,
        "cherche": cherche,
        "abonne": Abonne.objects.filter(courriel=cherche).first() if cherche else None,
        "nombre": Abonne.objects.filter(confirme_le__isnull=False).count(),
        "en_attente": Abonne.objects.filter(confirme_le__isnull=True).count(),
        "validite": abonnements.VALIDITE.days,
    }
    return render(request, "portal/agents/abonnes.html", contexte, status=422 if formulaire.errors else 200)
