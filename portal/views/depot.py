"""Filing a demande, one page at a time. The link of a draft is the right to it, unless an account owns it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demandes import brouillons, referentiel, suivi
from demandes.formulaires import formulaire_pour, relire
from guichet.organisation.models import Territoire
from guichet.pieces.depot import deposer as garder_la_piece
from guichet.pieces.depot import effacer
from guichet.pieces.erreurs import ErreurPiece
from guichet.socle.coordonnees import afficher_telephone
from guichet.socle.erreurs import Conflit, DonneeInvalide
from guichet.socle.langues import en_francais
from portal.acces import habitant, page_privee, vers_la_connexion
from portal.etapes import COORDONNEES, DEMANDE, LIEU, PIECES, RECAPITULATIF, Etape, Parcours
from portal.formulaires.depot import CoordonneesForm, LieuForm, PiecesForm, RecitForm

FICHIERS_PAR_DOCUMENT = 5


def ouvrir_le_brouillon(request: HttpRequest, code: str, jeton: str) -> brouillons.Brouillon:
    """The draft of this link, or 404; another resident's draft does not exist."""
    brouillon = brouillons.trouver(code, jeton)
    if brouillon is None:
        raise Http404
    if brouillon.compte_id and request.user.is_authenticated and request.user.pk != brouillon.compte_id:
        raise Http404
    return brouillon


def est_ferme(request: HttpRequest, brouillon: brouillons.Brouillon) -> bool:
    """It belongs to an account and nobody is logged in: the session ended, or the link was shared."""
    return brouillon.compte_id is not None and not request.user.is_authenticated


@login_not_required
@page_privee
@require_http_methods(["GET", "HEAD", "POST"])
@referentiel.fixe()
def etape(request: HttpRequest, code: str, jeton: str, etape: str) -> HttpResponse:
    """One page of the deposit. Once sent, every page leads to the receipt."""
    brouillon = ouvrir_le_brouillon(request, code, jeton)
    if brouillon.demande_id is not None:
        return redirect("deposer_recu", code, jeton)
    ferme = est_ferme(request, brouillon)
    parcours = Parcours(brouillon, habitant(request))
    page = parcours.etape(etape)
    if page is None:
        if etape in PAGES:  # not needed for these answers: go on where the person stands
            return vers(parcours, parcours.a_completer() or RECAPITULATIF)
        raise Http404
    peut_ecrire = request.method == "POST" and page in (DEMANDE, LIEU, COORDONNEES)
    if ferme and not peut_ecrire:
        return vers_la_connexion(request)
    if parcours.exige_un_compte and parcours.usager is None and page is not DEMANDE and not ferme:
        return vers_la_connexion(request)
    garder_l_acces_aux_pieces(request, brouillon)
    try:
        reponse = PAGES[page.code](request, parcours)
    except Conflit:
        return redirect("deposer_recu", code, jeton)
    # The session ended while they typed: what came is kept, and the next page opens after the login.
    if ferme and isinstance(reponse, HttpResponseRedirect):
        return vers_la_connexion(request, suite=reponse.url)
    return reponse


def garder_l_acces_aux_pieces(request: HttpRequest, brouillon: brouillons.Brouillon) -> None:
    """Whoever holds the link may see the files of the draft again (demandes.droits)."""
    connus = request.session.get("brouillons", [])
    if brouillon.compte_id is None and "pieces" in brouillon.saisie and brouillon.pk not in connus:
        request.session["brouillons"] = [*connus, brouillon.pk][-50:]


def vers(parcours: Parcours, page: Etape) -> HttpResponseRedirect:
    return redirect("deposer_etape", parcours.type.code, parcours.brouillon.jeton, page.code)


def continuer(request: HttpRequest, parcours: Parcours, page: Etape, saisie: dict[str, Any]) -> HttpResponse:
    """Keep the page's answers, then go on: to the next page, or back to the summary it was opened from."""
    usager = parcours.usager
    brouillon = brouillons.noter(
        parcours.brouillon, page.code, saisie, compte=usager.compte if usager else None
    )
    suite = Parcours(brouillon, usager)
    if "corriger" in request.GET and suite.a_completer() is None:
        return vers(suite, RECAPITULATIF)
    return vers(suite, suite.suivante(page))


