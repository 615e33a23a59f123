"""« Mes coordonnées »: how the city reaches a resident who has an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from demandes.formulaires.champs import ChampTexte
from guichet.canaux.canal import Canal
from guichet.envois import texto
from guichet.socle.coordonnees import afficher_telephone, est_mobile, normaliser_telephone
from portal.formulaires.depot import CoordonneesForm
from usagers.models import Usager


class MesCoordonneesForm(forms.Form):
    """Phone, postal address and the way to answer; the e-mail opens the account and is not changed here."""

    use_required_attribute = False

    telephone = ChampTexte(
        label=_("Téléphone"),
        required=False,
        normaliser=normaliser_telephone,
        afficher=afficher_telephone,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    adresse = ChampTexte(
        label=_("Adresse postale"),
        maximum=250,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    canal_prefere = forms.ChoiceField(
        label=_("Comment préférez-vous recevoir nos réponses ?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (Canal.PORTAIL.value, _("Ici, sur mon compte : un courriel me prévient")),
            (Canal.COURRIEL.value, _("Par courriel")),
            (Canal.SMS.value, _("Par SMS")),
            (Canal.TELEPHONE.value, _("Par téléphone")),
            (Canal.COURRIER.value, _("Par courrier")),
            ("", _("Je n'ai pas de préférence")),
        ],
        help_text=_("Un refus ou une pièce à fournir vous est toujours écrit."),
        error_messages={"invalid_choice": _("Choisissez une réponse de la liste.")},
    )

    def __init__(self, *args: Any, usager: Usager, **options: Any) -> None:
        dit = {
            "telephone": afficher_telephone(usager.telephone) if usager.telephone else "",
            "adresse": usager.adresse,
            "canal_prefere": usager.canal_prefere,
        }
        super().__init__(*args, initial=dit, **options)
        champ = self.fields["canal_prefere"]
        ouverts = [(code, mot) for code, mot in champ.choices if code != Canal.SMS or texto.est_ouvert()]
        # What an agent noted with the person, and is not offered here, stays.
        if usager.canal_prefere not in dict(ouverts):
            ouverts.insert(0, (usager.canal_prefere, usager.get_canal_prefere_display()))
        champ.choices = ouverts

    def clean(self) -> dict[str, Any]:
        """The way they prefer must have somewhere to arrive."""
        donnees = super().clean() or {}
        prefere, telephone = donnees.get("canal_prefere"), donnees.get("telephone")
        moyen = CoordonneesForm.MOYENS.get(prefere)
        if moyen in self.fields and not donnees.get(moyen) and moyen not in self.errors:
            self.add_error(moyen, CoordonneesForm.DEMANDES[moyen])
        if prefere == Canal.SMS and telephone and not est_mobile(telephone):
            self.add_error("telephone", _("Un SMS n'arrive que sur un mobile : indiquez-en un."))
        return donnees
