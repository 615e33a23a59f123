"""Type in what somebody asks by phone, at the counter or on paper: answer at once, route, or keep."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from demandes.actions import envoyer_l_accuse
from demandes.formulaires_gestes.echanges import EnvoyerLAccuseForm
from demandes.models import Demande
from demandes.recu import recu_pdf
from demandes.views.acces import auteur_de, demande_connue_ou_404
from demandes.views.accueil import reserve_a_l_accueil
from demandes.views.saisie_en_cours import Saisie
from demandes.views.saisie_fin import deja_enregistree, terminer
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.socle.erreurs import ErreurMetier

ENVOYER = "envoyer_l_accuse"
ISSUES = ("repondre", "orienter", "enregistrer")


@reserve_a_l_accueil
def saisie(request):
    """One page, without memory on the server: each button sends everything, the last three end it."""
    en_cours = Saisie(request)
    if en_cours.issue not in ISSUES:
        return render(request, "demandes/accueil/saisie.html", {"saisie": en_cours.sans_jugement()})
    if existante := deja_enregistree(en_cours):
        messages.info(request, "Cette saisie était déjà enregistrée : rien n'a été ajouté.")
        return redirect("agent_saisie_faite", numero=existante.numero)
    if demande := terminer(en_cours):
        return redirect("agent_saisie_faite", numero=demande.numero)
    return render(request, "demandes/accueil/saisie.html", {"saisie": en_cours}, status=422)


@require_safe
@reserve_a_l_accueil
def saisie_faite(request, numero):
    """What to tell the person before they hang up: the number, the code, who acts and by when."""
    return page_faite(request, *a_remettre_ou_404(request, numero))


def page_faite(request, demande, est_lisible, form=None):
    """The page, and by which way its acknowledgement leaves or has left.

    Whoever may not read on prints it and no more: the mail carries the link, which reads everything.
    """
    accuses = Envoi.objects.filter(reference=f"demande:{demande.numero}", nature=Envoi.Nature.ACCUSE)
    adresses = list(accuses.order_by("pk").values_list("destinataire", flat=True))
    contexte = {
        "demande": demande,
        "est_lisible": est_lisible,
        "accuses": list(dict.fromkeys(adresses)),
        "form": form or EnvoyerLAccuseForm(geste=ENVOYER, demande=demande, auteur=auteur_de(request)),
        "est_un_courrier": demande.canal == Canal.COURRIER,
    }
    statut = 422 if form else 200
    return render(request, "demandes/accueil/saisie_faite.html", contexte, status=statut)


@require_POST
@reserve_a_l_accueil
def envoyer_le_recu(request, numero):
    """Send the receipt to the address the person gives, without leaving the page one reads it from."""
    demande, est_lisible = demande_connue_ou_404(request, numero)
    if not est_lisible:
        raise Http404
    auteur = auteur_de(request)
    form = EnvoyerLAccuseForm(request.POST, geste=ENVOYER, demande=demande, auteur=auteur)
    if not form.is_valid():
        return page_faite(request, demande, True, form)
    try:
        envoyer_l_accuse(demande, auteur=auteur, version=form.cleaned_data["version"], **form.arguments())
    except ErreurMetier as erreur:
        form.signaler(erreur)
        return page_faite(request, demande, True, form)
    messages.success(request, "L'accusé de réception part.")
    return redirect("agent_saisie_faite", numero=numero)


def a_remettre_ou_404(request, numero) -> tuple[Demande, bool]:
    """A demande whose receipt this agent may hand over: they read it, or they registered it."""
    demande, est_lisible = demande_connue_ou_404(request, numero)
    if not (est_lisible or saisie_par(demande, request.user)):
        raise Http404
    return demande, est_lisible


@require_safe
@reserve_a_l_accueil
def recu(request, numero):
    """The receipt as a PDF, to print and hand over."""
    demande, _ = a_remettre_ou_404(request, numero)
    return HttpResponse(
        recu_pdf(demande, est_remis_par_un_agent=True),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="recepisse-{demande.numero}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


def saisie_par(demande, compte) -> bool:
    """Say whether this agent registered it: they hand over the receipt even when they may not read on."""
    return demande.journal.filter(geste="enregistrer", compte=compte).exists()