def afficher(request: HttpRequest, parcours: Parcours, page: Etape, **contexte: Any) -> HttpResponse:
    precedente = parcours.precedente(page)
    suivante = parcours.suivante(page)
    commun = {
        "parcours": parcours,
        "type": parcours.type,
        "page": page,
        "rang": parcours.rang(page),
        "total": len(parcours.etapes),
        "titre_suivant": suivante.titre if suivante != page else "",
        "adresse_precedente": reverse(
            "deposer_etape", args=[parcours.type.code, parcours.brouillon.jeton, precedente.code]
        )
        if precedente
        else reverse("deposer_type", args=[parcours.type.code]),
    }
    refuse = any(getattr(valeur, "errors", None) for valeur in contexte.values())
    return render(request, f"portal/depot/{page.code}.html", commun | contexte, status=422 if refuse else 200)


# -- the pages -----------------------------------------------------------------------------------------


def page_demande(request: HttpRequest, parcours: Parcours) -> HttpResponse:
    """The person's words and the démarche's own questions, the same form as the agents'."""
    donnees = request.POST if request.method == "POST" else None
    connue = parcours.saisie.get(DEMANDE.code, {})
    recit = RecitForm(donnees, est_exige=parcours.est_raconte, initial={"texte": connue.get("texte", "")})
    formulaire = formulaire_pour(
        parcours.champs_demande, donnees=donnees, initial=connue.get("reponses"), prefixe="q"
    )
    if donnees is not None and all([recit.is_valid(), formulaire.is_valid()]):
        saisie = {"texte": recit.cleaned_data["texte"], "reponses": formulaire.reponses()}
        return continuer(request, parcours, DEMANDE, saisie)
    return afficher(request, parcours, DEMANDE, recit=recit, formulaire=formulaire)


def page_lieu(request: HttpRequest, parcours: Parcours) -> HttpResponse:
    """Where it is; the district is asked only when the address does not tell it."""
    donnees = request.POST if request.method == "POST" else None
    formulaire = LieuForm(donnees, champ=parcours.champ_lieu, initial=parcours.saisie.get(LIEU.code, {}))
    if donnees is not None and formulaire.is_valid():
        return continuer(request, parcours, LIEU, formulaire.saisie())
    return afficher(request, parcours, LIEU, formulaire=formulaire)


def page_pieces(request: HttpRequest, parcours: Parcours) -> HttpResponse:
    """Files, one list per document. Adding and removing come back here; going on keeps them too."""
    documents = parcours.documents
    if request.method != "POST":
        return afficher_les_pieces(request, parcours, PiecesForm(documents=documents))
    rangees = {code: list(pks) for code, pks in parcours.saisie.get(PIECES.code, {}).items()}
    if "retirer" in request.POST:
        rangees = retirer(parcours, rangees, request.POST["retirer"])
        brouillon = brouillons.noter(parcours.brouillon, PIECES.code, rangees)
        return vers(Parcours(brouillon, parcours.usager), PIECES)
    formulaire = PiecesForm(request.POST, request.FILES, documents=documents)
    formulaire.is_valid()
    rangees = ajouter(parcours, rangees, formulaire)
    if formulaire.errors or "ajouter" in request.POST:
        brouillon = brouillons.noter(parcours.brouillon, PIECES.code, rangees)
        parcours = Parcours(brouillon, parcours.usager)
        if formulaire.errors:
            return afficher_les_pieces(request, parcours, formulaire)
        return vers(parcours, PIECES)
    return continuer(request, parcours, PIECES, rangees)


