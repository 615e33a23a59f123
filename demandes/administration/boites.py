"""Administration › Boîtes de courriel: the city's addresses, where they lead, and how their reading goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from demandes.administration.boites_forms import DE_LA_LECTURE, BoiteForm
from demandes.models import BoiteCourriel
from demandes.sondes import SILENCE_D_UNE_BOITE
from guichet.organisation.administration.agent import auteur, soumis, tenter
from guichet.organisation.administration.cadre import (
    Attention,
    Section,
    administrateur_ou_404,
    rendre,
)
from guichet.organisation.administration.concurrence import (
    contexte_de,
    refuser_si_change,
    statut_de,
    version_vue,
)
from guichet.organisation.administration.listes import Liste
from guichet.organisation.administration.pages import paginer
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte
from guichet.socle.erreurs import DonneeInvalide

CODE = "boites"
# What another mailbox would make untrue: where the reader is in it.
DE_LA_BOITE = ("serveur", "identifiant", "dossier")


@dataclass(frozen=True)
class Etat:
    """How a mailbox does, in a word, with its sign, and in a sentence."""

    mot: str
    ton: str
    icone: str
    phrase: str = ""

    @property
    def est_mauvais(self) -> bool:
        return self.ton in ("danger", "alerte")


def etat_de(boite: BoiteCourriel) -> Etat:
    if not boite.est_active:
        return Etat("Hors service", "neutre", "ban")
    if not boite.serveur:
        return Etat("Remise par le serveur", "info", "inbox")
    if boite.variable not in settings.GUICHET_BOITES:
        return Etat("Sans mot de passe", "danger", "key-round", SANS_VARIABLE.format(boite.variable))
    if boite.erreur:
        return Etat("En erreur", "danger", "triangle-alert", boite.erreur)
    depuis = boite.relevee_le or boite.modifiee_le
    if timezone.now() - depuis > SILENCE_D_UNE_BOITE:
        return Etat("Muette", "alerte", "clock", MUETTE)
    if boite.relevee_le is None:
        return Etat("En attente", "info", "clock", "Elle sera lue dans un instant.")
    if boite.importee_le is None:
        return Etat("Import en cours", "info", "download", f"{boite.importes} courriels importés.")
    return Etat("Relevée", "succes", "circle-check")


SANS_VARIABLE = "La variable {} n'est pas définie sur ce serveur. Définissez-la, puis relancez Guichet."
NON_LUES = "Boîtes de courriel non lues"
MUETTE = "Elle n'a pas été lue depuis plus de 10 minutes. Vérifiez que le service de relève est lancé."


@transaction.atomic
def enregistrer(
    boite: BoiteCourriel, valeurs: dict[str, Any], *, version: int = 0, par: Compte
) -> BoiteCourriel:
    """Create a mailbox, or change one. An address leads to one place only.

    Put back in service, or another mailbox, it is connected anew: who wrote before is not answered.
    Raises Conflit when it was changed since the register said `version`.
    """
    # All of them, in one order: two administrators do not give one address to two mailboxes.
    toutes = {autre.pk: autre for autre in BoiteCourriel.objects.select_for_update().order_by("pk")}
    est_nouvelle = boite.pk is None
    if not est_nouvelle:
        boite = toutes.pop(boite.pk)
        if all(getattr(boite, nom) == valeur for nom, valeur in valeurs.items()):
            return boite
        refuser_si_change(boite, version, valeurs)
    for autre in toutes.values():
        if communes := [adresse for adresse in valeurs["adresses"] if adresse in autre.adresses]:
            raise DonneeInvalide(f"« {communes[0]} » est déjà une adresse de « {autre} ».", "adresses")
    avant = {} if est_nouvelle else instantane(boite)
    est_autre = any(getattr(boite, nom) != valeurs[nom] for nom in DE_LA_BOITE)
    revient = valeurs["est_active"] and not boite.est_active
    for nom, valeur in valeurs.items():
        setattr(boite, nom, valeur)
    if est_autre:
        boite.uidvalidity, boite.dernier_uid, boite.importes, boite.importee_le = None, 0, 0, None
    if est_autre or revient:
        boite.connectee_le = None
    if not est_nouvelle:
        boite.relevee_le = boite.erreur_le = None
        boite.erreur = ""
    boite.modifiee_le = timezone.now()
    boite.save()
    action = "creation" if est_nouvelle else "modification"
    consigner(compte=par, objet=boite, action=action, avant=avant, apres=instantane(boite))
    return boite


LISTE = Liste(
    gabarit="demandes/administration/boites.html",
    section=CODE,
    titre="Boîtes de courriel, dans l'ordre",
    colonnes=("Nom", "Adresses", "Va à", "Relève"),
    icone="mail",
    nouveau="Nouvelle boîte",
    url_nouveau="administration_boite_creer",
    vide="Aucune boîte de courriel",
    conseil="Ajoutez l'adresse où les habitants écrivent à la ville.",
)


@require_safe
@administrateur_ou_404
def liste(request: HttpRequest) -> HttpResponse:
    toutes = BoiteCourriel.objects.select_related("point_accueil", "direction")
    page = paginer(toutes, request.GET.dict(), ordre=("ordre", "pk"))
    return LISTE.rendre(request, page, lignes=[(boite, etat_de(boite)) for boite in page.lignes])


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def creer(request: HttpRequest) -> HttpResponse:
    return saisir(request, None, 0)


@require_http_methods(["GET", "HEAD", "POST"])
@administrateur_ou_404
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_vue(request, BoiteCourriel, pk)
    boites = BoiteCourriel.objects.select_related("point_accueil", "direction", "type")
    return saisir(request, get_object_or_404(boites, pk=pk), version)


def saisir(request: HttpRequest, boite: BoiteCourriel | None, version: int) -> HttpResponse:
    suivant = {"ordre": BoiteCourriel.objects.count() + 1, "importer_depuis": timezone.localdate()}
    formulaire = BoiteForm(soumis(request), boite=boite, initial=suivant)
    if request.method == "POST" and (
        faite := tenter(
            formulaire,
            lambda v: enregistrer(boite or BoiteCourriel(), v, version=version, par=auteur(request)),
        )
    ):
        messages.success(request, f"« {faite} » est enregistrée.")
        return redirect("administration_boites")
    contexte = {
        "formulaire": formulaire,
        "boite": boite,
        "etat": etat_de(boite) if boite else None,
        "lecture": [formulaire[nom] for nom in DE_LA_LECTURE if nom != "serveur"],
        "titre": f"Modifier « {boite} »" if boite else "Nouvelle boîte",
        "bouton": "Enregistrer",
        "retour": reverse("administration_boites"),
        "version": 0,
        "changements": [],
    }
    if boite:
        contexte |= contexte_de(formulaire, boite, version, list(formulaire.fields))
    gabarit = "demandes/administration/boite.html"
    return rendre(request, gabarit, CODE, contexte, status=statut_de(formulaire))


def compter() -> str:
    return f"{BoiteCourriel.objects.actives().count()} en service"


def signaler() -> list[Attention]:
    """Those that are not read."""
    etats = [(boite, etat_de(boite)) for boite in BoiteCourriel.objects.actives()]
    return [
        Attention(f"{boite} : {etat.phrase}", reverse("administration_boite", args=[boite.pk]), NON_LUES)
        for boite, etat in etats
        if etat.est_mauvais
    ]


SECTION = Section(
    CODE,
    "Boîtes de courriel",
    "mail",
    "administration_boites",
    "Les adresses de la ville : où va ce qu'on y écrit, et comment elles sont lues.",
    compter,
    signaler,
)
