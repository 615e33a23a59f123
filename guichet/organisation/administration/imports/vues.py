"""The two screens of an import: the file, then what it would do. Only the second one writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from guichet.organisation.administration.agent import auteur
from guichet.organisation.administration.cadre import administrateur_ou_404, rendre
from guichet.organisation.administration.imports import agents, directions
from guichet.organisation.administration.imports.lecture import (
    LIGNES_MAXIMALES,
    Colonne,
    decoder,
    lire,
    modele,
)
from guichet.organisation.administration.imports.plan import Ecrire, Plan, appliquer
from guichet.organisation.models import Compte
from guichet.socle.erreurs import DonneeInvalide

GABARIT = "organisation/administration/import.html"
# A dry run is read and confirmed in one sitting.
DUREE = 4 * 3600
LIGNES_MONTREES = 100


@dataclass(frozen=True)
class Genre:
    """What differs between the two imports."""

    code: str
    titre: str
    colonnes: tuple[Colonne, ...]
    preparer: Callable[..., Plan]
    ecrire: Ecrire
    invite: bool = False

    @property
    def url(self) -> str:
        return reverse(f"administration_{self.code}_import")

    @property
    def url_modele(self) -> str:
        return reverse(f"administration_{self.code}_modele")

    @property
    def retour(self) -> str:
        return reverse(f"administration_{self.code}")


AGENTS = Genre("agents", "Importer des agents", agents.COLONNES, agents.preparer, agents.ecrire, invite=True)
DIRECTIONS = Genre(
    "directions", "Importer des directions", directions.COLONNES, directions.preparer, directions.ecrire
)


class FichierForm(forms.Form):
    """The file, and whether new agents hear of it."""

    use_required_attribute = False

    fichier = forms.FileField(
        label="Fichier CSV",
        allow_empty_file=True,
        help_text=f"1 Mo et {LIGNES_MAXIMALES} lignes au plus.",
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "max_length": "Le nom du fichier est trop long.",
        },
    )
    inviter = forms.BooleanField(
        label="Envoyer une invitation aux nouveaux agents",
        required=False,
        help_text="Un lien pour choisir leur mot de passe. Sinon, vous l'enverrez depuis chaque fiche.",
    )

    def __init__(self, *args: Any, genre: Genre, **options: Any) -> None:
        super().__init__(*args, **options)
        if not genre.invite:
            del self.fields["inviter"]


def cle_de(genre: Genre, compte: Compte) -> str:
    """A dry run is confirmed by whoever asked for it, and for what it was."""
    return f"import:{genre.code}:{compte.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def importer(request: HttpRequest, genre: Genre) -> HttpResponse:
    if request.method != "POST":
        return montrer(request, genre, FichierForm(genre=genre))
    if "essai" in request.POST:
        return reprendre(request, genre)
    formulaire = FichierForm(request.POST, request.FILES, genre=genre)
    if formulaire.is_valid():
        invite = formulaire.cleaned_data.get("inviter", False)
        try:
            texte = decoder(formulaire.cleaned_data["fichier"].read())
            plan = preparer(genre, texte, invite=invite)
        except DonneeInvalide as erreur:
            formulaire.add_error("fichier", str(erreur))
        else:
            return essayer(request, genre, texte, plan, invite=invite)
    return montrer(request, genre, formulaire)


def preparer(genre: Genre, texte: str, *, invite: bool, pour_ecrire: bool = False) -> Plan:
    rangees = lire(texte, genre.colonnes)
    return genre.preparer(rangees, avec_invitation=invite, pour_ecrire=pour_ecrire)


def montrer(request: HttpRequest, genre: Genre, formulaire: FichierForm) -> HttpResponse:
    contexte = {"genre": genre, "formulaire": formulaire}
    statut = 422 if formulaire.errors else 200
    return rendre(request, GABARIT, genre.code, contexte, fil=[(genre.titre, genre.url)], status=statut)


def essayer(
    request: HttpRequest,
    genre: Genre,
    texte: str,
    plan: Plan,
    *,
    invite: bool,
    a_change: bool = False,
    numero: str = "1",
) -> HttpResponse:
    """Show what the file would do, a page at a time; nothing is written."""
    contenu = {"texte": texte, "invite": invite, "empreinte": plan.empreinte}
    contexte = {
        "genre": genre,
        "plan": plan,
        "page": Paginator(plan.ordonnees, LIGNES_MONTREES).get_page(numero),
        "essai": signing.dumps(contenu, salt=cle_de(genre, auteur(request)), compress=True),
        "a_change": a_change,
    }
    statut = 422 if plan.erreurs else 409 if a_change else 200
    gabarit = "organisation/administration/import_essai.html"
    return rendre(request, gabarit, genre.code, contexte, fil=[(genre.titre, genre.url)], status=statut)


def reprendre(request: HttpRequest, genre: Genre) -> HttpResponse:
    """Another page of what was shown, or do it."""
    try:
        contenu = signing.loads(request.POST["essai"], salt=cle_de(genre, auteur(request)), max_age=DUREE)
    except signing.BadSignature:
        messages.error(request, "Cet essai n'est plus valable. Choisissez de nouveau le fichier.")
        return redirect(genre.url)
    texte, invite, empreinte = contenu["texte"], contenu["invite"], contenu["empreinte"]
    if "page" in request.POST:
        plan = preparer(genre, texte, invite=invite)
        a_change = plan.empreinte != empreinte
        numero = request.POST["page"]
        return essayer(request, genre, texte, plan, invite=invite, a_change=a_change, numero=numero)
    return confirmer(request, genre, texte, invite=invite, empreinte=empreinte)


def confirmer(
    request: HttpRequest, genre: Genre, texte: str, *, invite: bool, empreinte: str
) -> HttpResponse:
    """Do what was shown; if it would now be something else, show that instead."""
    with transaction.atomic():
        plan = preparer(genre, texte, invite=invite, pour_ecrire=True)
        est_voulu = plan.empreinte == empreinte and plan.peut_etre_confirme
        est_fait = est_voulu and appliquer(plan, genre.ecrire, par=auteur(request))
    if not est_fait:
        return essayer(request, genre, texte, plan, invite=invite, a_change=True)
    faits = ", ".join(
        f"{nombre} {etat.label.lower()}{'s' if nombre > 1 else ''}" for etat, nombre in plan.comptes
    )
    messages.success(request, f"Import terminé : {faits}.")
    return redirect(genre.retour)


@require_safe
@administrateur_ou_404
def telecharger_le_modele(request: HttpRequest, genre: Genre) -> HttpResponse:
    return HttpResponse(
        modele(genre.colonnes),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="modele-{genre.code}.csv"'},
    )
