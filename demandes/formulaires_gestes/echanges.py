"""Forms of words that change no state, and of what the resident brings."""

from typing import Any

from django import forms

from demandes.formulaires_gestes.base import AvecPieces, AvecTexteAUsager, FormulaireGeste, ZoneDeTexte
from demandes.suivi import courriel_de_reponse
from guichet.canaux.canal import CHOIX as CANAUX


class NoteForm(FormulaireGeste):
    """A note for colleagues, or for the cleared ones only."""

    texte = ZoneDeTexte(label="Note", rows=6, error_messages={"required": "Écrivez la note."})
    est_confidentielle = forms.BooleanField(
        label="Note confidentielle",
        required=False,
        help_text="Lue seulement par les agents habilités au secteur de la demande.",
    )


class EcrireALUsagerForm(AvecPieces, AvecTexteAUsager):
    """A message to the resident that ends nothing."""

    modeles_de = "ecrire_a_l_usager"

    def adapter(self) -> None:
        self.order_fields(["version", "texte", "pieces"])


class EcrireALaVilleForm(AvecPieces):
    """What the resident said or brought, written down by the desk."""

    texte = ZoneDeTexte(label="Ce que dit l'usager", required=False, rows=6)
    canal = forms.ChoiceField(label="Reçu par", choices=CANAUX)

    def adapter(self) -> None:
        self.order_fields(["version", "texte", "pieces", "canal"])

    def initiales(self) -> dict[str, Any]:
        return {"canal": self.demande.canal}


class RecevoirComplementForm(EcrireALaVilleForm):
    """What was awaited from the resident, brought by another way than the portal."""

    def adapter(self) -> None:
        super().adapter()
        self.fields["texte"].label = "Informations données par l'usager"


class EnvoyerLAccuseForm(FormulaireGeste):
    """Where the acknowledgement goes."""

    courriel = forms.CharField(
        label="Adresse électronique",
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Si elle est nouvelle, elle est ajoutée à la fiche de la personne.",
    )

    def initiales(self) -> dict[str, Any]:
        return {"courriel": courriel_de_reponse(self.demande)}
