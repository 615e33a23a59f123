"""« Mon absence »: an agent names who acts in their place; their head may do it for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from guichet.organisation import effectifs
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.agents_forms import DelegationForm, collegues_de, comptes_des_lieux
from guichet.organisation.models import Compte, Delegation
from guichet.organisation.perimetre import Perimetre, perimetre_de
from guichet.socle.erreurs import ErreurMetier


def equipe_de(perimetre: Perimetre) -> Any:
    """Who works where this person is responsible by their own right, not by a lent one."""
    lieux = set(perimetre.accueils_responsable), set(perimetre.directions_responsable)
    return (
        Compte.objects.filter(pk__in=comptes_des_lieux(*lieux), is_active=True)
        .exclude(pk=perimetre.compte.pk)
        .order_by("nom_affiche", "pk")
    )


def absent(request: HttpRequest, pk: int | None) -> Compte:
    """The person away: oneself, or somebody of one's team; 404 for anybody else."""
    return auteur(request) if pk is None else get_object_or_404(equipe_de(perimetre_de(request)), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Absences to come of one person, and the form that adds one."""
    titulaire = absent(request, pk)
    formulaire = DelegationForm(soumis(request), collegues=collegues_de(titulaire))
    if request.method == "POST" and tenter(
        formulaire, lambda v: effectifs.deleguer(titulaire, **v, par=auteur(request))
    ):
        messages.success(request, "L'absence est enregistrée.")
        return redirect(request.path)
    contexte = {
        "formulaire": formulaire,
        "titulaire": titulaire,
        "est_soi": pk is None,
        "delegations": Delegation.objects.filter(titulaire=titulaire, au__gte=timezone.localdate())
        .select_related("suppleant")
        .order_by("du", "pk"),
        "equipe": equipe_de(perimetre_de(request))[:200] if pk is None else [],
    }
    statut = 422 if formulaire.errors else 200
    return render(request, "organisation/absence.html", contexte, status=statut)


@require_POST
def terminer(request: HttpRequest, droit: int) -> HttpResponse:
    """Back earlier than planned: the replacement stops now."""
    delegation = get_object_or_404(Delegation.objects.select_related("titulaire"), pk=droit)
    est_soi = delegation.titulaire_id == request.user.pk
    absent(request, None if est_soi else delegation.titulaire_id)
    try:
        effectifs.finir(delegation, au=effectifs.veille(), par=auteur(request))
        messages.success(request, "Le remplacement est terminé.")
    except ErreurMetier as erreur:
        messages.error(request, str(erreur))
    return redirect("agent_absence") if est_soi else redirect("agent_absence_de", delegation.titulaire_id)
