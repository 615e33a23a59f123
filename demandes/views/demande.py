"""One demande: its thread in the centre, its facts on the right, only the gestures open now."""

import structlog
from django.contrib import messages
from django.db.models import BooleanField, Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from demandes import actions, delais, doublons, ecrits, fil, horloges, modeles, recit
from demandes.destinataire import destinataire_de
from demandes.droits import Auteur
from demandes.entourage import lire_l_entourage
from demandes.etats import Etat
from demandes.formulaires import relire
from demandes.formulaires_gestes import A_DEUX, ECRANS, REDACTION, SUR_UN_MESSAGE, Moment, libelle
from demandes.models import Demande, EcritEnCours, Lien
from demandes.models.requetes import contenu_lisible
from demandes.reperes import reperes
from demandes.views.acces import (
    auteur_de,
    demande_connue_ou_404,
    est_reservee,
    page_connue_ou_404,
    perimetre_de,
)
from demandes.views.lignes import adresse_de
from demandes.views.publications import publications_de
from demandes.views.suggestion import comme_si, suggestion_de
from demandes.views.urgence import urgence_de
from guichet.canaux.canal import Canal
from guichet.organisation.models import Compte
from guichet.organisation.perimetre import Perimetre
from guichet.socle.coordonnees import afficher_telephone

consultations = structlog.get_logger("consultations")

# And one more when it has a key: none of the commonest waits under « Plus ».
BOUTONS = 4
DOUBLONS = 3
# What moves a demande on: the first of these stands out. Handing it over or grouping it never does.
PREMIERS = (
    "prendre_en_charge",
    "qualifier",
    "orienter",
    "repondre",
    "proposer_une_reponse",
    "recevoir_complement",
    "reprendre",
    "reprendre_sans_complement",
    "retour_externe",
    "clore",
)
ONGLETS = {"": "Fil", "journal": "Journal"}


@require_safe
def demande(request: HttpRequest, numero: str) -> HttpResponse:
    """Show a demande. Reading one in a walled secteur is logged, with ids only (fiabilite.md, S11)."""
    lue, contenu_visible = page_connue_ou_404(request, numero)
    lire_l_entourage(lue)
    contexte = entete(lue, auteur_de(request)) | {"contenu_visible": contenu_visible}
    contexte["destinataire"] = destinataire_de(lue, contenu_visible=contenu_visible)
    if not contenu_visible:
        return render(request, "demandes/demande/reservee.html", contexte)
    if est_reservee(lue):
        consultations.info("demande_reservee_lue", agent=request.user.pk, demande=lue.pk, secteur=lue.secteur)
    journal = recit.lire(lue)
    contexte["urgence"] = urgence_de(lue, journal)
    peut_qualifier = any(bouton["geste"] == "qualifier" for bouton in contexte["boutons"])
    contexte["publications"] = publications_de(lue)
    contexte["suggestion"] = suggestion_de(lue, contenu_visible=peut_qualifier)
    contexte["doublons"] = (
        doublons.chercher(comme_si(lue, contexte["suggestion"]), perimetre_de(request), DOUBLONS)
        if contexte["peut_regrouper"]
        else []
    )
    onglet = request.GET.get("onglet", "")
    onglet = onglet if onglet in ONGLETS else ""
    contexte |= faits(lue, perimetre_de(request)) | centre(lue, journal, onglet, request.user)
    contexte |= redaction(request, lue, contexte)
    return render(request, "demandes/demande/demande.html", contexte)


@require_POST
def marquer_lus(request: HttpRequest, numero: str) -> HttpResponse:
    """The agent has read what the resident wrote: it is no longer flagged."""
    lue, contenu_visible = demande_connue_ou_404(request, numero)
    if contenu_visible and auteur_de(request).chapeaux(lue):
        actions.marquer_lus(lue)
        messages.success(request, "Les messages sont marqués comme lus.")
    return redirect("agent_demande", numero=numero)


def entete(demande: Demande, auteur: Auteur) -> dict:
    """Title, clocks and gestures: what even a reader without the content sees."""
    moment = Moment.de(demande, auteur)
    ouverts = moment.gestes()
    boutons = [geste for geste in ouverts if geste not in (*REDACTION, *A_DEUX, *SUR_UN_MESSAGE)]
    en_vue = BOUTONS + any(ECRANS[geste].touche for geste in boutons[BOUTONS : BOUTONS + 1])
    return {
        "demande": demande,
        "est_reservee": est_reservee(demande),
        "horloges": horloges_en_mots(demande),
        "moment": moment,
        "principal": boutons[0] if boutons and boutons[0] in PREMIERS else "",
        "boutons": [bouton(geste, demande) for geste in boutons[:en_vue]],
        "autres_gestes": [bouton(geste, demande) for geste in boutons[en_vue:]],
        "peut_lier": "lier" in ouverts,
        "peut_separer": "defusionner" in ouverts,
        "peut_regrouper": "fusionner" in ouverts,
        "peut_rapprocher": "garder_a_part" in ouverts,
        "peut_noter_l_appel": "noter_l_appel" in ouverts,
        "peut_ecrire": "ecrire_a_l_usager" in ouverts,
        "peut_noter": "ajouter_une_note" in ouverts,
        "peut_repondre": "repondre" in ouverts and demande.etat != Etat.A_VALIDER,
        "peut_proposer": "proposer_une_reponse" in ouverts and "repondre" not in ouverts,
    }


