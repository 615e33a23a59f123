"""The work queue: views with counts, filters in the address, one page of rows."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote, urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.utils import flatatt
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from demandes import corbeilles
from demandes.corbeilles import Filtres, Vue
from demandes.curseur import paginer
from demandes.decomptes import PLAFOND, compter
from demandes.etats import Etat
from demandes.reperes import Reperes, reperes
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.apercu import feuille_ouverte
from demandes.views.lignes import dessiner, lignes
from demandes.views.lot import lots_de
from demandes.views.suites import suites
from guichet.canaux.canal import CHOIX as CANAUX
from guichet.organisation.perimetre import Perimetre
from guichet.socle.templatetags.dates import date_simple


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

    texte = forms.CharField(label="Numéro, nom, objet ou adresse", required=False, max_length=200)
    type = forms.ChoiceField(label="Type", required=False, widget=ListeLegere)
    etat = forms.ChoiceField(
        label="État", required=False, widget=ListeLegere, choices=[("", "Tous"), *Etat.choices]
    )
    canal = forms.ChoiceField(
        label="Canal", required=False, widget=ListeLegere, choices=[("", "Tous"), *CANAUX]
    )
    territoire = forms.ChoiceField(label="Arrondissement", required=False, widget=ListeLegere)
    agent = forms.ChoiceField(label="Agent", required=False, widget=ListeLegere)
    direction = forms.ChoiceField(label="Direction", required=False, widget=ListeLegere)
    du = ChampJour("Reçues depuis le")
    au = ChampJour("Reçues jusqu'au")
    urgente = forms.BooleanField(label="Urgentes seulement", required=False)

    def __init__(self, donnees, *, reperes: Reperes, perimetre: Perimetre) -> None:
        super().__init__(donnees)
        directions = {direction for p in perimetre.tous for direction in (*p.directions, *p.directions_lues)}
        agents = [(str(pk), nom) for pk, nom in reperes.agents_de(directions) if pk != perimetre.compte.pk]
        types = sorted(reperes.types.items(), key=lambda type: type[1])
        self.fields["type"].choices = [("", "Tous"), *types]
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

    @property
    def choix(self) -> list[forms.BoundField]:
        return [self[nom] for nom in self.fields if nom not in ("texte", "urgente")]

    @property
    def a_des_choix(self) -> bool:
        return any(nom != "texte" for nom, _ in self.actifs())


@require_safe
def corbeille(request: HttpRequest) -> HttpResponse:
    """Show one view of the queue; htmx gets the same fragment the page is made of."""
    perimetre = perimetre_de(request)
    vues = corbeilles.vues_de(perimetre)
    if not vues:
        raise Http404("Cette corbeille n'est à personne d'ici.")
    vue = vue_choisie(vues, request.GET.get("vue", ""))
    communs = reperes()
    formulaire = FormulaireFiltres(request.GET, reperes=communs, perimetre=perimetre)
    page = paginer(corbeilles.demandes_de(vue, formulaire.lus(), perimetre), request.GET)
    apres_geste = suites(request.get_full_path(), [rangee.numero for rangee in page.rangees])
    a_montrer = [
        {**une, "suite": quote(apres_geste[une["numero"]])}
        for une in lignes(page.rangees, auteur_de(request), communs)
    ]
    lots = lots_de(perimetre)
    contexte = {
        "vue": vue,
        "feuille": feuille_ouverte(request, apres_geste) if "ouverte" in request.GET else None,
        "lots": lots,
        "groupes": groupes(vues, vue, compter(vues, perimetre)),
        "formulaire": formulaire,
        "filtres": [
            {"libelle": mots, "url": adresse(request, **{nom: ""})} for nom, mots in formulaire.actifs()
        ],
        "effacer": f"?vue={vue.code}",
        "lignes": a_montrer,
        "corps": dessiner(a_montrer, ouverte=request.GET.get("ouverte", ""), avec_choix=bool(lots)),
        "url_precedente": page.avant and adresse(request, avant=page.avant),
        "url_suivante": page.apres and adresse(request, apres=page.apres),
    }
    est_fragment = request.htmx and not request.htmx.history_restore_request
    gabarit = "demandes/corbeille/_corbeille.html" if est_fragment else "demandes/corbeille/corbeille.html"
    reponse = render(request, gabarit, contexte)
    patch_vary_headers(reponse, ["HX-Request"])
    if est_fragment:
        # Without the fields left empty: an address one can read, keep and share.
        reponse["HX-Push-Url"] = request.path + adresse(request, **request.GET.dict())
    return reponse


def adresse(request: HttpRequest, **changements: object) -> str:
    """This page with some parameters changed (an empty one goes), from its beginning unless told."""
    parametres = {**request.GET.dict(), "avant": "", "apres": "", "ouverte": "", **changements}
    return "?" + urlencode({nom: str(valeur) for nom, valeur in parametres.items() if valeur})


def vue_choisie(vues: Sequence[Vue], code: str) -> Vue:
    """The view asked for, or the first: an old bookmark still opens the queue."""
    return next((vue for vue in vues if vue.code == code), vues[0])


def groupes(vues: Sequence[Vue], choisie: Vue, comptes: dict[str, int]) -> list[dict]:
    """The views by group, with their counts in words."""
    groupes: dict[str, list[dict]] = {}
    for vue in vues:
        nombre = comptes[vue.code]
        groupes.setdefault(vue.groupe, []).append(
            {
                "code": vue.code,
                "libelle": vue.libelle,
                "actif": vue == choisie,
                "compte": f"{PLAFOND}+" if nombre > PLAFOND else nombre,
            }
        )
    return [{"nom": nom, "vues": siennes} for nom, siennes in groupes.items()]
