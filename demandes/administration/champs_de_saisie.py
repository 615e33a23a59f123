"""Fields that the screens of the catalogue share, and the names they make out of words."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from django import forms

from demandes.formulaires.champs import ChampOuiNon, ChampTexte
from demandes.models import Theme
from guichet.organisation.models import Direction
from guichet.socle.texte import nettoyer, plier

LIGNES_AU_PLUS = 60
LONGUEUR_NOM = 60


class FiltresDuCatalogue(forms.Form):
    """The filters of the démarches and of the fiches: every one may be left empty."""

    use_required_attribute = False

    q = forms.CharField(label="Chercher", required=False, max_length=100)
    theme = forms.ChoiceField(label="Thème", required=False)
    direction = forms.ChoiceField(label="Direction", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        themes = Theme.objects.values_list("code", "libelle")
        directions = Direction.objects.order_by("nom").values_list("code", "nom")
        self.fields["theme"].choices = [("", "Tous"), *themes]  # type: ignore[attr-defined]
        self.fields["direction"].choices = [("", "Toutes"), *directions]  # type: ignore[attr-defined]


class Long(ChampTexte):
    """Several lines, optional unless a message says what to do when it is empty."""

    def __init__(self, label: str, maximum: int, *, rows: int, **options: Any) -> None:
        options.setdefault("required", "error_messages" in options)
        widget = forms.Textarea({"rows": rows})
        super().__init__(label=label, maximum=maximum, une_ligne=False, widget=widget, **options)


class Lignes(forms.CharField):
    """One value a line → list of different values, in order."""

    def __init__(self, label: str, maximum: int, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(label=label, widget=forms.Textarea({"rows": 5}), strip=False, **options)
        self.maximum = maximum

    def to_python(self, value: Any) -> Any:
        return nettoyer(str(value)) if value not in self.empty_values else ""

    def clean(self, value: Any) -> Any:
        lignes = [" ".join(ligne.split()) for ligne in super().clean(value).split("\n")]
        lignes = list(dict.fromkeys(ligne for ligne in lignes if ligne))
        if len(lignes) > LIGNES_AU_PLUS:
            raise forms.ValidationError(f"Gardez {LIGNES_AU_PLUS} lignes au plus.", code="invalid")
        if any(len(ligne) > self.maximum for ligne in lignes):
            raise forms.ValidationError(
                f"Une ligne compte {self.maximum} caractères au plus.", code="invalid"
            )
        return lignes

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class OuiNon(ChampOuiNon):
    """Yes, no, or not decided yet."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label=label, required=False, **options)
        self.choices = [("oui", "Oui"), ("non", "Non"), ("", "À décider")]


def entier(label: str, minimum: int, maximum: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=minimum,
        max_value=maximum,
        widget=forms.TextInput({"inputmode": "numeric"}),
        **options,
    )


def nom_libre(
    libelle: str, pris: Container[str], *, defaut: str = "champ", maximum: int = LONGUEUR_NOM
) -> str:
    """« Quelle rue ? » → `quelle_rue`, with a number when it is taken: a name the schema accepts."""
    mots = re.sub(r"[^a-z0-9]+", "_", plier(libelle)).strip("_")[: maximum - 10].strip("_")
    nom = base = mots if mots[:1].isalpha() else f"{defaut}_{mots}".strip("_")
    rang = 2
    while nom in pris:
        nom, rang = f"{base}_{rang}", rang + 1
    return nom
