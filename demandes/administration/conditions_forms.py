"""What the administrator types about values that depend on an answer: « si cette réponse, alors… »."""

from __future__ import annotations

from typing import Any

from django import forms

from demandes.administration import conditions
from demandes.administration.champs_de_saisie import entier
from demandes.administration.conditions import Ligne, Lot
from demandes.administration.demarches_forms import UNITES_DU_SILENCE, PartieForm
from demandes.administration.formulaire_forms import conditions_possibles
from demandes.administration.regles_forms import questions_de
from demandes.models import TypeDemande
from guichet.organisation.administration.saisie import Texte

LIGNES_VIDES = 1
GARDER = "garder"
IMMEDIAT = TypeDemande.Unite.IMMEDIAT


class ConditionsForm(PartieForm):
    """The rows of every list, one left empty to add; emptying its answer takes a row away."""

    titre = "Selon les réponses"
    aide = (
        "Quand une réponse change le délai, l'accès, l'urgence ou l'effet du silence. "
        "Les demandes déjà qualifiées ne changent pas."
    )
    gabarit = "demandes/administration/selon_les_reponses.html"

    def __init__(self, *args: Any, type: TypeDemande, **options: Any) -> None:
        super().__init__(*args, type=type, **options)
        self.demarche = type
        self.questions = questions_de(type)
        self.possibles = dict(conditions_possibles(self.questions))
        self.lots = [(lot, self._poser(lot, getattr(type, lot.colonne))) for lot in conditions.LOTS]

    def _poser(self, lot: Lot, lignes: list[Ligne]) -> list[tuple[Ligne, dict[str, str]]]:
        """(row as it is kept, name of each of its fields), row by row."""
        posees = []
        for rang, ligne in enumerate([*lignes, *({} for _ in range(LIGNES_VIDES))]):
            champs = {"si": self._si(ligne), **champs_de(lot, ligne)}
            noms = {nom: f"{lot.nom}_{nom}_{rang}" for nom in champs}
            self.fields |= {noms[nom]: champ for nom, champ in champs.items()}
            posees.append((ligne, noms))
        return posees

    def _si(self, ligne: Ligne) -> forms.ChoiceField:
        """The answers of the form in force; one that it lost stays in its own row, said as such."""
        choix = [("", "Aucune réponse"), *((cle, mots) for cle, (mots, _) in self.possibles.items())]
        initial = fin = ""
        if ligne:
            si = conditions.condition_de(ligne)
            initial = next((cle for cle, (_, autre) in self.possibles.items() if autre == si), GARDER)
            fin = conditions.perdue(si, self.questions)
            if initial == GARDER:
                choix.insert(1, (GARDER, f"Si {conditions.en_mots(si, self.questions)}"))
        aide = f"Cette ligne est sans effet : {fin}. Choisissez une autre réponse, ou aucune." if fin else ""
        return forms.ChoiceField(
            label="Réponse attendue", choices=choix, required=False, initial=initial, help_text=aide
        )

    def rangs(self) -> list[tuple[Lot, list[list[forms.BoundField]]]]:
        """The bound fields of each row of each list, as the page draws them."""
        return [
            (lot, [[self[nom] for nom in noms.values()] for _, noms in lignes]) for lot, lignes in self.lots
        ]

    def colonnes(self) -> list[str]:
        return [lot.colonne for lot, _ in self.lots]

    def faits(self) -> list[tuple[str, str]]:
        return [(lot.titre, mots) for lot, mots in conditions.lire(self.demarche, self.questions)]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        for _, lignes in self.lots:
            prises: set[str] = set()
            for ligne, noms in lignes:
                si = valeurs.get(noms["si"])
                if not si:
                    self._refuser_sans_reponse(noms, ligne)
                    continue
                if si != GARDER and si in prises:
                    self.add_error(noms["si"], "Une ligne au-dessus attend déjà cette réponse.")
                prises.add(si)
                self._completer(noms)
        return valeurs

    def _refuser_sans_reponse(self, noms: dict[str, str], ligne: Ligne) -> None:
        """A new row with a value and no answer is unfinished; a kept one is being taken away."""
        ecrits = [n for nom, n in noms.items() if nom in ("valeur", "motif", "niveau") and self.data.get(n)]
        if ecrits and not ligne and noms["si"] not in self.errors:
            self.add_error(noms["si"], "Choisissez la réponse qui donne cette valeur.")

    def _completer(self, noms: dict[str, str]) -> None:
        if "valeur" in noms and self.cleaned_data.get(noms["unite"]) != IMMEDIAT:
            self.exiger(noms["valeur"], "Indiquez un délai.")
        elif "valeur" in noms and self.cleaned_data.get(noms["valeur"]):
            self.add_error(noms["valeur"], "« Immédiat » va sans nombre.")
        for nom, phrase in (
            ("niveau", "Choisissez qui peut déposer."),
            ("motif", "Dites pourquoi, en quelques mots."),
        ):
            if nom in noms:
                self.exiger(noms[nom], phrase)

    def valeurs(self) -> dict[str, Any]:
        return {
            lot.colonne: [
                ecrire(lot, ligne, si, {nom: self.cleaned_data.get(n) for nom, n in noms.items()})
                for ligne, noms in lignes
                if (si := self._attendue(ligne, self.cleaned_data.get(noms["si"], "")))
            ]
            for lot, lignes in self.lots
        }

    def _attendue(self, ligne: Ligne, cle: str) -> dict[str, Any] | None:
        if cle == GARDER:
            return conditions.condition_de(ligne)
        return self.possibles[cle][1] if cle else None


def champs_de(lot: Lot, ligne: Ligne) -> dict[str, forms.Field]:
    """The fields of what a row gives, holding what it gives today."""
    delai = ligne.get("delai", {})
    match lot.nom:
        case "delai":
            return {
                "valeur": entier("Délai", 1, 366, required=False, initial=delai.get("valeur") or None),
                "unite": forms.ChoiceField(
                    label="Compté en",
                    choices=TypeDemande.Unite.choices,
                    initial=delai.get("unite", "jours_ouvres"),
                ),
                "motif": Texte("Pourquoi", 200, required=False, initial=ligne.get("motif", "")),
            }
        case "acces":
            choix = [("", "Choisissez dans la liste"), *TypeDemande.Acces.choices]
            initial = ligne.get("acces", "")
            return {
                "niveau": forms.ChoiceField(
                    label="Qui peut déposer", choices=choix, required=False, initial=initial
                )
            }
        case "silence":
            return {
                "valeur": entier("Au bout de", 1, 366, required=False, initial=delai.get("valeur")),
                "unite": forms.ChoiceField(
                    label="Unité", choices=UNITES_DU_SILENCE, initial=delai.get("unite", "mois")
                ),
            }
    return {}


def ecrire(lot: Lot, ligne: Ligne, si: dict[str, Any], v: dict[str, Any]) -> Ligne:
    """A row as the catalogue writes it."""
    match lot.nom:
        case "delai":
            delai = {"valeur": v["valeur"] or 0, "unite": v["unite"]}
            return {"si": si, "delai": delai, "motif": v["motif"]}
        case "acces":
            return {"si": si, "acces": v["niveau"]}
        case "silence":
            return {"si": si, "delai": {"valeur": v["valeur"], "unite": v["unite"]}}
    return si
