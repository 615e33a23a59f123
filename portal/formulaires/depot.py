"""The pages of a deposit that are not the démarche's own questions: words, place, documents, person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from demandes.formulaires.champs import ChampTexte
from guichet.canaux.canal import Canal
from guichet.envois import texto
from guichet.organisation.models import Territoire
from guichet.organisation.territoires import deduire
from guichet.socle import coordonnees
from portal.formulaires.fichiers import ChampFichiers
from usagers.models import Usager

LONGUEUR_RECIT = 10_000
ARRONDISSEMENT_INCONNU = "inconnu"


class RecitForm(forms.Form):
    """What happens, in the person's own words; a few démarches can do without."""

    use_required_attribute = False

    texte = ChampTexte(maximum=LONGUEUR_RECIT, une_ligne=False, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, est_exige: bool, **options: Any) -> None:
        super().__init__(*args, prefix="recit", **options)
        champ = self.fields["texte"]
        champ.required = est_exige
        champ.label = _("Que se passe-t-il ?") if est_exige else _("Voulez-vous ajouter quelque chose ?")
        champ.help_text = _(
            "Quelques phrases suffisent. N'écrivez rien sur la santé ou la vie privée d'autrui."
        )
        champ.error_messages["required"] = _("Décrivez en quelques mots ce qui se passe.")


class LieuForm(forms.Form):
    """One line of address. The district is deduced; only when it cannot be is it asked."""

    use_required_attribute = False

    adresse = ChampTexte(
        maximum=250,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": _("Indiquez une adresse ou un endroit précis.")},
    )
    territoire = forms.ChoiceField(
        label=_("Dans quel arrondissement ?"),
        required=False,
        error_messages={"invalid_choice": _("Choisissez un arrondissement de la liste.")},
    )

    def __init__(self, *args: Any, champ: dict[str, Any], **options: Any) -> None:
        super().__init__(*args, prefix="lieu", **options)
        self.fields["adresse"].label = champ["libelle"]
        self.fields["adresse"].mots_de_la_ville = {"label"}
        self.fields["adresse"].required = champ["obligatoire"]
        exemple = gettext("Par exemple : 12 rue des Tisserands, ou « devant l'école Louise-Michel ».")
        self.fields["adresse"].help_text = " ".join(filter(None, [champ.get("aide"), exemple]))
        self.fields["territoire"].choices = [
            ("", _("Choisir dans la liste")),
            *((str(t.pk), str(t)) for t in Territoire.objects.all()),
            (ARRONDISSEMENT_INCONNU, _("Je ne sais pas")),
        ]
        self.demande_l_arrondissement = bool(self.initial.get("territoire"))

    def clean(self) -> dict[str, Any]:
        """Deduce the district, else take the one chosen; nothing chosen brings the question."""
        donnees = super().clean() or {}
        adresse = donnees.get("adresse")
        if not adresse or self.errors:
            return donnees
        if deduit := deduire(adresse):
            donnees["territoire"] = deduit.pk
            return donnees
        self.demande_l_arrondissement = self.fields["territoire"].required = True
        choisi = donnees.get("territoire")
        if not choisi:
            self.add_error(
                "territoire",
                _(
                    "Nous ne trouvons pas cette adresse dans notre liste de rues. "
                    "Choisissez l'arrondissement, ou « Je ne sais pas »."
                ),
            )
        donnees["territoire"] = int(choisi) if choisi and choisi != ARRONDISSEMENT_INCONNU else None
        return donnees

    def saisie(self) -> dict[str, Any]:
        return {
            "adresse": self.cleaned_data.get("adresse", ""),
            "territoire": self.cleaned_data.get("territoire") or None,
        }


class PiecesForm(forms.Form):
    """One file field per document the démarche speaks of. Nothing is refused for missing: it is said."""

    use_required_attribute = False

    def __init__(self, *args: Any, documents: list[dict[str, Any]], **options: Any) -> None:
        super().__init__(*args, prefix="pieces", **options)
        for document in documents:
            self.fields[document["code"]] = ChampFichiers(
                label=document["libelle"], help_text=document["aide"], required=document["obligatoire"]
            )
            self.fields[document["code"]].mots_de_la_ville = {"label", "help_text"}


