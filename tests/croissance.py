"""How the cost of reading grows with what is read: twice the text, twice the time, whoever wrote it."""

from collections.abc import Callable
from time import process_time

# Four times as long costs four times as much when it is linear, sixteen when it is not; what takes less than
# the floor measures the machine and nothing else.
LONGUEUR = 3000
PLANCHER = 0.02


def duree(lire: Callable[[str], object], texte: str) -> float:
    """Processor seconds, the best of three: what else the machine does is left out."""
    mesures = []
    for _ in range(3):
        debut = process_time()
        lire(texte)
        mesures.append(process_time() - debut)
    return min(mesures)


def est_lineaire(lire: Callable[[str], object], motif: str, *, longueur: int = LONGUEUR) -> bool:
    """Whether four times as much of this piece, repeated, costs no more than eight times as much to read."""
    courte, longue = (f"Un trou{motif * (n // len(motif))}x" for n in (longueur, 4 * longueur))
    return duree(lire, longue) < 8 * max(duree(lire, courte), PLANCHER)
