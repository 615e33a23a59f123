"""The tray « À rapprocher », oldest first: what a message cites, who may have written it, the decision."""

from typing import Any

import structlog
from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from demandes import actions
from demandes.actions.regroupement import exiger_regroupables
from demandes.destinataire import annonce
from demandes.droits import Auteur
from demandes.models import ARapprocher, Demande
from demandes.recherche.a_joindre import chercher_a_joindre
from demandes.views.acces import auteur_de, demande_connue_ou_404, est_reservee, perimetre_de
from demandes.views.comparer import recits
from demandes.views.receptions import onglets
from guichet.socle.erreurs import Conflit, DonneeInvalide, ErreurMetier, Refus
from usagers.models import Usager
from usagers.rapprochement import Candidat, Identite, proposer, sont_deux_noms

consultations = structlog.get_logger("consultations")

PAR_PAGE = 50
Raison = ARapprocher.Raison
FAITS = {
    "joindre": "La demande {demande} est jointe à la demande {principale}.",
    "regrouper": "La demande {demande} est regroupée avec la demande {principale}.",
    "a_part": "La demande {demande} est gardée à part.",
    "personne": "La demande {demande} est rattachée à cette personne.",
}


@require_safe
def a_rapprocher(request: HttpRequest) -> HttpResponse:
    """The list."""
    apres = request.GET.get("apres", "")
    if apres and not (apres.isdecimal() and len(apres) < 19):
        raise Http404
    lues = en_attente(request).filter(pk__gt=int(apres or 0))
    # A message may cite, by its references, a demande that does not exist for this agent.
    citees = Demande.objects.visibles_par(perimetre_de(request)).order_by("pk")
    lues = lues.select_related("demande__provenance", "demande__usager").prefetch_related(
        Prefetch("citees", citees)
    )
    page = list(lues.order_by("pk")[: PAR_PAGE + 1])
    suivante = page[PAR_PAGE - 1].pk if len(page) > PAR_PAGE else 0
    contexte = {
        "onglets": onglets(request, "a-rapprocher"),
        "lignes": [ligne_de(attente) for attente in page[:PAR_PAGE]],
        "url_suivante": f"?apres={suivante}" if suivante else "",
    }
    return render(request, "demandes/receptions/a_rapprocher.html", contexte)


def en_attente(request: HttpRequest) -> QuerySet[ARapprocher]:
    """What this agent may decide; an agent of no desk has nothing here."""
    perimetre = perimetre_de(request)
    if not perimetre.est_accueil:
        raise Http404
    return ARapprocher.objects.en_attente().visibles_par(perimetre)


def ligne_de(attente: ARapprocher) -> dict[str, Any]:
    return {"attente": attente, "demande": attente.demande, "de": expediteur_de(attente.demande)}


def expediteur_de(demande: Demande) -> str:
    """The address it was sent from: what an agent compares first."""
    enveloppe = getattr(demande, "provenance", None)
    return enveloppe.expediteur if enveloppe is not None else ""


@require_http_methods(["GET", "HEAD", "POST"])
def une(request: HttpRequest, numero: str) -> HttpResponse:
    """One of them beside what it cites; a POST decides."""
    perimetre = perimetre_de(request)
    if not perimetre.est_accueil:
        raise Http404
    demande, contenu_visible = demande_connue_ou_404(request, numero)
    attente = demande.rapprochements.select_related("traite_par").order_by("-pk").first()
    if not contenu_visible or attente is None:
        raise Http404
    if request.method != "POST":
        return montrer(request, demande, attente)
    try:
        fait = decider(request, demande, attente)
    except Conflit as conflit:
        # Read again: the page says what it has become.
        return une_relue(request, numero, str(conflit), 409)
    except ErreurMetier as erreur:
        return une_relue(request, numero, str(erreur), 422)
    messages.success(request, fait)
    # The same first: its person is chosen, what it cites may still wait.
    restent = en_attente(request).select_related("demande").order_by("pk")
    suivante = restent.filter(pk=attente.pk).first() or restent.first()
    if suivante is None:
        return redirect("agent_a_rapprocher")
    return redirect("agent_a_rapprocher_une", suivante.demande.numero)


def decider(request: HttpRequest, demande: Demande, attente: ARapprocher) -> str:
    """Do what the button says, and say it."""
    decision = request.POST.get("decision", "")
    if decision not in FAITS:
        raise DonneeInvalide("Choisissez ce que devient ce message.", "decision")
    communs = {"auteur": auteur_de(request), "version": version_vue(request)}
    principale = None
    if decision == "a_part":
        actions.garder_a_part(demande, **communs)
    elif decision == "personne":
        actions.choisir_la_personne(demande, **communs, **personne_choisie(request, demande))
    else:
        visibles = Demande.objects.visibles_par(perimetre_de(request)).exclude(pk=demande.pk)
        principale = visibles.filter(numero=request.POST.get("principale", "")).first()
        if principale is None:
            raise DonneeInvalide("Choisissez une demande que vous pouvez lire.", "principale")
        if decision == "joindre":
            ajouter = "ajouter_l_adresse" in request.POST
            actions.joindre_a_la_demande(demande, principale=principale, ajouter_l_adresse=ajouter, **communs)
        else:
            actions.regrouper_sans_meler(demande, principale=principale, **communs)
    return FAITS[decision].format(demande=demande.numero, principale=principale and principale.numero)


def version_vue(request: HttpRequest) -> int | None:
    vue = request.POST.get("version", "")
    return int(vue) if vue.isdecimal() and len(vue) < 10 else None


