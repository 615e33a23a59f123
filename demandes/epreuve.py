"""A folder of mails put through the whole way in, each between two good ones, and nothing kept.

Anybody can try theirs: what becomes of each, what stops, what is slow. Every trial is undone; only numbers of
demandes are used up.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.db import transaction

from demandes import courriels, reception
from demandes.models import Demande, Message, Reception
from guichet.pieces.depot import oublier
from guichet.pieces.models import Piece

BON = (
    "From: Jeanne Martin <jeanne.martin@courriel.example>\r\nTo: guichet@ville.example\r\n"
    "Subject: Un banc\r\nMessage-ID: <bon-{0}@courriel.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nLe banc numéro {0} est cassé.\r\n"
)
TEXTE_DU_BON = "Le banc numéro {} est cassé."
MONTRES = 20


class Issue(StrEnum):
    """What became of a mail."""

    DEMANDE = "demande"
    SANS_SUITE = "sans demande"
    QUARANTAINE = "quarantaine"
    ECHEC = "échec"


@dataclass(frozen=True)
class Resultat:
    """One mail of the folder; `voisins_intacts` says that the good ones around it became demandes."""

    nom: str
    issue: Issue
    motif: str
    secondes: float
    voisins_intacts: bool


@dataclass(frozen=True)
class Bilan:
    resultats: tuple[Resultat, ...]
    secondes: float

    def nombre(self, issue: Issue) -> int:
        return sum(r.issue == issue for r in self.resultats)

    @property
    def voisins_perdus(self) -> int:
        return sum(not r.voisins_intacts for r in self.resultats)

    @property
    def le_plus_lent(self) -> Resultat | None:
        return max(self.resultats, key=lambda r: r.secondes, default=None)

    @property
    def tient(self) -> bool:
        """Nothing failed, nothing was lost around it."""
        return not (self.nombre(Issue.ECHEC) or self.voisins_perdus)


def lire_le_dossier(dossier: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below, in order, whatever its name."""
    for fichier in sorted(f for f in dossier.rglob("*") if f.is_file()):
        yield str(fichier.relative_to(dossier)), fichier.read_bytes()


def eprouver(mails: Iterable[tuple[str, bytes]]) -> Bilan:
    debut = time.monotonic()
    rangs = itertools.count(1)
    resultats = tuple(essayer(nom, brut, rangs) for nom, brut in mails)
    return Bilan(resultats, time.monotonic() - debut)


def essayer(nom: str, brut: bytes, rangs: Iterator[int]) -> Resultat:
    """A good one, this one, a good one; then all is undone, files included."""
    pieces: list[Piece] = []
    try:
        with transaction.atomic():
            avant = passer_un_bon(next(rangs))
            depart = time.monotonic()
            issue, motif = passer(brut, pieces)
            secondes = time.monotonic() - depart
            apres = passer_un_bon(next(rangs))
            transaction.set_rollback(True)
    finally:
        oublier(pieces)
    return Resultat(nom, issue, motif, secondes, avant and apres)


def passer(brut: bytes, pieces: list[Piece]) -> tuple[Issue, str]:
    """Store and read one mail as the worker does; `pieces` receives the files it left."""
    try:
        with transaction.atomic():
            gardee = courriels.recevoir(brut)
            demande = reception.traiter(gardee.pk)
            if demande is not None:
                messages = Message.objects.filter(demande=demande).values("pk")
                pieces += Piece.objects.filter(proprietaire_genre="message", proprietaire_id__in=messages)
            gardee = Reception.objects.get(pk=gardee.pk)
    except Exception as erreur:
        return Issue.ECHEC, f"{type(erreur).__name__} : {erreur}"[:200]
    if bytes(gardee.contenu) != brut:
        return Issue.ECHEC, "Le contenu gardé n'est pas celui qui a été reçu."
    issues = {
        Reception.Etat.A_TRAITER: Issue.ECHEC,
        Reception.Etat.QUARANTAINE: Issue.QUARANTAINE,
        Reception.Etat.TRAITEE: Issue.DEMANDE if gardee.demande_id else Issue.SANS_SUITE,
    }
    return issues[Reception.Etat(gardee.etat)], gardee.motif


def passer_un_bon(rang: int) -> bool:
    """Whether a good mail becomes its demande."""
    gardee = courriels.recevoir(BON.format(rang).encode())
    demande = reception.traiter(gardee.pk)
    return demande is not None and est_le_bon(demande, rang)


def est_le_bon(demande: Demande, rang: int) -> bool:
    return Message.objects.filter(demande=demande, corps=TEXTE_DU_BON.format(rang)).exists()


def raconter(bilan: Bilan) -> str:
    """What was kept, set aside, failed, and the slowest."""
    lignes = [
        f"Courriels : {len(bilan.resultats)} en {bilan.secondes:.1f} s",
        f"Gardés : {len(bilan.resultats) - bilan.nombre(Issue.ECHEC)}",
        f"  devenus demandes : {bilan.nombre(Issue.DEMANDE)}",
        f"  sans demande (retours, réponses automatiques) : {bilan.nombre(Issue.SANS_SUITE)}",
        f"  en quarantaine : {bilan.nombre(Issue.QUARANTAINE)}",
        f"En échec : {bilan.nombre(Issue.ECHEC)}",
        f"Bons courriels perdus à côté : {bilan.voisins_perdus}",
    ]
    if lent := bilan.le_plus_lent:
        lignes.append(f"Le plus lent : {lent.secondes:.2f} s ({lent.nom})")
    for issue in (Issue.ECHEC, Issue.QUARANTAINE):
        tous = [r for r in bilan.resultats if r.issue == issue]
        lignes += [f"{issue} : {r.nom} : {r.motif}" for r in tous[:MONTRES]]
        if len(tous) > MONTRES:
            lignes.append(f"{issue} : et {len(tous) - MONTRES} autres")
    return "\n".join(lignes)
