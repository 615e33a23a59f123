"""Administration › Motifs: the reasons an agent may give for a gesture. One is retired, never deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from demandes.administration.champs_de_saisie import entier, nom_libre
from demandes.models import Motif
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import Section, administrateur_ou_404, rendre
from guichet.organisation.administration.concurrence import (
    contexte_de,
    refuser_si_change,
    statut_de,
    version_vue,
)
from guichet.organisation.administration.saisie import Texte
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte
from guichet.socle.erreurs import DonneeInvalide

CODE = "motifs"
LONGUEUR_DU_CODE = 40
# The gestures that ask for a reason, as the reference files name them, in the order of a demande's life.
GESTES = {
    "requalifier": "Corriger la qualification",
    "reorienter": "Réorienter",
    "renvoyer_a_l_accueil": "Renvoyer à l'accueil",
    "planifier": "Replanifier",
    "attendre_un_tiers": "Attendre un tiers",
    "rejeter": "Rejeter",
    "classer_sans_suite": "Classer sans suite",
    "annuler": "Annuler",
    "rouvrir": "Rouvrir",
    "retablir": "Rétablir",
    "retour_externe": "Enregistrer le retour de l'organisme",
}


class MotifForm(forms.Form):
    """A reason. Its gesture is chosen once: past demandes were told it for that one."""

    use_required_attribute = False

    geste = forms.ChoiceField(label="Geste", choices=list(GESTES.items()))
    libelle = Texte("Motif", 120, error_messages={"required": "Écrivez le motif."})
    exige_commentaire = forms.BooleanField(label="L'agent doit s'expliquer", required=False)
    ordre = entier(
        "Rang dans la liste",
        0,
        999,
        initial=0,
        error_messages={"required": "Indiquez un rang, à partir de 0."},
    )
    est_actif = forms.BooleanField(
        label="Proposé aux agents",
        required=False,
        initial=True,
        help_text="Décoché, il n'est plus proposé ; les demandes qui le portent le gardent.",
    )

    def __init__(self, *args: Any, motif: Motif | None = None, **options: Any) -> None:
        if motif:
            options["initial"] = {nom: getattr(motif, nom) for nom in self.base_fields}
        super().__init__(*args, **options)
        if motif:
            del self.fields["geste"]


@transaction.atomic
def enregistrer(motif: Motif, valeurs: dict[str, Any], *, version: int = 0, par: Compte) -> Motif:
    """Create a reason, or change one. The same words twice for a gesture are refused.

    Raises Conflit when it was changed since the register said `version`; nothing to change, nothing written.
    """
    est_nouveau = motif.pk is None
    if not est_nouveau:
        motif = Motif.objects.select_for_update().get(pk=motif.pk)
    avant = {} if est_nouveau else instantane(motif)
    if not est_nouveau:
        if all(getattr(motif, nom) == valeur for nom, valeur in valeurs.items()):
            return motif
        refuser_si_change(motif, version, valeurs)
    for nom, valeur in valeurs.items():
        setattr(motif, nom, valeur)
    voisins = Motif.objects.filter(geste=motif.geste).exclude(pk=motif.pk)
    if voisins.filter(libelle__iexact=motif.libelle).exists():
        raise DonneeInvalide("Ce motif existe déjà pour ce geste.", "libelle")
    if est_nouveau:
        pris = set(voisins.values_list("code", flat=True))
        motif.code = nom_libre(motif.libelle, pris, defaut="motif", maximum=LONGUEUR_DU_CODE)
    motif.save()
    action = "creation" if est_nouveau else "modification"
    consigner(compte=par, objet=motif, action=action, avant=avant, apres=instantane(motif))
    return motif


@require_safe
@administrateur_ou_404
def liste(request: HttpRequest) -> HttpResponse:
    """Every reason, by gesture."""
    par_geste: dict[str, list[Motif]] = {geste: [] for geste in GESTES}
    for motif in Motif.objects.order_by("ordre", "pk"):
        par_geste.setdefault(motif.geste, []).append(motif)
    contexte = {"gestes": [(GESTES.get(geste, geste), motifs) for geste, motifs in par_geste.items()]}
    return rendre(request, "demandes/administration/motifs.html", CODE, contexte)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest) -> HttpResponse:
    return saisir(request, None, 0)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_vue(request, Motif, pk)
    return saisir(request, get_object_or_404(Motif, pk=pk), version)


def saisir(request: HttpRequest, motif: Motif | None, version: int) -> HttpResponse:
    formulaire = MotifForm(soumis(request), motif=motif)
    if request.method == "POST" and (
        fait := tenter(
            formulaire, lambda v: enregistrer(motif or Motif(), v, version=version, par=auteur(request))
        )
    ):
        messages.success(request, f"« {fait} » est enregistré.")
        return redirect("administration_motifs")
    contexte = {
        "formulaire": formulaire,
        "titre": f"Modifier « {motif} »" if motif else "Nouveau motif",
        "bouton": "Enregistrer",
        "retour": reverse("administration_motifs"),
        "aide": GESTES.get(motif.geste, motif.geste) if motif else "",
    }
    gabarit = "organisation/administration/formulaire.html"
    if motif:
        gabarit = "organisation/administration/formulaire_garde.html"
        contexte |= contexte_de(formulaire, motif, version, list(formulaire.fields))
    return rendre(request, gabarit, CODE, contexte, status=statut_de(formulaire))


def compter() -> str:
    nombre = Motif.objects.filter(est_actif=True).count()
    return f"{nombre} proposé{'s' if nombre > 1 else ''}"


SECTION = Section(
    CODE,
    "Motifs",
    "list",
    "administration_motifs",
    "Les raisons qu'un agent donne quand il réoriente, rejette, rouvre…",
    compter,
)
