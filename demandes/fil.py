"""The thread of a demande as agents read it: words, gestures and mails on one line of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demandes import recit
from demandes.etats import Visibilite
from demandes.models import Demande, EntreeJournal, Message
from demandes.reperes import Reperes
from guichet.canaux.canal import LIBELLES, Canal
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from guichet.socle.templatetags.dates import heure

# Gestures whose message says it all: no event beside it.
DITS_PAR_LEUR_MESSAGE = frozenset({"ajouter_une_note", "ecrire_a_l_usager", "ecrire_a_la_ville"})
# Events of one author closer than this, with no words in between, make one line.
MEME_MOMENT = timedelta(minutes=10)

MOTS: dict[str, str] = {
    Message.Nature.REPONSE: "Réponse à l'usager",
    Message.Nature.COMPLEMENT: "Demande de complément",
    Message.Nature.MESSAGE: "Message à l'usager",
}


@dataclass(frozen=True)
class Courriel:
    """An automatic mail in a few words: what it is, to whom, where it stands."""

    mots: str
    remise: str
    est_en_echec: bool


@dataclass
class Entree:
    """One entry: `genre` is entrant, sortant, interne, confidentiel or evenement."""

    le: datetime
    genre: str
    auteur: str = ""
    corps: str = ""
    mot: str = ""
    canal: str = ""
    destinataire: str = ""
    precision: str = ""
    est_en_echec: bool = False
    est_non_lu: bool = False
    pieces: list[Piece] = field(default_factory=list)
    courriels: list[Courriel] = field(default_factory=list)
    ancre: str = ""


def composer(
    demande: Demande,
    messages: Sequence[Message],
    journal: Iterable[EntreeJournal],
    envois: Iterable[Envoi],
    pieces: Iterable[Piece],
    reperes: Reperes,
) -> list[Entree]:
    """Everything in the order it happened, the gestures of one moment on one line with their mails."""
    par_message: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        par_message[piece.proprietaire_id or 0].append(piece)
    entrees = [du_message(demande, message, par_message[message.pk]) for message in messages]
    des_messages = {message.envoi_id for message in messages}
    automatiques = {envoi.pk: envoi for envoi in envois if envoi.pk not in des_messages}
    for ligne in journal:
        if ligne.geste not in DITS_PAR_LEUR_MESSAGE:
            siens = [automatiques.pop(pk) for pk in ligne.details.get("envois", ()) if pk in automatiques]
            entrees.append(du_journal(ligne, siens, reperes))
    # Written because of another demande: the answer to the one this was grouped under.
    entrees += [
        Entree(envoi.cree_le, "evenement", corps="Courriel automatique", courriels=[courriel(envoi)])
        for envoi in automatiques.values()
    ]
    entrees.sort(key=lambda entree: entree.le)
    return reunir(entrees)


def du_journal(ligne: EntreeJournal, envois: list[Envoi], reperes: Reperes) -> Entree:
    return Entree(
        ligne.fait_le,
        "evenement",
        recit.auteur(ligne),
        recit.raconter(ligne, reperes),
        courriels=[courriel(envoi) for envoi in envois],
    )


def courriel(envoi: Envoi) -> Courriel:
    est_en_echec = envoi.etat == Envoi.Etat.ECHEC
    return Courriel(f"{envoi.get_nature_display()} à {envoi.destinataire}", remise(envoi), est_en_echec)


def du_message(demande: Demande, message: Message, pieces: list[Piece]) -> Entree:
    entree = Entree(message.cree_le, message.sens, corps=message.corps, canal=message.canal, pieces=pieces)
    entree.ancre = f"message-{message.pk}"
    if message.sens == Message.Sens.INTERNE:
        est_confidentiel = message.visibilite == Visibilite.CONFIDENTIEL
        entree.genre = "confidentiel" if est_confidentiel else "interne"
        entree.auteur = str(message.auteur or "Traitement automatique")
    elif message.sens == Message.Sens.ENTRANT:
        entree.auteur = qui_parle(demande, message)
        entree.precision = f"saisi par {message.auteur}" if message.auteur else ""
        entree.est_non_lu = message.lu_le is None
        entree.mot = "Complément reçu" if message.nature == Message.Nature.COMPLEMENT else ""
    else:
        entree.auteur = str(message.auteur or "")
        entree.destinataire = message.destinataire
        entree.mot = MOTS.get(message.nature, "")
        if message.envoi:
            entree.precision = remise(message.envoi)
            entree.est_en_echec = message.envoi.etat == Envoi.Etat.ECHEC
        elif message.canal:
            entree.precision = f"à remettre : {LIBELLES[Canal(message.canal)].lower()}"
    return entree


def qui_parle(demande: Demande, message: Message) -> str:
    """Who said it; what an agent typed came from whoever spoke for the person, when somebody did."""
    if message.auteur_usager:
        return str(message.auteur_usager)
    lien = getattr(demande, "intermediaire", None)
    return f"{lien.usager}, pour {demande.usager}" if lien else str(demande.usager or "Anonyme")


def remise(envoi: Envoi) -> str:
    """Where a mail stands, in words."""
    if envoi.etat == Envoi.Etat.ECHEC:
        return f"envoi en échec : {envoi.erreur}"
    if envoi.etat == Envoi.Etat.ENVOYE and envoi.envoye_le:
        return f"envoyé à {heure(envoi.envoye_le)}"
    return "en attente d'envoi"


def reunir(entrees: list[Entree]) -> list[Entree]:
    """Join neighbouring events of one author: « Qualifiée · Orientée vers Voirie »."""
    reunies: list[Entree] = []
    for entree in entrees:
        precedente = reunies[-1] if reunies else None
        if (
            precedente is not None
            and entree.genre == precedente.genre == "evenement"
            and entree.auteur == precedente.auteur
            and entree.le - precedente.le < MEME_MOMENT
        ):
            precedente.corps += f" · {entree.corps}"
            precedente.courriels += entree.courriels
        else:
            reunies.append(entree)
    return reunies
