"""« Mes coordonnées »: what the city knows to reach the resident, put right by the resident."""

from __future__ import annotations

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from demandes.actions.provenance import oublier_les_souhaits
from portal.acces import compte_requis, habitant
from portal.formulaires.coordonnees import MesCoordonneesForm
from usagers.fiche import tenir_a_jour

consultations = structlog.get_logger("consultations")


@compte_requis
@require_http_methods(["GET", "HEAD", "POST"])
def mes_coordonnees(request: HttpRequest) -> HttpResponse:
    """Show them, keep what changed: what waits to be answered follows the new choice."""
    usager = habitant(request)
    assert usager is not None
    formulaire = MesCoordonneesForm(request.POST if request.method == "POST" else None, usager=usager)
    if request.method == "POST" and formulaire.is_valid():
        changes = tenir_a_jour(usager, **formulaire.cleaned_data)
        if "canal_prefere" in changes:
            oublier_les_souhaits(usager)
        if changes:
            consultations.info("usager_modifie_par_lui", usager=usager.pk, champs=changes)
        messages.success(request, _("Vos coordonnées sont à jour."))
        return redirect("mes_coordonnees")
    contexte = {"formulaire": formulaire, "usager": usager}
    statut = 422 if formulaire.errors else 200
    return render(request, "portal/compte/mes_coordonnees.html", contexte, status=statut)
