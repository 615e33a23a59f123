"""How a demande is born, on any channel: one function, one transaction, one demande per key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from demandes import delais, referentiel
from demandes.actions import avis
from demandes.actions.accueil import orienter, qualifier
from demandes.actions.complement import joindre
from demandes.actions.porte import Carnet, Lot, Passage, exiger_texte, lire_texte
from demandes.actions.provenance import Appelant, Enveloppe, ecrire_la_provenance, trouver_l_appelant
from demandes.actions.publications_saisies import PublicationSaisie, inscrire_la_publication
from demandes.droits import SYSTEME, Auteur
from demandes.formulaires import verifier_reponses
from demandes.models import Brouillon, Demande, Message, TypeDemande, VersionFormulaire
from demandes.orientation import Orientation
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import PointAccueil, Territoire
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.insertion import tirer
from guichet.socle.langues import FRANCAIS
from guichet.socle.pret import lire_pret
from usagers.models import Usager
from usagers.rapprochement import (
    Identite,
    ajouter_coordonnees,
    completer_le_nom,
    preparer_usager,
    retrouver,
    retrouver_l_expediteur,
)

PARIS = ZoneInfo("Europe/Paris")
PLUSIEURS_PERSONNES = "plusieurs"


@dataclass(frozen=True)
class Depot:
    """What somebody asks, before it is a demande. `recue_le` is None for « now »."""

    canal: str
    texte: str
    objet: str = ""
    type: TypeDemande | None = None
    formulaire: VersionFormulaire | None = None
    reponses: dict[str, Any] = field(default_factory=dict)
    est_formulaire: bool = False
    point_accueil: PointAccueil | None = None
    usager: Usager | None = None
    identite: Identite | None = None
    est_anonyme: bool = False
    adresse: str = ""
    territoire: Territoire | None = None
    envoyee_le: datetime | None = None
    recue_le: datetime | None = None
    cle: str | None = None
    # What it was prepared in, held with the reservation and emptied with the birth.
    brouillon: Brouillon | None = None
    pieces: tuple[Piece, ...] = ()
    origine: Demande | None = None
    est_urgente: bool = False
    appelant: Appelant | None = None
    enveloppe: Enveloppe | None = None
    # Which direction it was written to, when it was: it goes there, qualified by its type.
    orientation: Orientation | None = None
    # The identity is all that its sender said of themselves, often no name: their address may find them.
    par_l_adresse: bool = False
    # A machine wrote it, or its sender wants no automatic answer.
    sans_accuse: bool = False
    # A post or a private message that an agent copied.
    publication: PublicationSaisie | None = None
    # That of the pages it was filed on: the city writes to this person in it.
    langue: str = FRANCAIS
    # The Message-ID of the mail it came by: the acknowledgement answers it.
    en_reponse_a: str = ""


def enregistrer(depot: Depot, *, auteur: Auteur, orientation_automatique: bool = True) -> Demande:
    """Create the demande, acknowledge it, and let the rules route it when its type allows.

    A second call with the same `cle` returns the first demande and writes nothing.
    """
    try:
        with transaction.atomic():
            return enregistrer_seul(depot, auteur=auteur, orientation_automatique=orientation_automatique)
    except IntegrityError:
        # Twenty clicks at once: one won, the others get what it made.
        if depot.cle and (existante := Demande.objects.filter(cle_depot=depot.cle).first()):
            return existante
        raise


def enregistrer_seul(depot: Depot, *, auteur: Auteur, orientation_automatique: bool = True) -> Demande:
    """The same, in the transaction of a caller who holds a lock on what the `cle` names."""
    reservation = reserver(depot)
    if reservation.existante is not None:
        return Demande.objects.get(pk=reservation.existante)
    if depot.brouillon is not None and depot.brouillon.modifie_le != reservation.brouillon_du:
        raise BrouillonChange
    with referentiel.fixe():
        return ecrire(depot, reservation, auteur=auteur, orientation_automatique=orientation_automatique)


def peut_partir_seule(demande: Demande) -> bool:
    """A rule may route what the resident typed themselves, when type and district leave no doubt."""
    return (
        demande.type is not None
        and demande.type.orientation_automatique
        and demande.canal == Canal.PORTAIL
        and (demande.territoire is not None or not demande.adresse)
    )


def creer(depot: Depot, *, auteur: Auteur) -> Demande:
    """Write one more demande in the caller's transaction; no rule routes it."""
    return ecrire(depot, reserver(depot), auteur=auteur, orientation_automatique=False)


