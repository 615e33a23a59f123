"""`/agent/astreinte/`: a direction's head plans who is on duty while the direction is closed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Affectation, Astreinte, Compte, Direction
from guichet.organisation.models.comptes import ROLES_DIRECTION
from guichet.organisation.perimetre import Perimetre, perimetre_de
from guichet.socle.coordonnees import afficher_telephone, normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide

A_VENIR_AU_PLUS = 100
FORMAT = "%Y-%m-%dT%H:%M"


def directions_de(perimetre: Perimetre) -> QuerySet[Direction]:
    """Those this agent plans for: their own as a head, all of them as the administrator."""
    actives = Direction.objects.filter(est_active=True)
    if perimetre.est_administrateur:
        return actives
    siennes = {pk for p in perimetre.tous for pk in p.directions_responsable}
    return actives.filter(pk__in=siennes)


def moment(libelle: str, vide: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=libelle,
        input_formats=[FORMAT],
        widget=forms.DateTimeInput({"type": "datetime-local"}, FORMAT),
        error_messages={"required": vide, "invalid": "Écrivez une date et une heure qui existent."},
    )


class AstreinteForm(forms.ModelForm):
    """One period: who, from when to when, and where they answer if it is not their usual address."""

    use_required_attribute = False

    debut = moment("Du", "Dites quand l'astreinte commence.")
    fin = moment("Au", "Dites quand l'astreinte finit.")

    class Meta:
        model = Astreinte
        fields = ("direction", "compte", "debut", "fin", "telephone", "courriel")
        help_texts = {
            "telephone": "Celui qui sonne pendant l'astreinte.",
            "courriel": "Laissez vide pour son adresse habituelle.",
        }

    def __init__(self, *args: Any, directions: QuerySet[Direction], **options: Any) -> None:
        super().__init__(*args, **options)
        choix: Any = self.fields
        choix["direction"].queryset = directions
        choix["compte"].queryset = agents_de(directions)
        for nom, phrase in (("direction", "Choisissez la direction."), ("compte", "Choisissez l'agent.")):
            choix[nom].empty_label = "Choisir"
            choix[nom].error_messages |= {"required": phrase, "invalid_choice": phrase}

    def clean_telephone(self) -> str:
        saisi = self.cleaned_data["telephone"]
        try:
            return afficher_telephone(normaliser_telephone(saisi)) if saisi else ""
        except DonneeInvalide as erreur:
            raise forms.ValidationError(str(erreur)) from erreur

    def clean(self) -> dict[str, Any]:
        d = super().clean() or {}
        debut, fin = d.get("debut"), d.get("fin")
        if debut and fin and fin <= debut:
            self.add_error("fin", "La fin vient après le début.")
        elif fin and fin <= timezone.now():
            self.add_error("fin", "Cette période est déjà passée.")
        direction, compte = d.get("direction"), d.get("compte")
        if direction and compte and not agents_de(Direction.objects.filter(pk=direction.pk)).contains(compte):
            self.add_error(
                "compte", f"{compte} ne travaille pas dans cette direction et n'y pourrait rien prendre."
            )
        return d


def agents_de(directions: QuerySet[Direction]) -> QuerySet[Compte]:
    """Who may take a demande in one of these directions."""
    affectations = Affectation.objects.en_cours().filter(role__in=ROLES_DIRECTION, direction__in=directions)
    return Compte.objects.filter(is_active=True, pk__in=affectations.values("compte")).order_by("nom_affiche")


@require_http_methods(["GET", "HEAD", "POST"])
def planning(request: HttpRequest) -> HttpResponse:
    """Who is on duty now and next, and the form that adds a period."""
    directions = directions_ou_404(request)
    seule = directions.first() if len(directions) == 1 else None
    formulaire = AstreinteForm(
        request.POST if request.method == "POST" else None,
        directions=directions,
        initial={"direction": seule.pk if seule else None},
    )
    if request.method == "POST" and formulaire.is_valid():
        with transaction.atomic():
            posee = formulaire.save()
            consigner(compte=compte_de(request), objet=posee, action="creation", apres=instantane(posee))
        messages.success(request, f"{posee.compte} est d'astreinte.")
        return redirect("astreinte")
    maintenant = timezone.now()
    periodes = list(
        Astreinte.objects.filter(direction__in=directions, fin__gt=maintenant).select_related(
            "direction", "compte"
        )[:A_VENIR_AU_PLUS]
    )
    de_garde = {p.direction_id for p in periodes if p.debut <= maintenant}
    contexte = {
        "formulaire": formulaire,
        "periodes": [(p, p.debut <= maintenant) for p in periodes],
        "sans_personne": [d for d in directions if d.pk not in de_garde],
    }
    statut = 422 if formulaire.errors else 200
    return render(request, "organisation/astreinte.html", contexte, status=statut)


@require_POST
def retirer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a period away; the register keeps what it was."""
    directions = directions_ou_404(request)
    with transaction.atomic():
        lignes = Astreinte.objects.select_for_update().filter(direction__in=directions)
        astreinte = get_object_or_404(lignes, pk=pk)
        consigner(
            compte=compte_de(request), objet=astreinte, action="suppression", avant=instantane(astreinte)
        )
        astreinte.delete()
    messages.success(request, "La période est retirée.")
    return redirect("astreinte")


def directions_ou_404(request: HttpRequest) -> QuerySet[Direction]:
    directions = directions_de(perimetre_de(request))
    if not directions:
        raise Http404("Personne ne planifie d'astreinte ici.")
    return directions


def compte_de(request: HttpRequest) -> Compte:
    assert isinstance(request.user, Compte)
    return request.user
