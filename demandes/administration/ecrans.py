"""Administration › Démarches: the list, a type's page, its sections, its publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes.administration import demarches
from demandes.administration.demarches_forms import CopieForm, CreationForm, FiltresForm, PartieForm
from demandes.administration.parties import PARTIES
from demandes.models import TypeDemande
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Attention, Section, administrateur_ou_404, rendre
from guichet.organisation.administration.concurrence import contexte_de, statut_de, version_vue
from guichet.organisation.administration.listes import Liste
from guichet.organisation.administration.pages import chercher, lire_filtres, paginer
from guichet.socle.erreurs import Refus

CODE = "demarches"
LISTE = Liste(
    gabarit="demandes/administration/demarches.html",
    section=CODE,
    titre="Démarches, par nom",
    colonnes=("Démarche", "Code", "Direction", "État"),
    icone="clipboard-list",
    nouveau="Nouvelle démarche",
    url_nouveau="administration_demarche_creer",
    vide="Aucune démarche",
    conseil="Créez la première, ou chargez le catalogue de la ville.",
    aucun="Aucune démarche ne correspond",
    tout_voir="Voir toutes les démarches",
)


def trouver(pk: int) -> Any:
    return get_object_or_404(demarches.annoter(), pk=pk)


def fil_de(type: TypeDemande) -> list[tuple[str, str]]:
    return [(str(type), reverse("administration_demarche", args=[type.pk]))]


@require_safe
@administrateur_ou_404
def liste(request: HttpRequest) -> HttpResponse:
    """By name: found by word, theme, direction or state, each with what it lacks."""
    formulaire, filtres = lire_filtres(FiltresForm, request)
    page = paginer(filtrer(demarches.annoter(), filtres), request.GET.dict(), ordre=("libelle", "pk"))
    lignes = [(type, len(demarches.manques(type))) for type in page.lignes]
    return LISTE.rendre(request, page, formulaire=formulaire, lignes=lignes)


def filtrer(types: QuerySet[Any], filtres: dict[str, Any]) -> QuerySet[Any]:
    types = chercher(types, filtres.get("q", ""), Concat("libelle", Value(" "), "code"))
    if theme := filtres.get("theme"):
        types = types.filter(themes__code=theme)
    if direction := filtres.get("direction"):
        types = types.filter(direction__code=direction)
    etat = filtres.get("etat")
    if etat == "incompletes":
        return demarches.incompletes(types)
    return types.filter(publie_le__isnull=etat == "retirees") if etat else types


@require_safe
@administrateur_ou_404
def une(request: HttpRequest, pk: int) -> HttpResponse:
    """A type whole: what it lacks, then each section with its answers."""
    type = trouver(pk)
    url_formulaire = reverse("administration_formulaire", args=[pk])
    # By section: one opens each once, on the field that waits.
    manques: dict[str, list[tuple[str, str]]] = {}
    for manque in demarches.manques(type):
        url = f"{url_de(type, manque.partie)}#{manque.ancre}" if manque.ancre else url_formulaire
        manques.setdefault(manque.section, []).append((manque.libelle, url))
    contexte = {
        "type": type,
        "manques": manques,
        "parties": [
            (classe.titre, url_de(type, code), classe(type=type).faits()) for code, classe in PARTIES.items()
        ],
        "version": type.versions.order_by("-numero").first(),
        "url_formulaire": url_formulaire,
    }
    return rendre(request, "demandes/administration/demarche.html", CODE, contexte, fil=fil_de(type))


def url_de(type: TypeDemande, partie: str) -> str:
    return reverse("administration_demarche_modifier", args=[type.pk, partie])


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest) -> HttpResponse:
    return saisir(request, CreationForm(soumis(request)), None, "Nouvelle démarche")


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def copier(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft like this one, under its own code and name."""
    type = trouver(pk)
    formulaire = CopieForm(soumis(request), initial={"libelle": f"{type} (copie)"[:150]})
    if request.method == "POST" and (
        fait := tenter(
            formulaire, lambda v: demarches.copier(type, v["code"], v["libelle"], par=auteur(request))
        )
    ):
        messages.success(request, f"« {fait} » est une copie, pas encore publiée. Complétez-la.")
        return redirect("administration_demarche", fait.pk)
    contexte = {
        "formulaire": formulaire,
        "titre": "Copier cette démarche",
        "bouton": "Copier",
        "retour": reverse("administration_demarche", args=[pk]),
        "aide": "Questions, pièces, délais, règles de droit, modèles de réponse et fiches sont copiés. Les "
        "règles d'orientation ne le sont pas, et le régime du silence reste à valider.",
    }
    return rendre(
        request,
        CreationForm.gabarit,
        CODE,
        contexte,
        fil=fil_de(type),
        status=422 if formulaire.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int, partie: str) -> HttpResponse:
    if partie not in PARTIES:
        raise Http404
    version = version_vue(request, TypeDemande, pk)
    type = trouver(pk)
    classe = PARTIES[partie]
    return saisir(request, classe(soumis(request), type=type), type, classe.titre, version)


def saisir(
    request: HttpRequest, formulaire: PartieForm, type: Any, titre: str, version: int = 0
) -> HttpResponse:
    if request.method == "POST" and (
        fait := tenter(
            formulaire,
            lambda _: demarches.enregistrer(
                type or TypeDemande(), formulaire.valeurs(), version=version, par=auteur(request)
            ),
        )
    ):
        messages.success(request, f"« {fait} » est enregistrée.")
        return redirect("administration_demarche", fait.pk)
    for nom in formulaire.fields.keys() & {*demarches.CHAMPS_EXIGES, *demarches.EXIGES_AVEC_ELLE}:
        formulaire.fields[nom].precision = "nécessaire pour publier"  # type: ignore[attr-defined]
    contexte = {
        "formulaire": formulaire,
        "titre": titre,
        "bouton": "Enregistrer" if type else "Créer la démarche",
        "retour": reverse("administration_demarche", args=[type.pk]) if type else SECTION.url,
        "aide": formulaire.aide if type else "Le reste se remplit ensuite, rubrique par rubrique.",
    }
    if type:
        contexte |= contexte_de(formulaire, type, version, formulaire.colonnes())
    fil, statut = fil_de(type) if type else (), statut_de(formulaire)
    return rendre(request, formulaire.gabarit, CODE, contexte, fil=fil, status=statut)


@require_POST
@administrateur_ou_404
def publier(request: HttpRequest, pk: int) -> HttpResponse:
    type = trouver(pk)
    est_publie = request.POST.get("publier") == "oui"
    try:
        demarches.publier(type, est_publie=est_publie, par=auteur(request))
    except Refus as refus:
        messages.error(request, str(refus))
    else:
        messages.success(
            request,
            "Cette démarche est publiée." if est_publie else "Cette démarche n'est plus sur le portail.",
        )
    return redirect("administration_demarche", pk)


# -- on the home page --------------------------------------------------------------------------------------


def compter() -> str:
    nombre = TypeDemande.objects.publies().count()
    return f"{nombre} publiée{'s' if nombre > 1 else ''}"


def signaler() -> list[Attention]:
    nombre = demarches.incompletes(demarches.annoter()).count()
    if not nombre:
        return []
    mots = "démarches sont à compléter" if nombre > 1 else "démarche est à compléter"
    return [Attention(f"{nombre} {mots} avant publication.", f"{SECTION.url}?etat=incompletes")]


SECTION = Section(
    CODE,
    "Démarches",
    "clipboard-list",
    "administration_demarches",
    "Ce que l'on peut demander à la ville : questions, délais, règles de droit.",
    compter,
    signaler,
)
