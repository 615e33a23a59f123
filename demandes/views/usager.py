"""The person's card: who they are, how to reach them, what they asked."""

import structlog
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from demandes.actions.personnes import peut_reunir
from demandes.actions.provenance import oublier_les_souhaits
from demandes.models import Contact, Demande
from demandes.recherche import usagers_visibles
from demandes.views.acces import perimetre_de
from demandes.views.accueil import avec_retards, derniers_contacts, reserve_a_l_accueil
from demandes.views.usager_forms import CoordonneeForm, UsagerForm
from guichet.socle.erreurs import ErreurMetier
from usagers.fiche import verifier_identite
from usagers.fusion import gardee_de
from usagers.models import Coordonnee, Usager
from usagers.rapprochement import Candidat, Identite, proposer

consultations = structlog.get_logger("consultations")

OUVERTES_AU_PLUS = 50
FINIES_PAR_PAGE = 10
POUR_AUTRUI_AU_PLUS = 10
SEUIL_PROPOSITION = 40


@require_safe
def usager(request, pk):
    """Show a person; reading is logged with ids only (RGPD, art. 5 and 32: who read what, when)."""
    perimetre = perimetre_de(request)
    personne = get_object_or_404(
        usagers_visibles(perimetre)
        .select_related("territoire", "identite_verifiee_par", "compte")
        .prefetch_related("coordonnees", "fiches_reunies__par", "fiches_reunies__reunie"),
        pk=gardee_de(pk),
    )
    if personne.pk != pk:
        messages.info(request, "La fiche demandée a été réunie à celle-ci : c'est la même personne.")
        return redirect("agent_usager", pk=personne.pk)
    consultations.info("usager_consulte", agent=request.user.pk, usager=personne.pk)
    visibles = Demande.objects.visibles_par(perimetre).select_related("intermediaire__usager")
    demandes = visibles.de_l_usager(personne)
    contexte = {
        "usager": personne,
        "ouvertes": avec_retards(
            demandes.ouvertes().order_by("-est_urgente", "echeance_service", "pk")[:OUVERTES_AU_PLUS]
        ),
        "finies": page_des_finies(demandes, request.GET.get("apres", "")),
        "pour_autrui": avec_retards(
            visibles.filter(intermediaire__usager=personne)
            .select_related("usager")
            .order_by("-recue_le", "-pk")[:POUR_AUTRUI_AU_PLUS]
        ),
        "est_accueil": perimetre.est_accueil,
    }
    if perimetre.est_accueil:
        contexte |= {
            "contacts": derniers_contacts(Contact.objects.visibles_par(perimetre).de_la_personne(personne)),
            "ressemblances": memes_personnes(personne),
            "coordonnee_form": CoordonneeForm(),
            "peut_reunir": peut_reunir(perimetre),
        }
    return render(request, "demandes/accueil/usager.html", contexte)


def page_des_finies(demandes, apres: str) -> dict:
    """One page of the ended demandes, newest first; `apres` is the number the previous page ended on."""
    finies = demandes.exclude(pk__in=demandes.ouvertes().order_by().values("pk")).order_by("-recue_le", "-pk")
    if borne := demandes.filter(numero=apres).values_list("recue_le", "pk").first():
        recue_le, pk = borne
        finies = finies.filter(recue_le__lte=recue_le).exclude(recue_le=recue_le, pk__gte=pk)
    lignes = avec_retards(finies[: FINIES_PAR_PAGE + 1])
    suite = lignes[FINIES_PAR_PAGE - 1].numero if len(lignes) > FINIES_PAR_PAGE else ""
    return {"lignes": lignes[:FINIES_PAR_PAGE], "suite": suite, "est_la_premiere": not apres}


def memes_personnes(personne: Usager) -> list[Candidat]:
    """Others who may be the same person, with the reasons; it only proposes, an agent compares."""
    identite = Identite(
        nom=personne.nom,
        prenom=personne.prenom,
        raison_sociale=personne.raison_sociale,
        courriel=personne.courriel,
        telephone=personne.telephone,
        adresse=personne.adresse,
    )
    return [
        candidat
        for candidat in proposer(identite)
        if candidat.usager.pk != personne.pk and candidat.score >= SEUIL_PROPOSITION and candidat.raisons
    ]


def usager_ou_404(pk: int) -> Usager:
    """The record to write to: a page opened before two were joined writes to the one that was kept."""
    return get_object_or_404(Usager.objects.select_related("identite_verifiee_par"), pk=gardee_de(pk))


@reserve_a_l_accueil
def modifier(request, pk):
    """Correct the name, address and preferred channel."""
    personne = usager_ou_404(pk)
    form = UsagerForm(request.POST if request.method == "POST" else None, instance=personne)
    if request.method == "POST" and form.is_valid():
        form.save()
        if "canal_prefere" in form.changed_data:
            oublier_les_souhaits(personne)
        consultations.info(
            "usager_modifie", agent=request.user.pk, usager=personne.pk, champs=form.changed_data
        )
        messages.success(request, "La fiche est à jour.")
        return redirect("agent_usager", pk=personne.pk)
    statut = 422 if form.errors else 200
    return render(
        request, "demandes/accueil/usager_modifier.html", {"form": form, "usager": personne}, status=statut
    )


@reserve_a_l_accueil
def identite(request, pk):
    """Ask to confirm, then record that this agent saw the person with a valid document."""
    personne = usager_ou_404(pk)
    if request.method != "POST":
        return render(request, "demandes/accueil/usager_identite.html", {"usager": personne})
    try:
        verifier_identite(personne, par=request.user)
        messages.success(request, f"Identité vérifiée : {personne}.")
    except ErreurMetier as erreur:
        messages.warning(request, str(erreur))
    return redirect("agent_usager", pk=pk)


@require_POST
@reserve_a_l_accueil
def coordonnees(request, pk):
    """Add a phone or an e-mail, correct one, or make one the main one."""
    personne = usager_ou_404(pk)
    coordonnee = None
    if cible := request.POST.get("coordonnee", ""):
        coordonnee = get_object_or_404(
            Coordonnee.objects.select_related("usager"), pk=cible if cible.isdigit() else 0, usager=personne
        )
    form = CoordonneeForm(request.POST)
    try:
        messages.success(request, form.appliquer(personne, coordonnee))
    except ErreurMetier as erreur:
        return render(
            request,
            "demandes/accueil/usager_coordonnee.html",
            {"form": form.refuser(erreur), "usager": personne, "coordonnee": coordonnee},
            status=422,
        )
    return redirect("agent_usager", pk=pk)
