"""What the administrator types about a direction or a desk."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms

from guichet.canaux.canal import Canal
from guichet.organisation.administration.saisie import Degres, Texte, courriel, telephone
from guichet.organisation.lieux import JOURS, Horaires
from guichet.organisation.models import Secteur, SignatureDesCourriels
from guichet.socle.erreurs import DonneeInvalide

# The families a desk declares: `Canal.groupe`.
GROUPES = {
    **{c.groupe: c.libelle for c in Canal if c.groupe == c.value},
    "reseaux_sociaux": "Réseaux sociaux",
}
MOITIES = (("matin", "matin"), ("soir", "après-midi"))


def lire_code(saisie: str) -> str:
    code = saisie.upper()
    if not (code.isascii() and code.isalnum() and len(code) <= 4):
        raise DonneeInvalide("Un code compte une à quatre lettres ou chiffres, sans accent : VOI, MA3…")
    return code


class LieuForm(forms.Form):
    """What the law has the acknowledgement say of the service in charge (CRPA, art. R112-5)."""

    use_required_attribute = False

    code = Texte(
        "Code", 4, normaliser=lire_code, error_messages={"required": "Donnez un code court : VOI, MA3…"}
    )
    courriel = courriel(
        "Adresse électronique", error_messages={"required": "Indiquez l'adresse électronique."}
    )
    telephone = telephone("Téléphone", error_messages={"required": "Indiquez le téléphone."})
    adresse = Texte("Adresse postale", 250, error_messages={"required": "Indiquez l'adresse postale."})

    @classmethod
    def valeurs_de(cls, lieu: Any) -> dict[str, Any]:
        return {nom: getattr(lieu, nom) for nom in cls.base_fields}


class DirectionForm(LieuForm):
    """A service that acts."""

    nom = Texte("Nom", 120, error_messages={"required": "Indiquez le nom."})
    nom_public = Texte(
        "Nom public",
        120,
        help_text="Le seul que les habitants lisent. Sans sigle.",
        error_messages={"required": "Indiquez le nom que les habitants lisent."},
    )
    secteur = forms.ChoiceField(label="Secteur", choices=Secteur.choices)
    signature = forms.ChoiceField(
        label="Signature des courriels",
        choices=SignatureDesCourriels.choices,
        initial=SignatureDesCourriels.COMPLETE,
        help_text="Toute personne a droit au prénom, au nom et à la qualité de qui suit sa demande (CRPA, "
        "art. L111-2). Moins, c'est quand la sécurité des agents le demande.",
    )

    field_order = ["code", "nom", "nom_public", "secteur"]


class AccueilForm(LieuForm):
    """A front desk."""

    nom = Texte("Nom", 120, error_messages={"required": "Indiquez le nom."})
    canaux = forms.MultipleChoiceField(
        label="Canaux",
        choices=list(GROUPES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ce qui arrive par ces canaux sans qu'un agent le saisisse revient à ce point d'accueil.",
    )

    latitude = Degres("Latitude", 90, "45,7669")
    longitude = Degres("Longitude", 180, "4,8351")

    field_order = ["code", "nom", "canaux", "courriel", "telephone", "adresse"]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        if self.errors:
            return valeurs
        for nom, autre in (("latitude", "longitude"), ("longitude", "latitude")):
            if valeurs[nom] is None and valeurs[autre] is not None:
                self.add_error(nom, "Donnez la latitude et la longitude, ou aucune des deux.")
        return valeurs


class HorairesForm(forms.Form):
    """A week, two ranges a day: a French town hall closes at noon."""

    use_required_attribute = False

    def __init__(self, *args: Any, horaires: Horaires | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        for rang, jour in enumerate(JOURS):
            plages = dict(enumerate((horaires or {}).get(rang, ())))
            for moitie, (cle, mots) in enumerate(MOITIES):
                for borne, sens in enumerate(("de", "à")):
                    depart = plages[moitie][borne] if moitie in plages else None
                    self.fields[f"{rang}_{cle}_{borne}"] = forms.TimeField(
                        label=f"{jour} {mots}, {sens}",
                        required=False,
                        initial=depart,
                        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
                        error_messages={"invalid": f"{jour.capitalize()} : écrivez l'heure comme 08:30."},
                    )

    def jours(self) -> list[tuple[str, list[tuple[str, Any, Any]]]]:
        """(day, [(half-day, from, to)]) for the page."""
        return [
            (jour, [(mots, self[f"{rang}_{cle}_0"], self[f"{rang}_{cle}_1"]) for cle, mots in MOITIES])
            for rang, jour in enumerate(JOURS)
        ]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        self.horaires: dict[int, list[tuple[time, time]]] = {}
        for rang, jour in enumerate(JOURS):
            plages = [(f"{rang}_{cle}", self._plage(f"{rang}_{cle}", jour)) for cle, _ in MOITIES]
            trouvees = [plage for _, plage in plages if plage]
            if len(trouvees) == 2 and trouvees[1][0] < trouvees[0][1]:
                self.add_error(
                    f"{plages[1][0]}_0", f"{jour.capitalize()} : l'après-midi commence avant la fin du matin."
                )
            if trouvees:
                self.horaires[rang] = trouvees
        return valeurs

    def _plage(self, cle: str, jour: str) -> tuple[time, time] | None:
        noms = (f"{cle}_0", f"{cle}_1")
        if any(nom in self.errors for nom in noms):
            return None
        debut, fin = (self.cleaned_data.get(nom) for nom in noms)
        if debut and fin and debut < fin:
            return debut, fin
        if debut and fin:
            self.add_error(noms[1], f"{jour.capitalize()} : la fermeture vient avant l'ouverture.")
        elif debut or fin:
            self.add_error(
                noms[0] if fin else noms[1], f"{jour.capitalize()} : il manque une des deux heures."
            )
        return None
