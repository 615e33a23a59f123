"""Forms of the desk: qualify, route, answer at once, hand over."""

from typing import Any

from django import forms

from demandes import orientation
from demandes.actions.reponse import DECISIONS_DE_REPONSE
from demandes.etats import Decision, Etat
from demandes.formulaires import sans_reponse
from demandes.formulaires.champs import ChampTexte
from demandes.formulaires_gestes.base import (
    AvecTexteAUsager,
    FormulaireCommentaire,
    FormulaireGeste,
    FormulaireMotif,
)
from demandes.models import Demande, Fiche, TypeDemande
from demandes.suggestion.lieu import lieu_cite
from guichet.canaux.canal import ORAUX
from guichet.organisation.models import Direction, PointAccueil, Territoire
from guichet.organisation.territoires import deduire


class QualifierForm(FormulaireGeste):
    """What it is, where, and whether it can wait."""

    type = forms.ModelChoiceField(
        label="Type de demande",
        queryset=TypeDemande.objects.publies().order_by("libelle"),
        empty_label="Choisissez dans la liste",
        error_messages={"required": "Choisissez le type de la demande."},
        help_text="Le type fixe les délais, la direction proposée et ce que vaut le silence.",
    )
    adresse = forms.CharField(
        label="Lieu",
        max_length=Demande._meta.get_field("adresse").max_length,
        required=False,
        help_text="Où il faut agir : un numéro et une rue, ou un lieu connu.",
    )
    territoire = forms.ModelChoiceField(
        label="Arrondissement", queryset=Territoire.objects.all(), required=False, empty_label="Inconnu"
    )
    est_urgente = forms.BooleanField(label="Cette demande est urgente", required=False)

    def initiales(self) -> dict[str, Any]:
        d = self.demande
        cite = lieu_cite(d, self.auteur.perimetre)
        if cite:
            self.fields["adresse"].help_text = "Lu dans le message : vérifiez-le."
        return {
            "type": d.type_id,
            "adresse": d.adresse or cite,
            "territoire": d.territoire_id or (deduire(cite) if cite else None),
            "est_urgente": d.est_urgente,
        }

    def arguments(self) -> dict[str, Any]:
        """Qualified in one key, a demande keeps the place it has."""
        arguments = super().arguments()
        if self.add_prefix("adresse") not in self.data:
            del arguments["adresse"]
        return arguments


class RequalifierForm(QualifierForm, FormulaireMotif):
    """What it really is, and why it was thought to be something else."""

    def adapter(self) -> None:
        super().adapter()
        self.order_fields(["version", "type", "adresse", "territoire", "est_urgente"])


class OrienterForm(FormulaireCommentaire):
    """Which direction acts; the rules propose and say why."""

    direction = forms.ModelChoiceField(
        label="Direction",
        queryset=Direction.objects.filter(est_active=True),
        empty_label=None,
        error_messages={"required": "Choisissez la direction qui peut agir."},
    )

    def adapter(self) -> None:
        self.order_fields(["version", "direction"])
        if self.demande.type is not None:
            d = self.demande
            self.proposee = orientation.proposer(d.type, d.territoire, d.reponses_du_type)
            self.fields[
                "direction"
            ].help_text = f"Proposée : {self.proposee.direction}. {self.proposee.raison.rstrip('.')}."

    def initiales(self) -> dict[str, Any]:
        return {"direction": self.proposee.direction.pk} if self.demande.type else {}

    @property
    def questions_sans_reponse(self) -> list[str]:
        """What the direction may miss: a letter is routed as it is, and so is what changed its type."""
        d = self.demande
        if d.type is None:
            return []
        a_le_sien = d.formulaire is not None and d.formulaire.type_id == d.type_id
        formulaire = d.formulaire if a_le_sien else d.type.formulaire
        return sans_reponse(formulaire.champs, d.reponses_du_type)


class RepondreImmediatementForm(AvecTexteAUsager):
    """An answer at first contact, from a fiche; orally, what was said."""

    modeles_de = "repondre_immediatement"

    type = forms.ModelChoiceField(
        label="Type de demande",
        queryset=TypeDemande.objects.publies().order_by("libelle"),
        empty_label="Choisissez dans la liste",
        error_messages={"required": "Choisissez le type de la demande."},
    )
    fiche = forms.ModelChoiceField(
        label="Fiche citée",
        queryset=Fiche.objects.filter(est_active=True),
        required=False,
        empty_label="Aucune",
        help_text="Obligatoire quand le type demande l'avis d'une direction.",
    )
    decision = forms.ChoiceField(
        label="Décision",
        choices=[(d.value, d.label) for d in DECISIONS_DE_REPONSE],
        initial=Decision.ACCORD,
        widget=forms.RadioSelect,
    )

    def adapter(self) -> None:
        if self.demande.etat != Etat.NOUVELLE:
            del self.fields["type"]
        est_oral = self.demande.canal in ORAUX
        self.fields["texte"].label = "Ce que vous avez répondu" if est_oral else "Réponse"
        self.fields["texte"].error_messages["required"] = (
            "Écrivez la réponse, ou le résumé de ce que vous avez dit."
        )
        self.order_fields(["version", "type", "fiche", "texte", "decision"])

    def initiales(self) -> dict[str, Any]:
        return {"type": self.demande.type_id}


class TransfererForm(FormulaireGeste):
    """Which desk answers for the demande from now on."""

    point_accueil = forms.ModelChoiceField(
        label="Accueil responsable",
        queryset=PointAccueil.objects.filter(est_actif=True),
        empty_label="Choisissez dans la liste",
        error_messages={"required": "Choisissez un point d'accueil."},
    )

    def adapter(self) -> None:
        autres = PointAccueil.objects.filter(est_actif=True).exclude(pk=self.demande.point_accueil_id)
        self.fields["point_accueil"].queryset = autres


class RemarqueForm(forms.Form):
    """What is wrong with a fiche, or lacks."""

    use_required_attribute = False

    texte = ChampTexte(
        label="Ce qui est faux ou ce qui manque",
        maximum=500,
        une_ligne=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Les administrateurs le liront. N'écrivez aucun nom d'usager.",
        error_messages={"required": "Dites ce qui est faux ou ce qui manque."},
    )
