"""Administration › Règles d'orientation: the list in order, one rule, and the simulator."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from demandes import orientation
from demandes.administration import conditions, regles
from demandes.administration.conditions import Champ
from demandes.administration.regles_forms import EssaiForm, RegleForm, champs_des_types
from demandes.models import RegleOrientation
from demandes.orientation import Examen, Orientation
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre
from guichet.socle.erreurs import Conflit, ErreurMetier

CODE = "regles"
PAS = {"monter": -1, "descendre": 1}


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def liste(request: HttpRequest) -> HttpResponse:
    """The rules in order; the buttons beside each move it."""
    if request.method == "POST":
        return deplacer(request)
    return dessiner(request)


def deplacer(request: HttpRequest) -> HttpResponse:
    geste, *nombres = request.POST.get("geste", "").split(" ")
    if geste not in PAS or len(nombres) != 2 or not all(est_un_nombre(n) for n in nombres):
        raise Http404
    pk, ordre = (int(n) for n in nombres)
    try:
        regles.deplacer(pk, PAS[geste], ordre=ordre, par=auteur(request))
    except ErreurMetier as erreur:
        return dessiner(request, str(erreur), 409 if isinstance(erreur, Conflit) else 422)
    return redirect("administration_regles")


def est_un_nombre(texte: str) -> bool:
    return texte.isascii() and texte.isdigit() and len(texte) < 10


def dessiner(request: HttpRequest, erreur: str = "", status: int = 200) -> HttpResponse:
    toutes = list(RegleOrientation.objects.select_related("direction", "type", "territoire"))
    champs = champs_des_types(regle.type_id for regle in toutes if regle.type_id)
    lignes = [(regle, conditions_en_mots(regle, champs.get(regle.type_id or 0, []))) for regle in toutes]
    contexte = {
        "actives": [ligne for ligne in lignes if ligne[0].est_active],
        "retirees": [ligne for ligne in lignes if not ligne[0].est_active],
        "erreur": erreur,
    }
    return rendre(request, "demandes/administration/regles.html", CODE, contexte, status=status)


def conditions_en_mots(regle: RegleOrientation, champs: list[Champ]) -> list[str]:
    """When the rule holds, one phrase a condition."""
    mots = [str(regle.type) if regle.type else "Toutes les démarches"]
    if regle.territoire:
        mots.append(f"dans l'arrondissement {regle.territoire}")
    return [*mots, *(conditions.en_mots(si, champs) for si in regle.reponses)]


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest) -> HttpResponse:
    return saisir(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    return saisir(request, get_object_or_404(RegleOrientation, pk=pk))


def saisir(request: HttpRequest, regle: RegleOrientation | None) -> HttpResponse:
    """Save the rule; « voir les questions » only draws the page again for the type that was chosen."""
    if request.method == "POST" and request.POST.get("geste") == "questions":
        formulaire = RegleForm(initial=ce_qui_est_tape(request), regle=regle)
        formulaire.reprendre_les_reponses(request.POST)
    else:
        formulaire = RegleForm(soumis(request), regle=regle)
        if request.method == "POST" and (
            faite := tenter(
                formulaire,
                lambda _: regles.enregistrer(
                    regle or RegleOrientation(), formulaire.valeurs(), par=auteur(request)
                ),
            )
        ):
            messages.success(request, f"« {faite} » est enregistrée.")
            return redirect("administration_regles")
    contexte = {
        "formulaire": formulaire,
        "conditions": [formulaire[nom] for nom in formulaire.noms_des_conditions()],
        "titre": f"Modifier « {regle} »" if regle else "Nouvelle règle",
        "retour": reverse("administration_regles"),
    }
    gabarit = "demandes/administration/regle.html"
    return rendre(request, gabarit, CODE, contexte, status=422 if formulaire.errors else 200)


def ce_qui_est_tape(request: HttpRequest) -> dict[str, Any]:
    tape: dict[str, Any] = {
        nom: request.POST.get(nom, "") for nom in ("libelle", "direction", "raison", "territoire", "type")
    }
    return tape | {"est_active": "est_active" in request.POST}


@require_safe
@administrateur_ou_404
def essayer(request: HttpRequest) -> HttpResponse:
    """The simulator: which direction a made-up demande would go to, by which rule, and why not the others."""
    formulaire = EssaiForm(request.GET if request.GET else None)
    contexte: dict[str, Any] = {
        "formulaire": formulaire,
        "questions": [formulaire[f"q-{champ['nom']}"] for champ in formulaire.poses],
        "proposee": None,
        "examens": [],
    }
    if formulaire.is_valid() and (type := formulaire.type_choisi):
        territoire = formulaire.territoires.get(formulaire.cleaned_data["territoire"])
        examens = orientation.examiner(type, territoire, formulaire.lues())
        proposee = orientation.trancher(type, examens)
        contexte["proposee"] = proposee
        contexte["gagnante"] = next((e.regle for e in examens if e.regle.pk == proposee.regle_id), None)
        contexte["examens"] = [(e.regle, *issue(e, proposee, formulaire.champs)) for e in examens]
    return rendre(
        request,
        "demandes/administration/regles_essai.html",
        CODE,
        contexte,
        fil=[("Essayer", reverse("administration_regles_essai"))],
        status=422 if formulaire.errors else 200,
    )


def issue(examen: Examen, proposee: Orientation, champs: list[Champ]) -> tuple[str, list[str]]:
    """(« gagne », « seconde » or « ecartee », why)."""
    if examen.regle.pk == proposee.regle_id:
        return "gagne", ["Première règle qui convient."]
    if examen.convient:
        return "seconde", ["Elle convient aussi, mais une règle placée avant elle l'emporte."]
    return "ecartee", empechements(examen, champs)


def empechements(examen: Examen, champs: list[Champ]) -> list[str]:
    regle = examen.regle
    raisons = [] if regle.est_active else ["Elle est retirée."]
    if not regle.direction.est_active:
        raisons.append("Sa direction est désactivée.")
    if examen.est_ailleurs:
        raisons.append(f"Elle ne vaut que dans l'arrondissement {regle.territoire}.")
    return raisons + [f"Elle attend : {conditions.en_mots(si, champs)}." for si in examen.manquees]


def compter() -> str:
    nombre = RegleOrientation.objects.filter(est_active=True).count()
    return f"{nombre} en service"


SECTION = Section(
    CODE,
    "Règles d'orientation",
    "signpost",
    "administration_regles",
    "La direction proposée selon la démarche, l'arrondissement et les réponses.",
    compter,
)
