"""The agents: who works here, in what role, who cannot get in."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from guichet.organisation.administration.agents_forms import FiltresForm
from guichet.organisation.administration.cadre import Attention, Section, administrateur_ou_404
from guichet.organisation.administration.listes import Liste
from guichet.organisation.administration.pages import chercher, lire_filtres, paginer
from guichet.organisation.models import Affectation, Agent

LISTE = Liste(
    gabarit="organisation/administration/agents.html",
    section="agents",
    titre="Agents, par nom",
    colonnes=("Agent", "Rôles aujourd'hui", "Adresse électronique", "État"),
    icone="users",
    nouveau="Nouvel agent",
    url_nouveau="administration_agent_creer",
    vide="Aucun agent",
    conseil="Ouvrez un premier compte.",
    aucun="Aucun agent ne correspond",
    tout_voir="Voir tous les agents actifs",
)


def annoter() -> QuerySet[Any]:
    """Agents with their account and whether they hold a role today."""
    en_cours = Affectation.objects.en_cours().filter(compte=OuterRef("compte"))
    return Agent.objects.select_related("compte").annotate(a_un_role=Exists(en_cours))


@require_safe
@administrateur_ou_404
def agents(request: HttpRequest) -> HttpResponse:
    """The list, by name: found by word, place, role or state."""
    formulaire, filtres = lire_filtres(FiltresForm, request)
    roles = Affectation.objects.en_cours().select_related("point_accueil", "direction")
    lignes = filtrer(annoter(), filtres).prefetch_related(
        Prefetch("compte__affectations", roles, to_attr="roles_du_jour")
    )
    page = paginer(lignes, request.GET.dict(), ordre=("nom", "prenom", "pk"))
    return LISTE.rendre(request, page, formulaire=formulaire)


def filtrer(agents: QuerySet[Any], filtres: dict[str, Any]) -> QuerySet[Any]:
    texte = Concat("nom", Value(" "), "prenom", Value(" "), "compte__courriel", output_field=TextField())
    agents = chercher(agents, filtres.get("q", ""), texte)
    etat = filtres.get("etat", "")
    if etat != "tous":
        agents = agents.filter(compte__is_active=etat != "inactifs")
    if etat == "sans_role":
        agents = agents.filter(a_un_role=False)
    return (
        agents.filter(pk__in=selon_le_role(filtres)) if filtres.get("lieu") or filtres.get("role") else agents
    )


def selon_le_role(filtres: dict[str, Any]) -> QuerySet[Any]:
    """Ids of the agents who hold today this role, in this place (« a12 » a desk, « d3 » a direction)."""
    roles = Affectation.objects.en_cours()
    if role := filtres.get("role"):
        roles = roles.filter(role=role)
    if lieu := filtres.get("lieu"):
        champ = "point_accueil" if lieu[0] == "a" else "direction"
        roles = roles.filter(**{champ: int(lieu[1:])})
    return Agent.objects.filter(compte__in=roles.values("compte")).values("pk")


def compter() -> str:
    nombre = Agent.objects.filter(compte__is_active=True).count()
    return f"{nombre} agent{'s' if nombre > 1 else ''} actif{'s' if nombre > 1 else ''}"


def signaler() -> list[Attention]:
    """Agents who see nothing, and accounts nobody has opened."""
    liste = reverse("administration_agents")
    sans_role = annoter().filter(compte__is_active=True, a_un_role=False).count()
    a_venir = (
        Affectation.objects.filter(compte__is_active=False, du__lte=timezone.localdate(), au__isnull=True)
        .values("compte")
        .distinct()
        .count()
    )
    attentions = []
    if sans_role:
        mots = "agents actifs n'ont aucun rôle" if sans_role > 1 else "agent actif n'a aucun rôle"
        attentions.append(Attention(f"{sans_role} {mots}.", f"{liste}?etat=sans_role"))
    if a_venir:
        mots = "agents désactivés gardent" if a_venir > 1 else "agent désactivé garde"
        attentions.append(Attention(f"{a_venir} {mots} une affectation sans fin.", f"{liste}?etat=inactifs"))
    return attentions


SECTION = Section(
    "agents",
    "Agents",
    "users",
    "administration_agents",
    "Les personnes qui travaillent ici, leurs rôles, leurs absences.",
    compter,
    signaler,
)
