"""Forms of what is done by hand with a message: which one, and when."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from demandes.formulaires_gestes.base import FormulaireGeste
from demandes.formulaires_gestes.direction import ChampJour
from demandes.models import Message, Remise
from guichet.canaux.canal import Canal
from guichet.socle.templatetags.dates import date_simple


class ChampMessage(forms.ModelChoiceField):
    """One of the messages that somebody hands over, as radios."""

    def __init__(self) -> None:
        super().__init__(
            queryset=Message.objects.none(),
            label="Message",
            empty_label=None,
            widget=forms.RadioSelect,
            error_messages={
                "required": "Choisissez le message.",
                "invalid_choice": "Ce message n'est pas à remettre à la main.",
            },
        )

    def label_from_instance(self, message: Message) -> str:
        canal = Canal(message.canal).dans_une_phrase
        return (
            f"{message.objet or Truncator(message.corps).chars(80)} ({date_simple(message.cree_le)}, {canal})"
        )


class SurUnMessage(FormulaireGeste):
    """A gesture on one message; done already, it is asked again without harm."""

    message = ChampMessage()

    def adapter(self) -> None:
        messages = self.demande.messages.filter(remise__isnull=False)
        self.fields["message"].queryset = messages.order_by("remise__remise_le", "pk")

    def initiales(self) -> dict[str, Any]:
        """The one that has waited longest."""
        return {"message": self.demande.messages.filter(remise__remise_le__isnull=True).first()}


class ImprimerLaLettreForm(SurUnMessage):
    """Then the letter itself opens."""

    @property
    def suite(self) -> str:
        message = self.cleaned_data["message"]
        return reverse("agent_lettre", args=[self.demande.numero, message.pk])


class MarquerRemiseForm(SurUnMessage):
    """Today, unless one writes another day down."""

    remise_le = ChampJour(label="Postée, dite, publiée ou remise le")

    def initiales(self) -> dict[str, Any]:
        return {**super().initiales(), "remise_le": timezone.localdate()}


class NoterLaSuiteForm(SurUnMessage):
    """What a posted letter became, and the day it was known."""

    issue = forms.ChoiceField(
        label="La lettre est",
        choices=Remise.Suite.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites ce que la lettre est devenue."},
    )
    issue_le = ChampJour(label="Connu le")

    def adapter(self) -> None:
        parties = self.demande.messages.filter(remise__numero__isnull=False, remise__remise_le__isnull=False)
        self.fields["message"].queryset = parties.order_by("pk")

    def initiales(self) -> dict[str, Any]:
        sans_suite = self.demande.messages.filter(remise__remise_le__isnull=False, remise__suite="")
        return {"message": sans_suite.last(), "issue_le": timezone.localdate()}


class ImprimerLAccuseForm(FormulaireGeste):
    """Then the page to post opens."""

    @property
    def suite(self) -> str:
        return reverse("agent_recu", args=[self.demande.numero])
