"""Several demandes at once, from the queue: each goes through its own door, and each answer is told."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande
from demandes.views.acces import auteur_de, perimetre_de
from demandes.views.lot_forms import LOTS, FormulaireLot, Lot
from demandes.views.suites import suite_de
from guichet.organisation.models import Compte
from guichet.organisation.perimetre import Perimetre
from guichet.socle.erreurs import ErreurMetier

AU_PLUS = 200
GESTES_QUI_CONFIENT = ("attribuer", "confier_a_un_collegue")


@dataclass(frozen=True)
class Resultat:
    """What became of one demande; `refus` is empty when it is done."""

    demande: Demande
    refus: str = ""


@require_POST
def lot(request: HttpRequest) -> HttpResponse:
    """Make one gesture on the ticked rows, after asking what it needs."""
    choisis = lots_de(perimetre_de(request))
    if not choisis:
        raise Http404("Cette corbeille n'est à personne d'ici.")
    choix = lire_les_choix(request.POST.getlist("choix"))
    demandes = list(demandes_choisies(choix, perimetre_de(request)))
    nom = request.POST.get("geste", "")
    contexte = {
        "suite": suite_de(request) or reverse("agent_corbeille"),
        "lots": choisis,
        "choix": choix,
        "demandes": demandes,
        "inconnues": len(choix) - len(demandes),
    }
    if phrase := empechement(nom, choix, demandes, choisis):
        return render(request, "demandes/corbeille/lot.html", contexte | {"phrase": phrase}, status=422)
    voulu = choisis[nom]
    formulaire = voulu.formulaire(
        request.POST if "confirme" in request.POST else None, geste=nom, demandes=demandes
    )
    contexte |= {"lot": voulu, "geste": nom, "formulaire": formulaire}
    if formulaire.fields and not formulaire.is_valid():
        statut = 422 if formulaire.is_bound else 200
        return render(request, "demandes/corbeille/lot.html", contexte, status=statut)
    resultats = faire(nom, demandes, choix, auteur_de(request), formulaire)
    return render(
        request, "demandes/corbeille/lot_fait.html", contexte | bilan(resultats, perimetre_de(request))
    )


def lots_de(perimetre: Perimetre) -> dict[str, Lot]:
    """The bulk gestures of this agent's places; each row's own right is checked at its door."""
    return {
        nom: lot
        for nom, lot in LOTS.items()
        if (perimetre.est_accueil if lot.est_d_accueil else perimetre.est_direction)
    }


def lire_les_choix(valeurs: list[str]) -> dict[str, int]:
    """Number → version seen, from « number:version »; what was tampered with chooses nothing."""
    choix = {}
    for valeur in valeurs:
        numero, _, version = valeur.partition(":")
        if version.isdecimal() and len(version) < 10 and numero.isascii() and numero.isprintable():
            choix[numero] = int(version)
    return choix


def demandes_choisies(choix: dict[str, int], perimetre: Perimetre) -> QuerySet[Demande]:
    """Those of the ticked ones this agent may read, in the order of the queue."""
    return (
        Demande.objects.pour_fil()
        .visibles_par(perimetre)
        .filter(numero__in=list(choix)[: AU_PLUS + 1])
        .order_by("-est_urgente", "echeance_service", "pk")
    )


def empechement(nom: str, choix: dict[str, int], demandes: list[Demande], lots: dict[str, Lot]) -> str:
    """Why nothing can be done at all, in a sentence, or nothing."""
    if nom not in lots:
        return "Choisissez ce qu'il faut faire des demandes cochées."
    if len(choix) > AU_PLUS:
        return f"Cochez {AU_PLUS} demandes au plus : vous en avez coché {len(choix)}."
    if not demandes:
        return "Cochez d'abord au moins une demande."
    return ""


def faire(
    nom: str, demandes: list[Demande], choix: dict[str, int], auteur: Auteur, formulaire: FormulaireLot
) -> list[Resultat]:
    """Open the door once for each, in a transaction of its own: one refusal never undoes another's work."""
    arguments = formulaire.arguments()
    resultats = []
    for demande in demandes:
        refus = ""
        version = choix[demande.numero]
        if not vient_d_etre_fait(demande, nom, auteur, version, arguments.get("collegue")):
            try:
                action = getattr(actions, geste_pour(nom, demande))
                action(demande, auteur=auteur, version=version, **arguments)
            except ErreurMetier as erreur:
                refus = str(erreur)
        resultats.append(Resultat(demande, refus))
    return resultats


def geste_pour(nom: str, demande: Demande) -> str:
    """Handing over what nobody holds is not the gesture that changes its holder."""
    if nom != "confier":
        return nom
    return "attribuer" if demande.etat == Etat.ORIENTEE else "confier_a_un_collegue"


def vient_d_etre_fait(
    demande: Demande, nom: str, auteur: Auteur, version: int, collegue: Compte | None
) -> bool:
    """A form posted twice: this very gesture, by this agent, is what followed the version they saw."""
    if demande.version != version + 1:
        return False
    derniere = demande.journal.order_by("-rang").first()
    if derniere is None or derniere.compte_id != auteur.compte.pk:
        return False
    if collegue is not None:
        return derniere.geste in GESTES_QUI_CONFIENT and derniere.details.get("agent") == collegue.pk
    return derniere.geste == nom


def bilan(resultats: list[Resultat], perimetre: Perimetre) -> dict:
    """Done and refused; the refused ones stay ticked, at the version they have now."""
    refuses = [r for r in resultats if r.refus]
    encore = {
        demande.pk: demande
        for demande in Demande.objects.pour_fil()
        .visibles_par(perimetre)
        .filter(pk__in=[r.demande.pk for r in refuses])
    }
    return {
        "faits": [r for r in resultats if not r.refus],
        "refuses": [(r, encore.get(r.demande.pk)) for r in refuses],
    }
