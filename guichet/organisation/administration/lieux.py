"""Directions and desks: the same screens for both, told apart by their `Genre`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guichet.organisation import lieux
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Attention, Section, administrateur_ou_404, rendre
from guichet.organisation.administration.lieux_forms import AccueilForm, DirectionForm, HorairesForm
from guichet.organisation.administration.listes import Liste
from guichet.organisation.administration.pages import paginer
from guichet.organisation.models import Affectation, Direction, PointAccueil, Role
from guichet.socle.erreurs import Refus


@dataclass(frozen=True)
class Genre:
    """What differs between the two kinds of place."""

    code: str
    modele: type[Direction] | type[PointAccueil]
    formulaire: type[DirectionForm] | type[AccueilForm]
    actif: str
    lien: str
    responsable: str
    un_nouveau: str
    pluriel: str

    def url(self, nom: str = "", *args: Any) -> str:
        return reverse(f"administration_{self.code}{nom}", args=args)


DIRECTION = Genre(
    "directions",
    Direction,
    DirectionForm,
    "est_active",
    "direction",
    Role.RESPONSABLE_DIRECTION,
    "Nouvelle direction",
    "Directions",
)
ACCUEIL = Genre(
    "accueils",
    PointAccueil,
    AccueilForm,
    "est_actif",
    "point_accueil",
    Role.RESPONSABLE_ACCUEIL,
    "Nouveau point d'accueil",
    "Points d'accueil",
)


def annoter(genre: Genre) -> Any:
    """Places with whether somebody answers for them today."""
    responsables = Affectation.objects.en_cours().filter(
        **{genre.lien: OuterRef("pk")}, role=genre.responsable, compte__is_active=True
    )
    return genre.modele.objects.annotate(a_un_responsable=Exists(responsables))


@require_safe
@administrateur_ou_404
def liste(request: HttpRequest, genre: Genre) -> HttpResponse:
    page = paginer(annoter(genre), request.GET.dict(), ordre=("nom", "pk"))
    lignes = [(lieu, lieux.est_ouvert(lieu), genre.url("_un", lieu.pk)) for lieu in page.lignes]
    liste = Liste(
        gabarit="organisation/administration/lieux.html",
        section=genre.code,
        titre=genre.pluriel,
        colonnes=("Nom", "Code", "Coordonnées", "État"),
        icone="building-2",
        nouveau=genre.un_nouveau,
        url_nouveau=f"administration_{genre.code}_creer",
        vide="Rien ici pour l'instant",
        conseil="Ajoutez le premier lieu, ou chargez le catalogue de la ville.",
    )
    importer = genre.url("_import") if genre is DIRECTION else ""
    return liste.rendre(request, page, lignes=lignes, genre=genre, importer=importer)


@require_safe
@administrateur_ou_404
def un(request: HttpRequest, genre: Genre, pk: int) -> HttpResponse:
    lieu = get_object_or_404(annoter(genre), pk=pk)
    contexte = {
        "lieu": lieu,
        "est_ouvert": lieux.est_ouvert(lieu),
        "est_direction": genre is DIRECTION,
        "horaires": lieux.en_mots(lieux.horaires_de(lieu)),
        "attaches": lieux.attaches(lieu),
        "url_modifier": genre.url("_modifier", pk),
        "url_horaires": genre.url("_horaires", pk),
        "url_ouvrir": genre.url("_ouvrir", pk),
        "objet_genre": genre.modele._meta.label_lower,
    }
    return rendre(
        request, "organisation/administration/lieu.html", genre.code, contexte, fil=fil_de(genre, lieu)
    )


def trouver(genre: Genre, pk: int) -> lieux.Lieu:
    return get_object_or_404(genre.modele, pk=pk)  # type: ignore[return-value]


def fil_de(genre: Genre, lieu: lieux.Lieu) -> list[tuple[str, str]]:
    return [(str(lieu), genre.url("_un", lieu.pk))]


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest, genre: Genre) -> HttpResponse:
    return saisir(request, genre, None, genre.un_nouveau)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, genre: Genre, pk: int) -> HttpResponse:
    lieu = trouver(genre, pk)
    return saisir(request, genre, lieu, f"Modifier {lieu}")


def saisir(request: HttpRequest, genre: Genre, lieu: Any, titre: str) -> HttpResponse:
    initial = genre.formulaire.valeurs_de(lieu) if lieu else {}
    formulaire = genre.formulaire(soumis(request), initial=initial)
    if request.method == "POST" and (
        fait := tenter(
            formulaire, lambda v: lieux.enregistrer(lieu or genre.modele(), v, par=auteur(request))
        )
    ):
        messages.success(request, f"« {fait} » est enregistré.")
        return redirect(genre.url("_un", fait.pk))
    contexte = {
        "formulaire": formulaire,
        "titre": titre,
        "bouton": "Enregistrer",
        "retour": genre.url("_un", lieu.pk) if lieu else genre.url(),
        "aide": "L'accusé de réception montre ces coordonnées aux habitants (CRPA, art. R112-5).",
    }
    return rendre(
        request,
        "organisation/administration/formulaire.html",
        genre.code,
        contexte,
        fil=fil_de(genre, lieu) if lieu else (),
        status=422 if formulaire.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def horaires(request: HttpRequest, genre: Genre, pk: int) -> HttpResponse:
    lieu = trouver(genre, pk)
    formulaire = HorairesForm(soumis(request), horaires=lieux.horaires_de(lieu))
    if request.method == "POST" and formulaire.is_valid():
        lieux.changer_les_horaires(lieu, formulaire.horaires, par=auteur(request))
        messages.success(request, "Les horaires sont enregistrés.")
        return redirect(genre.url("_un", pk))
    contexte = {"formulaire": formulaire, "lieu": lieu, "retour": genre.url("_un", pk)}
    return rendre(
        request,
        "organisation/administration/horaires.html",
        genre.code,
        contexte,
        fil=fil_de(genre, lieu),
        status=422 if formulaire.errors else 200,
    )


@require_POST
@administrateur_ou_404
def ouvrir(request: HttpRequest, genre: Genre, pk: int) -> HttpResponse:
    lieu = trouver(genre, pk)
    est_ouvert = request.POST.get("actif") == "oui"
    try:
        lieux.ouvrir(lieu, est_ouvert=est_ouvert, par=auteur(request))
    except Refus as refus:
        messages.error(request, str(refus))
    else:
        messages.success(request, "Ce lieu est rouvert." if est_ouvert else "Ce lieu est désactivé.")
    return redirect(genre.url("_un", pk))


# -- on the home page --------------------------------------------------------------------------------------


def compter(genre: Genre) -> str:
    return f"{genre.modele.objects.filter(**{genre.actif: True}).count()} en service"


def signaler(genre: Genre) -> list[Attention]:
    """Places nobody answers for."""
    orphelins = annoter(genre).filter(**{genre.actif: True}, a_un_responsable=False).order_by("nom")
    return [
        Attention(lieu.nom, genre.url("_un", lieu.pk), f"{genre.pluriel} sans responsable")
        for lieu in orphelins
    ]


SECTION_DIRECTIONS = Section(
    "directions",
    "Directions",
    "building-2",
    "administration_directions",
    "Les services qui instruisent : nom public, coordonnées, horaires.",
    lambda: compter(DIRECTION),
    lambda: signaler(DIRECTION),
)
SECTION_ACCUEILS = Section(
    "accueils",
    "Points d'accueil",
    "concierge-bell",
    "administration_accueils",
    "Les guichets qui reçoivent : canaux, coordonnées, horaires.",
    lambda: compter(ACCUEIL),
    lambda: signaler(ACCUEIL),
)
