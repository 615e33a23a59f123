"""A call or a visit: it starts with a button, notes what is dealt with, and ends with what came of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from demandes.actions.contacts import (
    commencer_contact,
    contact_en_cours,
    nommer,
    noter,
    parler_pour,
    terminer_contact,
)
from demandes.models import Contact, Fiche
from demandes.views.acces import auteur_de, demande_connue_ou_404, perimetre_de
from demandes.views.accueil import duree_en_mots, reserve_a_l_accueil
from demandes.views.appels import annonces, poste_de
from demandes.views.suites import suite_de
from guichet.canaux.canal import Canal
from guichet.socle.erreurs import Conflit, ErreurMetier
from usagers.fusion import gardee_de
from usagers.models import Usager


def contact(request: HttpRequest) -> dict[str, object]:
    """Context processor: the conversation under way, on every page of a desk agent until it ends."""
    if not request.path.startswith("/agent/") or not getattr(request.user, "est_agent", False):
        return {"contact": None, "est_au_bureau": False, "appels": None}
    return {
        "appels": SimpleLazyObject(lambda: annonces(request)) if poste_de(request) else None,
        "contact": SimpleLazyObject(lambda: le_sien(request)),
        "est_au_bureau": SimpleLazyObject(lambda: perimetre_de(request).est_accueil),
    }


def le_sien(request: HttpRequest) -> Contact | None:
    return contact_en_cours(request.user) if perimetre_de(request).est_accueil else None


@require_POST
@reserve_a_l_accueil
def commencer(request):
    """Start the clock, then go to the person when one is known, else to the search box."""
    usager = usager_dit(request)
    try:
        commencer_contact(auteur=auteur_de(request), canal=request.POST.get("canal", ""), usager=usager)
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
    return redirect("agent_usager", pk=usager.pk) if usager else redirect("agent_accueil")


@require_POST
@reserve_a_l_accueil
def noter_un_sujet(request):
    """Say who speaks, or whom for, or note a question answered: the conversation goes on."""
    try:
        en_cours = le_sien_ou_conflit(request)
        if pour := request.POST.get("pour", ""):
            return dire_pour_qui(request, en_cours, autrui=pour == "autrui")
        if usager := usager_dit(request):
            nommer(en_cours, usager)
            messages.success(request, f"{usager} est en ligne.")
            return redirect("agent_usager", pk=usager.pk)
        noter_ce_qui_est_dit(request, en_cours)
        messages.success(request, "C'est noté. Une autre question ?")
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
        return redirect("agent_accueil")
    if en_cours.usager_id:
        return redirect("agent_usager", pk=en_cours.usager_id)
    return redirect("agent_accueil")


def dire_pour_qui(request: HttpRequest, en_cours: Contact, *, autrui: bool) -> HttpResponse:
    """The person speaks for the one whose card this is, for somebody still to be found, or for themselves."""
    beneficiaire = usager_dit(request) if autrui else None
    parler_pour(en_cours, autrui=autrui, beneficiaire=beneficiaire)
    if beneficiaire:
        messages.success(request, f"C'est noté : pour {beneficiaire}.")
        return redirect("agent_usager", pk=beneficiaire.pk)
    return redirect(suite_de(request) or "agent_accueil")


@require_POST
@reserve_a_l_accueil
def terminer(request):
    """End the agent's own contact, noting first the fiche or the demande it was about, if one is given."""
    try:
        en_cours = le_sien_ou_conflit(request)
        noter_ce_qui_est_dit(request, en_cours)
        fini = terminer_contact(
            en_cours, auteur=auteur_de(request), resultat=request.POST.get("resultat", "")
        )
        quoi = "Appel terminé" if fini.canal == Canal.TELEPHONE else "Visite terminée"
        duree = duree_en_mots(fini.fin - fini.debut)
        messages.success(request, f"{quoi} en {duree} : {fini.get_resultat_display().lower()}.")
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
    return redirect("agent_accueil")


def le_sien_ou_conflit(request: HttpRequest) -> Contact:
    en_cours = le_sien(request)
    if en_cours is None:
        raise Conflit("Ce contact est déjà terminé.")
    return en_cours


def usager_dit(request: HttpRequest) -> Usager | None:
    pk = request.POST.get("usager", "")
    if not pk:
        return None
    return get_object_or_404(Usager, pk=gardee_de(int(pk) if pk.isdigit() and len(pk) < 18 else 0))


def noter_ce_qui_est_dit(request: HttpRequest, en_cours: Contact) -> None:
    """The fiche read out, or the demande spoken of: answered, since nothing new was opened."""
    fiche = demande = None
    if code := request.POST.get("fiche", ""):
        fiche = get_object_or_404(Fiche, code=code, est_active=True)
    if numero := request.POST.get("demande", ""):
        demande, _ = demande_connue_ou_404(request, numero)
    if fiche or demande:
        noter(en_cours, demande=demande, fiche=fiche, est_resolu=True)
