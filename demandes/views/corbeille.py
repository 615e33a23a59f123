"""The work queue: views with counts, filters in the address, one page of rows."""

from datetime import date, datetime
from functools import lru_cache
from urllib.parse import quote, urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.utils import flatatt
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from demandes import corbeilles, delais, horloges
from demandes.chapeaux import A1, A2, R1, R2, Chapeau
from demandes.corbeilles import PLAFOND, Filtres, Vue
from demandes.curseur import paginer
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande
from demandes.reperes import Reperes, reperes
from demandes.views.acces import auteur_de, est_reservee, perimetre_de
from demandes.views.apercu import feuille_ouverte
from demandes.views.lot import lots_de
from demandes.views.suites import suites
from guichet.canaux.canal import CHOIX as CANAUX
from guichet.organisation.perimetre import Perimetre
from guichet.socle.templatetags import composants
from guichet.socle.templatetags.dates import date_simple

# The gesture a row offers: who may, its name, the word on the button, its key.
PROCHAINS: dict[str, tuple[Chapeau, str, str, str]] = {
    Etat.NOUVELLE: (A1, "qualifier", "Qualifier", "q"),
    Etat.QUALIFIEE: (A1, "orienter", "Orienter", "o"),
    Etat.ORIENTEE: (A2, "prendre_en_charge", "Prendre", "t"),
    Etat.PRISE_EN_CHARGE: (A2, "repondre", "Répondre", "r"),
    Etat.PLANIFIEE: (A2, "repondre", "Répondre", "r"),
    Etat.A_VALIDER: (R2, "repondre", "Valider", "v"),
}


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
    formulaire = FormulaireFiltres(request.GET, reperes=reperes(), perimetre=perimetre)
    page = paginer(corbeilles.demandes_de(vue, formulaire.lus(), perimetre), request.GET)
    apres_geste = suites(request.get_full_path(), [demande.numero for demande in page.demandes])
    contexte = {
        "vue": vue,
        "ouverte": request.GET.get("ouverte", ""),
        "feuille": feuille_ouverte(request, apres_geste) if "ouverte" in request.GET else None,
        "lots": lots_de(perimetre),
        "groupes": groupes(vues, vue, corbeilles.compter(vues, perimetre)),
        "formulaire": formulaire,
        "filtres": [
            {"libelle": mots, "url": adresse(request, **{nom: ""})} for nom, mots in formulaire.actifs()
        ],
        "effacer": f"?vue={vue.code}",
        "lignes": [
            {**une, "suite": quote(apres_geste[une["numero"]])}
            for une in lignes(page.demandes, auteur_de(request))
        ],
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


def vue_choisie(vues: list[Vue], code: str) -> Vue:
    """The view asked for, or the first: an old bookmark still opens the queue."""
    return next((vue for vue in vues if vue.code == code), vues[0])


def groupes(vues: list[Vue], choisie: Vue, comptes: dict[str, int]) -> list[dict]:
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


# -- rows: plain values, so that fifty of them cost little to draw ----------------------------------------


def lignes(demandes: list[Demande], auteur: Auteur) -> list[dict]:
    """What each row shows; a row that is not `lisible` keeps its content to itself."""
    communs = reperes()
    maintenant = timezone.now()
    return [ligne(demande, auteur, communs, maintenant) for demande in demandes]


def ligne(demande: Demande, auteur: Auteur, communs: Reperes, maintenant: datetime) -> dict:
    est_lisible = demande.lisible
    return {
        "numero": demande.numero,
        "url": reverse("agent_demande", args=[demande.numero]),
        "version": demande.version,
        "objet": demande.objet if est_lisible else "Contenu réservé",
        "type": demande.libelle_type if est_lisible else "",
        "personne": nom_du_demandeur(demande) if est_lisible else "",
        "lieu": lieu(demande) if est_lisible else "",
        "canal": icone_du_canal(demande.canal),
        "etat": badge_de_l_etat(demande.etat),
        "traitant": traitant(demande, auteur) if est_lisible else "",
        "echeance": demande.echeance_service,
        "delai": delai(demande, communs, maintenant),
        "est_urgente": demande.est_urgente,
        "est_reservee": est_reservee(demande),
        "est_lisible": est_lisible,
        "non_lu": demande.a_message_non_lu,
        "prochain": prochain_geste(demande, auteur),
    }


def nom_du_demandeur(demande: Demande) -> str:
    if demande.usager is not None:
        return str(demande.usager)
    return "Anonyme" if demande.est_anonyme else "Demandeur inconnu"


def traitant(demande: Demande, auteur: Auteur) -> str:
    """Who holds it: the agent, else the direction for those who see several."""
    if demande.agent_traitant:
        return str(demande.agent_traitant)
    assert auteur.perimetre is not None
    return demande.direction.nom_public if demande.direction and auteur.perimetre.est_accueil else ""


def lieu(demande: Demande) -> str:
    return ", ".join(filter(None, [demande.adresse, demande.territoire and f"{demande.territoire}"]))


def delai(demande: Demande, communs: Reperes, maintenant: datetime) -> SafeString:
    """The service clock as a counter; its calendar is put together once a page and direction."""
    horloge = delais.horloge_service(demande)
    if horloge is None:
        return compteur(None, "jours_ouvres", False, False)
    direction_id = demande.direction_id or (demande.type and demande.type.direction_id)
    reste = horloges.reste(horloge, maintenant, communs.calendrier(direction_id))
    return compteur(reste, str(horloge.unite), bool(horloge.suspendue_le), bool(horloge.arretee_le))


def prochain_geste(demande: Demande, auteur: Auteur) -> dict | None:
    """The one gesture a row offers, when this agent may make it."""
    if demande.etat not in PROCHAINS or not demande.lisible:
        return None
    chapeau, geste, mot, touche = PROCHAINS[demande.etat]
    if demande.etat == Etat.QUALIFIEE and demande.arbitrage_demande_le:
        chapeau, mot = R1, "Arbitrer"
    if geste == "repondre" and demande.etat != Etat.A_VALIDER and demande.type.validation_requise:
        geste, mot = "proposer_une_reponse", "Proposer"
    if chapeau not in auteur.chapeaux(demande):
        return None
    url = reverse("agent_geste", args=[demande.numero, geste])
    return {"url": url, "mot": mot, "touche": touche, "est_immediat": geste == "prendre_en_charge"}


@lru_cache(maxsize=512)
def compteur(reste: int | None, unite: str, suspendu: bool, arrete: bool) -> SafeString:
    return composants.compteur_delai(reste, unite=unite, suspendu=suspendu, arrete=arrete)


@lru_cache
def badge_de_l_etat(etat: str) -> SafeString:
    """The state by its first words: « Orientée » is enough beside a button that says « Prendre »."""
    return composants.badge_etat(etat, Etat(etat).label.partition(",")[0])


@lru_cache
def icone_du_canal(canal: str) -> SafeString:
    return composants.icone_canal(canal)
