"""What a resident may type about a demande they follow."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from demandes.actions.porte import LONGUEUR_TEXTE
from demandes.formulaires.champs import ChampTexte
from portal.formulaires.fichiers import ChampFichiers


class RechercheSuiviForm(forms.Form):
    """Number and code, as they were noted or dictated."""

    numero = ChampTexte(
        label=_("Numéro de la demande"),
        maximum=40,
        help_text=_("Par exemple 2026-0001234. Il figure sur votre accusé de réception."),
        error_messages={"required": _("Indiquez le numéro de la demande.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}),
    )
    code = ChampTexte(
        label=_("Code de suivi"),
        maximum=40,
        help_text=_("8 lettres et chiffres. Majuscules et espaces n'ont pas d'importance."),
        error_messages={"required": _("Indiquez le code de suivi.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    use_required_attribute = False


class MessageForm(forms.Form):
    """Words for the city, with files. `version` is the state of the demande the person had before them.

    `cle` is new on each page: a form sent twice with the same words writes one message.
    """

    use_required_attribute = False

    texte = ChampTexte(
        label=_("Votre message"),
        maximum=LONGUEUR_TEXTE,
        une_ligne=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    fichiers = ChampFichiers(
        label=_("Documents ou photos"),
        required=False,
        help_text=_("Images, PDF ou documents : 10 Mo au plus chacun."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    cle = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=64, initial=lambda: uuid4().hex
    )


class ReouvertureForm(forms.Form):
    """Why the demande should be looked at again."""

    use_required_attribute = False

    motif = forms.ChoiceField(
        label=_("Pourquoi ?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez une raison."),
            "invalid_choice": _("Choisissez une raison de la liste."),
        },
    )
    commentaire = ChampTexte(
        label=_("Expliquez en quelques mots"),
        maximum=2000,
        une_ligne=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, motifs: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["motif"].choices = motifs
