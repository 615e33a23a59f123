"""What an agent types in while somebody speaks: the whole life of a simple demande at once.

Each function is one transaction over the ordinary gestures: a refusal leaves nothing behind.
"""

from dataclasses import replace

from django.db import transaction

from demandes.actions.accueil import orienter, qualifier, repondre_immediatement
from demandes.actions.contacts import noter
from demandes.actions.depot import Depot, enregistrer
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import Contact, Demande, Fiche, TypeDemande
from guichet.organisation.models import Direction
from guichet.socle.erreurs import Refus


def est_habilite(auteur: Auteur, type: TypeDemande | None) -> bool:
    """Say whether the desk agent may go on reading what they enter, once it has this type."""
    return auteur.perimetre is not None and (
        type is None or any(type.secteur in p.secteurs_accueil for p in auteur.perimetre.tous)
    )


@transaction.atomic
def saisir(depot: Depot, *, auteur: Auteur, contact: Contact | None = None) -> Demande:
    """Register what an agent typed; the contact it came from keeps it. No rule routes it unasked."""
    if not est_habilite(auteur, depot.type):
        raise Refus("Cette démarche relève d'un secteur réservé : orientez-la vers le service habilité.")
    demande = enregistrer(depot, auteur=auteur, orientation_automatique=False)
    noter(contact, demande=demande)
    return demande


@transaction.atomic
def saisir_et_repondre(
    depot: Depot, *, auteur: Auteur, texte: str, fiche: Fiche | None = None, contact: Contact | None = None
) -> Demande:
    """Register and answer at first contact. A second call with the same key changes nothing."""
    if depot.type is None and fiche is not None:
        depot = replace(depot, type=fiche.types.publies().first())
    demande = enregistrer(depot, auteur=auteur, orientation_automatique=False)
    if demande.etat == Etat.NOUVELLE:
        demande = repondre_immediatement(demande, auteur=auteur, texte=texte, fiche=fiche)
    noter(contact, demande=demande, fiche=fiche, est_resolu=demande.resolue_au_premier_contact)
    return demande


@transaction.atomic
def saisir_et_orienter(
    depot: Depot,
    *,
    auteur: Auteur,
    direction: Direction | None = None,
    commentaire: str = "",
    contact: Contact | None = None,
) -> Demande:
    """Register, qualify and route. A second call with the same key changes nothing.

    In a walled secteur the agent is not cleared for, the rules alone choose the direction: registering is
    the agent's last gesture on it.
    """
    demande = enregistrer(depot, auteur=auteur, orientation_automatique=False)
    if demande.etat == Etat.NOUVELLE:
        if est_habilite(auteur, depot.type):
            demande = qualifier(demande, auteur=auteur)
            demande = orienter(demande, auteur=auteur, direction=direction, commentaire=commentaire)
        else:
            demande = qualifier(demande, auteur=SYSTEME)
            demande = orienter(demande, auteur=SYSTEME)
    noter(contact, demande=demande)
    return demande
