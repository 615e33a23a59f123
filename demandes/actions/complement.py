"""Asking the resident for something, and what follows (CRPA, art. L114-5 and L114-5-1)."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from demandes import delais
from demandes.actions import avis, rappels
from demandes.actions.porte import exiger_motif, exiger_texte, franchir, lire_texte
from demandes.droits import Auteur
from demandes.models import Complement, Demande, Message, Remise
from guichet.pieces.models import Piece
from guichet.socle.erreurs import DonneeInvalide, Refus

DELAI_MINIMAL, DELAI_MAXIMAL = 15, 60


def complement_ouvert(demande: Demande) -> Complement | None:
    """The request for information the resident has still to answer."""
    return demande.complements.filter(recu_le__isnull=True, clos_sans_le__isnull=True).first()


def demander_complement(
    demande: Demande,
    *,
    auteur: Auteur,
    elements: list[str],
    texte: str,
    delai_jours: int,
    est_indispensable: bool,
    version: int | None = None,
) -> Demande:
    """List what is missing, give a delay of 15 to 60 days and say what happens then."""
    with franchir("demander_complement", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        liste = [propre for element in elements if (propre := lire_texte(element, maximum=300))]
        if not liste:
            raise DonneeInvalide("Indiquez au moins une pièce ou une information à fournir.", "elements")
        if not DELAI_MINIMAL <= delai_jours <= DELAI_MAXIMAL:
            raise DonneeInvalide(f"Le délai va de {DELAI_MINIMAL} à {DELAI_MAXIMAL} jours.", "delai_jours")
        corps = exiger_texte(texte, "Écrivez le message à envoyer.")
        echeance = timezone.localdate() + timedelta(days=delai_jours)
        complement = Complement.objects.create(
            demande=d,
            elements=liste,
            delai_jours=delai_jours,
            echeance=echeance,
            est_indispensable=est_indispensable,
            demande_le=timezone.now(),
        )
        passage.details |= {"complement": complement.pk, "delai_jours": delai_jours}
        passage.vers(avant_le=echeance)
        delais.suspendre_service(d)
        delais.recalculer_legal(d)
        avis.remettre(
            passage,
            corps,
            nature=Message.Nature.COMPLEMENT,
            objet="Nous avons besoin d'un complément",
            par_ecrit=True,
        )
        return d


def recevoir_complement(
    demande: Demande,
    *,
    auteur: Auteur,
    texte: str = "",
    pieces: tuple[Piece, ...] = (),
    canal: str = "",
    recu_le: date | None = None,
    venue_de: Demande | None = None,
    version: int | None = None,
) -> Demande:
    """Record what came: the clocks run again and the agent in charge is told by the queue.

    They run from the day the city got it (`recu_le`), whenever an agent gets to write it down.
    """
    with franchir("recevoir_complement", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        propre = lire_texte(texte)
        if not propre and not pieces:
            raise DonneeInvalide(_("Ajoutez au moins un document ou une information."), "texte")
        complement = complement_ouvert(d)
        if complement is not None:
            complement.recu_le = moment_de(recu_le, complement)
            complement.save(update_fields=["recu_le"])
            if recu_le is not None:
                passage.details["recu_le"] = recu_le.isoformat()
        message = passage.message(
            propre or "Documents transmis.",
            sens=Message.Sens.ENTRANT,
            nature=Message.Nature.COMPLEMENT,
            canal=canal or d.canal,
            **passage.dit_par_l_usager(venue_de),
        )
        joindre(message, pieces)
        d.a_message_non_lu = True
        passage.details |= {"pieces": [str(piece.pk) for piece in pieces]}
        passage.vers()
        delais.reprendre_service(d, complement.recu_le if complement is not None else None)
        delais.recalculer_legal(d)
        return d


def moment_de(recu_le: date | None, complement: Complement) -> datetime:
    """When it came: now, or at noon of that day, neither before it was asked nor later than now."""
    maintenant = timezone.now()
    if recu_le is None:
        return maintenant
    if recu_le > timezone.localdate():
        raise DonneeInvalide("Ce jour n'est pas encore venu.", "recue_le")
    midi = timezone.make_aware(datetime.combine(recu_le, time(12)))
    return min(max(midi, complement.demande_le), maintenant)


def joindre(message: Message, pieces: tuple[Piece, ...]) -> None:
    """Hang attachments on a message: whoever reads it reads them."""
    for piece in pieces:
        piece.proprietaire_genre = "message"
        piece.proprietaire_id = message.pk
        piece.save(update_fields=["proprietaire_genre", "proprietaire_id"])


def exiger_echeance_passee(complement: Complement | None) -> Complement:
    if complement is None:
        raise Refus("Aucun complément n'est attendu.")
    if complement.echeance >= timezone.localdate():
        raise Refus(
            f"L'usager a jusqu'au {complement.echeance:%d/%m/%Y} pour répondre : attendez cette date."
        )
    return complement


def reprendre_sans_complement(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """The delay is over: the clocks resume, with or without the pieces (domaine.md, S9)."""
    with franchir("reprendre_sans_complement", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        complement = exiger_echeance_passee(complement_ouvert(d))
        complement.clos_sans_le = timezone.now()
        complement.save(update_fields=["clos_sans_le"])
        passage.vers()
        delais.reprendre_service(d)
        delais.recalculer_legal(d)
        if not auteur.est_agent:
            rappels.ecrire(passage, rappels.titulaire_de(d), "reprise")
        return d


def relancer_l_usager(demande: Demande, *, auteur: Auteur, version: int | None = None) -> Demande:
    """Remind the resident once of what is awaited."""
    with franchir("relancer_l_usager", demande, auteur=auteur, version=version) as passage:
        complement = complement_ouvert(passage.demande)
        if complement is None:
            raise Refus("Aucun complément n'est attendu : il n'y a rien à rappeler.")
        if complement.relance_le is not None:
            raise Refus(f"L'usager a déjà été relancé le {complement.relance_le:%d/%m/%Y}.")
        complement.relance_le = timezone.now()
        complement.save(update_fields=["relance_le"])
        passage.details |= {"complement": complement.pk}
        if not avis.avertir(passage, "relance", complement=complement):
            raise Refus(
                "Cette personne n'a laissé aucun moyen de la joindre : rien ne peut lui être rappelé."
            )
        return passage.demande


def rappel_a_remettre(complement: Complement) -> bool:
    """Whether its reminder still waits for somebody to post it, say it or copy it."""
    return Remise.objects.filter(
        remise_le__isnull=True,
        message__demande=complement.demande_id,
        message__nature=Message.Nature.AVIS,
        message__cree_le__gte=complement.relance_le,
    ).exists()


def classer_sans_suite(
    demande: Demande, *, auteur: Auteur, motif: str, commentaire: str = "", version: int | None = None
) -> Demande:
    """Close what the resident never completed: deadline past, one reminder sent, type allowing it."""
    with franchir("classer_sans_suite", demande, auteur=auteur, version=version) as passage:
        d = passage.demande
        passage.motif = exiger_motif("classer_sans_suite", motif, commentaire).code
        complement = exiger_echeance_passee(complement_ouvert(d))
        if complement.relance_le is None:
            raise Refus("Relancez l'usager une fois avant de classer sans suite.")
        if rappel_a_remettre(complement):
            raise Refus(
                "Le rappel n'est pas encore remis à l'usager : faites-le avant de classer sans suite."
            )
        if not (d.type and d.type.sans_suite_autorise):
            raise Refus("Ce type de demande ne peut pas être classé sans suite : reprenez l'instruction.")
        complement.clos_sans_le = timezone.now()
        complement.save(update_fields=["clos_sans_le"])
        d.motif = passage.motif
        passage.commenter(commentaire)
        passage.vers()
        delais.arreter(d)
        avis.avertir(passage, "sans_suite", par_ecrit=True)
        avis.prevenir_les_co_signalants(passage, "co_signalement")
        return d