def ajouter(
    parcours: Parcours, rangees: dict[str, list[str]], formulaire: PiecesForm
) -> dict[str, list[str]]:
    """Keep the files that can be, say why for the others."""
    for document in parcours.documents:
        code = document["code"]
        gardees = rangees.setdefault(code, [])
        for fichier in formulaire.cleaned_data.get(code) or ():
            if len(gardees) >= FICHIERS_PAR_DOCUMENT:
                formulaire.add_error(
                    code, _("{n} fichiers au plus pour ce document.").format(n=FICHIERS_PAR_DOCUMENT)
                )
                break
            try:
                piece = garder_la_piece(
                    fichier,
                    proprietaire_genre=brouillons.GENRE_PIECE,
                    proprietaire_id=parcours.brouillon.pk,
                    depose_par=parcours.usager.compte if parcours.usager else None,
                )
            except ErreurPiece as erreur:
                formulaire.add_error(code, ValidationError(str(erreur)))
                continue
            gardees.append(str(piece.pk))
    return rangees


def retirer(parcours: Parcours, rangees: dict[str, list[str]], pk: str) -> dict[str, list[str]]:
    """Delete one file of this draft; an identifier that is not one of its files changes nothing."""
    siennes = [piece for piece in brouillons.pieces_de(parcours.brouillon) if str(piece.pk) == pk]
    with transaction.atomic():
        effacer(siennes)
    return {code: [autre for autre in pks if autre != pk] for code, pks in rangees.items()}


def afficher_les_pieces(request: HttpRequest, parcours: Parcours, formulaire: PiecesForm) -> HttpResponse:
    documents = [
        document | {"champ": formulaire[document["code"]], "pieces": pieces}
        for document, pieces in documents_joints(parcours)
    ]
    return afficher(request, parcours, PIECES, formulaire=formulaire, documents=documents)


def documents_joints(parcours: Parcours) -> list[tuple[dict[str, Any], list[Any]]]:
    """Each awaited document with the files given for it."""
    pieces = {str(piece.pk): piece for piece in brouillons.pieces_de(parcours.brouillon)}
    rangees = parcours.saisie.get(PIECES.code, {})
    return [
        (document, [pieces[pk] for pk in rangees.get(document["code"], ()) if pk in pieces])
        for document in parcours.documents
    ]


def page_coordonnees(request: HttpRequest, parcours: Parcours) -> HttpResponse:
    """Who asks. A proof of identity is made once, at a desk: this page then says how, and keeps the rest."""
    if parcours.attend_une_preuve:
        return afficher(request, parcours, COORDONNEES, formulaire=None)
    donnees = request.POST if request.method == "POST" else None
    connues = parcours.saisie.get(COORDONNEES.code, {})
    formulaire = CoordonneesForm(
        donnees,
        acces=parcours.acces,
        usager=parcours.usager,
        organisme_connu=bool({"siret", "rna"} & parcours.reponses.keys()),
        initial=connues | {"anonyme": "oui" if connues.get("anonyme") else "non"} if connues else {},
    )
    if donnees is not None and formulaire.is_valid():
        return continuer(request, parcours, COORDONNEES, formulaire.saisie())
    return afficher(request, parcours, COORDONNEES, formulaire=formulaire)


def page_recapitulatif(request: HttpRequest, parcours: Parcours) -> HttpResponse:
    """Everything once more, each part with its « Modifier »; POST sends."""
    if (manque := parcours.a_completer()) is not None:
        return vers(parcours, manque)
    if request.method != "POST":
        return afficher_le_recapitulatif(request, parcours)
    langue = get_language()
    try:
        with en_francais():
            brouillons.envoyer(parcours.brouillon, usager=parcours.usager, langue=langue)
    except DonneeInvalide as erreur:
        return afficher_le_recapitulatif(request, parcours, phrase=_(str(erreur)))
    return redirect("deposer_recu", parcours.type.code, parcours.brouillon.jeton)


