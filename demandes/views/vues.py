"""Keep the filters of the queue under a name, change that name, or let go of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from demandes import corbeilles, vues_gardees
from demandes.models import VueGardee
from demandes.reperes import reperes
from demandes.views.acces import perimetre_de
from demandes.views.filtres import formulaire_de
from demandes.vues_gardees import Gardee, Lieu
from guichet.organisation.models import Direction
from guichet.socle.erreurs import DonneeInvalide

MOI = "moi"


class VueForm(forms.Form):
    """A name; and, for whoever heads a place, who sees the view."""

    use_required_attribute = False

    nom = forms.CharField(
        label="Nom de la vue",
        max_length=vues_gardees.LONGUEUR_DU_NOM,
        help_text="Par exemple : Trous du 3e, courrier.",
        error_messages={"required": "Donnez un nom à cette vue."},
    )
    pour = forms.ChoiceField(label="Qui la voit", widget=forms.RadioSelect, initial=MOI)

    def __init__(self, *args: Any, lieux: list[Lieu] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lieux = {cle_du_lieu(lieu): lieu for lieu in lieux or []}
        if self.lieux:
            partages = [(cle, f"Toutes les personnes de : {lieu}") for cle, lieu in self.lieux.items()]
            self.fields["pour"].choices = [(MOI, "Moi"), *partages]
        else:
            del self.fields["pour"]

    @property
    def lieu(self) -> Lieu | None:
        return self.lieux.get(self.cleaned_data.get("pour", ""))


def cle_du_lieu(lieu: Lieu) -> str:
    return f"{'direction' if isinstance(lieu, Direction) else 'accueil'}-{lieu.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
def garder(request: HttpRequest) -> HttpResponse:
    """Give a name to the list and the filters that the address says."""
    perimetre = perimetre_de(request)
    vues = corbeilles.vues_de(perimetre)
    if not vues:
        raise Http404("Cette corbeille n'est à personne d'ici.")
    vue = next((vue for vue in vues if vue.code == request.GET.get("vue")), vues[0])
    filtree = formulaire_de(request.GET, reperes(), perimetre, vue)
    filtres = filtree.lus()
    retour = reverse("agent_corbeille") + vues_gardees.adresse_de(vue.code, filtres)
    if not filtres:
        messages.error(request, "Choisissez d'abord un filtre, puis gardez la vue.")
        return redirect(retour)
    formulaire = VueForm(soumise(request), lieux=vues_gardees.partageables_par(perimetre))
    if request.method == "POST" and formulaire.is_valid():
        try:
            vues_gardees.garder(
                perimetre,
                nom=formulaire.cleaned_data["nom"],
                vue=vue.code,
                filtres=filtres,
                lieu=formulaire.lieu,
            )
        except DonneeInvalide as erreur:
            formulaire.add_error(erreur.champ, str(erreur))
        else:
            messages.success(request, "La vue est gardée : elle est à gauche de la corbeille.")
            return redirect(retour)
    contexte = {
        "formulaire": formulaire,
        "vue": vue,
        "filtres": [mots for _, mots in filtree.actifs()],
        "retour": retour,
    }
    return render(request, "demandes/corbeille/vue.html", contexte, status=422 if formulaire.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def vue(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for a kept view, or its end."""
    gardee, lue = modifiable_ou_404(request, pk)
    retour = reverse("agent_corbeille") + gardee.adresse
    formulaire = VueForm(soumise(request), initial={"nom": gardee.nom})
    if request.method == "POST" and formulaire.is_valid():
        try:
            vues_gardees.nommer(lue, formulaire.cleaned_data["nom"])
        except DonneeInvalide as erreur:
            formulaire.add_error(erreur.champ, str(erreur))
        else:
            messages.success(request, "La vue a son nouveau nom.")
            return redirect(retour)
    contexte = {"formulaire": formulaire, "gardee": gardee, "retour": retour}
    return render(request, "demandes/corbeille/vue.html", contexte, status=422 if formulaire.errors else 200)


@require_POST
def supprimer(request: HttpRequest, pk: int) -> HttpResponse:
    """The view goes; what it showed stays where it is."""
    gardee, lue = modifiable_ou_404(request, pk)
    lue.delete()
    messages.success(request, f"La vue « {gardee.nom} » est supprimée.")
    return redirect("agent_corbeille")


def soumise(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def modifiable_ou_404(request: HttpRequest, pk: int) -> tuple[Gardee, VueGardee]:
    """One of those this agent sees and may change: another's is one that does not exist."""
    perimetre = perimetre_de(request)
    gardee = next((une for une in vues_gardees.gardees_de(perimetre) if une.pk == pk), None)
    if gardee is None or not gardee.est_modifiable_par(perimetre):
        raise Http404("Cette vue n'existe pas.")
    return gardee, get_object_or_404(VueGardee, pk=pk)
