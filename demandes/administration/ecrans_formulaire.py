"""The form of a type, question by question: composed aside, tried, put in service."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from demandes.administration import composition
from demandes.administration.composition import Atelier
from demandes.administration.ecrans import CODE, fil_de, trouver
from demandes.administration.formulaire_forms import QuestionForm
from demandes.formulaires import formulaire_pour, relire
from guichet.organisation.administration.agent import auteur, soumis
from guichet.organisation.administration.cadre import administrateur_ou_404, rendre
from guichet.socle.erreurs import Conflit, ErreurMetier


def revision_de(request: HttpRequest) -> int:
    """The revision that the screen showed; anything else is a stale one."""
    texte = request.POST.get("revision", "")
    return int(texte) if texte.isascii() and texte.isdigit() and len(texte) < 10 else -1


def statut_du_refus(erreur: ErreurMetier) -> int:
    return 409 if isinstance(erreur, Conflit) else 422


def rendre_sous_le_formulaire(
    request: HttpRequest, gabarit: str, type: Any, contexte: dict[str, Any], status: int
) -> HttpResponse:
    fil = [*fil_de(type), ("Formulaire", reverse("administration_formulaire", args=[type.pk]))]
    gabarit = f"demandes/administration/{gabarit}.html"
    return rendre(request, gabarit, CODE, contexte, fil=fil, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def formulaire(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions in order; the buttons beside each move it or take it away."""
    type = trouver(pk)
    if request.method == "POST":
        return deplacer_ou_retirer(request, type)
    return dessiner(request, type)


def deplacer_ou_retirer(request: HttpRequest, type: Any) -> HttpResponse:
    geste, _, nom = request.POST.get("geste", "").partition(" ")
    revision, par = revision_de(request), auteur(request)
    try:
        if geste == "monter":
            composition.deplacer(type, nom, -1, revision=revision, par=par)
        elif geste == "descendre":
            composition.deplacer(type, nom, 1, revision=revision, par=par)
        elif geste == "retirer":
            composition.retirer(type, nom, revision=revision, par=par)
            messages.success(request, "La question est retirée.")
        elif geste == "abandonner":
            composition.abandonner(type, revision=revision, par=par)
            messages.success(request, "Vos modifications sont abandonnées.")
        else:
            raise Http404
    except ErreurMetier as erreur:
        return dessiner(request, type, str(erreur), statut_du_refus(erreur))
    return redirect("administration_formulaire", type.pk)


def dessiner(request: HttpRequest, type: Any, erreur: str = "", status: int = 200) -> HttpResponse:
    atelier = composition.ouvrir(type)
    questions = [
        {"champ": champ, "precisions": composition.precisions(champ, atelier.champs)}
        for champ in atelier.champs
    ]
    contexte = {"type": type, "atelier": atelier, "questions": questions, "erreur": erreur}
    return rendre_sous_le_formulaire(request, "formulaire", type, contexte, status)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def ajouter(request: HttpRequest, pk: int) -> HttpResponse:
    type = trouver(pk)
    atelier = composition.ouvrir(type)
    return saisir(request, type, atelier, QuestionForm(soumis(request), champs=atelier.champs))


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int, nom: str) -> HttpResponse:
    type = trouver(pk)
    atelier = composition.ouvrir(type)
    question = QuestionForm(soumis(request), champs=atelier.champs, nom=nom)
    if question.champ is None and request.method != "POST":
        raise Http404
    return saisir(request, type, atelier, question, nom)


def saisir(
    request: HttpRequest, type: Any, atelier: Atelier, question: QuestionForm, nom: str = ""
) -> HttpResponse:
    """Keep what was typed whatever happens: a fault (422), or somebody else's change (409)."""
    statut = 200
    if request.method == "POST":
        statut = 422
        if nom and question.champ is None:
            question.add_error(None, "Quelqu'un a retiré cette question : envoyez pour l'ajouter à nouveau.")
            statut = 409
        elif question.is_valid():
            revision, par = revision_de(request), auteur(request)
            try:
                if nom:
                    composition.remplacer(type, nom, question.question(), revision=revision, par=par)
                else:
                    composition.ajouter(type, question.question(), revision=revision, par=par)
            except ErreurMetier as erreur:
                question.add_error(None, str(erreur))
                statut = statut_du_refus(erreur)
            else:
                messages.success(request, f"« {question.cleaned_data['libelle']} » est enregistrée.")
                return redirect("administration_formulaire", type.pk)
    contexte = {
        "formulaire": question,
        "atelier": composition.ouvrir(type) if statut == 409 else atelier,
        "titre": "Modifier une question" if question.champ else "Nouvelle question",
        "action": "" if question.champ or not nom else reverse("administration_champ_creer", args=[type.pk]),
        "retour": reverse("administration_formulaire", args=[type.pk]),
    }
    return rendre_sous_le_formulaire(request, "question", type, contexte, statut)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def apercu(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions as residents will see them. Answers may be tried: nothing is kept."""
    type = trouver(pk)
    champs = composition.ouvrir(type).champs
    essai = formulaire_pour(champs, donnees=soumis(request), fichiers=request.FILES or None, prefixe="q")
    accepte = request.method == "POST" and essai.is_valid()
    contexte = {
        "type": type,
        "formulaire": essai,
        "champs_poses": champs,
        "accepte": accepte,
        "lues": relire(champs, essai.reponses()) if accepte else [],
    }
    return rendre_sous_le_formulaire(request, "apercu", type, contexte, 422 if essai.errors else 200)


@require_http_methods(["POST"])
@administrateur_ou_404
def mettre_en_service(request: HttpRequest, pk: int) -> HttpResponse:
    type = trouver(pk)
    try:
        version = composition.mettre_en_service(type, revision=revision_de(request), par=auteur(request))
    except ErreurMetier as erreur:
        return dessiner(request, type, str(erreur), statut_du_refus(erreur))
    messages.success(
        request, f"La version {version.numero} est en service. Les demandes déjà déposées gardent la leur."
    )
    return redirect("administration_demarche", pk)
