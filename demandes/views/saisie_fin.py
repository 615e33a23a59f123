"""How an entry ends: answered at once, routed or kept, and where a refusal of the door is shown."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html

from demandes.actions import Appelant, Depot
from demandes.actions.publications_saisies import PublicationSaisie, deja_connue, profil_connu
from demandes.actions.saisie import saisir, saisir_et_orienter, saisir_et_repondre
from demandes.models import Demande
from demandes.views.saisie_en_cours import Saisie
from guichet.canaux import courrier
from guichet.canaux.canal import Canal
from guichet.canaux.liens import Lien
from guichet.pieces import depot as depot_de_pieces
from guichet.pieces.models import Piece
from guichet.socle.erreurs import ErreurMetier
from usagers.models import Usager
from usagers.rapprochement import Identite

# Where a refusal of the door is shown on this form.
CHAMPS_DU_DEPOT = {"identite": "nom", "appelant": "appelant_nom", "type": "type_q", "fiche": "reponse"}


def deja_enregistree(saisie: Saisie) -> Demande | None:
    return Demande.objects.filter(cle_depot=saisie.donnees.get("cle") or None).first()


def terminer(saisie: Saisie) -> Demande | None:
    """Do what the pressed button says; None when something must be corrected, all typed words kept."""
    valides = [form.is_valid() for form in (saisie.form, saisie.reponses_form) if form is not None]
    saisie.reponses = saisie.reponses_form.reponses() if saisie.reponses_form else {}
    saisie.garder_les_fichiers()
    verifier(saisie)
    if not all(valides) or saisie.form.errors or saisie.erreurs:
        return None
    try:
        demande = saisie.lettre.finir(lambda: enregistrer(saisie)) if saisie.lettre else enregistrer(saisie)
    except ErreurMetier as erreur:
        refuser(saisie, erreur)
        return None
    cles = [piece.pk for piece in saisie.pieces_gardees]
    depot_de_pieces.effacer(Piece.objects.filter(pk__in=cles, proprietaire_genre=""))
    return demande


def enregistrer(saisie: Saisie) -> Demande:
    contact = saisie.contact if saisie.contact and saisie.contact.canal == saisie.donnees["canal"] else None
    d = saisie.form.cleaned_data
    commun = {"auteur": saisie.auteur, "contact": contact}
    if saisie.issue == "repondre":
        return saisir_et_repondre(depot_de(saisie), texte=d["reponse"], fiche=saisie.fiche, **commun)
    if saisie.issue == "orienter":
        return saisir_et_orienter(depot_de(saisie), direction=d["direction"], commentaire=d["note"], **commun)
    return saisir(depot_de(saisie), **commun)


def verifier(saisie: Saisie) -> None:
    d = saisie.form.cleaned_data
    if saisie.issue == "repondre" and not d.get("reponse"):
        saisie.form.add_error("reponse", "Écrivez la réponse, ou le résumé de ce que vous avez dit.")
    if saisie.issue == "repondre" and saisie.type is None and saisie.fiche is None:
        saisie.erreurs["type_q"] = "Choisissez la démarche, ou répondez avec une fiche."
    if saisie.issue == "orienter" and saisie.type is None:
        saisie.erreurs["type_q"] = "Choisissez la démarche : elle dit quelle direction agit."
    if lien := d.get("lien_lu"):
        verifier_le_lien(saisie, lien)
    if saisie.adresse and not saisie.form.territoire_est_dit and saisie.territoire is None:
        saisie.form.add_error(
            "territoire",
            "Cette adresse ne suffit pas à trouver l'arrondissement : choisissez-le.",
        )


def verifier_le_lien(saisie: Saisie, lien: Lien) -> None:
    """A post copied twice leads to its demande, when one may know of it."""
    if (connue := deja_connue(lien)) is None:
        return
    demande = Demande.objects.visibles_par(saisie.perimetre).filter(pk=connue.demande_id).first()
    if demande is None:
        dit = "Cette publication est déjà enregistrée, dans un secteur réservé."
    else:
        adresse = reverse("agent_demande", args=[demande.numero])
        dit = format_html(
            'Cette publication est déjà enregistrée : <a href="{}">demande {}</a>.', adresse, demande.numero
        )
    saisie.form.add_error("lien", dit)


def depot_de(saisie: Saisie) -> Depot:
    """What the form says, in the words of the door."""
    d = saisie.form.cleaned_data
    return Depot(
        canal=d["canal"],
        texte=d["texte"],
        objet=d["objet"] or courrier.objet(d["texte"]) or (saisie.type.libelle if saisie.type else ""),
        type=saisie.type,
        reponses=saisie.reponses,
        est_formulaire=saisie.est_exigeante,
        point_accueil=d["point_accueil"],
        usager=saisie.usager or auteur_connu(saisie),
        identite=identite_de(saisie),
        est_anonyme=d["est_anonyme"] and saisie.usager is None,
        adresse=saisie.adresse,
        territoire=saisie.territoire,
        envoyee_le=saisie.form.moment("envoyee_le"),
        recue_le=saisie.form.moment("recue_le"),
        cle=d["cle"],
        pieces=tuple([*(saisie.lettre.pieces if saisie.lettre else ()), *saisie.pieces_gardees]),
        est_urgente=d["est_urgente"],
        appelant=appelant_de(saisie),
        enveloppe=saisie.form.enveloppe(),
        publication=publication_de(saisie),
    )


def publication_de(saisie: Saisie) -> PublicationSaisie | None:
    if not saisie.form.est_un_reseau:
        return None
    d = saisie.form.cleaned_data
    return PublicationSaisie(auteur=d["compte"], portee=d["portee"], lien=d.get("lien_lu"))


def auteur_connu(saisie: Saisie) -> Usager | None:
    """Whoever wrote to us under this name before, when the agent names nobody else."""
    if not saisie.form.est_un_reseau or saisie.est_pour_autrui or not saisie.form.identite({}).est_vide:
        return None
    d = saisie.form.cleaned_data
    connu = profil_connu(d["canal"], d["compte"])
    return connu.usager if connu else None


def identite_de(saisie: Saisie) -> Identite | None:
    """Who asks, as typed; of somebody already chosen, only the address they have just written from."""
    d = saisie.form.cleaned_data
    if saisie.usager:
        est_sienne = d["canal"] == Canal.COURRIEL and not saisie.est_pour_autrui
        return Identite(courriel=d["expediteur"]) if est_sienne else None
    if d["est_anonyme"] or auteur_connu(saisie):
        return None
    dite = saisie.form.identite(saisie.reponses)
    # A post says at least under which name it was written.
    return Identite(nom=d["compte"][:120]) if dite.est_vide and saisie.form.est_un_reseau else dite


def appelant_de(saisie: Saisie) -> Appelant | None:
    if not saisie.est_pour_autrui:
        return None
    d = saisie.form.cleaned_data
    return Appelant(
        qualite=d["qualite"],
        recoit_la_reponse=d["reponse_a"] == "appelant",
        usager=saisie.appelant,
        identite=None if saisie.appelant else saisie.form.identite_de_l_appelant(),
    )


def refuser(saisie: Saisie, erreur: ErreurMetier) -> None:
    """Put a refusal of the door beside the field it speaks of."""
    dit = getattr(erreur, "champ", None) or ""
    champ = CHAMPS_DU_DEPOT.get(dit, dit)
    if champ == "type_q":
        saisie.erreurs["type_q"] = str(erreur)
    elif saisie.reponses_form and champ in saisie.reponses_form.fields:
        saisie.reponses_form.add_error(champ, str(erreur))
    else:
        saisie.form.add_error(champ if champ in saisie.form.fields else None, str(erreur))
