"""The filters of the queue, and how their hundreds of choices are drawn at little cost."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from demandes.corbeilles import Filtres, Vue
from demandes.etats import Etat
from demandes.reperes import Reperes
from guichet.canaux.canal import CHOIX as CANAUX
from guichet.organisation.perimetre import Perimetre
from guichet.socle.templatetags.dates import date_simple


def formulaire_de(
    donnees: Mapping[str, str], communs: Reperes, perimetre: Perimetre, vue: Vue
) -> "FormulaireFiltres":
    """The form of this address. Without any filter, it is the same one as long as labels and rights are."""
    if any(donnees.get(nom) for nom in FormulaireFiltres.base_fields):
        return FormulaireFiltres(donnees, reperes=communs, perimetre=perimetre, etats=vue.etats)
    return formulaire_vide(communs, perimetre, vue.etats)


@lru_cache(maxsize=256)
def formulaire_vide(communs: Reperes, perimetre: Perimetre, etats: tuple[Etat, ...]) -> "FormulaireFiltres":
    """Shared by the requests of one agent, who only read it; `communs` is a new object every minute."""
    return FormulaireFiltres({}, reperes=communs, perimetre=perimetre, etats=etats)


def est_un_autre(agent: str, agents: list[tuple[str, str]], perimetre: Perimetre) -> bool:
    """Say whether this is the number of an account that is not offered."""
    est_un_numero = agent.isascii() and agent.isdecimal() and len(agent) < 10
    return est_un_numero and agent != str(perimetre.compte.pk) and agent not in dict(agents)


class ListeLegere(forms.Select):
    """A list drawn without one template per option: a hundred types would cost more than fifty rows."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})})),
            format_html_join(
                "",
                '<option value="{}"{}>{}</option>',
                ((code, mark_safe(" selected") if code == value else "", mot) for code, mot in self.choices),
            ),
        )


class ChampJour(forms.DateField):
    """A day of these times: further away is a slip, and no filter."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
        )


class FormulaireFiltres(forms.Form):
    """The filters of the list. What is not in a list is no filter: `lus` leaves it out."""

    # A kept view already says its filters.
    est_replie = False

    texte = forms.CharField(label="Numéro, nom, objet ou adresse", required=False, max_length=200)
    type = forms.ChoiceField(label="Type", required=False, widget=ListeLegere)
    etat = forms.ChoiceField(label="État", required=False, widget=ListeLegere)
    canal = forms.ChoiceField(
        label="Canal", required=False, widget=ListeLegere, choices=[("", "Tous"), *CANAUX]
    )
    territoire = forms.ChoiceField(label="Arrondissement", required=False, widget=ListeLegere)
    agent = forms.ChoiceField(label="Agent", required=False, widget=ListeLegere)
    direction = forms.ChoiceField(label="Direction", required=False, widget=ListeLegere)
    du = ChampJour("Reçues depuis le")
    au = ChampJour("Reçues jusqu'au")
    urgente = forms.BooleanField(label="Urgentes seulement", required=False)

    def __init__(self, donnees, *, reperes: Reperes, perimetre: Perimetre, etats: tuple[Etat, ...]) -> None:
        super().__init__(donnees)
        directions = {direction for p in perimetre.tous for direction in (*p.directions, *p.directions_lues)}
        agents = [(str(pk), nom) for pk, nom in reperes.agents_de(directions) if pk != perimetre.compte.pk]
        if est_un_autre(donnees.get("agent", ""), agents, perimetre):
            # Whoever left still held what a kept view or an old address asks for.
            agents.append((donnees["agent"], "Une personne partie"))
        types = sorted(reperes.types.items(), key=lambda type: type[1])
        self.fields["type"].choices = [("", "Tous"), *types]
        self.fields["etat"].choices = [("", "Tous"), *((etat.value, etat.label) for etat in etats)]
        self.fields["territoire"].choices = [("", "Tous"), *reperes.territoires.items()]
        self.fields["agent"].choices = [("", "Tous"), ("moi", "Moi"), ("personne", "Personne"), *agents]
        if perimetre.est_accueil:
            noms = sorted(reperes.directions.items(), key=lambda direction: direction[1])
            self.fields["direction"].choices = [("", "Toutes"), ("aucune", "Sans direction"), *noms]
        else:
            # A direction's own list is of that direction.
            del self.fields["direction"]
        self.fields["texte"].widget.attrs["placeholder"] = "Numéro, nom, objet, adresse"
        for nom, champ in self.fields.items():
            if nom != "urgente":
                champ.widget.attrs["class"] = "saisie"

    def lus(self) -> Filtres:
        self.is_valid()
        return Filtres(**{nom: valeur for nom, valeur in self.cleaned_data.items() if valeur})

    def actifs(self) -> list[tuple[str, str]]:
        """(name, words) of each filter in force, for the chips that remove it."""
        lus = self.lus()
        mots = {"texte": f"« {lus.texte} »", "urgente": "Urgentes"}
        mots |= {nom: f"{self.fields[nom].label} {date_simple(getattr(lus, nom))}" for nom in ("du", "au")}
        noms = [nom for nom in self.fields if getattr(lus, nom)]
        return [(nom, mots.get(nom) or f"{self.fields[nom].label} : {self._libelle(nom)}") for nom in noms]

    def _libelle(self, nom: str) -> str:
        return dict(self.fields[nom].choices)[self.cleaned_data[nom]]

    @cached_property
    def dessin(self) -> SafeString:
        """The fields as HTML."""
        return mark_safe(render_to_string("demandes/corbeille/_filtres.html", {"formulaire": self}))

    @property
    def choix(self) -> list[forms.BoundField]:
        return [self[nom] for nom in self.fields if nom not in ("texte", "urgente")]

    @property
    def a_des_choix(self) -> bool:
        return any(nom != "texte" for nom, _ in self.actifs())
