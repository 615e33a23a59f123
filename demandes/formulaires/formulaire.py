"""A versioned schema becomes a Django form, the same one for a resident and for an agent."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from demandes.formulaires.champs import OUI_NON, creer_champ
from demandes.formulaires.schema import est_affiche
from guichet.socle.templatetags.langues import en_francais_dans_la_page


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
            conditions[champ["nom"]] = Condition(parent["nom"], vaut, _en_mots(parent, vaut))
    return conditions


def _en_mots(parent: dict, vaut: str) -> SafeString:
    """When to fill a field in, in the language of the page; the city's own words in French, and said so."""
    libelles = {choix["valeur"]: choix["libelle"] for choix in parent.get("choix", ())}
    est_a_nous = parent["type"] == "oui_non"
    reponse = OUI_NON[vaut] if est_a_nous else en_francais_dans_la_page(libelles.get(vaut, vaut.capitalize()))
    question = en_francais_dans_la_page(parent["libelle"].rstrip("\u00a0 ?:"))
    return format_html(
        _("À remplir si vous avez répondu « {reponse} » à « {question} »."),
        reponse=reponse,
        question=question,
    )
