"""The fields an agent fills in while somebody speaks. What the type itself asks is another form."""

from datetime import datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from demandes.formulaires.champs import ChampPhotos, ChampTexte
from guichet.canaux.canal import CHOIX, Canal
from guichet.organisation.models import Direction, PointAccueil, Territoire
from guichet.socle import coordonnees
from usagers.rapprochement import Identite

CANAUX_SAISIS = [(code, libelle) for code, libelle in CHOIX if code != Canal.PORTAIL]
TERRITOIRE_INCONNU = "inconnu"
MIDI = time(12)


class SaisieForm(forms.Form):
    """One entry: by which channel, from whom, what, where, and what the agent answers."""

    use_required_attribute = False

    cle = forms.CharField(max_length=64, widget=forms.HiddenInput)
    usager = forms.IntegerField(required=False, widget=forms.HiddenInput)
    type = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    fiche = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    canal = forms.ChoiceField(label="Reçue par", choices=CANAUX_SAISIS)
    point_accueil = forms.ModelChoiceField(
        PointAccueil.objects.none(), label="Point d'accueil", empty_label=None
    )
    recue_le = forms.DateField(
        label="Reçue le",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Pour un courrier, la date du cachet d'arrivée. Vide : maintenant.",
        error_messages={"invalid": "Écrivez une date qui existe, comme 24/11/2026."},
    )

    est_anonyme = forms.BooleanField(label="La personne ne souhaite pas se nommer", required=False)
    prenom = ChampTexte(label="Prénom", required=False, maximum=80)
    nom = ChampTexte(label="Nom", required=False, maximum=120)
    raison_sociale = ChampTexte(label="Entreprise ou association", required=False, maximum=150)
    telephone = ChampTexte(
        label="Téléphone",
        required=False,
        normaliser=coordonnees.normaliser_telephone,
        afficher=coordonnees.afficher_telephone,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    courriel = ChampTexte(
        label="Courriel",
        required=False,
        maximum=254,
        normaliser=coordonnees.normaliser_courriel,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
    )
    adresse_personne = ChampTexte(label="Adresse postale", required=False, maximum=250)

    texte = ChampTexte(
        label="Ce que dit la personne",
        maximum=20_000,
        une_ligne=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez en une phrase ce que la personne demande."},
    )
    objet = ChampTexte(
        label="Objet",
        required=False,
        maximum=200,
        widget=forms.TextInput(attrs={"placeholder": "Vide : le nom de la démarche"}),
    )
    adresse = ChampTexte(label="Lieu concerné", required=False, maximum=250)
    territoire = forms.ChoiceField(label="Arrondissement", required=False)
    est_urgente = forms.BooleanField(label="Urgent : à traiter avant le reste", required=False)
    pieces = ChampPhotos(label="Documents et photos", required=False)

    reponse = ChampTexte(
        label="Votre réponse",
        required=False,
        maximum=20_000,
        une_ligne=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    direction = forms.ModelChoiceField(
        Direction.objects.filter(est_active=True),
        label="Direction",
        required=False,
        empty_label="Celle proposée",
    )
    note = ChampTexte(
        label="Note pour la direction",
        required=False,
        maximum=4000,
        une_ligne=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, accueils: list[PointAccueil], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["point_accueil"].queryset = PointAccueil.objects.filter(pk__in=[a.pk for a in accueils])
        self.fields["pieces"].widget.attrs |= {
            "accept": "image/*,application/pdf,.odt,.docx,.txt",
            "hx-preserve": "true",
        }
        self.territoires = list(Territoire.objects.all())
        self.fields["territoire"].choices = [
            ("", "Déduit de l'adresse"),
            *((str(t.pk), str(t)) for t in self.territoires),
            (TERRITOIRE_INCONNU, "Hors de la ville, ou inconnu"),
        ]

    def clean_recue_le(self):
        jour = self.cleaned_data["recue_le"]
        if jour and jour > timezone.localdate():
            raise ValidationError("La date de réception ne peut pas être dans l'avenir.")
        return jour

    def clean(self):
        donnees = super().clean()
        if (
            donnees.get("canal") == Canal.COURRIER
            and not donnees.get("recue_le")
            and "recue_le" not in self.errors
        ):
            self.add_error("recue_le", "Indiquez la date d'arrivée du courrier : les délais partent de là.")
        return donnees

    def moment_de_reception(self) -> datetime | None:
        """When it was received: now for today, noon in the city for a day gone by."""
        jour = self.cleaned_data.get("recue_le")
        if not jour or jour == timezone.localdate():
            return None
        return timezone.make_aware(datetime.combine(jour, MIDI))

    def identite(self, reponses: dict) -> Identite:
        """Who the person says they are; a business number given in the type's form belongs to them."""
        d = self.cleaned_data
        return Identite(
            nom=d.get("nom", ""),
            prenom=d.get("prenom", ""),
            raison_sociale=d.get("raison_sociale", ""),
            telephone=d.get("telephone", ""),
            courriel=d.get("courriel", ""),
            adresse=d.get("adresse_personne", ""),
            siret=str(reponses.get("siret", "")),
            rna=str(reponses.get("rna", "")),
        )

    def territoire_choisi(self) -> Territoire | None:
        valeur = self.cleaned_data.get("territoire")
        return next((t for t in self.territoires if str(t.pk) == valeur), None)

    @property
    def territoire_est_dit(self) -> bool:
        return bool(self.cleaned_data.get("territoire"))
