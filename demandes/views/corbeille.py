"""The work queue: views with counts, filters in the address, one page of rows."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from demandes import corbeilles
from demandes.corbeilles import Filtres, Vue
from demandes.curseur import PAR_PAGE, Page, paginer
from demandes.decomptes import PLAFOND, compter
from demandes.referentiel import fixe
from demandes.reperes import reperes
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.apercu import feuille_ouverte
from demandes.views.filtres import formulaire_de
from demandes.views.lignes import dessiner, lignes, signes
from demandes.views.lot import lots_de
from demandes.views.suites import suite_de, suites
from demandes.vues_gardees import Gardee, adresse_de, gardees_de
from guichet.organisation.models import Agent
from guichet.organisation.perimetre import Perimetre

TAILLES = (25, 50, 100)


@require_safe
def corbeille(request: HttpRequest) -> HttpResponse:
    """Show one view of the queue; htmx gets the same fragment the page is made of."""
    perimetre = perimetre_de(request)
    vues = corbeilles.vues_de(perimetre)
    if not vues:
        raise Http404("Cette corbeille n'est à personne d'ici.")
    vue = vue_choisie(vues, request.GET.get("vue", ""))
    communs = reperes()
    formulaire = formulaire_de(request.GET, communs, perimetre, vue)
    filtres = formulaire.lus()
    page = paginer(corbeilles.liste_de(vue, filtres, perimetre), request.GET, par_page_de(request))
    ici, numeros = request.get_full_path(), [rangee.numero for rangee in page.rangees]
    citees = suites(ici, numeros, quote)
    # One reading of the city's settings for the names and the kept views, after the rows they are about.
    with fixe():
        a_montrer = [
            {**une, "suite": citees[une["numero"]]}
            for une in lignes(page.rangees, auteur_de(request), communs)
        ]
        gardees = gardees_ici(vues, perimetre)
    gardee = next((une for une in gardees if (une.vue, une.filtres) == (vue.code, filtres)), None)
    if gardee:
        formulaire.est_replie = True
    lots = {} if vue.est_finie else lots_de(perimetre)
    contexte = {
        "vue": vue,
        "titre": gardee.nom if gardee else vue.libelle,
        "url_garder": url_pour_garder(vue, filtres, gardee, perimetre),
        "gardee": gardee,
        "feuille": feuille_ouverte(request, suites(ici, numeros)) if "ouverte" in request.GET else None,
        "lots": lots,
        "groupes": groupes(vues, gardees, gardee or vue, compter(vues, perimetre, gardees)),
        "formulaire": formulaire,
        "filtres": [
            {"libelle": mots, "url": adresse(request, **{nom: ""})} for nom, mots in formulaire.actifs()
        ],
        "effacer": f"?vue={vue.code}",
        "lignes": a_montrer,
        "signes": signes(a_montrer),
        "corps": dessiner(a_montrer, ouverte=request.GET.get("ouverte", ""), avec_choix=bool(lots)),
        "debut": request.path + adresse(request),
        "url_precedente": page.avant and adresse(request, avant=page.avant),
        "tailles": tailles(request, page),
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


@require_POST
def par_page(request: HttpRequest) -> HttpResponse:
    """Keep how many rows this agent wants on a page; any other number changes nothing."""
    if not perimetre_de(request).a_une_corbeille:
        raise Http404("Cette corbeille n'est à personne d'ici.")
    voulue = request.POST.get("par_page", "")
    if voulue in map(str, TAILLES):
        Agent.objects.filter(compte=request.user.pk).update(lignes_par_page=voulue)
    return redirect(suite_de(request) or "agent_corbeille")


def par_page_de(request: HttpRequest) -> int:
    agent = getattr(request.user, "agent", None)
    return agent.lignes_par_page if agent else PAR_PAGE


def tailles(request: HttpRequest, page: Page) -> list[tuple[int, bool]]:
    """The sizes a page may have, each with whether it is this one's; none to choose for a short list."""
    if not (page.avant or page.apres) and len(page.rangees) <= TAILLES[0]:
        return []
    return [(taille, taille == par_page_de(request)) for taille in TAILLES]


def adresse(request: HttpRequest, **changements: object) -> str:
    """This page with some parameters changed (an empty one goes), from its beginning unless told."""
    parametres = {**request.GET.dict(), "avant": "", "apres": "", "ouverte": "", **changements}
    return "?" + urlencode({nom: str(valeur) for nom, valeur in parametres.items() if valeur})


def vue_choisie(vues: Sequence[Vue], code: str) -> Vue:
    """The view asked for, or the first: an old bookmark still opens the queue."""
    return next((vue for vue in vues if vue.code == code), vues[0])


def gardees_ici(vues: Sequence[Vue], perimetre: Perimetre) -> tuple[Gardee, ...]:
    """The kept views of this agent, of the lists they still have."""
    codes = {vue.code for vue in vues}
    return tuple(une for une in gardees_de(perimetre) if une.vue in codes)


def url_pour_garder(vue: Vue, filtres: Filtres, gardee: Gardee | None, perimetre: Perimetre) -> str:
    """Where these filters get a name, or where theirs is changed by who may."""
    if gardee is None:
        return f"{reverse('agent_vue_garder')}{adresse_de(vue.code, filtres)}" if filtres else ""
    return reverse("agent_vue", args=[gardee.pk]) if gardee.est_modifiable_par(perimetre) else ""


def groupes(
    vues: Sequence[Vue], gardees: Sequence[Gardee], choisie: Vue | Gardee, comptes: dict[str, int]
) -> list[dict]:
    """The views by group, then those that were kept, with their counts in words."""
    groupes: dict[str, list[dict]] = {}
    for vue in vues:
        nombre = comptes[vue.code]
        groupes.setdefault(vue.groupe, []).append(
            {
                "code": vue.code,
                "url": f"?vue={vue.code}",
                "libelle": vue.libelle,
                "actif": vue is choisie,
                "compte": f"{PLAFOND}+" if nombre > PLAFOND else nombre,
            }
        )
    for gardee in gardees:
        # Of a list of more than that, only the first were looked at.
        plus = "+" if comptes[gardee.vue] > PLAFOND else ""
        groupes.setdefault("Vues partagées" if gardee.est_partagee else "Mes vues", []).append(
            {
                "code": gardee.code,
                "url": gardee.adresse,
                "libelle": gardee.nom,
                "actif": gardee is choisie,
                "compte": f"{comptes[gardee.code]}{plus}",
            }
        )
    return [{"nom": nom, "vues": siennes} for nom, siennes in groupes.items()]
