"""What a visitor may say of themselves. Nothing is required."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guichet.organisation.territoires import deduire
from portal.models import Age, Situation, Sujet
from portal.profils import Profil, territoires


class ProfilForm(forms.Form):
    """Every answer is optional; an address is used once, to find its district, and forgotten."""

    situations = forms.MultipleChoiceField(
        label=_("Votre situation"),
        choices=Situation.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    age = forms.ChoiceField(
        label=_("Votre âge"), choices=[("", _("Je préfère ne pas le dire")), *Age.choices], required=False
    )
    territoire = forms.ChoiceField(label=_("Votre arrondissement"), required=False)
    adresse = forms.CharField(
        label=_("Ou votre adresse"),
        required=False,
        max_length=200,
        help_text=_("Pour trouver votre arrondissement. Elle n'est pas gardée."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    sujets = forms.MultipleChoiceField(
        label=_("Ce qui vous intéresse"),
        choices=Sujet.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territoire"].choices = [("", _("Je ne sais pas")), *territoires().items()]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean()
        if (adresse := valeurs.get("adresse")) and not valeurs.get("territoire"):
            trouve = deduire(adresse)
            if trouve is None:
                self.add_error(
                    "adresse",
                    _("Nous ne trouvons pas cette adresse. Choisissez plutôt votre arrondissement."),
                )
            else:
                valeurs["territoire"] = trouve.code
        return valeurs

    @property
    def profil(self) -> Profil:
        return Profil.depuis(self.cleaned_data)
