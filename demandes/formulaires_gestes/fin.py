"""Forms of what leaves the city and comes back."""

from typing import Any

from django import forms

from demandes.formulaires_gestes.base import AvecPieces, ChampMotif, FormulaireCommentaire, ZoneDeTexte
from demandes.models import Organisme


class SaisieAvecPropositions(forms.TextInput):
    """A text field with known values: the browser proposes, nothing is imposed."""

    template_name = "demandes/demande/_saisie_avec_propositions.html"
    propositions: list[str] = []

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        contexte = super().get_context(name, value, attrs)
        contexte["widget"]["attrs"]["list"] = f"{name}-propositions"
        return contexte | {"liste": f"{name}-propositions", "propositions": self.propositions}


class TransmettreForm(FormulaireCommentaire):
    """Which administration can act, and how to reach it (CRPA, art. L114-2)."""

    organisme = forms.CharField(
        label="Organisme compétent",
        max_length=150,
        widget=SaisieAvecPropositions,
        error_messages={"required": "Indiquez l'organisme compétent."},
    )
    contact = forms.CharField(
        label="Comment le joindre",
        max_length=500,
        required=False,
        help_text="Téléphone, courriel ou adresse. Vide : les coordonnées connues de cet organisme.",
    )

    def adapter(self) -> None:
        self.connus = {organisme.nom: organisme for organisme in Organisme.objects.all()}
        self.fields["organisme"].widget.propositions = list(self.connus)
        self.order_fields(["version", "organisme", "contact", "commentaire"])

    def initiales(self) -> dict[str, Any]:
        competent = (self.demande.type.organisme_competent if self.demande.type else None) or {}
        contacts = filter(
            None, [competent.get("telephone"), competent.get("courriel"), competent.get("adresse")]
        )
        return {"organisme": competent.get("nom", ""), "contact": ", ".join(contacts)}

    def clean(self) -> dict[str, Any]:
        donnees = super().clean()
        connu = self.connus.get(donnees.get("organisme", ""))
        if connu and not donnees.get("contact"):
            donnees["contact"] = ", ".join(filter(None, [connu.telephone, connu.courriel, connu.adresse]))
        return donnees


class RetourExterneForm(AvecPieces):
    """Why it came back, what the other body said, and what it sent."""

    texte = ZoneDeTexte(
        label="Ce que l'organisme a répondu",
        rows=6,
        error_messages={"required": "Résumez ce que l'organisme a répondu."},
        help_text="Note interne. L'usager est prévenu que la ville reprend sa demande.",
    )

    def adapter(self) -> None:
        self.fields["motif"] = ChampMotif(self.geste)
        self.order_fields(["version", "motif", "texte", "pieces"])
