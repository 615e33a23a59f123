"""The sheet of who calls: announced on the screen of the extension that rings, opened with one key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from demandes.actions.contacts import commencer_contact
from demandes.models import Demande, Sonnerie
from demandes.recherche.appelants import appelants
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.accueil import avec_retards, reserve_a_l_accueil
from demandes.views.ecoute import jeton_de, marque_de
from guichet.canaux.canal import Canal
from guichet.organisation.perimetre import Perimetre
from guichet.socle.coordonnees import afficher_telephone
from guichet.socle.erreurs import ErreurMetier
from usagers.models import Usager

ANNONCES_AU_PLUS = 3
OUVERTES_AU_PLUS = 3
# One key for each: digits already say how the call ends.
TOUCHES = "abcdefgh"


@dataclass
class Annonce:
    """One call for one agent: who it may be, as far as they may know."""

    sonnerie: Sonnerie
    perimetre: Perimetre

    @cached_property
    def trouves(self) -> tuple[list[Usager], bool]:
        return appelants(self.sonnerie.appel.numero, self.perimetre)

    @property
    def personnes(self) -> list[Usager]:
        return self.trouves[0]

    @property
    def seule(self) -> Usager | None:
        return self.personnes[0] if len(self.personnes) == 1 else None

    @property
    def numero(self) -> str:
        return afficher_telephone(self.sonnerie.appel.numero)

    @property
    def ligne(self) -> str:
        return afficher_telephone(self.sonnerie.appel.ligne)


@dataclass
class Annonces:
    """What the page announces, and what it needs to learn of the next one."""

    poste: str
    lignes: list[Annonce]

    @property
    def marque(self) -> str:
        return marque_de((a.sonnerie.pk, a.sonnerie.decroche_le) for a in self.lignes)

    @property
    def url(self) -> str:
        return reverse("telephonie_poste", args=[jeton_de(self.poste)])


def poste_de(request: HttpRequest) -> str:
    """The extension of the agent behind the request, "" when they have none."""
    return getattr(getattr(request.user, "agent", None), "poste", "")


def annonces(request: HttpRequest) -> Annonces | None:
    """What rings on this agent's desk; None for who receives nobody."""
    perimetre, poste = perimetre_de(request), poste_de(request)
    if not perimetre.est_accueil or not poste:
        return None
    sonneries = Sonnerie.objects.a_annoncer().filter(poste=poste).select_related("appel")
    return Annonces(poste, [Annonce(sonnerie, perimetre) for sonnerie in sonneries[:ANNONCES_AU_PLUS]])


@require_safe
@reserve_a_l_accueil
def les_annonces(request: HttpRequest) -> HttpResponse:
    """The banner alone, when the page learns that it changed; nothing for who has no phone."""
    if not poste_de(request):
        return HttpResponse(status=204)
    return render(request, "demandes/accueil/_appels.html")


@require_POST
@reserve_a_l_accueil
def ouvrir(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the contact and show who it is: the known person, the choice among several, or a new sheet."""
    annonce = annonce_ou_404(request, pk)
    try:
        commencer_contact(
            auteur=auteur_de(request),
            canal=Canal.TELEPHONE,
            usager=annonce.seule,
            sonnerie=annonce.sonnerie,
        )
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
    return redirect(suite_de(annonce))


def suite_de(annonce: Annonce) -> str:
    if annonce.seule:
        return reverse("agent_usager", args=[annonce.seule.pk])
    if annonce.personnes:
        return reverse("agent_appel", args=[annonce.sonnerie.pk])
    if annonce.sonnerie.appel.numero:
        return f"{reverse('agent_saisie')}?{urlencode({'canal': Canal.TELEPHONE, 'q': annonce.numero})}"
    return reverse("agent_accueil")


@require_safe
@reserve_a_l_accueil
def appel(request: HttpRequest, pk: int) -> HttpResponse:
    """Several persons have this number: each with what they wait for, and the way to somebody else."""
    annonce = annonce_ou_404(request, pk)
    ouvertes: dict[int, list[Demande]] = {personne.pk: [] for personne in annonce.personnes}
    siennes = Demande.objects.visibles_par(annonce.perimetre).filter(usager__in=ouvertes).ouvertes()
    for demande in avec_retards(siennes.order_by("-est_urgente", "echeance_service", "pk")[:100]):
        ouvertes[demande.usager_id].append(demande)
    contexte = {
        "annonce": annonce,
        "personnes": [
            (touche, personne, ouvertes[personne.pk][:OUVERTES_AU_PLUS])
            for touche, personne in zip(TOUCHES, annonce.personnes, strict=False)
        ],
        "en_a_d_autres": annonce.trouves[1],
    }
    return render(request, "demandes/accueil/appel.html", contexte)


def annonce_ou_404(request: HttpRequest, pk: int) -> Annonce:
    """A call of this agent's own extension, or the one they opened."""
    siennes = Q(contact__agent=request.user.pk)
    if poste := poste_de(request):
        siennes |= Q(poste=poste)
    sonnerie = get_object_or_404(Sonnerie.objects.select_related("appel").filter(siennes), pk=pk)
    if sonnerie.fini_le and not hasattr(sonnerie, "contact"):
        raise Http404
    return Annonce(sonnerie, perimetre_de(request))
