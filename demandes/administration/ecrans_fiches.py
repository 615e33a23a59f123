"""Administration › Fiches: the list, and one fiche as it is written. One is withdrawn, never deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes.actions import remarques
from demandes.administration import fiches
from demandes.administration.fiches_forms import FicheForm, FiltresForm
from demandes.models import Fiche, RemarqueFiche
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Attention, Section, administrateur_ou_404, rendre
from guichet.organisation.administration.listes import Liste
from guichet.organisation.administration.pages import lire_filtres, paginer
from guichet.organisation.models import Modification

CODE = "fiches"
# What a button does to the state of the fiche; « Enregistrer » leaves it alone.
LISTE = Liste(
    gabarit="demandes/administration/fiches.html",
    section=CODE,
    titre="Fiches, par question",
    colonnes=("Question", "Démarches", "Direction", "À relire", "État"),
    icone="book-open",
    nouveau="Nouvelle fiche",
    url_nouveau="administration_fiche_creer",
    vide="Aucune fiche",
    conseil="Écrivez la première réponse que l'accueil donne tous les jours.",
    aucun="Aucune fiche ne correspond",
    tout_voir="Voir toutes les fiches",
)
PUBLICATION = {"publier": True, "retirer": False}


@require_safe
@administrateur_ou_404
def liste(request: HttpRequest) -> HttpResponse:
    """By question: found by word, theme, direction or state."""
    formulaire, filtres = lire_filtres(FiltresForm, request)
    page = paginer(fiches.filtrer(fiches.annoter(), filtres), request.GET.dict(), ordre=("question", "pk"))
    return LISTE.rendre(request, page, formulaire=formulaire)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest) -> HttpResponse:
    return saisir(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    return saisir(request, get_object_or_404(fiches.annoter(), pk=pk))


def saisir(request: HttpRequest, fiche: Fiche | None) -> HttpResponse:
    """Save the fiche, publish or withdraw it; « voir » only shows it as the desk would read it."""
    formulaire = FicheForm(soumis(request), fiche=fiche)
    geste = request.POST.get("geste_de_page", "")
    version = request.POST.get("version") or (fiches.version_de(fiche) if fiche else "")
    montree: dict[str, Any] = {}
    if request.method == "POST" and geste == "voir":
        if formulaire.is_valid():
            valeurs = dict(formulaire.cleaned_data)
            montree = {"titre": "À l'accueil, elle se lira ainsi", "types": valeurs.pop("types")}
            montree["fiche"] = Fiche(**valeurs)
    elif request.method == "POST" and (
        faite := tenter(
            formulaire,
            lambda v: fiches.enregistrer(
                fiche or Fiche(),
                v,
                version=version,
                est_active=PUBLICATION.get(geste),
                par=auteur(request),
            ),
        )
    ):
        messages.success(request, issue(faite, geste))
        return redirect("administration_fiches")
    statut = 422 if formulaire.errors else 200
    if fiche and formulaire.has_error(NON_FIELD_ERRORS, "conflit"):
        statut = 409
        fiche = actuelle = fiches.annoter().get(pk=fiche.pk)
        version = fiches.version_de(actuelle)
        types = actuelle.types.all()
        montree = {"titre": "Ce que la fiche dit maintenant", "fiche": actuelle, "types": types}
    contexte = {
        "formulaire": formulaire,
        "fiche": fiche,
        "version": version,
        "montree": montree,
        "citations": fiches.citations(fiche) if fiche else 0,
        "remarques": remarques_de(fiche) if fiche else [],
        "derniere": derniere_modification(fiche) if fiche else None,
        "titre": "Modifier une fiche" if fiche else "Nouvelle fiche",
        "retour": reverse("administration_fiches"),
    }
    return rendre(request, "demandes/administration/fiche.html", CODE, contexte, status=statut)


@require_POST
@administrateur_ou_404
def traiter_les_remarques(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle the remarks the page showed: a newer one stays."""
    fiche = get_object_or_404(Fiche, pk=pk)
    vues = [r.pk for r in remarques_de(fiche) if str(r.pk) in request.POST.getlist("remarque")]
    remarques.traiter(fiche, vues, par=auteur(request))
    messages.success(request, f"Les remarques sur « {fiche} » sont traitées.")
    return redirect("administration_fiche", pk)


def remarques_de(fiche: Fiche) -> list[RemarqueFiche]:
    return list(fiche.remarques.filter(traitee_le=None).select_related("compte"))


def issue(fiche: Fiche, geste: str) -> str:
    if geste == "retirer":
        return f"« {fiche} » est retirée : les agents ne la trouvent plus."
    if geste == "publier":
        return f"« {fiche} » est publiée : les agents la trouvent dès maintenant."
    return f"« {fiche} » est enregistrée." + ("" if fiche.est_active else " Elle n'est pas publiée.")


def derniere_modification(fiche: Fiche) -> Modification | None:
    """The line of the register that tells its last change; None when a command made it."""
    lignes = Modification.objects.filter(objet_genre=fiche._meta.label_lower, objet_cle=str(fiche.pk))
    return lignes.filter(faite_le__gte=fiche.modifiee_le).select_related("compte").first()


# -- on the home page --------------------------------------------------------------------------------------


def compter() -> str:
    nombre = Fiche.objects.filter(est_active=True).count()
    return f"{nombre} publiée{'s' if nombre > 1 else ''}"


def signaler() -> list[Attention]:
    attentions = []
    for etat, une, plusieurs in (
        ("signalees", "fiche est signalée", "fiches sont signalées"),
        ("a_revoir", "fiche publiée est à relire", "fiches publiées sont à relire"),
    ):
        if nombre := fiches.filtrer(fiches.annoter(), {"etat": etat}).count():
            mots = plusieurs if nombre > 1 else une
            attentions.append(Attention(f"{nombre} {mots}.", f"{SECTION.url}?etat={etat}"))
    return attentions


SECTION = Section(
    CODE,
    "Fiches",
    "book-open",
    "administration_fiches",
    "Les réponses de la base de connaissances, et ce que seuls les agents lisent.",
    compter,
    signaler,
)
