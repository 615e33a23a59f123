"""Who changed what, when, from what to what: the register as the administrator reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre
from guichet.organisation.administration.pages import paginer
from guichet.organisation.models import Modification
from guichet.socle.templatetags.dates import date_heure, date_simple

VIDE = "(vide)"


class FiltresForm(forms.Form):
    """Every filter may be left empty; a wrong one says so and is not applied."""

    use_required_attribute = False

    genre = forms.ChoiceField(label="Objet", required=False)
    personne = forms.CharField(label="Personne", required=False, max_length=100)
    du = forms.DateField(label="Du", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    au = forms.DateField(label="Au", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    cle = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        genres = Modification.objects.order_by("objet_genre").values_list("objet_genre", flat=True).distinct()
        self.fields["genre"].choices = [("", "Tous"), *((g, nom_du_genre(g)) for g in genres)]  # type: ignore[attr-defined]


@require_safe
@administrateur_ou_404
def modifications(request: HttpRequest) -> HttpResponse:
    """The register, newest first."""
    formulaire = FiltresForm(request.GET or None)
    formulaire.is_valid()
    filtres = getattr(formulaire, "cleaned_data", {})
    page = paginer(filtrer(filtres), request.GET.dict(), ordre=("-pk",))
    contexte = {
        "formulaire": formulaire,
        "filtre": any(filtres.values()),
        "lignes": [Ligne.de(modification) for modification in page.lignes],
        "page": page,
    }
    statut = 422 if formulaire.errors else 200
    return rendre(
        request, "organisation/administration/modifications.html", "modifications", contexte, status=statut
    )


def filtrer(filtres: dict[str, Any]) -> QuerySet[Modification]:
    lignes = Modification.objects.select_related("compte")
    if genre := filtres.get("genre"):
        lignes = lignes.filter(objet_genre=genre)
    if cle := filtres.get("cle"):
        lignes = lignes.filter(objet_cle=cle)
    if personne := filtres.get("personne"):
        lignes = lignes.filter(
            Q(compte__nom_affiche__icontains=personne) | Q(compte__courriel__icontains=personne)
        )
    if du := filtres.get("du"):
        lignes = lignes.filter(faite_le__date__gte=du)
    if au := filtres.get("au"):
        lignes = lignes.filter(faite_le__date__lte=au)
    return lignes


# -- a line in words ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One field, before and after, as people read it."""

    libelle: str
    avant: str
    apres: str


@dataclass(frozen=True)
class Ligne:
    """One change with what it changed."""

    modification: Modification
    genre: str
    differences: list[Difference]

    @classmethod
    def de(cls, modification: Modification) -> Ligne:
        modele = modele_de(modification.objet_genre)
        differences = [
            Difference(
                libelle_du_champ(modele, nom),
                en_mots(modele, nom, modification.avant.get(nom)),
                en_mots(modele, nom, modification.apres.get(nom)),
            )
            for nom in {**modification.avant, **modification.apres}
        ]
        utiles = [d for d in differences if d.avant != d.apres]
        return cls(modification, nom_du_genre(modification.objet_genre), utiles)


def modele_de(genre: str) -> type[models.Model] | None:
    """The model of a label; None for one that a later version took away."""
    try:
        return apps.get_model(genre)
    except (LookupError, ValueError):
        return None


def nom_du_genre(genre: str) -> str:
    modele = modele_de(genre)
    nom = str(modele._meta.verbose_name) if modele else genre
    return nom[:1].upper() + nom[1:]


def champ_de(modele: type[models.Model] | None, nom: str) -> Any:
    try:
        return modele._meta.get_field(nom) if modele else None
    except FieldDoesNotExist:
        return None


def libelle_du_champ(modele: type[models.Model] | None, nom: str) -> str:
    champ = champ_de(modele, nom)
    libelle = str(getattr(champ, "verbose_name", nom))
    return libelle[:1].upper() + libelle[1:]


def en_mots(modele: type[models.Model] | None, nom: str, valeur: Any) -> str:
    """A stored value as a person reads it."""
    if valeur is None or valeur == "" or valeur == [] or valeur == {}:
        return VIDE
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, list) and all(isinstance(v, str) for v in valeur):
        return ", ".join(valeur)
    if isinstance(valeur, dict | list):
        return json.dumps(valeur, ensure_ascii=False, indent=1)
    return en_date(champ_de(modele, nom), valeur) or str(valeur)


def en_date(champ: Any, valeur: Any) -> str:
    try:
        if isinstance(champ, models.DateTimeField):
            return date_heure(datetime.fromisoformat(valeur))
        if isinstance(champ, models.DateField):
            return date_simple(date.fromisoformat(valeur))
    except (TypeError, ValueError):
        pass
    return ""


SECTION = Section(
    "modifications",
    "Modifications",
    "history",
    "administration_modifications",
    "Qui a changé quoi, quand, et ce qu'il y avait avant.",
)
