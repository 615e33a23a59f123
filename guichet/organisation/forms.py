"""The login form of the agents' door."""

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from guichet.organisation.models import Espace
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
