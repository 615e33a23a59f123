"""Answering on the substance: by the agent in charge, or by somebody else's signature on a draft."""

from django.utils import timezone

from demandes import delais
from demandes.actions import avis
from demandes.actions.complement import joindre
from demandes.actions.porte import Passage, exiger_texte, franchir
from demandes.chapeaux import R2
from demandes.droits import Auteur
from demandes.etats import Decision, Etat
from demandes.models import Demande, Message, ProjetReponse
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide, Refus

# CJA, art. R421-1 and R421-5; CRPA, art. L411-2. Used when the type does not say its own.
VOIES_DE_RECOURS = (
    "Si vous contestez cette décision, vous pouvez, dans les deux mois qui suivent sa réception, adresser un "
    "recours gracieux à la ville ou saisir le tribunal administratif, par courrier ou sur l'application "
    "Télérecours citoyens."
)
DECISIONS_DE_REPONSE = (Decision.ACCORD, Decision.ACCORD_PARTIEL, Decision.REFUS, Decision.SANS_OBJET)
DECISIONS_CONTESTABLES = (Decision.REFUS, Decision.ACCORD_PARTIEL)


def voies_de_recours(demande: Demande) -> str:
    """The remedies to print on a refusal of this demande."""
    return (demande.type.voies_recours if demande.type else "") or VOIES_DE_RECOURS


def avec_recours(texte: str, recours: str) -> str:
    """The answer with its remedies, once: a template may already have put them in."""
    return texte if recours in texte else f"{texte}\n\n{recours}"


def verifier_decision(decision: str, voies_recours: str) -> str:
    """Return the remedies to print: a refusal says how to contest it, anything else says nothing."""
    if decision not in DECISIONS_DE_REPONSE:
        raise DonneeInvalide("Choisissez la décision.", "decision")
    if decision not in DECISIONS_CONTESTABLES:
        return ""
    return exiger_texte(
        voies_recours, "Un refus indique les voies et délais de recours (CRPA, art. L211-2).", "voies_recours"
    )


def proposer_une_reponse(
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str,
    decision: str,
    voies_recours: str = "",
    version: int | None = None,
) -> Demande:
    """Put a draft before somebody who may sign."""
    with franchir("proposer_une_reponse", demande, auteur=auteur, version=version) as passage:
        propre = exiger_texte(texte, "Écrivez le projet de réponse.")
        recours = verifier_decision(decision, voies_recours)
        assert auteur.compte is not None
        projet = ProjetReponse.objects.create(
            demande=passage.demande,
            redacteur=auteur.compte,
            texte=propre,
            decision=decision,
            voies_recours=recours,
            propose_le=timezone.now(),
        )
        passage.details |= {"projet": projet.pk, "decision": decision}
        passage.vers()
        return passage.demande


def projet_en_attente(demande: Demande) -> ProjetReponse | None:
    return demande.projets.filter(etat=ProjetReponse.Etat.EN_ATTENTE).select_related("redacteur").first()


def peut_signer(projet: ProjetReponse, demande: Demande, auteur: Auteur) -> bool:
    """Two signatures are two people's: neither the draft's author, nor a deputy by the hat they lent."""
    return projet.redacteur != auteur.compte and R2 in auteur.sans_l_aide_de(projet.redacteur).chapeaux(
        demande
    )


def refuser_le_projet(
    demande: Demande, *, auteur: Auteur, commentaire: str, version: int | None = None
) -> Demande:
    """Send the draft back to its author with the reason."""
    with franchir("refuser_le_projet", demande, auteur=auteur, version=version) as passage:
        propre = exiger_texte(commentaire, "Dites au rédacteur ce qui doit changer.", "commentaire")
        trancher(passage, ProjetReponse.Etat.REFUSE, propre)
        passage.commenter(propre)
        passage.vers()
        return passage.demande


def trancher(passage: Passage, etat: str, commentaire: str = "") -> ProjetReponse | None:
    """Close the waiting draft; its author never signs it, nor does the hat they lent."""
    projet = projet_en_attente(passage.demande)
    if projet is None:
        return None
    if etat == ProjetReponse.Etat.VALIDE:
        if projet.redacteur == passage.auteur.compte:
            raise Refus("Vous avez écrit ce projet : une autre personne doit le valider.")
        if not peut_signer(projet, passage.demande, passage.auteur):
            raise Refus(
                f"{projet.redacteur} a écrit ce projet, et c'est par sa délégation que vous le valideriez : "
                "une autre personne doit le faire."
            )
        # Two absent colleagues may lend the hat: the one that counts is not the author's.
        autre = passage.auteur.sans_l_aide_de(projet.redacteur)
        passage.titulaire = autre.titulaire(passage.demande, frozenset({R2}))
    projet.etat = etat
    projet.tranche_par = passage.auteur.compte
    projet.tranche_le = timezone.now()
    projet.commentaire = commentaire
    projet.save()
    passage.details |= {"projet": projet.pk}
    return projet


def repondre(
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str,
    decision: str,
    voies_recours: str = "",
    pieces: tuple[Piece, ...] = (),
    version: int | None = None,
) -> Demande:
    """Answer the resident: the service clock stops and the answer leaves by the channel that reaches them.

    When the type asks for a second signature, only a draft by somebody else can be sent (L111-2, L212-1).
    """
    with franchir("repondre", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        assert d.type is not None
        if d.etat == Etat.A_VALIDER:
            trancher(passage, ProjetReponse.Etat.VALIDE)
        elif d.type.validation_requise:
            raise Refus("Ce type de demande veut deux signatures : proposez la réponse à votre responsable.")
        propre = exiger_texte(texte, "Écrivez la réponse.")
        recours = verifier_decision(decision, voies_recours)
        if (
            d.type.photo_apres_requise
            and decision == Decision.ACCORD
            and not any(p.est_image for p in pieces)
        ):
            raise DonneeInvalide("Joignez une photo prise après l'intervention.", "pieces")
        passage.details |= {"decision": decision, "pieces": [str(piece.pk) for piece in pieces]}
        passage.vers(decision=decision)
        delais.arreter(d)
        d.a_message_non_lu = False
        d.messages.filter(sens=Message.Sens.ENTRANT, lu_le__isnull=True).update(lu_le=timezone.now())
        message = avis.remettre(
            passage,
            avec_recours(propre, recours),
            nature=Message.Nature.REPONSE,
            objet="Réponse à votre demande",
            par_ecrit=bool(recours),
            documents=len(pieces),
        )
        joindre(message, pieces)
        avis.prevenir_les_co_signalants(passage, "co_signalement_traite")
        return d
