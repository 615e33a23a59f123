"""Forms that bring demandes together or set them apart."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from demandes import doublons
from demandes.actions.liens import LONGUEUR_RAISON
from demandes.actions.regroupement import SUJETS_AU_PLUS, Sujet, pieces_recues
from demandes.formulaires.formulaire import Condition
from demandes.formulaires_gestes.base import FormulaireGeste, ZoneDeTexte
from demandes.models import Demande, Lien, Suggestion, TypeDemande
from demandes.noms import noms
from guichet.socle.templatetags.dates import date_simple

AUTRE = "autre"


class FusionnerForm(FormulaireGeste):
    """The main demande, among those that look alike or by its number."""

    conditions = {"numero": Condition("principale", AUTRE, "Pour une demande qui n'est pas proposée.", True)}

    principale = forms.ChoiceField(
        label="Regrouper avec",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez la demande principale.",
            "invalid_choice": "Choisissez une demande de la liste.",
        },
    )
    numero = forms.CharField(
        label="Numéro de la demande principale",
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"placeholder": "2026-0001234"}),
    )

    def adapter(self) -> None:
        perimetre = self.auteur.perimetre
        assert perimetre is not None
        self.visibles = Demande.objects.visibles_par(perimetre)
        proposes = doublons.chercher(self.demande, perimetre)
        choix = [(doublon.demande.numero, decrire(doublon)) for doublon in proposes]
        self.fields["principale"].choices = [*choix, (AUTRE, "Une autre demande")]
        if not choix:
            self.fields["principale"].widget = forms.HiddenInput()

    def initiales(self) -> dict[str, Any]:
        return {"principale": AUTRE}

    def clean(self) -> dict[str, Any]:
        """Turn the number into a demande this agent may read; another's is simply not found."""
        donnees = super().clean()
        choix, numero = donnees.get("principale"), donnees.pop("numero", "").strip()
        if not choix:
            return donnees
        trouvee = self.visibles.filter(numero=numero if choix == AUTRE else choix).first()
        if trouvee is None:
            self.add_error("numero", ValidationError("Aucune demande visible ne porte ce numéro."))
        donnees["principale"] = trouvee
        return donnees


class AutreDemandeForm(FormulaireGeste):
    """Another demande, by a number this agent may read; any other is simply not found."""

    numero = forms.CharField(
        label="Numéro de l'autre demande",
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "2026-0001234"}),
        error_messages={
            "required": "Écrivez le numéro de l'autre demande.",
            "max_length": "Ce numéro est trop long. Exemple : 2026-0001234.",
        },
    )

    def clean(self) -> dict[str, Any]:
        donnees = super().clean()
        numero = donnees.pop("numero", "")
        if not numero:
            return donnees
        perimetre = self.auteur.perimetre
        assert perimetre is not None
        donnees["autre"] = Demande.objects.visibles_par(perimetre).filter(numero=numero.strip()).first()
        if donnees["autre"] is None:
            self.add_error("numero", ValidationError("Aucune demande visible ne porte ce numéro."))
        return donnees


