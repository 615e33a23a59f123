"""Type in what somebody asks by phone, at the counter or on paper: answer at once, route, or keep."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from demandes.recu import recu_pdf
from demandes.views.acces import demande_connue_ou_404
from demandes.views.accueil import reserve_a_l_accueil
from demandes.views.saisie_en_cours import Saisie

ISSUES = ("repondre", "orienter", "enregistrer")


@reserve_a_l_accueil
def saisie(request):
    """One page, without memory on the server: each button sends everything, the last three end it."""
    en_cours = Saisie(request)
    if en_cours.issue not in ISSUES:
        return render(request, "demandes/accueil/saisie.html", {"saisie": en_cours.sans_jugement()})
    if existante := en_cours.deja_enregistree():
        messages.info(request, "Cette saisie était déjà enregistrée : rien n'a été ajouté.")
        return redirect("agent_saisie_faite", numero=existante.numero)
    if demande := en_cours.terminer():
        return redirect("agent_saisie_faite", numero=demande.numero)
    return render(request, "demandes/accueil/saisie.html", {"saisie": en_cours}, status=422)


@require_safe
@reserve_a_l_accueil
def saisie_faite(request, numero):
    """What to tell the person before they hang up: the number, the code, who acts and by when."""
    demande, est_lisible = demande_connue_ou_404(request, numero)
    if not (est_lisible or saisie_par(demande, request.user)):
        raise Http404
    return render(
        request, "demandes/accueil/saisie_faite.html", {"demande": demande, "est_lisible": est_lisible}
    )


@require_safe
@reserve_a_l_accueil
def recu(request, numero):
    """The receipt as a PDF, to print and hand over."""
    demande, est_lisible = demande_connue_ou_404(request, numero)
    if not (est_lisible or saisie_par(demande, request.user)):
        raise Http404
    return HttpResponse(
        recu_pdf(demande),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="recepisse-{demande.numero}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


def saisie_par(demande, compte) -> bool:
    """Say whether this agent registered it: they hand over the receipt even when they may not read on."""
    return demande.journal.filter(geste="enregistrer", compte=compte).exists()
