"""The desk: its one search box, what waits today, and the knowledge entries."""

from collections.abc import Iterable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from demandes.actions import remarques
from demandes.actions.contacts import accueils_de
from demandes.corbeilles import Filtres, Vue, demandes_de, vues_d_accueil
from demandes.decomptes import PLAFOND, compter
from demandes.formulaires_gestes.accueil import RemarqueForm
from demandes.models import Contact, Demande, Fiche, Sujet
from demandes.recherche import chercher
from demandes.views.acces import auteur_de, perimetre_de
from guichet.organisation.models import Compte
from guichet.organisation.perimetre import Perimetre

AU_PLUS = 5
# The queue's views shown on the desk, in the order agents need them, with their icon.
VUES_DU_JOUR = {"a_qualifier": "inbox", "arbitrages": "scale", "accueil_non_lus": "message-circle"}


def reserve_a_l_accueil(vue):
    """A desk screen does not exist for an agent without a desk."""

    @wraps(vue)
    def gardee(request: HttpRequest, *args, **kwargs):
        if not perimetre_de(request).est_accueil:
            raise Http404
        return vue(request, *args, **kwargs)

    return gardee


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def accueil(request):
    """The search box and what it finds; with nothing typed, what waits at the desk today."""
    perimetre = perimetre_de(request)
    if not perimetre.a_une_corbeille:
        raise Http404
    resultats = chercher(request.GET.get("q", ""), perimetre)
    if resultats.question.est_vide and not perimetre.est_accueil:
        return redirect("agent_corbeille")
    avec_retards(resultats.demandes)
    contexte = {"q": resultats.question.saisie, "resultats": resultats, "perimetre": perimetre}
    if resultats.question.est_vide:
        contexte |= {"jour": tableau_du_jour(perimetre, request.user)}
    if request.htmx and request.htmx.target == "resultats":
        return render(request, "demandes/accueil/_resultats.html", contexte)
    contexte["lieux"] = [accueil.nom for accueil in accueils_de(auteur_de(request))]
    return render(request, "demandes/accueil/accueil.html", contexte)


def tableau_du_jour(perimetre: Perimetre, compte: Compte) -> dict:
    """What waits at this agent's desks, oldest first, and their own last contacts."""
    vues = [vue for vue in vues_d_accueil(perimetre) if vue.code in VUES_DU_JOUR]
    nombres = compter(vues, perimetre)
    return {
        "listes": [
            {
                "vue": vue,
                "icone": VUES_DU_JOUR[vue.code],
                "nombre": nombres[vue.code],
                "nombre_en_mots": f"{PLAFOND}+" if nombres[vue.code] > PLAFOND else nombres[vue.code],
                "demandes": avec_retards(plus_anciennes(vue, perimetre)) if nombres[vue.code] else [],
            }
            for vue in vues
        ],
        "contacts": derniers_contacts(Contact.objects.filter(agent=compte)),
    }


def derniers_contacts(contacts: QuerySet[Contact]) -> list[Contact]:
    """The last that ended, each with its length in words (`duree`) and its questions."""
    finis = contacts.exclude(resultat=Contact.Resultat.EN_COURS).select_related("usager", "beneficiaire")
    derniers = list(finis.prefetch_related("sujets__demande", "sujets__fiche")[:AU_PLUS])
    for contact in derniers:
        contact.duree = duree_en_mots(contact.fin - contact.debut)
    return derniers


def plus_anciennes(vue: Vue, perimetre: Perimetre) -> QuerySet[Demande]:
    return demandes_de(vue, Filtres(), perimetre).order_by("-est_urgente", "recue_le", "pk")[:AU_PLUS]


def avec_retards(demandes: Iterable[Demande]) -> list[Demande]:
    """Read these demandes, each knowing whether it is open and past its promised date (`est_en_retard`)."""
    maintenant = timezone.now()
    lignes = list(demandes)
    for demande in lignes:
        echeance = demande.echeance_service
        demande.est_en_retard = bool(
            demande.est_ouverte and echeance and echeance < maintenant and not demande.service_suspendu_le
        )
    return lignes


def duree_en_mots(duree: timedelta) -> str:
    """« 45 s », « 3 min », « 1 h 05 »."""
    minutes = int(duree.total_seconds()) // 60
    if minutes < 1:
        return f"{int(duree.total_seconds())} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


@require_http_methods(["GET", "HEAD", "POST"])
def fiche(request, code):
    """One knowledge entry: what to say, what only agents know; a remark when it is wrong.

    A withdrawn one is still read from the contacts that lean on it.
    """
    perimetre = perimetre_de(request)
    if not perimetre.a_une_corbeille:
        raise Http404
    citee = Exists(Sujet.objects.filter(fiche=OuterRef("pk")))
    fiches = Fiche.objects.filter(Q(est_active=True) | citee).select_related("direction")
    fiche = get_object_or_404(fiches.prefetch_related("types__direction"), code=code)
    remarque = RemarqueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and remarque.is_valid():
        remarques.signaler(fiche, remarque.cleaned_data["texte"], par=request.user)
        messages.success(request, "Merci. Votre remarque attend les administrateurs.")
        return redirect("agent_fiche", fiche.code)
    contexte = {
        "fiche": fiche,
        "perimetre": perimetre,
        "remarques": fiche.remarques.filter(traitee_le=None),
        "remarque": remarque,
    }
    statut = 422 if remarque.errors else 200
    return render(request, "demandes/accueil/fiche.html", contexte, status=statut)
