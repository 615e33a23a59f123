"""The fields an agent fills in while somebody speaks. What the type itself asks is another form."""

from datetime import datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from demandes.actions import Enveloppe
from demandes.formulaires.champs import ChampPhotos, ChampTexte
from demandes.models import Intermediaire
from guichet.canaux import liens
from guichet.canaux.canal import CHOIX, RESEAUX_SOCIAUX, Canal
from guichet.canaux.reseau import Portee
from guichet.organisation.models import Direction, PointAccueil, Territoire
from guichet.socle import coordonnees
from guichet.socle.erreurs import DonneeInvalide
from usagers.rapprochement import Identite

CANAUX_SAISIS = [(code, libelle) for code, libelle in CHOIX if code != Canal.PORTAIL]
TERRITOIRE_INCONNU = "inconnu"
MIDI = time(12)
TEXTES = {
    Canal.COURRIER: "Ce que dit la lettre",
    Canal.COURRIEL: "Texte du courriel",
    Canal.SMS: "Texte du message",
    **dict.fromkeys(RESEAUX_SOCIAUX, "Texte de la publication ou du message"),
}
# Of the fields that tell how it came, those each channel has, in the order they are read off the paper.
CHAMPS_DU_CANAL = {
    Canal.COURRIER: ("recue_le", "envoyee_le", "est_recommande", "numero_recommande"),
    Canal.COURRIEL: ("expediteur", "recue_le"),
    **dict.fromkeys(RESEAUX_SOCIAUX, ("lien", "portee", "compte", "recue_le")),
}


def champ_jour(libelle: str, aide: str = "") -> forms.DateField:
    return forms.DateField(
        label=libelle,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=aide,
        error_messages={"invalid": "Écrivez une date qui existe, comme 24/11/2026."},
    )


def champ_telephone() -> ChampTexte:
    return ChampTexte(
        label="Téléphone",
        required=False,
        normaliser=coordonnees.normaliser_telephone,
        afficher=coordonnees.afficher_telephone,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )


def champ_courriel(libelle: str = "Courriel") -> ChampTexte:
    return ChampTexte(
        label=libelle,
        required=False,
        maximum=254,
        normaliser=coordonnees.normaliser_courriel,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
    )


