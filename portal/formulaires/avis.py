"""One question and room for a few words."""

from django import forms
from django.utils.translation import gettext_lazy as _

from demandes.formulaires.champs import ChampTexte

NOTES = [
    ("5", _("Très satisfait (5)")),
    ("4", _("Plutôt satisfait (4)")),
    ("3", _("Ni satisfait ni mécontent (3)")),
    ("2", _("Plutôt mécontent (2)")),
    ("1", _("Très mécontent (1)")),
]


class AvisForm(forms.Form):
    """The mark is asked for; the words are welcome."""

    use_required_attribute = False

    note = forms.ChoiceField(
        label=_("Êtes-vous satisfait de notre réponse ?"),
        choices=NOTES,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez une réponse."),
            "invalid_choice": _("Choisissez une réponse de la liste."),
        },
    )
    commentaire = ChampTexte(
        label=_("Que pouvons-nous améliorer ?"),
        maximum=2000,
        une_ligne=False,
        required=False,
        help_text=_("Quelques mots, si vous le voulez. Ils sont lus par la mairie seulement."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
