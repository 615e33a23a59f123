"""One Django field per type of the schema, with errors in the user's words and JSON answers.

`CHAMPS` maps each type to its factory. `clean` gives what `reponses()` stores, except for photos, which
are files and never an answer.
"""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from demandes.formulaires import bornes
from guichet.socle import coordonnees
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer

LONGUEUR_TEXTE_COURT = 200
LONGUEUR_TEXTE_LONG = 4000
LONGUEUR_ADRESSE = 250
NOMBRE_MAXIMUM = Decimal("99999999.99")
PLUS_ANCIENNE_DATE = date(1800, 1, 1)  # old civil records are asked for
ANNEES_A_VENIR = 10
RADIOS_AU_PLUS = 6
PHOTOS_AU_PLUS = 5
SANS_REPONSE: tuple[str, Any] = ("", _("Sans réponse"))  # an optional radio can be taken back
OUI_NON = {"oui": _("Oui"), "non": _("Non")}

OBLIGATOIRE = {
    "choix": _("Choisissez une réponse."),
    "choix_multiple": _("Cochez au moins une réponse."),
    "oui_non": _("Répondez par oui ou par non."),
    "nombre": _("Indiquez un nombre."),
    "date": _("Indiquez une date."),
    "heure": _("Indiquez une heure."),
    "adresse": _("Indiquez une adresse."),
    "telephone": _("Indiquez un numéro de téléphone."),
    "courriel": _("Indiquez une adresse électronique."),
}


class ChampTexte(forms.CharField):
    """Text cleaned on entry (NUL, controls, bidi marks), bounded, then put in its one stored form.

    `normaliser` raises DonneeInvalide; `afficher` turns the stored form back into what people read.
    """

    def __init__(
        self,
        *,
        maximum: int = LONGUEUR_TEXTE_COURT,
        normaliser: Callable[[str], str] = str,
        afficher: Callable[[str], str] = str,
        une_ligne: bool = True,
        **options,
    ) -> None:
        super().__init__(**options)
        self.maximum, self.normaliser, self.afficher, self.une_ligne = (
            maximum,
            normaliser,
            afficher,
            une_ligne,
        )

    def to_python(self, value):
        texte = "" if value in self.empty_values else nettoyer(str(value))
        return " ".join(texte.split()) if self.une_ligne else texte

    def clean(self, value):
        texte = super().clean(value)
        try:
            return self.normaliser(nettoyer(texte, maximum=self.maximum)) if texte else ""
        except DonneeInvalide as erreur:
            raise ValidationError(str(erreur), code="invalid") from erreur

    def prepare_value(self, value):
        return self.afficher(value) if isinstance(value, str) and value else value


class ChampNombre(forms.Field):
    """A number as people write it (« 1 234,50 € ») → int, or float with two decimals at most."""

    def to_python(self, value):
        saisie = re.sub(r"[\s€]", "", nettoyer(str(value))) if value not in self.empty_values else ""
        if not saisie:
            return None
        try:
            nombre = Decimal(saisie.replace(",", "."))
        except InvalidOperation:
            nombre = Decimal("NaN")
        if not re.fullmatch(r"-?[0-9]+(?:[.,][0-9]+)?", saisie) or not nombre.is_finite():
            raise ValidationError(
                _("Écrivez un nombre en chiffres, par exemple 12 ou 12,50."), code="invalid"
            )
        if nombre < 0:
            raise ValidationError(_("Ce nombre ne peut pas être négatif."), code="invalid")
        if nombre > NOMBRE_MAXIMUM:
            raise ValidationError(_("Ce nombre est trop grand."), code="invalid")
        if nombre != round(nombre, 2):
            raise ValidationError(_("Deux chiffres après la virgule suffisent."), code="invalid")
        return int(nombre) if nombre == int(nombre) else float(nombre)

    def prepare_value(self, value):
        return str(value).replace(".", ",") if isinstance(value, int | float) else value


