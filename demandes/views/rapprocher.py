"""Two records that may be one person: look for the other, compare, and join them once it is confirmed."""

from functools import wraps

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from demandes.actions.personnes import empechement_de_l_agent, peut_reunir, reunir_les_fiches
from demandes.models import Demande
from demandes.recherche import chercher_personnes, lire
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.usager import memes_personnes, usager_ou_404
from guichet.socle.erreurs import Conflit, ErreurMetier
from usagers.fusion import ecarts, empechement, empreinte, gardee_de, ordonner, sont_deux_a_dire
from usagers.models import Usager

consultations = structlog.get_logger("consultations")

CONFIRMEZ = "Cochez la case : vous confirmez que c'est la même personne."


def reserve_a_qui_reunit(vue):
    """These screens do not exist for an agent who heads no desk."""

    @wraps(vue)
    def gardee(request: HttpRequest, *args, **kwargs):
        if not peut_reunir(perimetre_de(request)):
            raise Http404
        return vue(request, *args, **kwargs)

    return gardee


@require_safe
@reserve_a_qui_reunit
def chercher(request: HttpRequest, pk: int) -> HttpResponse:
    """Those who look like this person, or those found by name, phone, e-mail or address."""
    personne = usager_ou_404(pk)
    question = lire(request.GET.get("q", ""))
    trouvees: list[Usager] = []
    if not question.est_vide:
        trouvees, _ = chercher_personnes(question, perimetre_de(request))
    contexte = {
        "usager": personne,
        "q": question.saisie,
        "trouvees": [autre for autre in trouvees if autre.pk != personne.pk],
        "ressemblances": memes_personnes(personne) if question.est_vide else [],
    }
    return render(request, "demandes/accueil/usager_rapprocher.html", contexte)


@require_http_methods(["GET", "HEAD", "POST"])
@reserve_a_qui_reunit
def reunir(request: HttpRequest, pk: int, autre: int) -> HttpResponse:
    """Both side by side; sent with the box ticked, they become one."""
    paire = usager_ou_404(pk), usager_ou_404(autre)
    if paire[0].pk == paire[1].pk and pk != autre:
        # Another agent was as quick, or the same pressed twice.
        messages.info(request, "Ces deux fiches sont déjà réunies.")
        return redirect("agent_usager", pk=gardee_de(pk))
    if request.method != "POST":
        return comparer(request, *paire)
    if "confirmer" not in request.POST:
        return comparer(request, *paire, erreur=CONFIRMEZ, statut=422)
    try:
        reunion, est_nouvelle = reunir_les_fiches(
            *paire,
            auteur=auteur_de(request),
            vue=request.POST.get("vue", ""),
            de_la_reunie=champs_choisis(request),
        )
    except Conflit as conflit:
        return comparer(request, *paire, erreur=str(conflit), statut=409)
    except ErreurMetier as erreur:
        return comparer(request, *paire, erreur=str(erreur), statut=422)
    if est_nouvelle:
        consultations.info(
            "fiches_reunies", agent=request.user.pk, gardee=reunion.gardee_id, reunie=reunion.reunie_id
        )
    messages.success(request, "Les deux fiches n'en font plus qu'une.")
    return redirect("agent_usager", pk=reunion.gardee_id)


def champs_choisis(request: HttpRequest) -> frozenset[str]:
    """The fields whose value is taken from the record that goes."""
    return frozenset(
        nom.removeprefix("choix-")
        for nom, valeur in request.POST.items()
        if nom.startswith("choix-") and valeur == "reunie"
    )


def comparer(
    request: HttpRequest, une: Usager, autre: Usager, *, erreur: str = "", statut: int = 200
) -> HttpResponse:
    gardee, reunie = ordonner(une, autre)
    perimetre = perimetre_de(request)
    for fiche in (gardee, reunie):
        consultations.info("usager_consulte", agent=request.user.pk, usager=fiche.pk)
    visibles = Demande.objects.visibles_par(perimetre)
    contexte = {
        "usager": une,
        "cotes": [
            {
                "fiche": fiche,
                "coordonnees": list(fiche.coordonnees.all()),
                "demandes": visibles.de_l_usager(fiche).count(),
            }
            for fiche in (gardee, reunie)
        ],
        "gardee": gardee,
        "reunie": reunie,
        "lignes": ecarts(gardee, reunie),
        "choisis": champs_choisis(request),
        "vue": empreinte(gardee, reunie),
        "empechement": empechement(gardee, reunie) or empechement_de_l_agent(gardee, reunie, perimetre),
        "sont_d_un_foyer": sont_deux_a_dire(gardee, reunie, "prenom"),
        "erreur": erreur,
    }
    return render(request, "demandes/accueil/usager_reunir.html", contexte, status=statut)
