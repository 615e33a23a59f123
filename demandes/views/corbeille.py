"""The work queue: views with counts, filters in the address, one page of rows."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from demandes import corbeilles
from demandes.corbeilles import Vue
from demandes.curseur import paginer
from demandes.decomptes import PLAFOND, compter
from demandes.reperes import reperes
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.apercu import feuille_ouverte
from demandes.views.filtres import formulaire_de
from demandes.views.lignes import dessiner, lignes
from demandes.views.lot import lots_de
from demandes.views.suites import suites


@require_safe
def corbeille(request: HttpRequest) -> HttpResponse:
    """Show one view of the queue; htmx gets the same fragment the page is made of."""
    perimetre = perimetre_de(request)
    vues = corbeilles.vues_de(perimetre)
    if not vues:
        raise Http404("Cette corbeille n'est à personne d'ici.")
    vue = vue_choisie(vues, request.GET.get("vue", ""))
    communs = reperes()
    formulaire = formulaire_de(request.GET, communs, perimetre)
    page = paginer(corbeilles.liste_de(vue, formulaire.lus(), perimetre), request.GET)
    ici, numeros = request.get_full_path(), [rangee.numero for rangee in page.rangees]
    citees = suites(ici, numeros, quote)
    a_montrer = [
        {**une, "suite": citees[une["numero"]]} for une in lignes(page.rangees, auteur_de(request), communs)
    ]
    lots = lots_de(perimetre)
    contexte = {
        "vue": vue,
        "feuille": feuille_ouverte(request, suites(ici, numeros)) if "ouverte" in request.GET else None,
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
