"""How a demande ends, and how it comes back."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from demandes import delais
from demandes.actions import avis, rappels
from demandes.actions.complement import joindre
from demandes.actions.porte import Passage, exiger_motif, exiger_texte, franchir, lire_texte
from demandes.actions.reponse import avec_recours, voies_de_recours
from demandes.chapeaux import A1, R2
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Message
from demandes.moyens import moyen_de
from guichet.canaux.canal import Canal
from guichet.pieces.models import Piece
from guichet.socle.erreurs import Refus

DELAI_REOUVERTURE = timedelta(days=30)
REOUVERTURES_PAR_L_USAGER = 2
MOTIFS_REJET_ACCUEIL = ("irrecevable", "abusif")
MOTIF_SPAM = "spam"


def clore(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """End what was answered; retention starts. Never over a message nobody has read."""
    with franchir("clore", demande, auteur=auteur, version=version) as passage:
        if passage.demande.a_message_non_lu:
            raise Refus("L'usager a écrit depuis la réponse : lisez son message avant de clore.")
        passage.vers()
        return passage.demande


def rouvrir(
    demande: Demande, *, auteur: Auteur, motif: str, commentaire: str = "", version: int | None = None
) -> Demande:
    """Back to its direction, or to the desk when it had none; the reception date never changes."""
    with franchir("rouvrir", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        passage.motif = exiger_motif("rouvrir", motif, commentaire).code
        if auteur.est_usager:
            exiger_reouverture_par_l_usager(d)
        if texte := lire_texte(commentaire):
            sens = Message.Sens.ENTRANT if auteur.est_usager else Message.Sens.INTERNE
            passage.message(texte, sens=sens, canal=d.canal if auteur.est_usager else "")
            d.a_message_non_lu = auteur.est_usager or d.a_message_non_lu
        passage.vers()
        delais.rearmer(d)
        passage.details |= {"reouverture": d.compteur_reouvertures}
        avis.prevenir(passage, "rouverte")
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        rappels.ecrire(passage, {d.point_accueil.courriel}, "rouverte")
        return d


def exiger_reouverture_par_l_usager(demande: Demande) -> None:
    """A resident reopens within 30 days of the end, twice at most; later it is a new, linked demande."""
    fin = demande.close_le or demande.traitee_le
    if fin is not None and fin + DELAI_REOUVERTURE < timezone.now():
        raise Refus(_("Plus de 30 jours ont passé : faites une nouvelle demande, elle sera liée à celle-ci."))
    if demande.compteur_reouvertures >= REOUVERTURES_PAR_L_USAGER:
        raise Refus(
            _(
                "Cette demande a déjà été rouverte deux fois : "
                "faites une nouvelle demande, elle sera liée à celle-ci."
            )
        )


def rejeter(
    demande: Demande,
    *,
    auteur: Auteur,
    motif: str,
    texte: str,
    voies_recours: str | None = None,
    version: int | None = None,
) -> Demande:
    """Refuse to examine it, with reasons and remedies. « Not ours » is never a rejection: transmit it."""
    with franchir("rejeter", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        passage.motif = exiger_motif("rejeter", motif, texte).code
        if passage.porte_un(A1) and not passage.porte_un(R2) and motif not in MOTIFS_REJET_ACCUEIL:
            raise Refus(
                "L'accueil ne rejette que l'irrecevable ou l'abusif : le fond revient à la direction."
            )
        propre = exiger_texte(texte, "Expliquez le rejet à l'usager.")
        recours = voies_de_recours(d) if voies_recours is None else voies_recours
        recours = exiger_texte(recours, "Indiquez les voies et délais de recours.", "voies_recours")
        d.motif = passage.motif
        passage.vers()
        delais.arreter(d)
        avis.remettre(
            passage,
            avec_recours(propre, recours),
            nature=Message.Nature.REPONSE,
            objet="Votre demande n'est pas recevable",
            par_ecrit=True,
        )
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return d


def transmettre(
    demande: Demande,
    *,
    auteur: Auteur,
    organisme: str,
    contact: str,
    commentaire: str = "",
    version: int | None = None,
) -> Demande:
    """Hand it to the administration that can act, and tell the resident (CRPA, art. L114-2)."""
    with franchir("transmettre", demande, auteur=auteur, version=version) as passage:
        nom = exiger_texte(organisme, "Indiquez l'organisme compétent.", "organisme")[:150]
        comment = exiger_texte(contact, "Indiquez comment joindre cet organisme.", "contact")
        passage.commenter(commentaire)
        passage.vers(organisme=nom)
        delais.arreter(passage.demande)
        # What the slip to print says of the other body.
        passage.message(
            f"Bordereau de transmission à {nom} ({comment}).",
            sens=Message.Sens.INTERNE,
            nature=Message.Nature.AVIS,
            destinataire=nom,
            objet=comment[:250],
        )
        avertir_de_la_transmission(passage, nom, comment)
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return passage.demande


def avertir_de_la_transmission(passage: Passage, organisme: str, contact: str) -> None:
    """By mail, or by a letter to whoever has none or prefers one: the law wants them told."""
    d = passage.demande
    moyen = moyen_de(d, par_ecrit=True)
    if moyen is None or moyen.canal in (Canal.COURRIEL, Canal.PORTAIL):
        avis.prevenir(passage, "transmise", organisme=organisme, contact=contact)
        return
    avis.remettre(
        passage,
        f"Bonjour,\n\nVotre demande {d.numero} ne relève pas de la ville. Comme la loi le prévoit (article "
        "L114-2 du code des relations entre le public et l'administration), nous l'avons transmise à "
        f"l'organisme qui peut agir :\n{organisme}\n{contact}\n\nCet organisme vous répondra directement. "
        "Vous n'avez pas de nouvelle demande à faire.",
        nature=Message.Nature.AVIS,
        objet="Votre demande est transmise à un autre organisme",
        par_ecrit=True,
    )


def retour_externe(
    demande: Demande,
    *,
    auteur: Auteur,
    motif: str,
    texte: str,
    pieces: tuple[Piece, ...] = (),
    version: int | None = None,
) -> Demande:
    """The other body answered or refused: the demande is ours again, with what it said."""
    with franchir("retour_externe", demande, auteur=auteur, version=version) as passage:
        passage.motif = exiger_motif("retour_externe", motif, texte).code
        propre = exiger_texte(texte, "Résumez ce que l'organisme a répondu.")
        organisme = passage.demande.organisme
        note = passage.message(f"{organisme} : {propre}", sens=Message.Sens.INTERNE)
        joindre(note, pieces)
        passage.details |= {"pieces": [str(piece.pk) for piece in pieces]}
        passage.vers()
        delais.rearmer(passage.demande)
        avis.prevenir(passage, "revenue", organisme=organisme)
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return passage.demande


def annuler(
    demande: Demande, *, auteur: Auteur, motif: str, commentaire: str = "", version: int | None = None
) -> Demande:
    """Cancel: by the resident before anyone took it, by the desk at any time. Spam is not answered."""
    with franchir("annuler", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        if auteur.est_usager:
            motif = "usager"
            if d.prise_en_charge_le is not None:
                raise Refus(_("Un agent travaille déjà sur votre demande : écrivez-lui pour l'arrêter."))
            if d.co_signalants.exists():
                raise Refus(
                    _(
                        "D'autres personnes ont signalé la même chose et suivent votre demande : elle "
                        "continue pour elles. Si elle ne vous concerne plus, écrivez-le-nous."
                    )
                )
        passage.motif = exiger_motif("annuler", motif, commentaire).code
        d.motif = passage.motif
        clore_le_complement(passage)
        passage.commenter(commentaire)
        passage.vers()
        delais.arreter(d)
        if motif != MOTIF_SPAM:
            avis.prevenir(passage, "annulee")
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return d


def clore_le_complement(passage: Passage) -> None:
    """What was still awaited from the resident is not awaited any more."""
    if passage.demande.etat == Etat.ATTENTE_USAGER:
        passage.demande.complements.filter(recu_le__isnull=True, clos_sans_le__isnull=True).update(
            clos_sans_le=timezone.now()
        )


def retablir(
    demande: Demande, *, auteur: Auteur, motif: str, commentaire: str = "", version: int | None = None
) -> Demande:
    """Undo a rejection or a cancellation made in error."""
    with franchir("retablir", demande, auteur=auteur, version=version) as passage:
        passage.motif = exiger_motif("retablir", motif, commentaire).code
        passage.commenter(commentaire)
        passage.vers()
        delais.rearmer(passage.demande)
        avis.prevenir(passage, "retablie")
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return passage.demande
