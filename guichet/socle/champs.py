"""How one Django form field becomes accessible HTML: its shape, its description, its bare widget."""

from django import forms
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guichet.socle.echappement import sur
from guichet.socle.langues import FRANCAIS, est_en_francais
from guichet.socle.templatetags.langues import lang_fr


def attributs(noms: dict[str, object]) -> SafeString:
    """Turn `data_ouvre="x"` into `data-ouvre="x"`; True is a bare attribute, False and None are dropped."""
    morceaux = []
    for nom, valeur in noms.items():
        if valeur is None or valeur is False:
            continue
        nom = nom.rstrip("_").replace("_", "-")
        morceaux.append(f" {sur(nom)}" if valeur is True else f' {sur(nom)}="{sur(valeur)}"')
    return mark_safe("".join(morceaux))


def genre_de_champ(widget: forms.Widget) -> str:
    """Tell which shape a widget takes: choix (radios, boxes), groupe (several inputs), case, simple."""
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choix"
    if isinstance(widget, forms.CheckboxInput):
        return "case"
    return "groupe" if widget.use_fieldset and not isinstance(widget, forms.FileInput) else "simple"


def decrit_par(champ_lie) -> str:
    """List the ids of the help and of the error, in the order they are read."""
    aide = f"{champ_lie.auto_id}_helptext" if champ_lie.help_text else ""
    erreur = f"{champ_lie.auto_id}_error" if champ_lie.errors else ""
    return " ".join(filter(None, [aide, erreur]))


def precision_de(champ_lie) -> str:
    """What is said after the label: « facultatif » when it may be left empty whenever it shows, or what the
    field itself says (`precision`). A box left empty is an answer."""
    champ = champ_lie.field
    if champ.required or champ.disabled or genre_de_champ(champ.widget) == "case":
        return ""
    if getattr(getattr(champ_lie, "condition", None), "est_requis", False):
        return ""
    return getattr(champ, "precision", _("facultatif"))


def extraire_condition(champ_lie, options: dict) -> dict[str, str]:
    """Take the condition out of the tag's options, or from the bound field itself: attributes and words."""
    liee = getattr(champ_lie, "condition", None)
    nom = options.pop("si_champ", liee.champ if liee else "")
    vaut = options.pop("si_vaut", liee.vaut if liee else "oui")
    texte = options.pop("si_texte", liee.texte if liee else _("À remplir si vos réponses le demandent."))
    if not nom:
        return {"condition": "", "si_texte": ""}
    voisin = champ_lie.form.add_prefix(nom)
    return {"condition": attributs({"data_si_champ": voisin, "data_si_vaut": vaut}), "si_texte": texte}


def est_de_la_ville(champ_lie, mots: str) -> bool:
    """Whether the city wrote these words of the field (label, help_text, choices): French on every page."""
    return mots in getattr(champ_lie.field, "mots_de_la_ville", ())


def langue_des_mots(champ_lie) -> dict[str, SafeString]:
    """The attribute that tells the language of each, for the template."""
    return {
        f"lang_{mots}": lang_fr() if est_de_la_ville(champ_lie, mots) else mark_safe("")
        for mots in ("label", "help_text", "choices")
    }


def dessiner_widget(champ_lie, description: str, autres: dict) -> SafeString:
    """Render the bare widget with the class of the system, whatever the form declared."""
    widget = champ_lie.field.widget
    genre = genre_de_champ(widget)
    if genre == "choix":
        return mark_safe("")  # drawn choice by choice in the template
    attrs = {nom.rstrip("_").replace("_", "-"): valeur for nom, valeur in autres.items()}
    if genre != "case":
        attrs["class"] = f"saisie {widget.attrs.get('class', '')}".strip()
    if genre == "simple" and est_de_la_ville(champ_lie, "choices") and not est_en_francais():
        attrs["lang"] = FRANCAIS
    if genre != "groupe" and description:
        attrs["aria-describedby"] = description
    return champ_lie.as_widget(attrs=attrs)


def premier_id(champ_lie) -> str:
    """Give the id a link must aim at: a group of choices has none, its first choice has."""
    if genre_de_champ(champ_lie.field.widget) == "choix":
        return champ_lie.subwidgets[0].id_for_label if champ_lie.subwidgets else ""
    return champ_lie.id_for_label or champ_lie.auto_id
