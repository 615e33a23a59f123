"""What the administrator types about who is competent for a type of request, when it is not the city."""

from __future__ import annotations

from typing import Any

from django import forms

from demandes.administration.demarches_forms import PartieForm, lire_adresse_web
from demandes.models import TypeDemande
from guichet.organisation.administration.saisie import Texte, courriel, telephone

VILLE = "ville"
PREFIXE = "organisme_"


class OrganismeForm(PartieForm):
    """The body that a demande is handed to (CRPA, art. L114-2), as « transmettre » proposes it."""

    titre = "Organisme compétent"
    aide = "L'agent qui transmet la demande retrouve ces coordonnées ; l'habitant lit le nom sur le portail."

    gestionnaire = forms.ChoiceField(
        label="Qui est compétent",
        choices=[
            (VILLE, "La ville"),
            ("metropole", "La métropole"),
            ("etat", "L'État"),
            ("autre", "Un autre organisme"),
        ],
    )
    organisme_nom = Texte(
        "Nom de l'organisme", 150, required=False, help_text="À remplir si ce n'est pas la ville."
    )
    organisme_telephone = telephone("Téléphone", required=False)
    organisme_courriel = courriel("Courriel", required=False)
    organisme_adresse = Texte("Adresse", 250, required=False)
    organisme_site = Texte("Site", 200, required=False, normaliser=lire_adresse_web)

    def valeurs_de(self, type: TypeDemande) -> dict[str, Any]:
        organisme = type.organisme_competent or {}
        siennes = {nom: organisme.get(nom.removeprefix(PREFIXE)) or "" for nom in self.noms()}
        return {"gestionnaire": type.gestionnaire} | siennes

    def noms(self) -> list[str]:
        return [nom for nom in self.base_fields if nom.startswith(PREFIXE)]

    def colonnes(self) -> list[str]:
        return ["gestionnaire", "organisme_competent"]

    def clean(self) -> dict[str, Any]:
        valeurs = super().clean() or {}
        if valeurs.get("gestionnaire") == VILLE:
            if any(valeurs.get(nom) for nom in self.noms()):
                self.add_error(
                    "gestionnaire", "La ville est compétente : videz l'organisme, ou choisissez-le ici."
                )
        elif valeurs.get("gestionnaire"):
            self.exiger("organisme_nom", "Donnez le nom de l'organisme.")
            if not valeurs.get("organisme_telephone"):
                self.exiger("organisme_courriel", "Donnez un téléphone ou un courriel.")
        return valeurs

    def valeurs(self) -> dict[str, Any]:
        v = self.cleaned_data
        if v["gestionnaire"] == VILLE:
            return {"gestionnaire": VILLE, "organisme_competent": None}
        organisme = {nom.removeprefix(PREFIXE): v[nom] or None for nom in self.noms()}
        return {"gestionnaire": v["gestionnaire"], "organisme_competent": organisme}
