"""Forms of the person's card."""

from django import forms

from guichet.socle.erreurs import DonneeInvalide, ErreurMetier
from guichet.socle.texte import nettoyer
from usagers.fiche import ajouter_coordonnee, corriger_coordonnee, rendre_principale
from usagers.models import Coordonnee, Usager


class UsagerForm(forms.ModelForm):
    """Name, address and preferred channel. A verified name is not retyped at the desk."""

    class Meta:
        model = Usager
        fields = ("prenom", "nom", "raison_sociale", "adresse", "canal_prefere")
        labels = {"raison_sociale": "Entreprise ou association", "adresse": "Adresse postale"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["canal_prefere"].label = "Préfère être joint par"
        self.fields["canal_prefere"].help_text = ""
        if self.instance.identite_verifiee_le:
            for nom in ("prenom", "nom"):
                self.fields[nom].disabled = True
                self.fields[nom].help_text = "Identité vérifiée : ce nom ne se corrige plus ici."

    def clean(self):
        donnees = super().clean()
        for nom in ("prenom", "nom", "raison_sociale", "adresse"):
            if isinstance(donnees.get(nom), str):
                donnees[nom] = " ".join(nettoyer(donnees[nom]).split())
        return donnees


class CoordonneeForm(forms.Form):
    """One coordinate: what to do with it, and its value."""

    valeur = forms.CharField(
        label="Ajouter un téléphone ou un courriel",
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def appliquer(self, usager: Usager, coordonnee: Coordonnee | None) -> str:
        """Do what the pressed button asked and return the sentence to show. Raises ErreurMetier."""
        geste = self.data.get("geste")
        if geste == "principale" and coordonnee is not None:
            rendre_principale(coordonnee)
            return f"{coordonnee} devient la coordonnée principale."
        if not self.is_valid() or not (valeur := self.cleaned_data["valeur"].strip()):
            raise DonneeInvalide("Écrivez un numéro de téléphone ou une adresse électronique.", "valeur")
        if geste == "corriger" and coordonnee is not None:
            return f"Coordonnée corrigée : {corriger_coordonnee(coordonnee, valeur)}."
        return f"Coordonnée ajoutée : {ajouter_coordonnee(usager, valeur)}."

    def refuser(self, erreur: ErreurMetier) -> "CoordonneeForm":
        """Show the refusal on the field, with what was typed."""
        self.full_clean()
        if not self.errors:
            self.add_error("valeur", str(erreur))
        return self
