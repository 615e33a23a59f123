"""Forms of a direction, short of answering: pass on, plan, wait, ask for what is missing."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from demandes import modeles
from demandes.actions.complement import DELAI_MAXIMAL, DELAI_MINIMAL
from demandes.chapeaux import R1
from demandes.collegues import avec_leur_charge, collegues_de
from demandes.etats import Etat
from demandes.formulaires_gestes.base import (
    AvecTexteAUsager,
    FormulaireCommentaire,
    FormulaireMotif,
    ZoneDeTexte,
)
from guichet.organisation.models import Compte, Direction
from guichet.socle.calendrier import fin_de_journee

FORMATS_DE_DATE = ["%Y-%m-%d", "%d/%m/%Y"]


class ChampJour(forms.DateField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=FORMATS_DE_DATE,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages={
                "required": "Indiquez une date.",
                "invalid": "Écrivez une date qui existe, comme 24/11/2026.",
            },
            **options,
        )


class ReorienterForm(FormulaireMotif):
    """Another direction, once; a second time the head of the desk decides."""

    direction = forms.ModelChoiceField(
        label="Direction qui peut agir",
        queryset=Direction.objects.none(),
        empty_label="Choisissez dans la liste",
        error_messages={"required": "Choisissez la direction qui peut agir."},
    )

    def adapter(self) -> None:
        super().adapter()
        autres = Direction.objects.filter(est_active=True).exclude(pk=self.demande.direction_id)
        self.fields["direction"].queryset = autres
        self.order_fields(["version", "direction", "motif", "commentaire"])
        if self.est_un_renvoi:
            self.fields["direction"].required = False
            self.fields[
                "direction"
            ].help_text = "Cette demande a déjà été réorientée : elle repart à l'accueil, qui décidera."

    @property
    def est_un_renvoi(self) -> bool:
        return self.demande.compteur_reorientations >= 1 and R1 not in self.auteur.chapeaux(self.demande)


class ChampCollegue(forms.ModelChoiceField):
    """Who takes over, with what they hold already."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=Compte.objects.none(),
            label="Collègue",
            empty_label="Choisissez dans la liste",
            help_text="Présents aujourd'hui et habilités, avec leurs demandes en cours.",
            error_messages=dict.fromkeys(
                ("required", "invalid_choice"), "Choisissez un collègue présent dans la liste."
            ),
            **options,
        )

    def label_from_instance(self, compte: Any) -> str:
        return f"{compte} ({compte.charge} en cours)"


class ConfierForm(FormulaireCommentaire):
    """A colleague of the direction, cleared for the secteur and present."""

    collegue = ChampCollegue()

    def adapter(self) -> None:
        autres = collegues_de([self.demande]).exclude(pk=self.demande.agent_traitant_id or 0)
        self.fields["collegue"].queryset = avec_leur_charge(autres)
        self.order_fields(["version", "collegue", "commentaire"])


class PlanifierForm(FormulaireMotif):
    """The day promised to the resident; changing it needs a reason."""

    pour = ChampJour(label="Jour de l'intervention", help_text="L'usager est prévenu de cette date.")

    def adapter(self) -> None:
        super().adapter()
        if self.demande.etat != Etat.PLANIFIEE:
            del self.fields["motif"]
        self.order_fields(["version", "pour"])

    def arguments(self) -> dict[str, Any]:
        arguments = super().arguments()
        return {**arguments, "pour": fin_de_journee(arguments["pour"])}


class AttendreUnTiersForm(FormulaireMotif):
    """Whom one waits for, why, and when to ask again."""

    tiers = forms.CharField(
        label="Qui vous attendez", max_length=200, error_messages={"required": "Dites qui vous attendez."}
    )
    relance_le = ChampJour(label="Date de relance", help_text="La demande vous reviendra ce jour-là.")

    def adapter(self) -> None:
        super().adapter()
        self.order_fields(["version", "tiers", "motif", "relance_le", "commentaire"])

    def initiales(self) -> dict[str, Any]:
        return {"relance_le": timezone.localdate() + timedelta(days=7)}


