"""Forms of an answer on the substance, and of a refusal to examine."""

from typing import Any

from django import forms

from demandes.actions import projet_en_attente, voies_de_recours
from demandes.actions.fin import MOTIFS_REJET_ACCUEIL
from demandes.actions.reponse import DECISIONS_DE_REPONSE
from demandes.chapeaux import R2
from demandes.etats import Decision
from demandes.formulaires.formulaire import Condition
from demandes.formulaires_gestes.base import (
    AvecPieces,
    AvecTexteAUsager,
    ChampMotif,
    FormulaireGeste,
    ZoneDeTexte,
)

AVEC_RECOURS = f"{Decision.REFUS}|{Decision.ACCORD_PARTIEL}"


class AvecDecision(AvecTexteAUsager):
    """A text, what it decides, and how to contest it when it refuses something."""

    modeles_de = "repondre"
    conditions = {
        "voies_recours": Condition("decision", AVEC_RECOURS, "Pour un refus ou un accord partiel.", True)
    }

    decision = forms.ChoiceField(
        label="Décision",
        choices=[(d.value, d.label) for d in DECISIONS_DE_REPONSE],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la décision.", "invalid_choice": "Choisissez la décision."},
    )
    voies_recours = ZoneDeTexte(
        label="Voies et délais de recours",
        required=False,
        rows=4,
        help_text="Ajoutées à la fin de la réponse.",
    )

    def adapter(self) -> None:
        super().adapter()
        self.fields["texte"].label = "Réponse"
        self.fields["texte"].error_messages["required"] = "Écrivez la réponse."
        self.order_fields(["version", "texte", "decision", "voies_recours", "pieces"])

    def initiales(self) -> dict[str, Any]:
        return {"voies_recours": voies_de_recours(self.demande)}


class RepondreForm(AvecPieces, AvecDecision):
    """The answer that leaves; at validation, somebody else's draft, shown with its author."""

    def adapter(self) -> None:
        super().adapter()
        self.projet = projet_en_attente(self.demande)
        if self.demande.type and self.demande.type.photo_apres_requise:
            self.fields["pieces"].label = "Photo après l'intervention"
            self.fields["pieces"].help_text = "Nécessaire pour un accord."
            # Said on screen; the door decides, from the decision.
            self.fields["pieces"].required = True

    def initiales(self) -> dict[str, Any]:
        if self.projet is None:
            return super().initiales()
        return {
            "texte": self.projet.texte,
            "decision": self.projet.decision,
            "voies_recours": self.projet.voies_recours or voies_de_recours(self.demande),
        }


class ProposerUneReponseForm(AvecDecision):
    """A draft for somebody who may sign."""


class RefuserLeProjetForm(FormulaireGeste):
    """What the author of the draft must change."""

    commentaire = ZoneDeTexte(
        label="Ce qui doit changer",
        rows=5,
        error_messages={"required": "Dites au rédacteur ce qui doit changer."},
    )


class RejeterForm(AvecTexteAUsager):
    """Reasons and remedies; the desk only rejects what cannot be examined at all."""

    modeles_de = "rejeter"

    voies_recours = ZoneDeTexte(
        label="Voies et délais de recours",
        rows=4,
        help_text="Ajoutées à la fin du message.",
        error_messages={"required": "Indiquez les voies et délais de recours."},
    )

    def adapter(self) -> None:
        super().adapter()
        self.fields["motif"] = motif = ChampMotif(self.geste)
        if R2 not in self.auteur.chapeaux(self.demande):
            motif.queryset = motif.queryset.filter(code__in=MOTIFS_REJET_ACCUEIL)
        self.fields["texte"].error_messages["required"] = "Expliquez le rejet à l'usager."
        self.order_fields(["version", "motif", "texte", "voies_recours"])

    def initiales(self) -> dict[str, Any]:
        return {"voies_recours": voies_de_recours(self.demande)}