def afficher_le_recapitulatif(request: HttpRequest, parcours: Parcours, phrase: str = "") -> HttpResponse:
    lieu = parcours.saisie.get(LIEU.code, {})
    joints = documents_joints(parcours)
    reponse = afficher(
        request,
        parcours,
        RECAPITULATIF,
        phrase=phrase,
        texte=parcours.saisie[DEMANDE.code].get("texte", ""),
        reponses=relire(parcours.champs_demande, parcours.reponses),
        lieu=lieu,
        arrondissement=Territoire.objects.filter(pk=lieu.get("territoire")).first(),
        documents=joints,
        manquants=[document for document, pieces in joints if document["obligatoire"] and not pieces],
        coordonnees=coordonnees_en_clair(parcours),
        est_anonyme=bool(parcours.saisie.get(COORDONNEES.code, {}).get("anonyme")),
        demande_les_coordonnees=COORDONNEES in parcours.etapes,
        fiche=fiche_de(parcours),
        est_urgente=parcours.type.est_urgent_pour(parcours.reponses),
    )
    reponse.status_code = 422 if phrase else 200
    return reponse


def fiche_de(parcours: Parcours) -> Any:
    """The answer the city already gives to most demandes of this kind, if it has one."""
    return parcours.type.fiches.filter(est_active=True).first()


def coordonnees_en_clair(parcours: Parcours) -> list[tuple[Any, str]]:
    """(label, text) of who asks, from the page or from the account."""
    saisie, usager = parcours.saisie.get(COORDONNEES.code, {}), parcours.usager
    nom = f"{saisie.get('prenom', '')} {saisie.get('nom', '')}".strip()
    telephone = saisie.get("telephone") or (usager.telephone if usager else "")
    lignes = [
        (_("Organisme"), saisie.get("raison_sociale", "")),
        ("SIRET", saisie.get("siret", "")),
        ("RNA", saisie.get("rna", "")),
        (_("Nom"), str(usager) if usager else nom),
        (_("Courriel"), usager.courriel if usager else saisie.get("courriel", "")),
        (_("Téléphone"), afficher_telephone(telephone) if telephone else ""),
        (_("Adresse postale"), usager.adresse if usager else saisie.get("adresse", "")),
        (_("Réponse souhaitée"), CANAUX_PREFERES.get(saisie.get("canal_prefere", ""), "")),
    ]
    return [(libelle, valeur) for libelle, valeur in lignes if valeur]


CANAUX_PREFERES = dict(CoordonneesForm.base_fields["canal_prefere"].choices)
PAGES: dict[str, Callable[[HttpRequest, Parcours], HttpResponse]] = {
    DEMANDE.code: page_demande,
    LIEU.code: page_lieu,
    PIECES.code: page_pieces,
    COORDONNEES.code: page_coordonnees,
    RECAPITULATIF.code: page_recapitulatif,
}


# -- after, or never -----------------------------------------------------------------------------------


@login_not_required
@page_privee
@require_safe
def recu(request: HttpRequest, code: str, jeton: str) -> HttpResponse:
    """The receipt: number, code, link, who acts, by when (CRPA, art. L112-11 and R112-11-1)."""
    brouillon = ouvrir_le_brouillon(request, code, jeton)
    if est_ferme(request, brouillon):
        return vers_la_connexion(request)
    if brouillon.demande is None:
        return redirect("deposer_etape", code, jeton, RECAPITULATIF.code)
    demande = suivi.trouver_par_lien(brouillon.demande.numero, brouillon.demande.jeton_suivi)
    accuse = suivi.accuse_de(demande)
    contexte = {
        "demande": demande,
        "accuse": accuse,
        "silence": accuse.phrases_du_silence,
        "lien": suivi.chemin_de_suivi(demande),
    }
    return render(request, "portal/depot/recu.html", contexte)


@login_not_required
@page_privee
@require_POST
def abandonner(request: HttpRequest, code: str, jeton: str) -> HttpResponse:
    """Throw a draft away, its files too."""
    brouillon = ouvrir_le_brouillon(request, code, jeton)
    if est_ferme(request, brouillon):
        return vers_la_connexion(request, suite=reverse("mes_demandes"))
    brouillons.abandonner(brouillon)
    messages.success(request, _("Votre brouillon est effacé."))
    return redirect("mes_demandes" if habitant(request) else "deposer")
