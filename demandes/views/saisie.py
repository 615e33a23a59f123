"""Type in what somebody asks by phone, at the counter or on paper: answer at once, route, or keep."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from demandes.actions import envoyer_l_accuse
from demandes.actions.porte import gestes_permis
from demandes.formulaires_gestes.echanges import EnvoyerLAccuseForm
from demandes.models import Demande, Remise, correspondant
from demandes.recu import recu_pdf
from demandes.views.acces import auteur_de, demande_connue_ou_404
from demandes.views.accueil import reserve_a_l_accueil
from demandes.views.lettre_recue import apres_la_saisie
from demandes.views.saisie_en_cours import Saisie
from demandes.views.saisie_fin import deja_enregistree, terminer
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.socle.erreurs import ErreurMetier

ENVOYER, IMPRIMER = "envoyer_l_accuse", "imprimer_l_accuse"
ISSUES = ("repondre", "orienter", "enregistrer")
LIEN_MUET = (
    "Ce lien ne dit pas le numéro de la publication. Si {reseau} l'annonce ensuite, elle attendra dans "
    "« À rapprocher » que vous la reconnaissiez."
)


@reserve_a_l_accueil
def saisie(request):
    """One page, without memory on the server: each button sends everything, the last three end it."""
    en_cours = Saisie(request)
    if en_cours.lettre and request.method != "POST" and not en_cours.lettre.est_tenue:
        return redirect("agent_lettre_recue", en_cours.lettre.numero)
    if en_cours.issue not in ISSUES:
        return render(request, "demandes/accueil/saisie.html", {"saisie": en_cours.sans_jugement()})
    if existante := deja_enregistree(en_cours):
        messages.info(request, "Cette saisie était déjà enregistrée : rien n'a été ajouté.")
        return redirect("agent_saisie_faite", numero=existante.numero)
    if demande := terminer(en_cours):
        lien = en_cours.form.cleaned_data.get("lien_lu")
        if lien and lien.est_muet and settings.GUICHET_SECRETS.get(lien.canal):
            messages.info(request, LIEN_MUET.format(reseau=lien.canal.libelle))
        if en_cours.lettre:
            return apres_la_saisie(request, en_cours.lettre.numero, demande)
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
    est_un_courrier = demande.canal == Canal.COURRIER
    joint = correspondant(demande)
    # Who wrote on paper is acknowledged on paper (CRPA, art. L112-3), a mail besides; it is enough for who
    # prefers mail.
    prefere_l_ecran = joint is not None and joint.canal_prefere in (Canal.COURRIEL, Canal.PORTAIL)
    peut_imprimer = est_lisible and IMPRIMER in gestes_permis(demande, auteur_de(request))
    contexte = {
        "demande": demande,
        "est_lisible": est_lisible,
        "url_recu": "" if peut_imprimer else reverse("agent_recu", args=[demande.numero]),
        "accuses": list(dict.fromkeys(adresses)),
        "form": form or EnvoyerLAccuseForm(geste=ENVOYER, demande=demande, auteur=auteur_de(request)),
        "est_un_courrier": est_un_courrier,
        "est_a_poster": est_un_courrier and not (adresses and prefere_l_ecran),
        "adresse_postale": joint.adresse if joint else "",
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
        recu_pdf(demande, est_remis_par_un_agent=True, depart=Remise.depart_de_l_accuse(demande)),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="recepisse-{demande.numero}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


def saisie_par(demande, compte) -> bool:
    """Say whether this agent registered it: they hand over the receipt even when they may not read on."""
    return demande.journal.filter(geste="enregistrer", compte=compte).exists()
