"""What a subscriber to the alerts says: an address, and what is worth a mail. Nothing ticked means all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.abonnements import Choix
from portal.formulaires.compte import CourrielForm
from portal.models import Sujet
from portal.profils import territoires


class ChoixForm(forms.Form):
    """Districts, as long as the city has some, and subjects."""

    use_required_attribute = False

    territoires = forms.MultipleChoiceField(
        label=_("Vos arrondissements"),
        help_text=_("N'en cochez aucun pour recevoir les alertes de toute la ville."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sujets = forms.MultipleChoiceField(
        label=_("Vos sujets"),
        help_text=_("N'en cochez aucun pour recevoir les alertes sur tous les sujets."),
        choices=Sujet.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if connus := territoires():
            self.fields["territoires"].choices = list(connus.items())
        else:
            del self.fields["territoires"]

    @property
    def choix(self) -> Choix:
        return Choix(self.cleaned_data.get("territoires", []), self.cleaned_data["sujets"])


class AbonnementForm(CourrielForm, ChoixForm):
    field_order = ["courriel"]


class AdresseEntiereForm(CourrielForm):
    """What an agent types to find somebody: all of an address, or nothing is found."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["courriel"].help_text = "L'adresse entière, telle que la personne la donne."