def ecrire(
    depot: Depot, reservation: Reservation, *, auteur: Auteur, orientation_automatique: bool
) -> Demande:
    """Write the demande, its first message, its journal and its acknowledgement. Needs a transaction.

    The row is written once, where the rules brought it: its foreign keys are checked at the commit.
    """
    maintenant = timezone.now()
    recue_le = depot.recue_le or maintenant
    if recue_le > maintenant:
        raise DonneeInvalide("La date de réception ne peut pas être dans l'avenir.", "recue_le")
    if depot.type is not None and depot.type.publie_le is None:
        raise DonneeInvalide(_("Cette démarche n'est pas publiée."), "type")
    texte = exiger_texte(depot.texte, _("Décrivez votre demande."))
    # A draft keeps the version it was begun with.
    formulaire = depot.formulaire or (depot.type.formulaire if depot.type else None)
    if depot.est_formulaire and formulaire is not None:
        verifier_reponses(formulaire.champs, depot.reponses)
    lot = Lot(dict(reservation.ids))
    usager, rapprochement = trouver_l_usager(depot, lot)
    intermediaire = trouver_l_appelant(depot, usager)
    verifier_identification(depot, usager, intermediaire)
    point_accueil = depot.point_accueil or referentiel.courant().garder(
        ("accueil", depot.canal), lambda: PointAccueil.pour_canal(depot.canal)
    )
    if point_accueil is None:
        raise DonneeInvalide("Aucun point d'accueil ne reçoit ce canal.", "canal")
    type = depot.type
    demande = Demande(
        pk=lot.ids.pop(Demande),
        numero=f"{maintenant.astimezone(PARIS).year}-{reservation.rang:07d}",
        cle_depot=depot.cle,
        type=type,
        formulaire=formulaire,
        reponses=depot.reponses,
        objet=lire_texte(depot.objet).replace("\n", " ")[:200] or resumer(texte),
        est_urgente=depot.est_urgente or bool(type and type.est_urgent_pour(depot.reponses)),
        secteur=type.secteur if type else "general",
        est_confidentielle=bool(type and type.est_confidentiel),
        usager=usager,
        est_anonyme=usager is None and rapprochement != PLUSIEURS_PERSONNES,
        rapprochement=rapprochement,
        canal=depot.canal,
        langue=depot.langue,
        adresse=lire_texte(depot.adresse)[:250],
        territoire=depot.territoire,
        point_accueil=point_accueil,
        envoyee_le=depot.envoyee_le,
        recue_le=recue_le,
        enregistree_le=maintenant,
    )
    passage = Passage("enregistrer", demande, auteur, apres=demande.etat, lot=lot)
    passage.details |= {
        "canal": depot.canal,
        "type": type.code if type else "",
        "usager": usager.pk if usager else None,
        "rapprochement": rapprochement,
        "pieces": [str(piece.pk) for piece in depot.pieces],
    }
    ecrire_la_provenance(passage, depot, intermediaire)
    message = passage.message(texte, sens=Message.Sens.ENTRANT, canal=depot.canal, lu_le=maintenant)
    joindre(message, depot.pieces)
    carnet = Carnet(demande, [passage], lot)
    if depot.orientation is not None or (orientation_automatique and peut_partir_seule(demande)):
        qualifier(demande, auteur=SYSTEME, carnet=carnet)
        orienter(demande, auteur=SYSTEME, vers=depot.orientation, carnet=carnet)
    elif type is not None:
        delais.promettre(demande)
    if depot.origine is not None:
        passage.details["origine"] = depot.origine.numero
    elif not depot.sans_accuse:
        # Last: it says which service is in charge and by when.
        adresse = adresse_de_l_accuse(depot, usager, intermediaire)
        avis.accuser(passage, adresse, en_reponse_a=depot.en_reponse_a)
    vider(depot.brouillon, demande, lot)
    carnet.ecrire()
    inscrire_la_publication(
        demande,
        saisie=depot.publication,
        message=message,
        publiee_le=recue_le,
        compte=auteur.compte,
        auteur=intermediaire or usager,
    )
    return demande


def vider(brouillon: Brouillon | None, demande: Demande, lot: Lot) -> None:
    """The demande holds it now; nobody's words are kept twice."""
    if brouillon is not None:
        brouillon.demande, brouillon.saisie = demande, {}
        lot.reecrite = (brouillon, ("demande", "saisie", "modifie_le"))


def adresse_de_l_accuse(depot: Depot, usager: Usager | None, intermediaire: Usager | None) -> str:
    """The address the demande was sent from, else that of whoever the city answers (CRPA, art. L112-11)."""
    if depot.enveloppe is not None and depot.enveloppe.expediteur:
        return depot.enveloppe.expediteur
    if intermediaire is not None and depot.appelant is not None and depot.appelant.recoit_la_reponse:
        return intermediaire.courriel
    return usager.courriel if usager else ""


