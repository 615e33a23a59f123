"""The thread of a demande as agents read it: words, gestures and mails on one line of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import DateTimeField, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.urls import reverse
from django.utils import timezone

from demandes import recit
from demandes.etats import Visibilite
from demandes.models import Demande, DernierPassage, Message, Remise
from demandes.reperes import Reperes
from guichet.canaux.canal import RESEAUX_SOCIAUX, Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import Compte
from guichet.pieces.models import Piece
from guichet.socle.lecture import AUTRE_MARQUE, MARQUE, Lecture
from guichet.socle.templatetags.dates import date_simple, heure

# Gestures whose message says it all: no event beside it.
DITS_PAR_LEUR_MESSAGE = frozenset({"ajouter_une_note", "ecrire_a_l_usager", "ecrire_a_la_ville"})
# Events of one author closer than this, with no words in between, make one line.
MEME_MOMENT = timedelta(minutes=10)
# What waits longer than this was told to wait: an SMS at night.
TOUT_DE_SUITE = timedelta(minutes=5)

MOTS: dict[str, str] = {
    Message.Nature.REPONSE: "Réponse à l'usager",
    Message.Nature.COMPLEMENT: "Demande de complément",
    Message.Nature.MESSAGE: "Message à l'usager",
    Message.Nature.AVIS: "Avis à l'usager",
    Message.Nature.ACCUSE: "Accusé de réception",
}
NATURES = dict(Envoi.Nature.choices)


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
    est_nouvelle: bool = False
    pieces: list[Piece] = field(default_factory=list)
    courriels: list[Courriel] = field(default_factory=list)
    ancre: str = ""
    liens: list[tuple[str, str]] = field(default_factory=list)


class Depart(NamedTuple):
    """A mail of the outbox as the thread tells it."""

    pk: int
    nature: str
    destinataire: str
    cree_le: datetime
    etat: str
    erreur: str
    envoye_le: datetime | None
    remis_le: datetime | None
    prochain_essai_le: datetime | None


class Parole(NamedTuple):
    """A message as the thread tells it: names are written out, empty when there is nobody."""

    pk: int
    sens: str
    nature: str
    visibilite: str
    canal: str
    agent: str | None
    usager: str
    destinataire: str
    corps: str
    cree_le: datetime
    lu_le: datetime | None
    remise: int | None
    imprimee_le: datetime | None
    remise_le: date | None
    remise_par: str | None
    depart: str | None
    suite: str | None
    suite_le: date | None
    passe_le: datetime | None
    mise_en_forme: int | None
    envoi: Depart | None


AVANT_L_ENVOI = len(Parole._fields) - 1


def lire_les_paroles(demande: Demande, compte: Compte) -> list[Parole]:
    """Every message of a demande with its author and its mail, in order, in one statement.

    `passe_le`: how far this agent had read, the same for each; None the first time.
    """
    paroles = []
    for rangee in PAROLES(demande.pk, compte.pk):
        envoi = Depart._make(rangee[AVANT_L_ENVOI:])
        paroles.append(Parole._make((*rangee[:AVANT_L_ENVOI], envoi if envoi.pk else None)))
    return paroles


def noter_le_passage(demande: Demande, compte: Compte, paroles: Sequence[Parole]) -> None:
    """They are shown these words: only what comes later will be new. Nothing is written when nothing came."""
    dernier = max((parole.cree_le for parole in paroles), default=None)
    if dernier is None or (paroles[0].passe_le and paroles[0].passe_le >= dernier):
        return
    DernierPassage.objects.bulk_create(
        [DernierPassage(demande=demande, compte=compte, jusqu_au=dernier)],
        update_conflicts=True,
        unique_fields=["demande", "compte"],
        update_fields=["jusqu_au"],
    )


def lire_les_courriels(demande: Demande) -> list[Depart]:
    """Every mail that left about a demande, whatever caused it."""
    return [Depart._make(envoi) for envoi in COURRIELS(f"demande:{demande.numero}")]


def lire_les_pieces(demande: Demande) -> list[Piece]:
    """Every document of the messages of a demande."""
    return [Piece.from_db(Piece.objects.db, PIECE, piece) for piece in PIECES(demande.pk)]


def nom_de_l_usager(chemin: str) -> Coalesce:
    """The name of the person at the end of `chemin`, in SQL, empty for nobody; what `str(usager)` says."""
    nom = Trim(Concat(f"{chemin}__prenom", Value(" "), f"{chemin}__nom"))
    return Coalesce(NullIf(f"{chemin}__raison_sociale", Value("")), nom)


PAROLES = Lecture(
    lambda: Message.objects.filter(demande=MARQUE).values_list(
        *("pk", "sens", "nature", "visibilite", "canal"),
        *(recit.nom_du_compte("auteur"), nom_de_l_usager("auteur_usager")),
        *("destinataire", "corps", "cree_le", "lu_le"),
        *("remise", "remise__imprimee_le", "remise__remise_le", recit.nom_du_compte("remise__remise_par")),
        *("remise__numero", "remise__suite", "remise__suite_le"),
        Subquery(
            DernierPassage.objects.filter(demande=MARQUE, compte=AUTRE_MARQUE).values("jusqu_au"),
            output_field=DateTimeField(),
        ),
        "mise_en_forme",
        *(f"envoi__{champ}" for champ in Depart._fields),
    )
)

COURRIELS = Lecture(lambda: Envoi.objects.filter(reference=MARQUE).values_list(*Depart._fields))
PIECE = [champ.attname for champ in Piece._meta.concrete_fields]
PIECES = Lecture(
    lambda: Piece.objects.filter(
        proprietaire_genre="message", proprietaire_id__in=Message.objects.filter(demande=MARQUE).values("pk")
    ).values_list(*PIECE)
)


def composer(
    demande: Demande,
    paroles: Sequence[Parole],
    journal: Iterable[recit.Ligne],
    envois: Iterable[Depart],
    pieces: Iterable[Piece],
    reperes: Reperes,
) -> list[Entree]:
    """Everything in the order it happened, the gestures of one moment on one line with their mails."""
    par_message: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        par_message[piece.proprietaire_id or 0].append(piece)
    entrees = [de_la_parole(demande, parole, par_message[parole.pk]) for parole in paroles]
    des_messages = {parole.envoi.pk for parole in paroles if parole.envoi}
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


def du_journal(ligne: recit.Ligne, envois: list[Depart], reperes: Reperes) -> Entree:
    return Entree(
        ligne.fait_le,
        "evenement",
        recit.auteur(ligne),
        recit.raconter(ligne, reperes),
        courriels=[courriel(envoi) for envoi in envois],
    )


def courriel(envoi: Depart) -> Courriel:
    est_en_echec = envoi.etat == Envoi.Etat.ECHEC
    return Courriel(f"{NATURES[envoi.nature]} à {envoi.destinataire}", remise(envoi), est_en_echec)


def de_la_parole(demande: Demande, parole: Parole, pieces: list[Piece]) -> Entree:
    entree = Entree(parole.cree_le, parole.sens, corps=parole.corps, canal=parole.canal, pieces=pieces)
    entree.ancre = f"message-{parole.pk}"
    if parole.sens == Message.Sens.INTERNE:
        est_confidentiel = parole.visibilite == Visibilite.CONFIDENTIEL
        entree.genre = "confidentiel" if est_confidentiel else "interne"
        entree.auteur = parole.agent or "Traitement automatique"
    elif parole.sens == Message.Sens.ENTRANT:
        entree.auteur = parole.usager or qui_parle(demande)
        entree.precision = f"saisi par {parole.agent}" if parole.agent else ""
        entree.est_non_lu = parole.lu_le is None
        entree.est_nouvelle = parole.passe_le is not None and parole.cree_le > parole.passe_le
        if parole.mise_en_forme is not None:
            page = reverse("agent_mise_en_forme", args=[demande.numero, parole.pk])
            entree.liens = [(page, "Voir la mise en forme")]
        entree.mot = "Complément reçu" if parole.nature == Message.Nature.COMPLEMENT else ""
    else:
        entree.auteur = parole.agent or ""
        entree.destinataire = parole.destinataire
        entree.mot = MOTS.get(parole.nature, "")
        if parole.envoi and not parole.remise_le:
            entree.precision = remise(parole.envoi)
            entree.est_en_echec = parole.envoi.etat == Envoi.Etat.ECHEC
        elif parole.canal:
            entree.precision = remise_a_la_main(parole)
            entree.est_en_echec = bool(parole.suite) and parole.suite != Remise.Suite.DISTRIBUEE
        entree.liens = liens_de_la_remise(demande, parole)
    return entree


def remise_a_la_main(parole: Parole) -> str:
    """Where what somebody hands over stands: a letter has its number, then what it became."""
    canal = Canal(parole.canal).dans_une_phrase
    if not parole.remise_le:
        mot = "à publier vous-même" if parole.canal in RESEAUX_SOCIAUX else "à remettre"
        dit = f"{mot} : {canal}" if parole.remise else canal
    else:
        dit = f"remis le {date_simple(parole.remise_le)} ({canal}) par {parole.remise_par}"
    if parole.depart:
        dit = f"{parole.depart}, {dit}"
    if parole.suite and parole.suite_le:
        dit += f" – {Remise.Suite(parole.suite).label.lower()}, {date_simple(parole.suite_le)}"
    return dit


def liens_de_la_remise(demande: Demande, parole: Parole) -> list[tuple[str, str]]:
    """What is left to do by hand with a message, then the letter as it left: an acknowledgement is none."""
    if parole.remise is None:
        return []
    est_un_accuse = parole.nature == Message.Nature.ACCUSE
    est_a_recopier = parole.canal in RESEAUX_SOCIAUX
    if parole.remise_le is None:
        gestes = [("imprimer_la_lettre", "Imprimer la lettre…"), ("marquer_remise", "Marquer comme remise…")]
        if est_a_recopier:
            gestes = [("marquer_remise", "C'est publié…")]
        return [
            (reverse("agent_geste", args=[demande.numero, geste]), mot)
            for geste, mot in gestes[est_un_accuse and not est_a_recopier :]
        ]
    suite = (reverse("agent_geste", args=[demande.numero, "noter_la_suite"]), "Noter la suite…")
    lettre = (reverse("agent_lettre", args=[demande.numero, parole.pk]), "Voir la lettre")
    liens = [lettre] if parole.imprimee_le is not None and not est_un_accuse else []
    return [*liens, suite] if parole.depart and not parole.suite else liens


def qui_parle(demande: Demande) -> str:
    """Who said what an agent typed: whoever spoke for the person, when somebody did."""
    lien = getattr(demande, "intermediaire", None)
    return f"{lien.usager}, pour {demande.usager}" if lien else str(demande.usager or "Anonyme")


def remise(envoi: Depart) -> str:
    """Where a mail stands, in words."""
    if envoi.etat == Envoi.Etat.ECHEC:
        return f"envoi en échec : {envoi.erreur}"
    if envoi.remis_le:
        return f"remis à {heure(envoi.remis_le)}"
    if envoi.etat == Envoi.Etat.ENVOYE and envoi.envoye_le:
        return f"envoyé à {heure(envoi.envoye_le)}"
    if envoi.prochain_essai_le and envoi.prochain_essai_le > timezone.now() + TOUT_DE_SUITE:
        return f"partira à {heure(envoi.prochain_essai_le)}"
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
