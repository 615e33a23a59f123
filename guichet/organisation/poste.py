"""« Mon poste téléphonique »: an agent says which phone is on their desk."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from guichet.organisation import effectifs
from guichet.organisation.administration.agent import soumis
from guichet.organisation.administration.saisie import poste as champ_poste
from guichet.organisation.models import Agent


class PosteForm(forms.Form):
    use_required_attribute = False

    poste = champ_poste(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def poste(request: HttpRequest) -> HttpResponse:
    """Read and change one's own extension; empty, no call is announced."""
    agent = Agent.objects.filter(compte=request.user.pk).first()
    if agent is None:
        raise Http404
    formulaire = PosteForm(soumis(request), initial={"poste": agent.poste})
    if request.method == "POST" and formulaire.is_valid():
        effectifs.changer_de_poste(agent, formulaire.cleaned_data["poste"])
        messages.success(request, "Votre poste est enregistré.")
        return redirect("agent_poste")
    statut = 422 if formulaire.errors else 200
    collegues = Agent.objects.none()
    if agent.poste:
        collegues = Agent.objects.filter(poste=agent.poste, compte__is_active=True).exclude(pk=agent.pk)[:5]
    contexte = {"formulaire": formulaire, "collegues": collegues}
    return render(request, "organisation/poste.html", contexte, status=statut)
