"""What an agent types in while somebody speaks: a contact, and the whole life of a simple demande at once.

Each function is one transaction over the ordinary gestures: a refusal leaves nothing behind.
"""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from demandes.actions.accueil import orienter, qualifier, repondre_immediatement
from demandes.actions.depot import Depot, enregistrer
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import Contact, Demande, Fiche, TypeDemande
from guichet.canaux.canal import ORAUX, Canal
from guichet.organisation.models import Compte, Direction, PointAccueil
from guichet.socle.erreurs import Conflit, DonneeInvalide, Refus
from usagers.models import Usager


def est_habilite(auteur: Auteur, type: TypeDemande | None) -> bool:
    """Say whether the desk agent may go on reading what they enter, once it has this type."""
    return auteur.perimetre is not None and (
        type is None or any(type.secteur in p.secteurs_accueil for p in auteur.perimetre.tous)
    )


def accueils_de(auteur: Auteur) -> list[PointAccueil]:
    """The desks this agent holds today, lent ones included."""
    assert auteur.perimetre is not None
    places = frozenset().union(*(p.accueils for p in auteur.perimetre.tous))
    return list(PointAccueil.objects.filter(pk__in=places, est_actif=True))


def accueil_pour(accueils: list[PointAccueil], canal: str) -> PointAccueil | None:
    """Of these desks, the one that receives this channel; a desk for everything comes last."""
    recoivent = [a for a in accueils if Canal(canal).groupe in a.canaux]
    return min(recoivent or accueils, key=lambda a: (len(a.canaux), a.code), default=None)


# -- a demande typed in by an agent ------------------------------------------------------------------


@transaction.atomic
def saisir(depot: Depot, *, auteur: Auteur, contact: Contact | None = None) -> Demande:
    """Register what an agent typed; the contact it came from ends here. No rule routes it unasked."""
    if not est_habilite(auteur, depot.type):
        raise Refus("Cette démarche relève d'un secteur réservé : orientez-la vers le service habilité.")
    demande = enregistrer(depot, auteur=auteur, orientation_automatique=False)
    clore_le_contact(contact, Contact.Resultat.DEMANDE, demande=demande)
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
    clore_le_contact(contact, Contact.Resultat.REPONDU, demande=demande, fiche=fiche)
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
    clore_le_contact(contact, Contact.Resultat.DEMANDE, demande=demande)
    return demande


# -- a call or a visit -------------------------------------------------------------------------------


def contact_en_cours(compte: Compte) -> Contact | None:
    return (
        Contact.objects.filter(agent=compte, resultat=Contact.Resultat.EN_COURS)
        .select_related("usager")
        .first()
    )


@transaction.atomic
def commencer_contact(*, auteur: Auteur, canal: str, usager: Usager | None = None) -> Contact:
    """Start the clock of a call or a visit; an agent speaks with one person at a time."""
    assert auteur.compte is not None
    point_accueil = accueil_pour(accueils_de(auteur), canal) if canal in ORAUX else None
    if point_accueil is None:
        raise DonneeInvalide("Choisissez un appel ou une visite.", "canal")
    Compte.objects.select_for_update().get(pk=auteur.compte.pk)
    if contact_en_cours(auteur.compte):
        raise Refus("Vous avez déjà un contact en cours : terminez-le d'abord.")
    return Contact.objects.create(
        canal=canal, point_accueil=point_accueil, agent=auteur.compte, usager=usager
    )


@transaction.atomic
def terminer_contact(
    contact: Contact,
    *,
    auteur: Auteur,
    resultat: str,
    fiche: Fiche | None = None,
    demande: Demande | None = None,
) -> Contact:
    """End a contact that opened no demande: nothing to follow, or a question answered on the spot."""
    assert auteur.compte is not None
    if resultat not in (Contact.Resultat.SANS_SUITE, Contact.Resultat.REPONDU):
        raise DonneeInvalide("Dites comment ce contact se termine.", "resultat")
    if resultat == Contact.Resultat.REPONDU and fiche is None and demande is None:
        raise DonneeInvalide("Citez la fiche ou la demande qui a servi à répondre.", "fiche")
    ferme = clore_le_contact(contact, resultat, demande=demande, fiche=fiche)
    if ferme is None or ferme.agent_id != auteur.compte.pk:
        raise Conflit("Ce contact est déjà terminé.")
    return ferme


def clore_le_contact(
    contact: Contact | None, resultat: str, *, demande: Demande | None = None, fiche: Fiche | None = None
) -> Contact | None:
    """Write how a contact ended, once; None when there was none or it had ended."""
    if contact is None:
        return None
    frais = (
        Contact.objects.select_for_update().filter(pk=contact.pk, resultat=Contact.Resultat.EN_COURS).first()
    )
    if frais is None:
        return None
    frais.resultat = resultat
    frais.fin = timezone.now()
    frais.demande = demande
    frais.fiche = fiche
    if demande is not None and demande.usager_id:
        frais.usager_id = demande.usager_id
    frais.save()
    return frais