class CoordonneesForm(forms.Form):
    """Who asks and how to answer them, no more than this démarche needs (`acces`).

    With an account, only the choice between one's name and silence remains.
    """

    use_required_attribute = False

    anonyme = forms.ChoiceField(
        label=_("Voulez-vous être tenu au courant ?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez une réponse."),
            "invalid_choice": _("Choisissez une réponse."),
        },
    )
    raison_sociale = ChampTexte(
        label=_("Nom de l'entreprise ou de l'association"),
        maximum=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Indiquez le nom de l'entreprise ou de l'association.")},
    )
    siret = ChampTexte(
        label=_("Numéro SIRET"),
        required=False,
        help_text=_("14 chiffres."),
        normaliser=coordonnees.normaliser_siret,
    )
    rna = ChampTexte(
        label=_("Numéro RNA de l'association"),
        required=False,
        help_text=_("W suivi de neuf chiffres."),
        normaliser=coordonnees.normaliser_rna,
    )
    prenom = ChampTexte(
        label=_("Prénom"),
        maximum=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Indiquez votre prénom.")},
    )
    nom = ChampTexte(
        label=_("Nom"),
        maximum=120,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Indiquez votre nom.")},
    )
    courriel = ChampTexte(
        label=_("Adresse électronique"),
        maximum=254,
        required=False,
        help_text=_("Pour recevoir l'accusé de réception et la réponse."),
        normaliser=coordonnees.normaliser_courriel,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "email",
                "inputmode": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    telephone = ChampTexte(
        label=_("Téléphone"),
        required=False,
        normaliser=coordonnees.normaliser_telephone,
        afficher=coordonnees.afficher_telephone,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    adresse = ChampTexte(
        label=_("Adresse postale"),
        maximum=250,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    canal_prefere = forms.ChoiceField(
        label=_("Comment préférez-vous recevoir la réponse ?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (Canal.COURRIEL.value, _("Par courriel")),
            (Canal.SMS.value, _("Par SMS")),
            (Canal.TELEPHONE.value, _("Par téléphone")),
            (Canal.COURRIER.value, _("Par courrier")),
        ],
        error_messages={"invalid_choice": _("Choisissez une réponse de la liste.")},
    )

    MOYENS = {
        Canal.COURRIEL: "courriel",
        Canal.SMS: "telephone",
        Canal.TELEPHONE: "telephone",
        Canal.COURRIER: "adresse",
    }
    DEMANDES = {
        "courriel": _("Indiquez l'adresse électronique où vous écrire."),
        "telephone": _("Indiquez le numéro où vous appeler."),
        "adresse": _("Indiquez l'adresse où vous écrire."),
    }

    def __init__(
        self, *args: Any, acces: str, usager: Usager | None, organisme_connu: bool, **options: Any
    ) -> None:
        super().__init__(*args, prefix="vous", **options)
        self.acces, self.usager = acces, usager
        retires = set()
        if acces == "anonyme":
            avec = (
                gettext("Oui, avec mon compte ({usager})").format(usager=usager)
                if usager
                else _("Oui, je laisse mes coordonnées")
            )
            self.fields["anonyme"].choices = [("non", avec), ("oui", _("Non, je reste anonyme"))]
            self.fields["nom"].required = self.fields["prenom"].required = False
        else:
            retires.add("anonyme")
        if acces != "entreprise":
            retires |= {"raison_sociale", "siret", "rna"}
        elif organisme_connu:
            retires |= {"siret", "rna"}
        if usager is not None:
            retires |= {"prenom", "nom", "courriel", "telephone", "adresse", "canal_prefere"}
        for nom in retires:
            del self.fields[nom]
        if "canal_prefere" in self.fields and not texto.est_ouvert():
            champ = self.fields["canal_prefere"]
            champ.choices = [(code, mot) for code, mot in champ.choices if code != Canal.SMS]
        self.champs_du_contact = [self[nom] for nom in self.fields if nom != "anonyme"]

    @property
    def est_anonyme(self) -> bool:
        return self.cleaned_data.get("anonyme") == "oui"

    def clean(self) -> dict[str, Any]:
        """Ask for one way to answer, and for the one they prefer."""
        donnees = super().clean() or {}
        if donnees.get("anonyme") == "oui":
            # What was typed before changing one's mind is forgotten, errors included.
            for champ in self.champs_du_contact:
                self._errors.pop(champ.name, None)
            return {"anonyme": "oui"}
        if "siret" in self.fields and not (donnees.get("siret") or donnees.get("rna")) and not self.errors:
            self.add_error("siret", _("Indiquez le numéro SIRET, ou le numéro RNA de l'association."))
        if self.usager is None:
            self._exiger_un_moyen(donnees)
        return donnees

    def _exiger_un_moyen(self, donnees: dict[str, Any]) -> None:
        if not any(donnees.get(nom) or nom in self.errors for nom in self.MOYENS.values()):
            raise ValidationError(
                _(
                    "Laissez au moins un moyen de vous répondre : une adresse électronique, un téléphone "
                    "ou une adresse postale."
                )
            )
        prefere = donnees.get("canal_prefere")
        moyen = self.MOYENS.get(prefere)
        if moyen and not donnees.get(moyen) and moyen not in self.errors:
            self.add_error(moyen, self.DEMANDES[moyen])
        telephone = donnees.get("telephone")
        if prefere == Canal.SMS and telephone and not coordonnees.est_mobile(telephone):
            self.add_error("telephone", _("Un SMS n'arrive que sur un mobile : indiquez-en un."))

    def saisie(self) -> dict[str, Any]:
        """What the draft keeps: texts, and `anonyme` as a boolean."""
        return {nom: valeur for nom, valeur in self.cleaned_data.items() if nom != "anonyme" and valeur} | {
            "anonyme": self.est_anonyme
        }
