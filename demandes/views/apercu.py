"""The sheet beside the queue: one demande in short, and the gestures open on it now."""

from urllib.parse import quote

import structlog
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from demandes.models import Demande
from demandes.views.acces import auteur_de, demande_connue_ou_404
from demandes.views.demande import coordonnees, entete
from demandes.views.lignes import adresse_de
from demandes.views.suites import suite_de

consultations = structlog.get_logger("consultations")

DERNIERS = 3
# A click does it: what the gesture says is all it needs.
IMMEDIATS = ("prendre_en_charge", "relancer_l_usager")


@require_safe
def apercu(request: HttpRequest, numero: str) -> HttpResponse:
    """The sheet alone, for htmx; anybody else is shown the page of the demande."""
    lue, contenu_visible = demande_connue_ou_404(request, numero)
    if not request.htmx:
        return redirect("agent_demande", numero=numero)
    contexte = {"feuille": feuille(request, lue, contenu_visible, suite_de(request))}
    reponse = render(request, "demandes/corbeille/_apercu.html", contexte)
    patch_vary_headers(reponse, ["HX-Request"])
    return reponse


def feuille_ouverte(request: HttpRequest, suites: dict[str, str]) -> dict | None:
    """The sheet the address asks for; an old address, or one that is not for this agent, opens none."""
    numero = request.GET.get("ouverte", "")
    if not numero.isprintable():
        return None
    try:
        lue, contenu_visible = demande_connue_ou_404(request, numero)
    except Http404:
        return None
    return feuille(request, lue, contenu_visible, suites.get(numero, request.get_full_path()))


def feuille(request: HttpRequest, demande: Demande, contenu_visible: bool, suite: str) -> dict:
    """What the sheet shows. Reading a walled demande here is reading it: it is logged as on its page."""
    contexte = entete(demande, auteur_de(request)) | {"contenu_visible": contenu_visible, "suite": suite}
    gestes = [*contexte["boutons"], *contexte["autres_gestes"]]
    contexte["gestes"] = [
        {
            **geste,
            "est_immediat": geste["geste"] in IMMEDIATS,
            "est_principal": geste["geste"] == contexte["principal"],
        }
        for geste in gestes
        if not geste["ecran"].est_grave
    ]
    contexte["suite_codee"] = quote(suite)
    contexte["redaction"] = [
        {"url": adresse_de("agent_geste", demande.numero, geste), "mot": mot, **signe}
        for permis, geste, mot, signe in (
            ("peut_ecrire", "ecrire_a_l_usager", "Écrire", {"icone": "mail", "touche": "e"}),
            ("peut_noter", "ajouter_une_note", "Noter", {"icone": "sticky-note", "touche": "n"}),
        )
        if contexte[permis]
    ]
    if contenu_visible:
        prefetch_related_objects([demande], "usager__coordonnees")
        contexte["coordonnees"] = coordonnees(demande)
        contexte["derniers"] = list(
            demande.messages.select_related("auteur").order_by("-cree_le", "-pk")[:DERNIERS]
        )
        if contexte["est_reservee"]:
            consultations.info(
                "demande_reservee_lue", agent=request.user.pk, demande=demande.pk, secteur=demande.secteur
            )
    return contexte