def personne_choisie(request: HttpRequest, demande: Demande) -> dict[str, Any]:
    """One of those proposed, or somebody else written down with the address: nobody outside the list."""
    choisie = request.POST.get("personne", "")
    if choisie == "autre":
        nom, prenom = (request.POST.get(champ, "").strip() for champ in ("nom", "prenom"))
        if not nom or len(nom) > 120 or len(prenom) > 80:
            raise DonneeInvalide("Écrivez le nom de la personne.", "nom")
        return {"identite": Identite(nom=nom, prenom=prenom, courriel=expediteur_de(demande))}
    proposees = {str(candidat.usager.pk): candidat.usager for candidat in personnes_possibles(demande)}
    if choisie not in proposees:
        raise DonneeInvalide("Choisissez une des personnes proposées.", "personne")
    return {"usager": proposees[choisie]}


def personnes_possibles(demande: Demande) -> list[Candidat]:
    """Those who have the address it came from."""
    adresse = expediteur_de(demande)
    return proposer(Identite(courriel=adresse)) if adresse else []


def une_relue(request: HttpRequest, numero: str, erreur: str, statut: int) -> HttpResponse:
    demande, _ = demande_connue_ou_404(request, numero)
    attente = demande.rapprochements.select_related("traite_par").order_by("-pk").first()
    assert attente is not None
    return montrer(request, demande, attente, erreur=erreur, statut=statut)


def montrer(
    request: HttpRequest, demande: Demande, attente: ARapprocher, *, erreur: str = "", statut: int = 200
) -> HttpResponse:
    """The message beside what it may go with. Reading a walled demande here is reading it."""
    citees = attente.citees.order_by("pk")
    lisibles = list(
        citees.filter(pk__in=Demande.objects.visibles_par(perimetre_de(request)))
        .select_related("usager", "type", "principale", "intermediaire__usager", "provenance")
        .prefetch_related("usager__coordonnees")
    )
    attend = attente.traite_le is None and demande.est_ouverte
    cherche = " ".join(request.GET.get("q", "").split())[:100] if attend else ""
    trouvees = chercher_les_autres(request, cherche, demande, lisibles)
    for lue in (demande, *lisibles, *trouvees):
        if est_reservee(lue):
            consultations.info(
                "demande_reservee_lue", agent=request.user.pk, demande=lue.pk, secteur=lue.secteur
            )
    le_message, *premiers = recits(demande, *lisibles, *trouvees)
    contexte = {
        "demande": demande,
        "attente": attente,
        "attend": attend,
        "de": expediteur_de(demande),
        "message": le_message,
        "candidates": [
            candidate(demande, autre, recit, auteur_de(request)) | {"est_citee": autre in lisibles}
            for autre, recit in zip((*lisibles, *trouvees), premiers, strict=True)
        ],
        "cherche": cherche,
        "rien_trouve": bool(cherche) and not trouvees,
        "autres_citees": citees.count() - len(lisibles),
        "personnes": personnes_possibles(demande) if attend and Raison.PERSONNES in attente.raisons else [],
        "saisie": {"nom": request.POST.get("nom", ""), "prenom": request.POST.get("prenom", "")},
        "porte_sur_les_demandes": any(raison != Raison.PERSONNES for raison in attente.raisons),
        "porte_sur_les_sujets": Raison.SUJETS in attente.raisons,
        "erreur": erreur,
        "retour": reverse("agent_a_rapprocher"),
    }
    return render(request, "demandes/receptions/a_rapprocher_une.html", contexte, status=statut)


def chercher_les_autres(
    request: HttpRequest, cherche: str, demande: Demande, citees: list[Demande]
) -> list[Demande]:
    """What the agent's words find besides what the message cites, with all that a card shows."""
    if not cherche:
        return []
    deja = {demande.pk, *(citee.pk for citee in citees)}
    cles = [pk for pk in chercher_a_joindre(cherche, perimetre_de(request)) if pk not in deja]
    lues = (
        Demande.objects.visibles_par(perimetre_de(request))
        .select_related("usager", "type", "principale", "intermediaire__usager", "provenance")
        .prefetch_related("usager__coordonnees")
        .in_bulk(cles)
    )
    return [lues[pk] for pk in cles if pk in lues]


def candidate(demande: Demande, citee: Demande, recit: dict, auteur: Auteur) -> dict[str, Any]:
    """A cited or found demande with what may be done of it, and why not."""
    usager: Usager | None = citee.usager
    sans_meler = empechement_de(demande, citee, auteur)
    joindre = empechement_de(Demande(secteur=demande.secteur, usager=usager), citee, auteur)
    if usager is None:
        joindre = f"Personne n'est rattaché à la demande {citee.numero}."
    est_la_meme = usager is not None and demande.usager_id == usager.pk
    return {
        "demande": citee,
        "usager": usager,
        "adresses": [str(c) for c in usager.coordonnees.all() if c.genre == "courriel"] if usager else [],
        "bouton": f"C'est la même personne\u00a0: joindre à la demande {citee.numero}",
        "recit": recit,
        "joindre": joindre,
        "sans_meler": sans_meler,
        "est_la_meme": est_la_meme,
        "noms_differents": bool(usager and demande.usager) and sont_deux_noms(usager, demande.usager),
        "avis": annonce(citee, contenu_visible=True),
    }


def empechement_de(demande: Demande, citee: Demande, auteur: Auteur) -> str:
    try:
        exiger_regroupables(demande, citee, auteur)
    except Refus as refus:
        return str(refus)
    return ""
