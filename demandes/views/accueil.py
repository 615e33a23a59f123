"""The desk: its one search box, what waits today, and the knowledge entries."""

from datetime import timedelta
from functools import wraps

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from demandes.actions.saisie import contact_en_cours
from demandes.etats import EN_DIRECTION, Etat
from demandes.models import Contact, Demande, Fiche
from demandes.recherche import chercher
from demandes.views.acces import perimetre_de
from guichet.organisation.models import Compte
from guichet.organisation.perimetre import Perimetre

AU_PLUS = 5


def reserve_a_l_accueil(vue):
    """A desk screen does not exist for an agent without a desk."""

    @wraps(vue)
    def gardee(request: HttpRequest, *args, **kwargs):
        if not perimetre_de(request).est_accueil:
            raise Http404
        return vue(request, *args, **kwargs)

    return gardee


@require_safe
@vary_on_headers("HX-Request")
def accueil(request):
    """The search box and what it finds; with nothing typed, what waits at the desk today."""
    perimetre = perimetre_de(request)
    if not (perimetre.est_accueil or perimetre.est_direction or perimetre.est_administrateur):
        raise Http404
    resultats = chercher(request.GET.get("q", ""), perimetre)
    if resultats.question.est_vide and not perimetre.est_accueil:
        return redirect("agent_corbeille")
    contexte = {"q": resultats.question.saisie, "resultats": resultats, "perimetre": perimetre}
    if resultats.question.est_vide:
        contexte |= {"jour": tableau_du_jour(perimetre, request.user)}
    if request.htmx:
        return render(request, "demandes/accueil/_resultats.html", contexte)
    contexte["contact"] = contact_en_cours(request.user) if perimetre.est_accueil else None
    return render(request, "demandes/accueil/accueil.html", contexte)


def tableau_du_jour(perimetre: Perimetre, compte: Compte) -> dict:
    """What waits at this agent's desks: to qualify, unread, to arbitrate, and their own last contacts."""
    visibles = Demande.objects.visibles_par(perimetre).select_related("usager").order_by("recue_le", "pk")
    accueils = frozenset().union(*(p.accueils for p in perimetre.tous))
    responsable = frozenset().union(*(p.accueils_responsable for p in perimetre.tous))
    siennes = visibles.filter(point_accueil__in=accueils)
    a_qualifier = siennes.filter(etat=Etat.NOUVELLE)
    # Once a direction holds it, what the resident writes is for that direction.
    non_lus = siennes.filter(a_message_non_lu=True).exclude(etat__in=EN_DIRECTION)
    arbitrages = visibles.filter(
        etat=Etat.QUALIFIEE, arbitrage_demande_le__isnull=False, point_accueil__in=responsable
    )
    contacts = Contact.objects.filter(agent=compte).exclude(resultat=Contact.Resultat.EN_COURS)
    derniers = list(contacts.select_related("usager", "demande", "fiche")[:AU_PLUS])
    for contact in derniers:
        contact.duree = duree_en_mots(contact.fin - contact.debut) if contact.fin else ""
    return {
        "a_qualifier": a_qualifier[:AU_PLUS],
        "nombre_a_qualifier": a_qualifier.count(),
        "non_lus": non_lus[:AU_PLUS],
        "nombre_non_lus": non_lus.count(),
        "est_responsable": bool(responsable),
        "arbitrages": arbitrages[:AU_PLUS] if responsable else (),
        "nombre_arbitrages": arbitrages.count() if responsable else 0,
        "contacts": derniers,
    }


def duree_en_mots(duree: timedelta) -> str:
    """« 45 s », « 3 min », « 1 h 05 »."""
    minutes = int(duree.total_seconds()) // 60
    if minutes < 1:
        return f"{int(duree.total_seconds())} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


@require_safe
def fiche(request, code):
    """One knowledge entry: what to say, what only agents know, and what it answers."""
    perimetre = perimetre_de(request)
    return render(
        request,
        "demandes/accueil/fiche.html",
        {
            "fiche": get_object_or_404(
                Fiche.objects.prefetch_related("types__direction"), code=code, est_active=True
            ),
            "perimetre": perimetre,
            "contact": contact_en_cours(request.user) if perimetre.est_accueil else None,
        },
    )