class SaisieForm(forms.Form):
    """One entry: by which channel, from whom, what, where, and what the agent answers."""

    use_required_attribute = False

    cle = forms.CharField(max_length=64, widget=forms.HiddenInput)
    lettre = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    usager = forms.IntegerField(required=False, widget=forms.HiddenInput)
    type = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    fiche = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    canal = forms.ChoiceField(label="Reçue par", choices=CANAUX_SAISIS)
    point_accueil = forms.ModelChoiceField(
        PointAccueil.objects.none(), label="Point d'accueil", empty_label=None
    )
    recue_le = champ_jour("Reçue le", "Vide : aujourd'hui.")
    envoyee_le = champ_jour("Date de la lettre ou du cachet de la poste")
    est_recommande = forms.BooleanField(label="En recommandé", required=False)
    numero_recommande = ChampTexte(label="Numéro du recommandé", required=False, maximum=30)
    expediteur = champ_courriel("Adresse d'où le courriel est parti")
    lien = ChampTexte(
        label="Lien de la publication",
        required=False,
        maximum=liens.LONGUEUR,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Sur la publication : « Partager », puis « Copier le lien ». Il dit aussi de quel réseau "
        "elle vient.",
    )
    portee = forms.ChoiceField(
        label="Qui peut la lire",
        required=False,
        choices=[
            (Portee.PUBLIQUE.value, "Tout le monde : publication ou commentaire"),
            (Portee.PRIVEE.value, "La ville seule : message privé"),
        ],
        initial=Portee.PUBLIQUE.value,
        widget=forms.RadioSelect,
    )
    compte = ChampTexte(
        label="Auteur, comme le réseau l'affiche",
        required=False,
        maximum=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "@nom ou prénom et nom"}
        ),
    )

    est_anonyme = forms.BooleanField(label="La personne ne souhaite pas se nommer", required=False)
    prenom = ChampTexte(label="Prénom", required=False, maximum=80)
    nom = ChampTexte(label="Nom", required=False, maximum=120)
    raison_sociale = ChampTexte(label="Entreprise ou association", required=False, maximum=150)
    telephone = champ_telephone()
    courriel = champ_courriel()
    adresse_personne = ChampTexte(label="Adresse postale", required=False, maximum=250)

    pour_autrui = forms.CharField(required=False, max_length=3, widget=forms.HiddenInput)
    appelant = forms.IntegerField(required=False, widget=forms.HiddenInput)
    appelant_prenom = ChampTexte(label="Prénom", required=False, maximum=80)
    appelant_nom = ChampTexte(label="Nom", required=False, maximum=120)
    appelant_raison_sociale = ChampTexte(label="Association ou organisme", required=False, maximum=150)
    appelant_telephone = champ_telephone()
    appelant_courriel = champ_courriel()
    qualite = forms.ChoiceField(
        label="À quel titre ?",
        required=False,
        choices=[("", "Choisissez"), *Intermediaire.Qualite.choices],
    )
    reponse_a = forms.ChoiceField(
        label="La réponse ira",
        required=False,
        choices=[("usager", "à la personne concernée"), ("appelant", "à la personne qui demande pour elle")],
        widget=forms.RadioSelect,
    )

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
        widget=forms.TextInput(attrs={"placeholder": "Vide : la première phrase"}),
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
        dit = self.data.get("canal", "")
        self.canal = Canal(dit) if dit in list(Canal) else Canal.TELEPHONE
        self.fields["texte"].label = TEXTES.get(self.canal, self.fields["texte"].label)
        if self.canal == Canal.COURRIER:
            self.fields["recue_le"].label = "Arrivée le"
            self.fields["recue_le"].help_text = "La date du cachet d'arrivée : les délais partent de là."
            self.fields["objet"].widget.attrs["placeholder"] = (
                "Vide : la ligne « Objet », ou la première phrase"
            )
            self.fields["pieces"].label = "Pages numérisées"
        if self.canal == Canal.COURRIEL:
            self.fields["objet"].label = "Objet du courriel"
        if self.est_un_reseau:
            self.fields["recue_le"].label = "Publiée le"
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

    @property
    def est_un_reseau(self) -> bool:
        return self.canal in RESEAUX_SOCIAUX

    @property
    def champs_du_canal(self):
        """Bound fields that tell how it came, by this channel and no other."""
        return [self[nom] for nom in self._siens]

    @property
    def _siens(self) -> tuple[str, ...]:
        return CHAMPS_DU_CANAL.get(self.canal, ("recue_le",))

    def clean_recue_le(self):
        jour = self.cleaned_data["recue_le"]
        if jour and jour > timezone.localdate():
            raise ValidationError("La date de réception ne peut pas être dans l'avenir.")
        return jour

    def clean(self):
        donnees = super().clean()
        if self.canal == Canal.COURRIER:
            self._verifier_la_lettre(donnees)
        if self.canal == Canal.COURRIEL and not donnees.get("expediteur") and "expediteur" not in self.errors:
            self.add_error("expediteur", "Indiquez l'adresse de l'expéditeur : l'accusé de réception y part.")
        if self.est_un_reseau:
            self._verifier_la_publication(donnees)
        if donnees.get("pour_autrui") == "oui":
            self._verifier_l_appelant(donnees)
        return donnees

    def _verifier_la_publication(self, donnees):
        """The link says which network it is, whatever was chosen; a public post has one, and an author."""
        donnees["est_anonyme"] = False
        donnees["portee"] = Portee(donnees.get("portee") or Portee.PUBLIQUE)
        if donnees.get("lien"):
            try:
                donnees["lien_lu"] = liens.lire(donnees["lien"])
            except DonneeInvalide as erreur:
                self.add_error("lien", str(erreur))
            else:
                donnees["lien"] = donnees["lien_lu"].adresse
                donnees["canal"] = donnees["lien_lu"].reseau(self.canal)
        elif donnees["portee"].est_publique and "lien" not in self.errors:
            self.add_error("lien", "Collez le lien de la publication : la réponse s'y écrira.")
        if not donnees.get("compte") and "compte" not in self.errors:
            self.add_error("compte", "Écrivez le nom de l'auteur, comme le réseau l'affiche.")

    def _verifier_la_lettre(self, donnees):
        arrivee, depart = donnees.get("recue_le"), donnees.get("envoyee_le")
        if not arrivee and "recue_le" not in self.errors:
            self.add_error("recue_le", "Indiquez la date d'arrivée du courrier : les délais partent de là.")
        if arrivee and depart and depart > arrivee:
            self.add_error("envoyee_le", "La lettre ne peut pas être partie après son arrivée.")
        if donnees.get("numero_recommande"):
            donnees["est_recommande"] = True

    def _verifier_l_appelant(self, donnees):
        if not donnees.get("qualite") and "qualite" not in self.errors:
            self.add_error("qualite", "Dites à quel titre cette personne demande pour une autre.")
        nomme = any(donnees.get(nom) for nom in ("appelant", "appelant_nom", "appelant_raison_sociale"))
        if not nomme and "appelant_nom" not in self.errors:
            self.add_error("appelant_nom", "Nommez la personne qui demande pour une autre.")

    def moment(self, champ: str) -> datetime | None:
        """A day typed as a moment: nothing for today, noon in the city for a day gone by."""
        dit = (
            self.cleaned_data.get(champ) if champ in CHAMPS_DU_CANAL.get(self.canal, ("recue_le",)) else None
        )
        if not dit or (champ == "recue_le" and dit == timezone.localdate()):
            return None
        return timezone.make_aware(datetime.combine(dit, MIDI))

    def enveloppe(self) -> Enveloppe:
        """What this channel says of itself; what was typed for another channel is left out."""
        d = self.cleaned_data
        return Enveloppe(**{nom: d[nom] for nom in vars(Enveloppe()) if nom in self._siens and d.get(nom)})

    def identite_de_l_appelant(self) -> Identite:
        d = self.cleaned_data
        return Identite(
            nom=d.get("appelant_nom", ""),
            prenom=d.get("appelant_prenom", ""),
            raison_sociale=d.get("appelant_raison_sociale", ""),
            telephone=d.get("appelant_telephone", ""),
            courriel=d.get("appelant_courriel", ""),
        )

    def identite(self, reponses: dict) -> Identite:
        """Who the person says they are; a business number given in the type's form belongs to them."""
        d = self.cleaned_data
        return Identite(
            nom=d.get("nom", ""),
            prenom=d.get("prenom", ""),
            raison_sociale=d.get("raison_sociale", ""),
            telephone=d.get("telephone", ""),
            courriel=d.get("courriel", "") or ("" if d.get("pour_autrui") else d.get("expediteur", "")),
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
