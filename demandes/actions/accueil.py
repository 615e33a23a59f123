"""What the front desk does: qualify, answer at once, route, hand over."""

from demandes import delais, orientation
from demandes.actions import avis
from demandes.actions.personnes import nommer_le_demandeur
from demandes.actions.porte import Carnet, exiger_motif, exiger_texte, franchir
from demandes.actions.reponse import DECISIONS_CONTESTABLES, avec_recours, voies_de_recours
from demandes.chapeaux import R1
from demandes.droits import Auteur
from demandes.etats import Decision, Etat
from demandes.models import Demande, Fiche, Message, TypeDemande
from demandes.suggestion.choix import noter_le_choix
from guichet.canaux.canal import ORAUX
from guichet.organisation.models import Direction, PointAccueil, Territoire
from guichet.organisation.territoires import deduire
from guichet.socle.erreurs import DonneeInvalide, Refus
from usagers.models import Usager
from usagers.rapprochement import Identite


def preciser(
    demande: Demande,
    *,
    type: TypeDemande | None = None,
    territoire: Territoire | None = None,
    adresse: str | None = None,
) -> None:
    """Fill in what the desk knows better; the type brings its secteur and urgency, and its form when no
    other was filled in: what was answered stays readable in the questions it answered. A place without its
    district brings it, when the streets leave no doubt."""
    if type is not None and type != demande.type:
        demande.type = type
        if not demande.reponses:
            demande.formulaire = type.formulaire
        demande.secteur = type.secteur
        demande.est_confidentielle = type.est_confidentiel
        demande.est_urgente = demande.est_urgente or type.est_urgent_pour(demande.reponses_du_type)
    if adresse is not None and adresse != demande.adresse:
        demande.adresse = adresse
        territoire = territoire or deduire(adresse)
    if territoire is not None:
        demande.territoire = territoire


def qualifier(
    demande: Demande,
    *,
    auteur: Auteur,
    version: int | None = None,
    type: TypeDemande | None = None,
    adresse: str | None = None,
    territoire: Territoire | None = None,
    usager: Usager | None = None,
    identite: Identite | None = None,
    est_urgente: bool | None = None,
    carnet: Carnet | None = None,
) -> Demande:
    """Say what it is, where, and from whom: both clocks and the silence regime freeze now.

    `identite` is somebody who has no record: found again by name and coordinate both, or written down.
    """
    with franchir("qualifier", demande, auteur=auteur, version=version, carnet=carnet) as passage:
        d = passage.demande
        if usager is not None or identite is not None:
            nommer_le_demandeur(passage, usager, identite, territoire)
        avant = d.adresse
        preciser(d, type=type, territoire=territoire, adresse=adresse)
        if d.type is None:
            raise DonneeInvalide("Choisissez le type de la demande.", "type")
        if est_urgente is not None:
            d.est_urgente = est_urgente
        delais.figer(d)
        passage.details |= {
            "type": d.type.code,
            "territoire": d.territoire.code if d.territoire else "inconnu",
            "lieu_change": d.adresse != avant,
        }
        passage.vers()
        noter_le_choix(d, d.type, auteur=auteur)
        return d


