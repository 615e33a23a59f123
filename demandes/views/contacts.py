"""A call or a visit: it starts with a button, and ends with what came of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from demandes.actions.saisie import commencer_contact, contact_en_cours, terminer_contact
from demandes.models import Fiche
from demandes.views.acces import auteur_de, demande_connue_ou_404
from demandes.views.accueil import reserve_a_l_accueil
from guichet.socle.erreurs import Conflit, ErreurMetier
from usagers.models import Usager


@require_POST
@reserve_a_l_accueil
def commencer(request):
    """Start the clock, then go to the person when one is known, else to the search box."""
    usager = None
    if pk := request.POST.get("usager", ""):
        usager = get_object_or_404(Usager, pk=pk if pk.isdigit() else 0)
    try:
        commencer_contact(auteur=auteur_de(request), canal=request.POST.get("canal", ""), usager=usager)
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
    return redirect("agent_usager", pk=usager.pk) if usager else redirect("agent_accueil")


@require_POST
@reserve_a_l_accueil
def terminer(request):
    """End the agent's own contact: nothing to follow, or answered with a fiche or about a demande."""
    try:
        contact = contact_en_cours(request.user)
        if contact is None:
            raise Conflit("Ce contact est déjà terminé.")
        fiche = demande = None
        if code := request.POST.get("fiche", ""):
            fiche = get_object_or_404(Fiche, code=code, est_active=True)
        if numero := request.POST.get("demande", ""):
            demande, _ = demande_connue_ou_404(request, numero)
        fini = terminer_contact(
            contact,
            auteur=auteur_de(request),
            resultat=request.POST.get("resultat", ""),
            fiche=fiche,
            demande=demande,
        )
        messages.success(request, f"Contact terminé : {fini.get_resultat_display().lower()}.")
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
    return redirect("agent_accueil")
