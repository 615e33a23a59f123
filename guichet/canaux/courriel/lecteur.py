"""The bounded reader: `python -m guichet.canaux.courriel.lecteur`, fed by `bornes`, one mail after the other.

Nothing here catches what the limits do: beyond its memory or its time this process ends, at once and alone.
"""

import json
import os
import resource
import sys
from datetime import datetime
from typing import BinaryIO

from django.conf import settings

from guichet.canaux.courriel import epave, transport
from guichet.canaux.courriel.decodage import lire
from guichet.canaux.message import ContenuIllisible

SECONDES = 5
MEMOIRE = 300 * 1024 * 1024
SORTIE_MEMOIRE = 70


def servir(entree: BinaryIO, sortie: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    # Django is not set up in this process: what is refused is told in the words it is written in.
    settings.configure(USE_I18N=False)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
    _rendre(sortie, "pret", b"")
    while ligne := entree.readline():
        question = json.loads(ligne)
        brut = entree.read(question["taille"])
        borner_le_temps()
        try:
            recu_le = datetime.fromisoformat(question["recu_le"])
            if question.get("est_une_epave"):
                message = epave.lire(brut, recu_le=recu_le)
            else:
                nos_adresses = frozenset(question["nos_adresses"])
                message = lire(brut, recu_le=recu_le, nos_adresses=nos_adresses)
            genre, reponse = "lu", transport.emballer(message)
        except ContenuIllisible as refus:
            genre, reponse = "illisible", str(refus).encode()
        except MemoryError:
            os._exit(SORTIE_MEMOIRE)  # what is left of the memory is not to be trusted
        except Exception as erreur:
            genre, reponse = "erreur", type(erreur).__name__.encode()
        _rendre(sortie, genre, reponse)


def borner_le_temps() -> None:
    """Five more seconds of processor, then the kernel ends this process, whatever it is doing."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    employe = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (employe + SECONDES, resource.RLIM_INFINITY))


def _rendre(sortie: BinaryIO, genre: str, octets: bytes) -> None:
    sortie.write(f"{genre} {len(octets)}\n".encode())
    sortie.write(octets)
    sortie.flush()


if __name__ == "__main__":
    # What a library prints must not be taken for an answer.
    reponses = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    servir(sys.stdin.buffer, reponses)
