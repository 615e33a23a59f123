"""Fields and forms shared by the screens of the administration: what is typed is cleaned, then checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from guichet.socle.coordonnees import afficher_telephone, normaliser_courriel, normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer


class Texte(forms.CharField):
    """One line, cleaned, bounded, put in its one form by `normaliser` (which raises DonneeInvalide)."""

    def __init__(
        self, label: str, maximum: int, *, normaliser: Callable[[str], str] = str, **options: Any
    ) -> None:
        super().__init__(label=label, **options)
        self.maximum, self.normaliser = maximum, normaliser

    def to_python(self, value: Any) -> str:
        return " ".join(nettoyer(str(value)).split()) if value not in self.empty_values else ""

    def clean(self, value: Any) -> str:
        texte = super().clean(value)
        try:
            return nettoyer(self.normaliser(texte), maximum=self.maximum) if texte else ""
        except DonneeInvalide as erreur:
            raise ValidationError(str(erreur), code="invalid") from erreur


class Paragraphes(Texte):
    """The same, on several lines."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> str:
        return nettoyer(str(value)).strip() if value not in self.empty_values else ""


def telephone(label: str, **options: Any) -> Texte:
    """Kept as people read it, as the reference files do: « 04 65 71 10 03 »."""
    return Texte(label, 20, normaliser=lambda t: afficher_telephone(normaliser_telephone(t)), **options)


def poste(**options: Any) -> Texte:
    """An extension, as the phone system writes it."""
    return Texte(
        "Poste téléphonique",
        20,
        normaliser=normaliser_poste,
        help_text="Le numéro court du téléphone, par exemple 214. Les appels qui y sonnent s'annoncent "
        "à l'écran.",
        **options,
    )


def normaliser_poste(texte: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z*#+._-]{1,20}", texte):
        raise DonneeInvalide("Écrivez le poste sans espace, comme sur le téléphone : 214.")
    return texte


def courriel(label: str, **options: Any) -> Texte:
    saisie = forms.TextInput({"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"})
    return Texte(label, 254, normaliser=lambda t: normaliser_courriel(t).lower(), widget=saisie, **options)


class Degres(forms.FloatField):
    """Decimal degrees (WGS 84), with a comma or a point as one copies them."""

    widget = forms.TextInput({"inputmode": "text", "autocomplete": "off"})

    def __init__(self, label: str, borne: int, exemple: str, **options: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            min_value=-borne,
            max_value=borne,
            help_text=f"En degrés décimaux (WGS 84), par exemple {exemple}.",
            error_messages={
                "invalid": f"Écrivez des degrés décimaux, sans lettre ni minute : {exemple}.",
                "min_value": f"Elle est entre -{borne} et {borne} degrés.",
                "max_value": f"Elle est entre -{borne} et {borne} degrés.",
            },
            **options,
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(nettoyer(str(value)).strip().replace(",", ".") if value else value)

    def prepare_value(self, value: Any) -> Any:
        return str(value).replace(".", ",") if isinstance(value, float) else value


def jour(label: str, **options: Any) -> forms.DateField:
    """A day of this century: a slip of the key (0026, 20226) is no date."""
    messages = {"invalid": "Écrivez une date complète : jour, mois, année.", "required": "Donnez une date."}
    return forms.DateField(
        label=label,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages=messages,
        validators=[
            MinValueValidator(date(2000, 1, 1), "Cette date est trop ancienne."),
            MaxValueValidator(date(2099, 12, 31), "Cette date est trop lointaine."),
        ],
        **options,
    )
