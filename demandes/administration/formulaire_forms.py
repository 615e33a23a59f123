"""What the administrator types about one question of a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from demandes.administration.champs_de_saisie import Lignes, nom_libre
from demandes.administration.composition import LIBELLES
from demandes.administration.conditions import Champ
from demandes.formulaires import bornes
from demandes.formulaires.champs import ChampDate, ChampNombre
from guichet.organisation.administration.saisie import Texte
from guichet.socle.texte import plier

AVEC_CHOIX = ("choix", "choix_multiple")
COTES = ("minimum", "maximum")
BORNES: dict[str, type[forms.Field]] = {"nombre": ChampNombre, "date": ChampDate}
# The portal asks the place of a demande on a page of its own: it is the address that has this name.
LIEU = "adresse"


class QuestionForm(forms.Form):
    """A question: its words, the kind of its answer, and when it is asked."""

    use_required_attribute = False

    libelle = Texte("Question", 200, error_messages={"required": "Écrivez la question."})
    type = forms.ChoiceField(
        label="Genre de réponse",
        choices=[("", "Choisissez dans la liste"), *LIBELLES.items()],
        error_messages={"required": "Choisissez un genre de réponse."},
        help_text="La première adresse du formulaire est le lieu de la demande.",
    )
    choix = Lignes(
        "Réponses possibles",
        120,
        help_text="Une réponse par ligne, deux au moins.",
    )
    minimum = Texte(
        "Au moins",
        20,
        required=False,
        help_text="Un nombre, comme 1 ; ou une date, comme 24/11/2026 ou « aujourd'hui ».",
    )
    maximum = Texte("Au plus", 20, required=False, help_text="De même.")
    aide = Texte("Aide", 300, required=False, help_text="Une phrase sous la question.")
    obligatoire = forms.BooleanField(label="Réponse obligatoire", required=False)
    si = forms.ChoiceField(
        label="Quand la poser",
        required=False,
        help_text="Une question peut attendre une réponse donnée plus haut.",
    )

    def __init__(self, *args: Any, champs: list[Champ], nom: str = "", **options: Any) -> None:
        self.champs = champs
        self.champ = next((c for c in champs if c["nom"] == nom), None)
        rang = champs.index(self.champ) if self.champ else len(champs)
        self.conditions = dict(conditions_possibles(champs[:rang]))
        if self.champ:
            options["initial"] = self._valeurs(self.champ)
        super().__init__(*args, **options)
        self.fields["si"].choices = [  # type: ignore[attr-defined]
            ("", "Toujours"),
            *((cle, mots) for cle, (mots, _) in self.conditions.items()),
        ]

    def _valeurs(self, champ: Champ) -> dict[str, Any]:
        si = next((cle for cle, (_, si) in self.conditions.items() if si == champ.get("si")), "")
        return {
            **{nom: champ[nom] for nom in ("libelle", "type", "obligatoire")},
            "aide": champ["aide"] or "",
            **{cote: bornes.en_mots(champ, cote).removeprefix("le ") for cote in COTES if cote in champ},
            "choix": [choix["libelle"] for choix in champ.get("choix", ())],
            "si": si,
        }

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        genre, choix = valeurs.get("type"), valeurs.get("choix") or []
        if genre in AVEC_CHOIX and "choix" not in self.errors and len(choix) < 2:
            self.add_error("choix", "Écrivez au moins deux réponses, une par ligne.")
        self.bornes = {cote: borne for cote in COTES if (borne := self._borne(cote)) is not None}
        if phrase := bornes.defaut({"type": genre, **self.bornes}):
            self.add_error("maximum", f"{phrase[0].upper()}{phrase[1:]}.")
        if genre == "photos" and valeurs.get("obligatoire"):
            self.add_error("obligatoire", "Des photos restent facultatives : décochez cette case.")
        return valeurs

    def _borne(self, cote: str) -> int | float | str | None:
        """What was typed as a bound, as the catalogue writes it; nothing for a kind that has none."""
        saisie, genre = self.cleaned_data.get(cote) or "", self.cleaned_data.get("type")
        if not saisie or genre not in BORNES:
            return None
        if genre == "date" and plier(saisie) == plier("aujourd'hui"):
            return bornes.AUJOURDHUI
        try:
            return BORNES[genre]().clean(saisie)
        except forms.ValidationError as erreur:
            self.add_error(cote, erreur)
            return None

    def question(self) -> Champ:
        """The field as the catalogue writes it. A question keeps its name for life: rules may read it."""
        v = self.cleaned_data
        champ: Champ = {
            "nom": self.champ["nom"] if self.champ else self._nom(),
            "libelle": v["libelle"],
            "type": v["type"],
            "obligatoire": v["obligatoire"],
            "aide": v["aide"] or None,
        }
        if v["type"] in AVEC_CHOIX:
            champ["choix"] = self._choix(v["choix"])
        champ |= self.bornes
        if v["si"]:
            champ["si"] = self.conditions[v["si"]][1]
        return champ

    def _nom(self) -> str:
        pris = {champ["nom"] for champ in self.champs}
        if self.cleaned_data["type"] == "adresse" and LIEU not in pris:
            return LIEU
        return nom_libre(self.cleaned_data["libelle"], pris | {LIEU})

    def _choix(self, libelles: list[str]) -> list[dict[str, str]]:
        """Each answer keeps its stored value: by its words, or by its place when only words changed."""
        anciens = self.champ.get("choix", []) if self.champ else []
        par_mots = {choix["libelle"]: choix["valeur"] for choix in anciens}
        valeurs = [par_mots.get(libelle, "") for libelle in libelles]
        if len(libelles) == len(anciens):
            libres = [c["valeur"] if c["valeur"] not in valeurs else "" for c in anciens]
            valeurs = [valeur or libre for valeur, libre in zip(valeurs, libres, strict=True)]
        pris = {valeur for valeur in valeurs if valeur} | set(par_mots.values())
        for rang, libelle in enumerate(libelles):
            if not valeurs[rang]:
                valeurs[rang] = nom_libre(libelle, pris, defaut="reponse")
                pris.add(valeurs[rang])
        return [
            {"valeur": valeur, "libelle": libelle} for valeur, libelle in zip(valeurs, libelles, strict=True)
        ]


def conditions_possibles(champs: list[Champ]) -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    """(key of the list, (words, condition)) for every answer that a question may wait for."""
    for champ in champs:
        reponses = [(c["valeur"], c["libelle"], c["valeur"]) for c in champ.get("choix", ())]
        if champ["type"] == "oui_non":
            reponses = [("oui", "Oui", True), ("non", "Non", False)]
        for cle, libelle, vaut in reponses:
            mots = f"Si « {champ['libelle']} » : {libelle}"
            yield f"{champ['nom']}|{cle}", (mots, {"champ": champ["nom"], "vaut": vaut})