def bouton(geste: str, demande: Demande) -> dict:
    return {
        "geste": geste,
        "libelle": libelle(geste, demande),
        "ecran": ECRANS[geste],
        "url": adresse_de("agent_geste", demande.numero, geste),
    }


def redaction(request: HttpRequest, demande: Demande, entete: dict) -> dict:
    """The composer: what this agent left there, and the templates filled in for this demande."""
    gardes = ecrits.ecrits_de(demande, request.user) if entete["peut_ecrire"] or entete["peut_noter"] else {}
    ouverts = [
        mode
        for mode in EcritEnCours.Mode
        if entete["peut_ecrire" if mode == EcritEnCours.Mode.USAGER else "peut_noter"]
    ]
    # Opens where something was left.
    mode = next((mode for mode in gardes if mode in ouverts), ouverts[0] if ouverts else "")
    proposes = modeles.proposes(demande, request.user, "ecrire_a_l_usager") if entete["peut_ecrire"] else []
    return {
        "mode": str(mode),
        "ecrits": {str(m): gardes.get(m) for m in EcritEnCours.Mode},
        "modeles": [(modele.titre, texte, f"modele:{modele.pk}") for modele, texte in proposes],
    }


def horloges_en_mots(demande: Demande) -> dict:
    """Both clocks: the service one as a counter, the legal one as a sentence."""
    horloge = delais.horloge_service(demande)
    reste = None
    if horloge:
        direction = demande.direction_id or (demande.type.direction_id if demande.type else None)
        reste = horloges.reste(horloge, timezone.now(), reperes().calendrier(direction))
    return {
        "reste": reste,
        "unite": demande.delai_unite,
        "suspendu": bool(horloge and horloge.suspendue_le),
        "arrete": bool(horloge and horloge.arretee_le),
        "promise_autrement": demande.echeance_promise
        if demande.echeance_promise != demande.echeance_service
        else None,
    }


def centre(demande: Demande, journal: list[recit.Ligne], onglet: str, compte: Compte) -> dict:
    """The thread, or the journal in words."""
    communs = reperes()
    contexte = {
        "onglet": onglet,
        "onglets": [
            {"libelle": mot, "url": f"?onglet={code}" if code else "?", "actif": code == onglet}
            for code, mot in ONGLETS.items()
        ],
    }
    if onglet == "journal":
        lignes = [(ligne, recit.raconter(ligne, communs), recit.auteur(ligne)) for ligne in journal]
        return contexte | {"journal": lignes, "pieces": []}
    paroles = fil.lire_les_paroles(demande, compte)
    fil.noter_le_passage(demande, compte, paroles)
    pieces = fil.lire_les_pieces(demande)
    return contexte | {
        "fil": fil.composer(demande, paroles, journal, fil.lire_les_courriels(demande), pieces, communs),
        "pieces": pieces,
    }


def faits(demande: Demande, perimetre: Perimetre) -> dict:
    """The right column: the person, the filed form, and the demandes around this one."""
    formulaire = demande.formulaire
    return {
        "coordonnees": coordonnees(demande),
        "rappels": list(demande.rappels_telephoniques.a_faire("prevu")) if demande.est_a_appeler else [],
        "url_rappel": f"{reverse('agent_a_rappeler')}?demande={demande.numero}"
        if perimetre.est_accueil
        else "",
        "reponses": relire(formulaire.champs, demande.reponses) if formulaire else [],
        "liens": liens_de(demande, perimetre),
        # Who they are is never said: their demandes are named to those who may read them anyway.
        "regroupees": avec_droit(Demande.objects.filter(co_signalement__principale=demande), perimetre)
        if demande.est_principale
        else [],
    }


def liens_de(demande: Demande, perimetre: Perimetre) -> list[Lien]:
    """The linked demandes with how and why, each `autre` with `lisible`: a reason may tell its content."""
    if not demande.est_liee:
        return []
    autres = {autre.pk: autre for autre in avec_droit(demande.liees.all(), perimetre)}
    liens = list(demande.liens.select_related("pose_par").order_by("pose_le", "pk"))
    for lien in liens:
        lien.autre = autres[lien.autre_id]
    return liens


def avec_droit(demandes: QuerySet[Demande], perimetre: Perimetre) -> list[Demande]:
    """These demandes by number, each with `lisible`."""
    droit = Case(When(contenu_lisible(perimetre), then=True), default=False, output_field=BooleanField())
    return list(demandes.annotate(lisible=droit).only("numero", "objet", "etat").order_by("numero"))


def coordonnees(demande: Demande) -> list[dict]:
    """How to reach the person, as links that call or write."""
    if demande.usager is None:
        return []
    lues = []
    for coordonnee in demande.usager.toutes_les_coordonnees:
        est_telephone = coordonnee.genre == "telephone"
        valeur = coordonnee.normalisee
        lues.append(
            {
                "canal": Canal.TELEPHONE if est_telephone else Canal.COURRIEL,
                "valeur": afficher_telephone(valeur) if est_telephone else valeur,
                "url": f"tel:{valeur}" if est_telephone else f"mailto:{valeur}",
                "precision": "ne fonctionne plus" if coordonnee.en_echec_le else "",
            }
        )
    return lues
