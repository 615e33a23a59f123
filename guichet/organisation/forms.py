"""The login form of the agents' door."""

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from guichet.organisation.models import Compte, Espace
from guichet.organisation.models.comptes import normaliser_courriel
from guichet.socle.texte import nettoyer

REFUS = "L'adresse ou le mot de passe ne convient pas. Vérifiez les deux, puis recommencez."


class ConnexionAgentForm(AuthenticationForm):
    """E-mail and password of an agent. Every refusal reads the same: it tells nobody what exists."""

    username = forms.CharField(
        label="Adresse électronique professionnelle",
        max_length=254,
        error_messages={"required": "Écrivez votre adresse électronique."},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=200,
        error_messages={"required": "Écrivez votre mot de passe."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_username(self):
        """Fold case here: trials are counted per address, and « A@… » must not open a fresh count."""
        return normaliser_courriel(nettoyer(self.cleaned_data["username"]))

    def clean(self):
        courriel, secret = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if courriel and secret:
            self.user_cache = authenticate(
                self.request, username=courriel, password=secret, espace=Espace.AGENT
            )
            if self.user_cache is None:
                raise ValidationError(REFUS, code="invalid_login")
        return self.cleaned_data


class MotDePasseForm(forms.Form):
    """A password, once, for the agent who followed the link."""

    use_required_attribute = False

    mot_de_passe = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=200,
        help_text="8 caractères au moins. Une phrase de quelques mots est plus sûre, et se retient mieux.",
        error_messages={
            "required": "Choisissez un mot de passe.",
            "max_length": "Ce mot de passe est trop long : 200 caractères au plus.",
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, compte: Compte, **options):
        super().__init__(*args, **options)
        self.compte = compte

    def clean_mot_de_passe(self):
        secret = self.cleaned_data["mot_de_passe"]
        password_validation.validate_password(secret, self.compte)
        return secret