# What a birth writes once of each.
NES_ENSEMBLE: tuple[type[Model], ...] = (Demande, Message, Envoi, Usager)


@dataclass(frozen=True)
class Reservation:
    """What a demande is born with: ids and its rank among the numbers; or the one its key made before."""

    ids: dict[type[Model], int]
    rang: int
    existante: int | None
    # When the draft, now held, was last written.
    brouillon_du: datetime | None


class BrouillonChange(Exception):
    """Another page wrote in the draft, or sent it, since it was read: nothing was written."""


def reserver(depot: Depot) -> Reservation:
    """Take a number never used twice, and hold the person's coordinates until the end of the transaction.

    Ten photos sent at once make one person, not ten: the nine others wait here.
    """
    cles = [f"usager:{cle}" for cle in sorted((depot.identite or Identite()).joignable_par.values())]
    brouillon = depot.brouillon.pk if depot.brouillon is not None else None
    ((rang, brouillon_du, existante, _, *ids),) = lire_pret(RESERVER, depot.cle, cles, brouillon)
    return Reservation(dict(zip(NES_ENSEMBLE, ids, strict=True)), rang, existante, brouillon_du)


RESERVER = f"""
SELECT nextval('demandes_numero'), (SELECT modifie_le FROM demandes_brouillon WHERE id = $3 FOR UPDATE),
  (SELECT id FROM demandes_demande WHERE cle_depot = $1),
  (SELECT count(pg_advisory_xact_lock(hashtextextended(c, 0))::text) FROM unnest($2::text[]) c),
  {tirer(*NES_ENSEMBLE)}
"""  # noqa: S608


def resumer(texte: str, longueur: int = 90) -> str:
    """The first words of a message on one line: a queue of « Nid-de-poule » tells nobody which one."""
    return shorten(texte, longueur, placeholder="…")


def trouver_l_usager(depot: Depot, lot: Lot) -> tuple[Usager | None, str]:
    """Return the person and how they were found: choisi, retrouve, nouveau (written with `lot`), or nobody
    (plusieurs: an agent chooses among those who share the address).

    A person already known is taken only when name and coordinate both agree (domaine.md, pitfall 6).
    """
    if depot.usager is not None:
        if depot.identite is not None:
            ajouter_coordonnees(depot.usager, depot.identite)
        return depot.usager, "choisi"
    if depot.est_anonyme or depot.identite is None or depot.identite.est_vide:
        return None, ""
    if depot.par_l_adresse:
        trouve = retrouver_l_expediteur(depot.identite)
        if trouve.plusieurs:
            return None, PLUSIEURS_PERSONNES
        if trouve.usager is not None:
            completer_le_nom(trouve.usager, depot.identite)
            return trouve.usager, "retrouve"
    elif connu := retrouver(depot.identite):
        return connu, "retrouve"
    usager = lot.ajouter(preparer_usager(depot.identite, territoire=depot.territoire))
    lot.objets += usager.coordonnees_connues or ()
    return usager, "nouveau"


def verifier_identification(depot: Depot, usager: Usager | None, intermediaire: Usager | None) -> None:
    """Ask what the type asks for, where a person can be asked: a letter is received as it is.

    Whoever speaks for the person may be the one to answer.
    """
    if depot.type is None or not depot.est_formulaire:
        return
    acces = depot.type.acces_pour(depot.reponses)
    A = TypeDemande.Acces
    if acces == A.ANONYME:
        return
    if usager is None or not any(u and est_joignable(u) for u in (usager, intermediaire)):
        raise DonneeInvalide(
            _(
                "Cette demande a besoin d'un nom et d'un moyen de vous répondre : "
                "une adresse électronique, un téléphone ou une adresse postale."
            ),
            "identite",
        )
    if (
        acces == A.ENTREPRISE
        and usager.genre == Usager.Genre.PARTICULIER
        and not ({"siret", "rna"} & {nom for nom, valeur in depot.reponses.items() if valeur})
    ):
        raise DonneeInvalide(_("Indiquez le numéro SIRET ou RNA de l'organisme."), "identite")
    if depot.canal != Canal.PORTAIL:
        return
    if acces in (A.COMPTE, A.IDENTITE_VERIFIEE) and usager.compte_id is None:
        raise DonneeInvalide(_("Cette démarche demande de se connecter à votre compte."), "identite")
    if acces == A.IDENTITE_VERIFIEE and usager.identite_verifiee_le is None:
        raise DonneeInvalide(
            _(
                "Cette démarche demande une identité vérifiée : présentez une pièce d'identité "
                "dans un point d'accueil, une fois pour toutes."
            ),
            "identite",
        )


def est_joignable(usager: Usager) -> bool:
    return bool(usager.courriel or usager.telephone or usager.adresse)
