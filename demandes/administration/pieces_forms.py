"""What the administrator types about the documents that a type of request asks for."""

from __future__ import annotations

from typing import Any

from django import forms

from demandes.administration.champs_de_saisie import nom_libre
from demandes.administration.demarches_forms import PartieForm
from guichet.organisation.administration.saisie import Texte


class PiecesForm(PartieForm):
    """The documents to give: one line each, some left empty to add."""

    titre = "Pièces à fournir"
    aide = "Videz un nom pour retirer la pièce. Enregistrez pour obtenir d'autres lignes."
    EXIGENCES = (
        ("facultative", "Facultative"),
        ("obligatoire", "À fournir"),
        ("indispensable", "Indispensable : on attend"),
    )
    LIGNES_VIDES = 2

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pieces = self.type.pieces if self.type else []
        for rang in range(len(self.pieces) + self.LIGNES_VIDES):
            piece = self.pieces[rang] if rang < len(self.pieces) else {}
            exigence = "obligatoire" if piece.get("obligatoire") else "facultative"
            self.fields[f"libelle_{rang}"] = Texte(
                f"Pièce {rang + 1}", 150, required=False, initial=piece.get("libelle", "")
            )
            self.fields[f"exigence_{rang}"] = forms.ChoiceField(
                label=f"Exigence de la pièce {rang + 1}",
                choices=self.EXIGENCES,
                required=False,
                initial="indispensable" if piece.get("indispensable") else exigence,
            )

    def colonnes(self) -> list[str]:
        return ["pieces"]

    def faits(self) -> list[tuple[str, str]]:
        exigences = {(True, True): "indispensable", (True, False): "à fournir"}
        return [
            (p["libelle"], exigences.get((p["obligatoire"], p["indispensable"]), "facultative"))
            for p in self.pieces
        ]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        libelles = [v for nom, v in valeurs.items() if nom.startswith("libelle_") and v]
        if len(set(libelles)) != len(libelles):
            raise forms.ValidationError("Deux pièces portent le même nom.")
        return valeurs

    def valeurs(self) -> dict[str, Any]:
        pieces: list[dict[str, Any]] = []
        pris = {piece["code"] for piece in self.pieces}
        for rang in range(len(self.pieces) + self.LIGNES_VIDES):
            if not (libelle := self.cleaned_data.get(f"libelle_{rang}")):
                continue
            exigence = self.cleaned_data.get(f"exigence_{rang}")
            code = self.pieces[rang]["code"] if rang < len(self.pieces) else nom_libre(libelle, pris)
            pris.add(code)
            pieces.append(
                {
                    "code": code,
                    "libelle": libelle,
                    "obligatoire": exigence in ("obligatoire", "indispensable"),
                    "indispensable": exigence == "indispensable",
                }
            )
        return {"pieces": pieces}