class DemanderComplementForm(AvecTexteAUsager):
    """What is missing, for when, and the letter that asks for it (CRPA, art. L114-5 and L114-5-1)."""

    modeles_de = "demander_complement"

    pieces_du_type = forms.MultipleChoiceField(
        label="Documents à demander", required=False, widget=forms.CheckboxSelectMultiple
    )
    elements = ZoneDeTexte(
        label="Autres éléments", required=False, rows=3, help_text="Un document ou une information par ligne."
    )
    delai_jours = forms.IntegerField(
        label="Délai en jours",
        min_value=DELAI_MINIMAL,
        max_value=DELAI_MAXIMAL,
        help_text=f"De {DELAI_MINIMAL} à {DELAI_MAXIMAL} jours.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Le délai va de {DELAI_MINIMAL} à {DELAI_MAXIMAL} jours.",
        ),
    )
    est_indispensable = forms.BooleanField(
        label="Sans ces éléments, la demande ne peut pas être étudiée",
        required=False,
        help_text="Coché, le délai légal attend leur réception. Sinon, l'étude continue.",
    )

    def adapter(self) -> None:
        libelles = [piece["libelle"] for piece in self.demande.type.pieces] if self.demande.type else []
        self.fields["pieces_du_type"].choices = [(libelle, libelle) for libelle in libelles]
        if not libelles:
            del self.fields["pieces_du_type"]
            elements = self.fields["elements"]
            elements.label = "Éléments à demander"
            elements.required = True
            elements.error_messages["required"] = "Indiquez au moins une pièce ou une information à fournir."
        self.fields[
            "texte"
        ].help_text = f"« {modeles.LISTE} » et « {modeles.DATE_LIMITE} » seront remplacés à l'envoi."
        self.order_fields(
            ["version", "pieces_du_type", "elements", "delai_jours", "est_indispensable", "texte"]
        )

    def initiales(self) -> dict[str, Any]:
        type = self.demande.type
        return {
            "delai_jours": type.complement_delai_jours if type else 30,
            "est_indispensable": True,
            "texte": self._modele_usuel(),
        }

    def _modele_usuel(self) -> str:
        """The type's own template first; else the one that says what the wait does to the silence."""
        proposes = modeles.proposes(self.demande, self.auteur.compte, self.geste)
        propres = [texte for modele, texte in proposes if modele.type_id]
        mot = {"acceptation": "accord", "rejet": "refus"}.get(self.demande.silence_effet, "lieu")
        generaux = [texte for modele, texte in proposes if not modele.type_id and mot in modele.titre]
        return next(iter(propres or generaux), "")

    def clean(self) -> dict[str, Any]:
        donnees = super().clean()
        libres = [ligne.strip() for ligne in donnees.get("elements", "").splitlines()]
        donnees["elements"] = [*donnees.pop("pieces_du_type", ()), *filter(None, libres)]
        if not donnees["elements"]:
            self.add_error(
                "pieces_du_type" if "pieces_du_type" in self.fields else "elements",
                "Indiquez au moins une pièce ou une information à fournir.",
            )
        return donnees

    def clean_texte(self) -> str:
        """The list and the deadline come from the other fields; the rest must already be written."""
        texte = self.cleaned_data["texte"]
        sans_places = texte.replace(modeles.LISTE, "").replace(modeles.DATE_LIMITE, "")
        self.cleaned_data["texte"] = sans_places
        super().clean_texte()
        return texte

    def arguments(self) -> dict[str, Any]:
        arguments = super().arguments()
        echeance = timezone.localdate() + timedelta(days=arguments["delai_jours"])
        return {**arguments, "texte": modeles.fermer(arguments["texte"], arguments["elements"], echeance)}
