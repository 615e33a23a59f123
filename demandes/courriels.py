"""What becomes of a mail once read: a word on its demande, a new demande, or nothing but its own trace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from demandes import actions, boites, rattachement
from demandes.actions import Depot
from demandes.actions.depot import PLUSIEURS_PERSONNES, resumer
from demandes.actions.porte import LONGUEUR_TEXTE
from demandes.actions.provenance import Enveloppe
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.models import ARapprocher, Demande, Reception
from demandes.rattachement import Rattachement
from guichet.canaux.canal import Canal
from guichet.canaux.courriel import adresses, citations, mise_en_forme, prefixes
from guichet.canaux.courriel.bornes import LecteurIndisponible, lecteur
from guichet.canaux.courriel.enveloppe import cle, essence
from guichet.canaux.courriel.message import CourrielEntrant, Nature, Raison, Retour
from guichet.canaux.message import ContenuIllisible, Expediteur, PieceJointe
from guichet.envois import boite
from guichet.organisation.territoires import deduire
from guichet.pieces.depot import garder_tel_quel, oublier
from guichet.pieces.models import Piece
from guichet.pieces.vignettes import Vignettes
from usagers.rapprochement import Identite

SOURCE = "courriel"
# What only answers us: without a demande to answer on, there is nothing for anybody to do.
ECHOS = frozenset({Nature.REPONSE_AUTOMATIQUE, Nature.ACCUSE_DE_LECTURE, Nature.BOUCLE})
# Why a mail came back, in words; and the reasons for which no other mail would arrive.
RAISONS = {
    Raison.ADRESSE_INCONNUE: "cette adresse n'existe pas",
    Raison.DOMAINE_INCONNU: "le domaine de cette adresse n'existe pas",
    Raison.BOITE_PLEINE: "la boîte est pleine",
    Raison.TROP_GROS: "le message est trop lourd",
    Raison.REFUSE: "le serveur l'a refusé",
    Raison.EN_ATTENTE: "le serveur réessaie",
    Raison.AUTRE: "le serveur n'a pas dit pourquoi",
}
ADRESSE_MORTE = frozenset({Raison.ADRESSE_INCONNUE, Raison.DOMAINE_INCONNU})


@dataclass(frozen=True)
class Suite:
    """What was made of a mail: the demande it reached, or why it reached none."""

    demande: Demande | None
    motif: str = ""


def recevoir(brut: bytes, *, adresses: tuple[str, ...] = (), **champs: Any) -> Reception:
    """Store one raw mail, once; whoever brings it acknowledges only after the transaction is committed.

    A mail without a Message-ID is known by what its sender wrote. `adresses`: those of ours it came by.
    """
    externe = cle(brut) or f"sans-identifiant:{essence(brut)}"
    champs |= {"adresses": sorted(adresses)}
    reception, est_nouvelle = Reception.ranger(Canal.COURRIEL, SOURCE, externe, brut, **champs)
    if not est_nouvelle and reception.etat == Reception.Etat.TRAITEE:
        # The same bytes from a second mailbox, after they were read.
        boites.noter_la_copie(reception, adresses)
    elif not est_nouvelle and (toutes := sorted({*reception.adresses, *adresses})) != reception.adresses:
        reception.adresses = toutes
        reception.save(update_fields=["adresses"])
    return reception


def traiter(reception: Reception) -> Suite:
    """Read a stored mail in the bounded reader, and do what it asks. Needs a transaction."""
    brut = bytes(reception.contenu)
    if (copie := _deja_traitee(reception, brut)) is not None:
        boites.noter_la_copie(copie, reception.adresses)
        return Suite(copie.demande, "Copie d'un courriel déjà reçu.")
    message = _complet(lecteur.lire(brut, recu_le=reception.recue_le, nos_adresses=nos_adresses()))
    arrivee = boites.arrivee(message, reception)
    pieces: list[Piece] = []
    try:
        return _donner_suite(arrivee.completer(message), pieces, f"reception:{reception.pk}", arrivee)
    except BaseException:
        oublier(pieces)
        raise


def _deja_traitee(reception: Reception, brut: bytes) -> Reception | None:
    """The same mail come by another way: same Message-ID, and the same words of the same author.

    Never on the Message-ID alone, that senders use twice. Two copies wait for each other here.
    """
    reception.essence = essentiel = essence(brut)
    reception.save(update_fields=["essence"])
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"courriel:{essentiel}"])
    memes = Reception.objects.filter(
        essence=essentiel,
        canal=Canal.COURRIEL,
        cle_externe=reception.cle_externe,
        etat=Reception.Etat.TRAITEE,
    ).exclude(pk=reception.pk)
    # Never their raw bytes: as many copies as somebody sends would fill the memory.
    return memes.defer("contenu").first()


def _complet(message: CourrielEntrant) -> CourrielEntrant:
    """A text longer than a message may be goes on in a file: cut, and nothing lost."""
    if len(message.texte) <= LONGUEUR_TEXTE:
        return message
    suite = "\n\n[La suite est dans « message-complet.txt ».]"
    entier = PieceJointe("message-complet.txt", "text/plain", message.texte.encode())
    return replace(
        message,
        texte=message.texte[: LONGUEUR_TEXTE - len(suite)].rstrip() + suite,
        pieces=(*message.pieces, entier),
    )


def _donner_suite(message: CourrielEntrant, pieces: list[Piece], cle: str, arrivee: boites.Arrivee) -> Suite:
    """Act on what was read; `pieces` receives the files as they are kept, for who must undo."""
    if message.retour is not None:
        return _noter_le_retour(message.retour, message)
    trouve = rattachement.trouver(message)
    if trouve.demande is not None and trouve.est_prouve:
        if message.est_automatique:
            return Suite(_noter(trouve.demande, message))
        _garder_les_pieces(message, pieces)
        suivie = _ajouter(trouve.demande, message, tuple(pieces), cle)
        _garder_la_mise_en_forme(suivie, message, pieces)
        return Suite(suivie)
    if message.nature in ECHOS:
        return Suite(None, f"{message.raison_nature} : aucune demande à mettre à jour.")
    _garder_les_pieces(message, pieces)
    # The stored mail is locked, and the key is its own: nobody else is filing it.
    demande = actions.enregistrer_seul(arrivee.adresser(_depot(message, tuple(pieces), cle)), auteur=SYSTEME)
    _garder_la_mise_en_forme(demande, message, pieces)
    arrivee.noter(demande)
    if raisons := _a_decider(trouve, demande):
        actions.mettre_a_rapprocher(demande, auteur=SYSTEME, raisons=raisons, citees=trouve.demandes)
    return Suite(demande)


def _garder_les_pieces(message: CourrielEntrant, pieces: list[Piece]) -> None:
    """Each is in `pieces` as soon as it is kept: what fails at the third leaves nothing of the first two."""
    vignettes = Vignettes()
    for piece in message.pieces:
        pieces.append(garder_tel_quel(piece.nom, piece.contenu, vignettes))


def _garder_la_mise_en_forme(demande: Demande, message: CourrielEntrant, pieces: list[Piece]) -> None:
    """Beside the words, when the HTML of a mail says more than they do."""
    if not mise_en_forme.est_mis_en_forme(message.html):
        return
    images = {
        recue.identifiant: str(gardee.pk)
        for recue, gardee in zip(message.pieces, pieces, strict=True)
        if recue.identifiant
    }
    actions.garder_la_mise_en_forme(demande, message.html[: mise_en_forme.LONGUEUR], images)


def sauver_les_pieces(brut: bytes, recu_le: datetime, pieces: list[Piece]) -> None:
    """What a mail that nobody could read had: the files that can be told apart, and itself, whole."""
    try:
        lues = lecteur.lire_l_epave(brut, recu_le=recu_le).pieces
    except (ContenuIllisible, LecteurIndisponible):
        lues = ()
    # Somebody waits for the page: no picture is drawn for long.
    vignettes = Vignettes(budget=5)
    for piece in (*lues, PieceJointe("message-recu.eml", "message/rfc822", brut)):
        pieces.append(garder_tel_quel(piece.nom, piece.contenu, vignettes))


def _noter_le_retour(retour: Retour, message: CourrielEntrant) -> Suite:
    """A mail of ours came back: the mail says so, and its demande is told. A delay is only a delay.

    What proves it is the identifier of a mail that only its recipient saw, or the signed address it was
    sent from.
    """
    revenus = retour.message_ids
    if not boite.connait(revenus):
        revenus = rattachement.message_ids_signes(message, retour.adresses)
    demandes = rattachement.des_message_ids(revenus)
    demande = demandes[0] if len(demandes) == 1 else None
    raison = RAISONS[retour.raison]
    if not retour.est_definitif:
        return Suite(demande, f"Remise retardée : {raison}.")
    for envoi in boite.marquer_revenu(revenus, f"{raison} ({retour.diagnostic})"):
        est_morte = retour.raison in ADRESSE_MORTE
        for concernee in rattachement.des_message_ids((envoi.message_id,)):
            actions.signaler_un_retour(concernee, adresse=envoi.destinataire, est_morte=est_morte)
        for chemin in settings.GUICHET_COURRIELS_REVENUS:
            import_string(chemin)(envoi, est_morte=est_morte)
    return Suite(demande, f"Courriel revenu : {raison}.")


def _noter(demande: Demande, message: CourrielEntrant) -> Demande:
    """What a machine answers asks for nothing, and unblocks nothing: agents may read it."""
    texte = f"{message.raison_nature}.\n\n{message.texte or message.objet}"
    return actions.ajouter_une_note(demande, auteur=SYSTEME, texte=texte[:LONGUEUR_TEXTE])


def _ajouter(demande: Demande, message: CourrielEntrant, pieces: tuple[Piece, ...], cle: str) -> Demande:
    """A word of the resident on their demande, and what they were asked for when the city waits for it."""
    auteur = Auteur.porteur_du_code(demande)
    texte = message.texte or message.objet
    if demande.etat == Etat.ATTENTE_USAGER:
        return actions.recevoir_complement(
            demande, auteur=auteur, texte=texte, pieces=pieces, canal=Canal.COURRIEL
        )
    return actions.ecrire_a_la_ville(
        demande, auteur=auteur, texte=texte, pieces=pieces, canal=Canal.COURRIEL, cle=cle
    )


def _a_decider(trouve: Rattachement, demande: Demande) -> list[str]:
    """What a person must decide of a demande just opened: what it cites, and whose it is."""
    raisons = [ARapprocher.Raison.DEMANDES] if len(trouve.demandes) > 1 else []
    if len(trouve.demandes) == 1:
        raisons.append(ARapprocher.Raison.EXPEDITEUR)
    if demande.rapprochement == PLUSIEURS_PERSONNES:
        raisons.append(ARapprocher.Raison.PERSONNES)
    return [str(raison) for raison in raisons]


def _depot(message: CourrielEntrant, pieces: tuple[Piece, ...], cle: str) -> Depot:
    e = _qui_ecrit(message)
    identite = Identite(nom=e.nom, prenom=e.prenom, courriel=e.courriel)
    mots = citations.nouveaux_mots(message.texte)
    return Depot(
        canal=Canal.COURRIEL,
        texte=message.texte or message.objet or "Courriel sans texte.",
        objet=prefixes.sans_prefixes(message.objet) or resumer(mots),
        identite=identite,
        est_anonyme=identite.est_vide,
        territoire=deduire(mots),
        envoyee_le=message.envoye_le,
        recue_le=min(message.recu_le, timezone.now()),
        cle=cle,
        pieces=pieces,
        enveloppe=Enveloppe(expediteur=e.courriel),
        par_l_adresse=True,
        sans_accuse=message.est_automatique or message.sans_accuse,
        en_reponse_a=message.message_id,
    )


def _qui_ecrit(message: CourrielEntrant) -> Expediteur:
    """The form of a web site writes from an address that nobody reads, and says who to answer."""
    pour = message.repondre_a
    if message.nature is not Nature.ROBOT or not pour.courriel or pour.cle in nos_adresses():
        return message.expediteur
    return replace(message.expediteur, nom=pour.nom, prenom="", courriel=pour.courriel)


def nos_adresses() -> frozenset[str]:
    """The addresses the city writes from, in lower case: a mail from one of them goes round."""
    return _adresses_de(settings.GUICHET_COURRIEL_EXPEDITEUR, settings.GUICHET_COURRIEL_REPONSE)


@lru_cache
def _adresses_de(*en_tetes: str) -> frozenset[str]:
    return frozenset(a.cle for en_tete in en_tetes for a in adresses.lire(en_tete) if a.courriel)