class LierForm(AutreDemandeForm):
    """Which one, how they hang together, and why."""

    nature = forms.ChoiceField(
        label="Cette demande est",
        choices=[
            (Lien.Nature.LIEE, "liée à l'autre : même affaire, deux questions"),
            (Lien.Nature.SUITE, "la suite de l'autre : elle vient après"),
            (Lien.Nature.SUIVIE, "suivie par l'autre : elle vient avant"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Dites comment les deux demandes sont liées.",
            "invalid_choice": "Choisissez dans la liste.",
        },
    )
    raison = forms.CharField(
        label="Pourquoi",
        max_length=LONGUEUR_RAISON,
        help_text="Lue par les agents, sur les deux demandes.",
        error_messages={
            "required": "Dites en quelques mots pourquoi elles sont liées.",
            "max_length": f"Cette raison est trop longue : {LONGUEUR_RAISON} caractères au plus.",
        },
    )

    def initiales(self) -> dict[str, Any]:
        return {"nature": Lien.Nature.LIEE}


class DelierForm(AutreDemandeForm):
    """Which link, and why it goes."""

    raison = forms.CharField(
        label="Pourquoi",
        max_length=LONGUEUR_RAISON,
        help_text="Gardée en note interne.",
        error_messages={
            "required": "Dites en quelques mots pourquoi vous retirez le lien.",
            "max_length": f"Cette raison est trop longue : {LONGUEUR_RAISON} caractères au plus.",
        },
    )


def decrire(doublon: doublons.Doublon) -> str:
    d = doublon.demande
    lieu = d.adresse or ("" if d.territoire_id is None else noms().territoires[d.territoire_id])
    faits = [d.numero, d.objet, lieu, f"reçue le {date_simple(d.recue_le)}", *doublon.raisons]
    return " · ".join(filter(None, faits))


class ScinderForm(FormulaireGeste):
    """Each other subject, with its type when it is known and the attachments that are about it.

    One line at first; « Ajouter un sujet » gives the same form with one more.
    """

    AJOUTER = "sujet"

    def adapter(self) -> None:
        saisis = [r for r in range(1, SUJETS_AU_PLUS + 1) if f"texte_{r}" in (self.data or self.initial)]
        ajoute = self.initial.get("preparer") == self.AJOUTER
        self.rangs = range(1, min(max(saisis, default=1) + ajoute, SUJETS_AU_PLUS) + 1)
        self.peut_ajouter = len(self.rangs) < SUJETS_AU_PLUS
        types = TypeDemande.objects.publies().order_by("libelle")
        self.recues = {str(piece.pk): piece for piece in pieces_recues(self.demande)}
        for rang in self.rangs:
            sujet = f"sujet {rang + 1}"  # the first one stays here
            self.fields[f"texte_{rang}"] = ZoneDeTexte(label=sujet.capitalize(), rows=3, required=rang == 1)
            self.fields[f"texte_{rang}"].error_messages["required"] = "Décrivez au moins un autre sujet."
            self.fields[f"type_{rang}"] = forms.ModelChoiceField(
                label=f"Type du {sujet}", queryset=types, required=False, empty_label="À préciser plus tard"
            )
            if self.recues:
                self.fields[f"pieces_{rang}"] = forms.MultipleChoiceField(
                    label=f"Documents du {sujet}",
                    choices=[(cle, piece.nom_original) for cle, piece in self.recues.items()],
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                    error_messages={"invalid_choice": "Choisissez parmi les documents de la demande."},
                )
        if ajoute:
            self.fields[f"texte_{self.rangs[-1]}"].widget.attrs["autofocus"] = True

    def initiales(self) -> dict[str, Any]:
        """The sentences of the second subject, when the text seemed to have two."""
        suggestion = Suggestion.objects.filter(demande=self.demande).select_related("message").first()
        if self.is_bound or suggestion is None or len(suggestion.sujets) < 2:
            return {}
        second = suggestion.sujets[1]
        return {
            "texte_1": suggestion.message.corps[second["debut"] : second["fin"]].strip(),
            "type_1": TypeDemande.objects.publies().filter(code=second["code"]).first(),
        }

    def clean(self) -> dict[str, Any]:
        """What was chosen for a subject that says nothing would be lost in silence."""
        donnees = super().clean()
        for rang in self.rangs[1:]:
            if (donnees.get(f"type_{rang}") or donnees.get(f"pieces_{rang}")) and not donnees.get(
                f"texte_{rang}"
            ):
                self.add_error(f"texte_{rang}", "Décrivez ce sujet, ou retirez son type et ses documents.")
        return donnees

    def arguments(self) -> dict[str, Any]:
        lus = self.cleaned_data
        return {
            "sujets": [
                Sujet(
                    lus[f"type_{rang}"],
                    lus[f"texte_{rang}"],
                    tuple(self.recues[cle] for cle in lus.get(f"pieces_{rang}", ())),
                )
                for rang in self.rangs
                if lus[f"texte_{rang}"]
            ]
        }