class ChampDate(forms.DateField):
    """A plausible date, typed or picked → « AAAA-MM-JJ »."""

    def __init__(self, **options) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y"], **options
        )

    def to_python(self, value):
        return super().to_python(value if value in self.empty_values else nettoyer(str(value)))

    def clean(self, value):
        jour = super().clean(value)
        if jour is None:
            return None
        plus_tard = timezone.localdate() + timedelta(days=366 * ANNEES_A_VENIR)
        if not PLUS_ANCIENNE_DATE <= jour <= plus_tard:
            raise ValidationError(_("Vérifiez l'année de cette date."), code="invalid")
        return jour.isoformat()


class ChampHeure(forms.Field):
    """A time of day (« 14:30 », « 14h30 », « 9 h ») → « HH:MM »."""

    def to_python(self, value):
        saisie = nettoyer(str(value)).lower() if value not in self.empty_values else ""
        if not saisie:
            return None
        ecrite = re.fullmatch(r"([0-9]{1,2}) ?[h:.] ?([0-9]{2})?(?::[0-9]{2})?(?: ?min)?", saisie)
        if not ecrite or int(ecrite[1]) > 23 or int(ecrite[2] or 0) > 59:
            raise ValidationError(_("Écrivez l'heure comme 14 h 30 ou 14:30."), code="invalid")
        return time(int(ecrite[1]), int(ecrite[2] or 0)).isoformat("minutes")


class ChampOuiNon(forms.TypedChoiceField):
    """Yes or no as two radios → bool, None when not answered."""

    widget = forms.RadioSelect
    VALEURS = {"oui": True, "non": False}

    def __init__(self, **options) -> None:
        choix: list[tuple[str, Any]] = [*OUI_NON.items()]
        if not options.get("required", True):
            choix.append(SANS_REPONSE)
        super().__init__(choices=choix, coerce=self.VALEURS.get, empty_value=None, **options)

    def prepare_value(self, value):
        return {True: "oui", False: "non"}.get(value, value) if isinstance(value, bool) else value


