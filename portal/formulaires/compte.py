"""The residents' door: coming in, opening an account, finding a password again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from demandes.formulaires.champs import ChampTexte
from guichet.organisation.models import Compte, Espace
from guichet.organisation.models.comptes import normaliser_courriel as replier_courriel
from guichet.socle.coordonnees import afficher_telephone, normaliser_courriel, normaliser_telephone
from guichet.socle.texte import nettoyer

REFUS = _("L'adresse ou le mot de passe ne convient pas. Vérifiez les deux, puis recommencez.")
LONGUEUR_MOT_DE_PASSE = 200


class ConnexionForm(AuthenticationForm):
    """E-mail and password of a resident. Every refusal reads the same."""

    use_required_attribute = False

    username = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        error_messages={"required": _("Écrivez votre adresse électronique.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "inputmode": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        strip=False,
        max_length=LONGUEUR_MOT_DE_PASSE,
        error_messages={"required": _("Écrivez votre mot de passe.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        """Fold case here: trials are counted per address."""
        return replier_courriel(nettoyer(self.cleaned_data["username"]))

    def clean(self) -> dict[str, Any]:
        courriel, secret = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if courriel and secret:
            self.user_cache = authenticate(
                self.request, username=courriel, password=secret, espace=Espace.USAGER
            )
            if self.user_cache is None:
                raise ValidationError(REFUS, code="invalid_login")
        return self.cleaned_data


class CourrielForm(forms.Form):
    """One address: where the link will be sent."""

    use_required_attribute = False

    courriel = ChampTexte(
        label=_("Adresse électronique"),
        maximum=254,
        normaliser=normaliser_courriel,
        error_messages={"required": _("Écrivez votre adresse électronique.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "email",
                "inputmode": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )

    def clean_courriel(self) -> str:
        return replier_courriel(self.cleaned_data["courriel"])


class MotDePasseForm(forms.Form):
    """A new password, once: it may be shown, so nobody types it twice."""

    use_required_attribute = False

    mot_de_passe = forms.CharField(
        label=_("Choisissez un mot de passe"),
        strip=False,
        max_length=LONGUEUR_MOT_DE_PASSE,
        help_text=_("8 caractères au moins. Une phrase de quelques mots est plus sûre, et se retient mieux."),
        error_messages={
            "required": _("Choisissez un mot de passe."),
            "max_length": _("Ce mot de passe est trop long : 200 caractères au plus."),
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, compte: Compte, **options: Any) -> None:
        super().__init__(*args, **options)
        self.compte = compte

    def clean_mot_de_passe(self) -> str:
        secret = self.cleaned_data["mot_de_passe"]
        if "\0" in secret:
            raise ValidationError(_("Ce mot de passe contient un signe qui ne peut pas être gardé."))
        password_validation.validate_password(secret, self.compte)
        return secret


class InscriptionForm(MotDePasseForm):
    """What is needed to open an account, the address being already proved by its link."""

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
    telephone = ChampTexte(
        label=_("Téléphone"),
        required=False,
        normaliser=normaliser_telephone,
        afficher=afficher_telephone,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    adresse = ChampTexte(
        label=_("Adresse postale"),
        maximum=250,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )

    field_order = ["prenom", "nom", "telephone", "adresse", "mot_de_passe"]