def requalifier(
    demande: Demande,
    *,
    auteur: Auteur,
    type: TypeDemande,
    motif: str,
    adresse: str | None = None,
    territoire: Territoire | None = None,
    est_urgente: bool = False,
    commentaire: str = "",
    version: int | None = None,
) -> Demande:
    """Say that it is something else: both clocks start again from the reception, under the new type."""
    with franchir("requalifier", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        passage.motif = exiger_motif("requalifier", motif, commentaire).code
        avant = d.adresse
        preciser(d, type=type, territoire=territoire, adresse=adresse)
        d.est_urgente = est_urgente or type.est_urgent_pour(d.reponses_du_type)
        delais.figer(d)
        # The alerts of the former delay say nothing of this one.
        d.palier_escalade = 0
        passage.details |= {"type": type.code, "lieu_change": d.adresse != avant}
        passage.commenter(commentaire)
        passage.vers()
        noter_le_choix(d, type, auteur=auteur, est_une_correction=True)
        return d


def orienter(
    demande: Demande,
    *,
    auteur: Auteur,
    version: int | None = None,
    direction: Direction | None = None,
    vers: orientation.Orientation | None = None,
    commentaire: str = "",
    carnet: Carnet | None = None,
) -> Demande:
    """Send it to the direction that can act; without one named, the rules choose and say why.

    `vers` is what something else than the rules says, with its reason.
    """
    with franchir("orienter", demande, auteur=auteur, version=version, carnet=carnet) as passage:
        d = passage.demande
        if d.type is None:
            raise DonneeInvalide("Qualifiez d'abord la demande : son type n'est pas connu.", "type")
        est_arbitrage = d.arbitrage_demande_le is not None
        if est_arbitrage and not passage.porte_un(R1):
            raise Refus(
                "Cette demande a été renvoyée par une direction : "
                "le responsable d'accueil décide de la suite."
            )
        proposee = vers or orientation.proposer(d.type, d.territoire, d.reponses_du_type)
        choisie = direction or proposee.direction
        if not choisie.est_active:
            raise DonneeInvalide(f"La direction « {choisie.nom} » n'est plus active.", "direction")
        raison = proposee.raison if choisie == proposee.direction else "Choix de l'agent d'accueil"
        if d.qualifiee_le is None:
            delais.figer(d)
        passage.details |= {"direction": choisie.code, "regle": proposee.regle_id}
        passage.commenter(commentaire)
        passage.vers(direction=choisie, raison=raison, arbitree=est_arbitrage)
        avis.annoncer_le_service(passage)
        return d


def repondre_immediatement(
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str,
    version: int | None = None,
    fiche: Fiche | None = None,
    type: TypeDemande | None = None,
    decision: str = Decision.ACCORD,
    est_verrouillee: bool = False,
) -> Demande:
    """Answer at first contact, from the knowledge base; orally, the text sums up what was said."""
    with franchir(
        "repondre_immediatement", demande, auteur=auteur, version=version, est_verrouillee=est_verrouillee
    ) as passage:
        d = passage.demande
        if d.etat == Etat.NOUVELLE:
            preciser(d, type=type or (fiche.types.first() if d.type is None and fiche else None))
        if d.type is None:
            raise DonneeInvalide("Choisissez le type de la demande.", "type")
        if d.type.niveau != 1 and fiche is None:
            raise DonneeInvalide(
                "Ce type demande l'avis d'une direction : citez une fiche pour répondre tout de suite.",
                "fiche",
            )
        if d.type.validation_requise:
            raise Refus("Ce type de demande veut deux signatures : orientez-la vers la direction.")
        propre = exiger_texte(texte, "Écrivez la réponse, ou le résumé de ce que vous avez dit.")
        if d.qualifiee_le is None:
            delais.figer(d)
        delais.arreter(d)
        passage.details |= {"type": d.type.code, "fiche": fiche.code if fiche else ""}
        noter_le_choix(d, d.type, auteur=auteur)
        passage.vers(decision=decision)
        est_contestable = decision in DECISIONS_CONTESTABLES
        # A refusal is said, then written: it counts from the day the person has its remedies.
        if d.canal in ORAUX and not (est_contestable and d.usager):
            passage.message(
                propre,
                sens=Message.Sens.SORTANT,
                nature=Message.Nature.REPONSE,
                canal=d.canal,
                objet="Réponse donnée de vive voix",
                fiche=fiche,
            )
            avis.prevenir(passage, "repondue_oralement")
        else:
            avis.remettre(
                passage,
                avec_recours(propre, voies_de_recours(d)) if est_contestable else propre,
                nature=Message.Nature.REPONSE,
                objet="Réponse à votre demande",
                par_ecrit=est_contestable,
                fiche=fiche,
            )
        avis.prevenir_les_co_signalants(passage, "co_signalement_traite")
        return d


def transferer_la_propriete(
    demande: Demande, *, auteur: Auteur, point_accueil: PointAccueil, version: int | None = None
) -> Demande:
    """Give the demande to another desk, which answers for it from now on."""
    with franchir("transferer_la_propriete", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        if point_accueil == d.point_accueil:
            raise DonneeInvalide("Cet accueil est déjà responsable de la demande.", "point_accueil")
        if not point_accueil.est_actif:
            raise DonneeInvalide(f"« {point_accueil.nom} » n'est plus un accueil actif.", "point_accueil")
        passage.details |= {"de": d.point_accueil.code, "a": point_accueil.code}
        d.point_accueil = point_accueil
        return d
