"""One agent: their card, their account, their rights. Nothing here rewrites what was."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guichet.organisation import effectifs
from guichet.organisation.administration.agents_forms import (
    AffectationForm,
    AgentForm,
    DelegationForm,
    FinForm,
    collegues_de,
)
from guichet.organisation.administration.cadre import administrateur_ou_404, rendre
from guichet.organisation.audit import consigner
from guichet.organisation.invitations import inviter
from guichet.organisation.models import Affectation, Agent, Compte, Delegation
from guichet.organisation.tenus import tenus_par
from guichet.socle.erreurs import Conflit, DonneeInvalide, ErreurMetier

FORMULAIRE = "organisation/administration/formulaire.html"


def trouver(pk: int) -> Agent:
    return get_object_or_404(Agent.objects.select_related("compte"), pk=pk)


def auteur(request: HttpRequest) -> Compte:
    assert isinstance(request.user, Compte)
    return request.user


def soumis(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def fil_de(agent: Agent) -> list[tuple[str, str]]:
    return [(str(agent), reverse("administration_agent", args=[agent.pk]))]


@require_safe
@administrateur_ou_404
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """The card: what the agent may do today, what is to come, what is over."""
    agent = trouver(pk)
    droits = list(
        agent.compte.affectations.select_related("point_accueil", "direction").order_by("-du", "-pk")
    )
    delegations = (
        Delegation.objects.filter(titulaire=agent.compte) | Delegation.objects.filter(suppleant=agent.compte)
    ).select_related("titulaire", "suppleant")
    contexte = {
        "agent": agent,
        "url_depart": reverse(settings.GUICHET_DEPART_D_UN_AGENT, args=[pk]),
        "tenus": tenus_par(agent.compte),
        "affectations": par_temps(list(droits), timezone.localdate()),
        "delegations": delegations.filter(au__gte=timezone.localdate()).order_by("du", "pk"),
    }
    return rendre(request, "organisation/administration/agent.html", "agents", contexte, fil=fil_de(agent))


def par_temps(droits: list[Affectation], jour: date) -> dict[str, list[Affectation]]:
    finies = [d for d in droits if d.au and d.au < jour]
    a_venir = [d for d in droits if d.du > jour]
    en_cours = [d for d in droits if d not in finies and d not in a_venir]
    return {"en_cours": en_cours, "a_venir": a_venir, "finies": finies}


def formulaire_de_l_agent(
    request: HttpRequest, formulaire: Any, agent: Agent | None, titre: str, bouton: str, **autres: Any
) -> HttpResponse:
    """A form about an agent: what was typed stays when it is refused."""
    retour = reverse("administration_agent", args=[agent.pk]) if agent else reverse("administration_agents")
    contexte = {
        "formulaire": formulaire,
        "titre": titre,
        "bouton": bouton,
        "retour": retour,
        "aide": "",
        **autres,
    }
    statut = 422 if formulaire.errors else 200
    return rendre(request, FORMULAIRE, "agents", contexte, fil=fil_de(agent) if agent else [], status=statut)


def tenter(formulaire: Any, faire: Any) -> Any:
    """Do it when the form holds; a refusal is written on the form, a Conflit
    under the code « conflit ». None when nothing was done."""
    if not formulaire.is_valid():
        return None
    try:
        return faire(formulaire.cleaned_data) or True
    except DonneeInvalide as erreur:
        formulaire.add_error(erreur.champ if erreur.champ in formulaire.fields else None, str(erreur))
    except ErreurMetier as erreur:
        code = "conflit" if isinstance(erreur, Conflit) else "invalid"
        formulaire.add_error(None, ValidationError(str(erreur), code=code))
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest) -> HttpResponse:
    formulaire = AgentForm(soumis(request))
    if request.method == "POST" and (
        cree := tenter(formulaire, lambda v: effectifs.creer_agent(v, par=auteur(request)))
    ):
        messages.success(
            request,
            f"Compte ouvert. Une invitation part à {cree.compte.courriel}. Donnez-lui maintenant un rôle.",
        )
        return redirect("administration_agent_affecter", pk=cree.pk)
    return formulaire_de_l_agent(request, formulaire, None, "Nouvel agent", "Ouvrir le compte")


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    agent = trouver(pk)
    formulaire = AgentForm(soumis(request), initial=AgentForm.valeurs_de(agent))
    if request.method == "POST" and tenter(
        formulaire, lambda v: effectifs.modifier_agent(agent, v, par=auteur(request))
    ):
        messages.success(request, "La fiche est à jour.")
        return redirect("administration_agent", pk=pk)
    return formulaire_de_l_agent(request, formulaire, agent, f"Modifier {agent}", "Enregistrer")


@require_POST
@administrateur_ou_404
def envoyer_l_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link to choose a password, for whoever lost the first one or forgot theirs."""
    agent = trouver(pk)
    if not agent.compte.is_active:
        messages.error(request, "Ce compte est désactivé : réactivez-le avant d'envoyer un lien.")
        return redirect("administration_agent", pk=pk)
    with transaction.atomic():
        inviter(agent.compte)
        consigner(compte=auteur(request), objet=agent, action="modification", apres={"invitation": "envoyée"})
    messages.success(request, f"Un lien part à {agent.compte.courriel}. Il ne marche qu'une fois.")
    return redirect("administration_agent", pk=pk)