class ChampChoixMultiple(forms.MultipleChoiceField):
    """Boxes → the ticked values, in the order of the schema."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, choices: list[tuple[str, str]], **options) -> None:
        super().__init__(choices=choices, **options)
        self.ordre = [valeur for valeur, _ in choices]

    def clean(self, value):
        return sorted(super().clean(value), key=self.ordre.index)


class SaisieFichiers(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"  # nothing to clear: files are kept apart

    def value_from_datadict(self, data, files, name):
        return files.getlist(name) if hasattr(files, "getlist") else list(files.get(name) or [])


class ChampPhotos(forms.FileField):
    """Several pictures at once → list of uploaded files. What they contain is checked when they are kept."""

    def __init__(self, **options) -> None:
        super().__init__(widget=SaisieFichiers(attrs={"accept": "image/*"}), **options)

    def clean(self, value, initial=None):
        fichiers = [super(ChampPhotos, self).clean(fichier, initial) for fichier in value or ()]
        if len(fichiers) > PHOTOS_AU_PLUS:
            raise ValidationError(_("Joignez {n} photos au plus.").format(n=PHOTOS_AU_PLUS), code="invalid")
        if not fichiers and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return fichiers


def _masque_a_l_ecran(saisie: str) -> str:
    """A valid IBAN is masked even when the page comes back for another error."""
    try:
        return coordonnees.masquer_iban(saisie)
    except DonneeInvalide:
        return saisie


def afficher_siret(siret: str) -> str:
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}" if re.fullmatch(r"\d{14}", siret) else siret


def _saisie(**attrs) -> forms.TextInput:
    return forms.TextInput(attrs=attrs)


def _choix(champ: dict) -> list[tuple[str, str]]:
    return [(choix["valeur"], choix["libelle"]) for choix in champ["choix"]]


def _champ_choix(champ: dict, options: dict) -> forms.Field:
    """Radios while they can be read at a glance, a list beyond."""
    choix = _choix(champ)
    if len(choix) <= RADIOS_AU_PLUS:
        if not champ["obligatoire"]:
            choix.append(SANS_REPONSE)
        return forms.ChoiceField(choices=choix, widget=forms.RadioSelect, **options)
    return forms.ChoiceField(choices=[("", _("Choisissez dans la liste")), *choix], **options)


def _texte(widget: forms.Widget | None = None, **reglages) -> Callable[[dict, dict], forms.Field]:
    return lambda champ, options: ChampTexte(widget=widget or forms.TextInput(), **reglages, **options)


CHAMPS: dict[str, Callable[[dict, dict], forms.Field]] = {
    "texte_court": _texte(),
    "texte_long": _texte(forms.Textarea(attrs={"rows": 5}), maximum=LONGUEUR_TEXTE_LONG, une_ligne=False),
    "adresse": _texte(maximum=LONGUEUR_ADRESSE),
    "telephone": _texte(
        _saisie(type="tel", inputmode="tel"),
        normaliser=coordonnees.normaliser_telephone,
        afficher=coordonnees.afficher_telephone,
    ),
    "courriel": _texte(
        _saisie(inputmode="email", autocapitalize="none", spellcheck="false"),
        maximum=254,
        normaliser=coordonnees.normaliser_courriel,
    ),
    "siret": _texte(
        _saisie(inputmode="numeric"), normaliser=coordonnees.normaliser_siret, afficher=afficher_siret
    ),
    "rna": _texte(normaliser=coordonnees.normaliser_rna),
    "immatriculation": _texte(
        _saisie(autocapitalize="characters", spellcheck="false"),
        normaliser=coordonnees.normaliser_immatriculation,
    ),
    "iban_masque": _texte(
        _saisie(autocomplete="off", autocapitalize="characters", spellcheck="false"),
        normaliser=coordonnees.masquer_iban,
        afficher=_masque_a_l_ecran,
    ),
    "choix": _champ_choix,
    "choix_multiple": lambda champ, options: ChampChoixMultiple(choices=_choix(champ), **options),
    "oui_non": lambda champ, options: ChampOuiNon(**options),
    "nombre": lambda champ, options: ChampNombre(widget=_saisie(inputmode="decimal"), **options),
    "date": lambda champ, options: ChampDate(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options
    ),
    "heure": lambda champ, options: ChampHeure(widget=_saisie(type="time"), **options),
    "photos": lambda champ, options: ChampPhotos(**options),
}


# What the city wrote, in French on every page: told to screen readers that read another language.
MOTS_DE_LA_VILLE = frozenset({"label", "help_text", "choices"})


def creer_champ(champ: dict) -> forms.Field:
    """Build the Django field of one field of the schema."""
    genre = champ["type"]
    messages = {"required": OBLIGATOIRE.get(genre, _("Cette réponse est nécessaire."))}
    if genre == "date":
        messages["invalid"] = _("Écrivez une date qui existe, comme 24/11/2026.")
    if genre in ("choix", "choix_multiple", "oui_non"):
        messages["invalid_choice"] = _("Cette réponse n'est pas dans la liste : choisissez-en une autre.")
        messages["invalid_list"] = messages["invalid_choice"]
    options = {
        "label": champ["libelle"],
        "help_text": champ.get("aide") or "",
        "required": champ["obligatoire"],
        "error_messages": messages,
    }
    cree = CHAMPS[genre](champ, options)
    siens = MOTS_DE_LA_VILLE if "choix" in champ else MOTS_DE_LA_VILLE - {"choices"}
    cree.mots_de_la_ville = siens  # type: ignore[attr-defined]
    if "minimum" in champ or "maximum" in champ:
        cree.validators.append(partial(_exiger_les_bornes, champ))
    return cree


def _exiger_les_bornes(champ: dict, valeur: bornes.Borne) -> None:
    if phrase := bornes.depassement(champ, valeur):
        raise ValidationError(phrase, code="borne")
