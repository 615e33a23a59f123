"""Administration › Démonstration: what a demo city holds, and the example messages, filed by the worker."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from demandes.chargement import demo, exemples
from demandes.models import Demande, TypeDemande
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre

journal = logging.getLogger(__name__)

CODE = "demonstration"
REFUS = "Cette ville n'est pas une ville de démonstration : aucune donnée d'exemple ne peut y être ajoutée."
SANS_CATALOGUE = "Aucune démarche n'est publiée : chargez d'abord une configuration."
SANS_WORKER = "Le dépôt n'a pas commencé : le service qui travaille en arrière-plan ne répond pas. Réessayez."


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def demonstration(request: HttpRequest) -> HttpResponse:
    """What is there, how far the worker is; a POST asks it to file what is missing."""
    if not settings.GUICHET_DEMO:
        return montrer(request, refus=REFUS, statut=403)
    avancement = exemples.avancement()
    if request.method != "POST" or avancement.est_fini or avancement.est_en_cours:
        return montrer(request) if request.method != "POST" else redirect("administration_demonstration")
    if not TypeDemande.objects.publies().exists():
        return montrer(request, refus=SANS_CATALOGUE, statut=422)
    try:
        current_app.send_task("demandes.tasks.deposer_des_exemples")
    except Exception as erreur:
        journal.warning("Broker unreachable (%s).", type(erreur).__name__)
        return montrer(request, refus=SANS_WORKER, statut=503)
    exemples.battre()
    messages.success(request, "Le dépôt des messages d'exemple commence.")
    return redirect("administration_demonstration")


def montrer(request: HttpRequest, *, refus: str = "", statut: int = 200) -> HttpResponse:
    contexte: dict[str, Any] = {"refus": refus, "est_demo": settings.GUICHET_DEMO}
    if settings.GUICHET_DEMO:
        contexte |= {
            "est_chargee": demo.est_chargee(),
            "demandes": Demande.objects.count(),
            "avancement": exemples.avancement(),
        }
    return rendre(request, "demandes/administration/demonstration.html", CODE, contexte, status=statut)


def est_demo() -> bool:
    return bool(settings.GUICHET_DEMO)


SECTION = Section(
    CODE,
    "Démonstration",
    "flask-conical",
    "administration_demonstration",
    "Les données d'exemple de cette ville de démonstration.",
    existe=est_demo,
)
