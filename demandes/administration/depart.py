"""Administration › Agents › Départ: who takes what an agent holds, and their last day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from demandes.administration import departs
from demandes.administration.departs import CORBEILLE, Lot
from guichet.organisation.administration.agent import auteur, fil_de, soumis, tenter, trouver
from guichet.organisation.administration.cadre import administrateur_ou_404, rendre
from guichet.organisation.administration.saisie import jour
from guichet.organisation.models import Compte
from guichet.organisation.tenus import seul_responsable

ENGAGES = "Une date, une réponse ou un tiers est attendu : quelqu'un doit les suivre."
PERSONNE = "Personne d'autre ne peut les prendre : donnez d'abord un rôle à un collègue dans cette direction."


class DepartForm(forms.Form):
    """One choice for each lot, and the last day."""

    use_required_attribute = False

    def __init__(self, *args: Any, lots: list[Lot], **options: Any) -> None:
        super().__init__(*args, **options)
        self.collegues: dict[str, Compte] = {}
        self.lots = {lot.cle: lot for lot in lots}
        for lot in lots:
            self.collegues |= {str(collegue.pk): collegue for collegue in lot.collegues}
            self.fields[lot.cle] = champ_du_lot(lot)
        self.fields["au"] = jour(
            "Dernier jour",
            initial=timezone.localdate,
            help_text="Aujourd'hui : le compte se ferme aussitôt. Sinon, il se ferme à la fin de ce jour-là.",
        )

    def suites(self) -> dict[str, Compte | None]:
        """Who takes each lot; None for the queue of its direction."""
        return {cle: self.collegues.get(self.cleaned_data[cle]) for cle in self.lots}


def champ_du_lot(lot: Lot) -> forms.ChoiceField:
    choix: list[Any] = [("", "Choisir")]
    if not lot.est_engage:
        choix.append((CORBEILLE, "Retour à la corbeille de la direction"))
    if lot.collegues:
        choix.append(("Un collègue", [(str(collegue.pk), str(collegue)) for collegue in lot.collegues]))
    sans_issue = lot.est_engage and not lot.collegues
    phrase = PERSONNE if sans_issue else f"Dites qui prend la suite dans « {lot.direction} »."
    aide = ENGAGES if lot.est_engage else ""
    return forms.ChoiceField(
        label=lot.libelle,
        choices=choix,
        help_text=PERSONNE if sans_issue else aide,
        error_messages={"required": phrase, "invalid_choice": phrase},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def depart(request: HttpRequest, pk: int) -> HttpResponse:
    agent = trouver(pk)
    formulaire = DepartForm(soumis(request), lots=departs.lots_de(agent.compte))

    def faire(valeurs: dict[str, Any]) -> str:
        nombre = departs.partir(agent, formulaire.suites(), au=valeurs["au"], par=auteur(request))
        return dire(str(agent), nombre, est_ferme=valeurs["au"] == timezone.localdate())

    if request.method == "POST" and (fait := tenter(formulaire, faire)):
        messages.success(request, fait)
        return redirect("administration_agent", pk=pk)
    contexte = {
        "agent": agent,
        "formulaire": formulaire,
        "lots": [formulaire[cle] for cle in formulaire.lots],
        "sans_responsable": [d.point_accueil or d.direction for d in seul_responsable(agent.compte)],
        "est_soi": agent.compte_id == auteur(request).pk,
    }
    statut = 422 if formulaire.errors else 200
    return rendre(
        request,
        "demandes/administration/depart.html",
        "agents",
        contexte,
        fil=fil_de(agent),
        status=statut,
    )


def dire(qui: str, nombre: int, *, est_ferme: bool) -> str:
    remises = f" {nombre} demandes ont changé de mains."
    if nombre < 2:
        remises = " Une demande a changé de mains." if nombre else ""
    suite = (
        " Le compte est désactivé."
        if est_ferme
        else " Le compte se fermera de lui-même à la fin de son dernier jour."
    )
    return f"Le départ de {qui} est enregistré.{remises}{suite}"
