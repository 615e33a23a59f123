"""What the administrator types about a fiche, and the filters of their list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from demandes.administration.champs_de_saisie import FiltresDuCatalogue, Lignes, Long
from demandes.models import Fiche, TypeDemande
from guichet.organisation.administration.saisie import Texte, jour
from guichet.organisation.models import Direction

LONGUEUR_DU_TEXTE = 20_000
UN_AN = timedelta(days=365)


class FicheForm(forms.Form):
    """A fiche. Its fields bear the names of the model's; `cleaned_data` holds the model's values."""

    use_required_attribute = False

    question = Texte(
        "Question",
        250,
        help_text="Comme une personne la pose : « Quels papiers apporter pour un passeport ? »",
        error_messages={"required": "Écrivez la question."},
    )
    reponse = Long(
        "Réponse",
        LONGUEUR_DU_TEXTE,
        rows=12,
        help_text="Ce que l'agent répond. Les habitants la lisent aussi, sur la page des démarches liées.",
        error_messages={"required": "Écrivez la réponse."},
    )
    notes_agents = Long(
        "Notes pour les agents",
        LONGUEUR_DU_TEXTE,
        rows=5,
        help_text="Ce que seuls les agents ont besoin de savoir. Les habitants ne le lisent jamais.",
    )
    mots_cles = Lignes(
        "Mots du quotidien",
        80,
        help_text="Un par ligne, comme on les dit : ils mènent à la fiche.",
    )
    types = forms.MultipleChoiceField(
        label="Démarches liées",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="La fiche est proposée à l'agent qui ouvre une de ces démarches.",
    )
    direction = forms.ChoiceField(
        label="Direction responsable",
        required=False,
        help_text="Celle qui garantit la réponse.",
    )
    a_revoir_le = jour(
        "À relire avant le",
        required=False,
        help_text="Passé ce jour, la fiche revient dans « À relire » et les agents sont prévenus.",
    )

    def __init__(self, *args: Any, fiche: Fiche | None = None, **options: Any) -> None:
        liees = [str(type.pk) for type in fiche.types.all()] if fiche else []
        options["initial"] = (
            {nom: getattr(fiche, nom) for nom in ("question", "reponse", "notes_agents", "mots_cles")}
            | {"types": liees, "direction": str(fiche.direction_id or ""), "a_revoir_le": fiche.a_revoir_le}
            if fiche
            else {"a_revoir_le": timezone.localdate() + UN_AN}
        )
        super().__init__(*args, **options)
        self.demarches = {str(type.pk): type for type in TypeDemande.objects.select_related("direction")}
        self.directions = {
            str(direction.pk): direction
            for direction in Direction.objects.order_by("nom")
            if direction.est_active or (fiche and direction.pk == fiche.direction_id)
        }
        # The linked ones first: they are what one looks for, in a list as long as the catalogue.
        demarches = sorted(self.demarches.items(), key=lambda ligne: ligne[0] not in liees)
        choix = [(cle, f"{type} ({type.code})") for cle, type in demarches]
        self.fields["types"].choices = choix  # type: ignore[attr-defined]
        directions = [(cle, direction.nom) for cle, direction in self.directions.items()]
        self.fields["direction"].choices = [("", "Aucune"), *directions]  # type: ignore[attr-defined]

    def clean_types(self) -> list[TypeDemande]:
        return [self.demarches[cle] for cle in self.cleaned_data["types"]]

    def clean_direction(self) -> Direction | None:
        return self.directions.get(self.cleaned_data["direction"])


class FiltresForm(FiltresDuCatalogue):
    """And by what awaits them."""

    direction = forms.ChoiceField(label="Direction responsable", required=False)
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=[
            ("", "Toutes"),
            ("publiees", "Publiées"),
            ("retirees", "Non publiées"),
            ("a_revoir", "À relire"),
            ("signalees", "Signalées"),
        ],
    )