@require_POST
@administrateur_ou_404
def activer(request: HttpRequest, pk: int) -> HttpResponse:
    est_actif = request.POST.get("actif") == "oui"
    agent = trouver(pk)
    try:
        effectifs.activer(agent, est_actif=est_actif, par=auteur(request))
    except ErreurMetier as erreur:
        messages.error(request, str(erreur))
    else:
        mots = "Le compte est rouvert." if est_actif else "Le compte est désactivé : il ne peut plus entrer."
        messages.success(request, mots)
        if not est_actif and (tenus := tenus_par(agent.compte)):
            reste = ", ".join(tenu.texte for tenu in tenus)
            messages.warning(request, f"Ce compte tient encore : {reste}. Quelqu'un doit prendre la suite.")
    return redirect("administration_agent", pk=pk)


# -- rights ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def affecter(request: HttpRequest, pk: int) -> HttpResponse:
    agent = trouver(pk)
    formulaire = AffectationForm(soumis(request))
    if request.method == "POST" and tenter(
        formulaire, lambda v: effectifs.affecter(agent, v, par=auteur(request))
    ):
        messages.success(request, "L'affectation est ajoutée.")
        return redirect("administration_agent", pk=pk)
    aide = "Un droit est un rôle, dans un lieu, pour des secteurs, entre deux dates."
    return formulaire_de_l_agent(
        request, formulaire, agent, f"Donner un rôle à {agent}", "Ajouter l'affectation", aide=aide
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def finir_affectation(request: HttpRequest, pk: int, droit: int) -> HttpResponse:
    agent = trouver(pk)
    affectation = get_object_or_404(Affectation, pk=droit, compte=agent.compte)
    formulaire = FinForm(soumis(request))
    if request.method == "POST" and tenter(
        formulaire, lambda v: effectifs.finir(affectation, au=v["au"], par=auteur(request))
    ):
        messages.success(request, "La fin de l'affectation est enregistrée.")
        return redirect("administration_agent", pk=pk)
    aide = f"{affectation}, depuis le {affectation.du:%d/%m/%Y}. Le dernier jour, la personne l'a encore."
    return formulaire_de_l_agent(
        request, formulaire, agent, "Mettre fin à l'affectation", "Mettre fin", aide=aide
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def deleguer(request: HttpRequest, pk: int) -> HttpResponse:
    agent = trouver(pk)
    formulaire = DelegationForm(soumis(request), collegues=collegues_de(agent.compte))
    if request.method == "POST" and tenter(
        formulaire, lambda v: effectifs.deleguer(agent.compte, **v, par=auteur(request))
    ):
        messages.success(request, "Le remplacement est enregistré.")
        return redirect("administration_agent", pk=pk)
    aide = "Le remplaçant agit à sa place, jamais au-delà. On choisit parmi ses collègues d'un même lieu."
    return formulaire_de_l_agent(
        request, formulaire, agent, f"Absence de {agent}", "Enregistrer l'absence", aide=aide
    )


@require_POST
@administrateur_ou_404
def finir_delegation(request: HttpRequest, pk: int, droit: int) -> HttpResponse:
    agent = trouver(pk)
    delegation = get_object_or_404(Delegation, pk=droit, titulaire=agent.compte)
    effectifs.finir(delegation, au=effectifs.veille(), par=auteur(request))
    messages.success(request, "Le remplacement est terminé.")
    return redirect("administration_agent", pk=pk)
