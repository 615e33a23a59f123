"""Which period, which place: what the page of figures is asked, in its address."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from demandes.periodes import Periode
from demandes.pilotage import Lieu
from demandes.views.filtres import ChampJour
from guichet.socle.calendrier import UN_JOUR, ajouter_mois

PERIODES = {
    "7": "7 derniers jours",
    "30": "30 derniers jours",
    "mois": "3 derniers mois",
    "dates": "Des dates",
}
PAR_DEFAUT = "30"
# A longer one would be read for long, and says nothing that a year does not.
JOURS_AU_PLUS = 366


class FormulairePilotage(forms.Form):
    """Read from an address: what is wrong is said, and thirty days are shown."""

    periode = forms.ChoiceField(label="Période", choices=list(PERIODES.items()))
    du = ChampJour("Du")
    au = ChampJour("Au")
    lieu = forms.ChoiceField(label="Lieu")

    def __init__(self, donnees: Mapping[str, Any], lieux: Sequence[Lieu]) -> None:
        valeurs = {nom: donnees.get(nom, "") for nom in self.base_fields}
        valeurs["periode"] = valeurs["periode"] or PAR_DEFAUT
        valeurs["lieu"] = valeurs["lieu"] or lieux[0].code
        super().__init__(valeurs)
        self.lieux = {lieu.code: lieu for lieu in lieux}
        self.fields["lieu"].choices = [(lieu.code, lieu.nom) for lieu in lieux]
        for nom in ("du", "au"):
            self.fields[nom].widget.attrs["max"] = timezone.localdate().isoformat()
        for champ in self.fields.values():
            champ.widget.attrs["class"] = "saisie"

    def clean(self) -> dict[str, Any]:
        lus = self.cleaned_data
        if lus.get("periode") != "dates":
            return lus
        du, au = lus.get("du"), lus.get("au")
        for nom, jour in (("du", du), ("au", au)):
            if jour is None and nom not in self.errors:
                self.add_error(nom, "Choisissez un jour.")
        if du and au and au < du:
            self.add_error("au", "La fin vient après le début.")
        elif du and au and (au - du).days >= JOURS_AU_PLUS:
            self.add_error("au", "Choisissez un an au plus.")
        return lus

    @property
    def lieu_choisi(self) -> Lieu | None:
        """None: it is no place of theirs."""
        return self.lieux.get(self.data["lieu"])

    @property
    def periode_choisie(self) -> Periode:
        aujourd_hui = timezone.localdate()
        choisie = self.cleaned_data.get("periode") if self.is_valid() else PAR_DEFAUT
        if choisie == "dates":
            return Periode(self.cleaned_data["du"], self.cleaned_data["au"])
        return Periode(premier_jour(choisie or PAR_DEFAUT, aujourd_hui), aujourd_hui)


def premier_jour(periode: str, aujourd_hui: date) -> date:
    """The first of these days, today being the last one."""
    if periode == "mois":
        return ajouter_mois(aujourd_hui, -3) + UN_JOUR
    return aujourd_hui - timedelta(days=int(periode) - 1)
