"""One letter: its pages, and what becomes of it when it is no new demande."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from demandes.courrier import saisie as lettres
from demandes.models import Demande, LettreRecue
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.accueil import reserve_a_l_accueil
from demandes.views.courrier import vers_la_suivante
from demandes.views.courrier_forms import EcarterForm, JoindreForm
from guichet.envois.models import Envoi
from guichet.socle.erreurs import ErreurMetier

MOTIFS = ("Publicité", "Journal ou revue", "Pas pour la ville", "Doublon", "Feuille sans contenu")


def lettre_ou_404(request: HttpRequest, numero: str) -> LettreRecue:
    visibles = LettreRecue.objects.visibles_par(perimetre_de(request))
    return get_object_or_404(
        visibles.select_related("lot", "prise_par", "demande", "reunie_a", "piece", "traitee_par"),
        numero=numero,
    )


@require_safe
@reserve_a_l_accueil
def lettre(request: HttpRequest, numero: str) -> HttpResponse:
    """The letter as it stands; whoever holds it types it."""
    la_lettre = lettre_ou_404(request, numero)
    if la_lettre.est_prise and la_lettre.prise_par == request.user:
        return redirect(f"{reverse('agent_saisie')}?lettre={numero}")
    demande = la_lettre.demande
    perimetre = perimetre_de(request)
    contexte = {
        "lettre": la_lettre,
        "pages": [] if demande else list(la_lettre.pages.select_related("fichier")),
        "illisibles": la_lettre.illisibles_autour(),
        "demande_lisible": demande and Demande.objects.visibles_par(perimetre).filter(pk=demande.pk).exists(),
    }
    return render(request, "demandes/courrier/lettre.html", contexte)


@require_POST
@reserve_a_l_accueil
def geste(request: HttpRequest, numero: str, geste: str) -> HttpResponse:
    """Take it, give it back, join it, set it aside, take it back from there."""
    lettre_ou_404(request, numero)
    if geste not in GESTES:
        raise Http404
    try:
        return GESTES[geste](request, numero)
    except ErreurMetier as erreur:
        messages.error(request, str(erreur))
        return redirect("agent_lettre_recue", numero)


def prendre(request: HttpRequest, numero: str) -> HttpResponse:
    lettres.prendre(numero, auteur=auteur_de(request))
    return redirect(f"{reverse('agent_saisie')}?lettre={numero}")


def rendre(request: HttpRequest, numero: str) -> HttpResponse:
    lettres.rendre(numero, auteur=auteur_de(request))
    messages.success(request, f"La lettre {numero} est rendue : un collègue peut la prendre.")
    return redirect("agent_courrier")


def joindre(request: HttpRequest, numero: str) -> HttpResponse:
    form = JoindreForm(request.POST)
    if not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
        return redirect("agent_lettre_recue", numero)
    texte = request.POST.get("texte", "")
    dit = form.cleaned_data
    demande = lettres.joindre(
        numero, dit["demande"], auteur=auteur_de(request), texte=texte, recue_le=dit["recue_le"]
    )
    dire(request, f"La lettre {numero} est jointe à la demande", demande)
    return vers_la_suivante(request)


def ecarter(request: HttpRequest, numero: str) -> HttpResponse:
    form = EcarterForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["motif"][0])
        return redirect("agent_lettre_recue", numero)
    lettres.ecarter(numero, form.cleaned_data["motif"], auteur=auteur_de(request))
    messages.success(request, f"La lettre {numero} est écartée. Elle reste lisible dans « Écartées ».")
    return vers_la_suivante(request)


def reprendre(request: HttpRequest, numero: str) -> HttpResponse:
    lettres.remettre_a_saisir(numero, auteur=auteur_de(request))
    messages.success(request, f"La lettre {numero} est de nouveau à saisir.")
    return redirect("agent_lettre_recue", numero)


GESTES: dict[str, Callable[[HttpRequest, str], HttpResponse]] = {
    "prendre": prendre,
    "rendre": rendre,
    "joindre": joindre,
    "ecarter": ecarter,
    "reprendre": reprendre,
}


def apres_la_saisie(request: HttpRequest, numero: str, demande: Demande) -> HttpResponse:
    """Say which demande the letter became, and whether its receipt is to be posted; then the next one."""
    dire(request, f"La lettre {numero} est enregistrée : demande", demande)
    accuse = Envoi.objects.filter(reference=f"demande:{demande.numero}", nature=Envoi.Nature.ACCUSE)
    if demande.usager_id and not accuse.exists():
        messages.info(
            request,
            format_html(
                "Pas d'adresse électronique : l'accusé de réception attend dans « <a href=\"{}\">Accusés à "
                "poster</a> ».",
                f"{reverse('agent_a_remettre')}?vue=accuses",
            ),
        )
    return vers_la_suivante(request)


def dire(request: HttpRequest, debut: str, demande: Demande) -> None:
    lien = reverse("agent_saisie_faite", args=[demande.numero])
    messages.success(request, format_html('{} <a href="{}">{}</a>.', debut, lien, demande.numero))
