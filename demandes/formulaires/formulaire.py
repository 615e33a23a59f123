"""A versioned schema becomes a Django form, the same one for a resident and for an agent."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField

from demandes.formulaires.champs import creer_champ
from demandes.formulaires.schema import est_affiche


@dataclass(frozen=True)
class Condition:
    """When a field is shown: `champ` (name without prefix) must have the input value `vaut`.

    `texte` says it in words, for people whose browser shows every field. A field that must be filled in once
    shown (`est_requis`) is not said to be optional.
    """

    champ: str
    vaut: str
    texte: str
    est_requis: bool = False


class ChampLie(BoundField):
    """A bound field that knows its condition: `champ.condition` in templates, None when always shown."""

    form: "FormulaireDynamique"

    @property
    def condition(self) -> Condition | None:
        return self.form.conditions.get(self.name)


class FormulaireDynamique(forms.Form):
    """The form of one version of a schema. Build it with `formulaire_pour`."""

    bound_field_class = ChampLie
    # A field that only some answers show must never stop the browser from sending the others.
    use_required_attribute = False

    def __init__(self, champs: list[dict], **options) -> None:
        super().__init__(**options)
        self.champs = champs
        self.fields = {champ["nom"]: creer_champ(champ) for champ in champs}
        self.conditions = _conditions(champs)

    def clean(self) -> dict:
        """Forget what was typed in fields that the answers do not show: value, duty and errors."""
        for champ in self.champs:
            if not est_affiche(champ, self.cleaned_data):
                self.cleaned_data.pop(champ["nom"], None)
                self.errors.pop(champ["nom"], None)
        return self.cleaned_data

    def reponses(self) -> dict[str, object]:
        """Answers as JSON (str, int, float, bool, list of str), unanswered fields and files left out."""
        photos = {champ["nom"] for champ in self.champs if champ["type"] == "photos"}
        return {
            nom: valeur
            for nom, valeur in self.cleaned_data.items()
            if nom not in photos and valeur not in (None, "", [])
        }

    def fichiers(self) -> dict[str, list[UploadedFile]]:
        """Uploaded pictures by field, to be kept by `guichet.pieces`."""
        photos = [champ["nom"] for champ in self.champs if champ["type"] == "photos"]
        return {nom: self.cleaned_data[nom] for nom in photos if self.cleaned_data.get(nom)}


def formulaire_pour(
    champs: list[dict],
    *,
    donnees: Mapping | None = None,
    fichiers: Mapping | None = None,
    initial: dict | None = None,
    prefixe: str = "",
) -> FormulaireDynamique:
    """Return the form of these fields, bound when `donnees` is given.

    `initial` takes answers as `reponses()` gave them, `fichiers` is `request.FILES`.
    """
    return FormulaireDynamique(champs, data=donnees, files=fichiers, initial=initial, prefix=prefixe or None)


def _conditions(champs: list[dict]) -> dict[str, Condition]:
    par_nom = {champ["nom"]: champ for champ in champs}
    conditions = {}
    for champ in champs:
        if condition := champ.get("si"):
            parent, vaut = par_nom[condition["champ"]], condition["vaut"]
            if parent["type"] == "oui_non":
                vaut = "oui" if vaut else "non"
            libelles = {choix["valeur"]: choix["libelle"] for choix in parent.get("choix", ())}
            question, reponse = parent["libelle"].rstrip("\u00a0 ?:"), libelles.get(vaut, vaut.capitalize())
            texte = f"À remplir si vous avez répondu « {reponse} » à « {question} »."
            conditions[champ["nom"]] = Condition(parent["nom"], vaut, texte)
    return conditions
