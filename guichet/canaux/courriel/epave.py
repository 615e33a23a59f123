"""The files of a mail that cannot be read: what stands between two boundaries, without its tree.

A mail refused for its headers, its parts or its depth often carries a good photo all the same.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from guichet.canaux.canal import Canal
from guichet.canaux.courriel import fichiers
from guichet.canaux.courriel.corps import nom_declare
from guichet.canaux.courriel.message import CourrielEntrant
from guichet.canaux.courriel.structure import Partie, analyser
from guichet.canaux.message import ContenuIllisible

FRONTIERES_AU_PLUS = 50
MORCEAUX_AU_PLUS = 500
FICHIERS_AU_PLUS = 20

_FRONTIERE = re.compile(rb'(?i)\bboundary\s{0,9}=\s{0,9}"?([^"\s;]{1,70})')


def lire(brut: bytes, *, recu_le: datetime) -> CourrielEntrant:
    """A mail of which only the named files are known, the first twenty."""
    pieces = fichiers.lire(islice(_nommees(brut), FICHIERS_AU_PLUS))
    return CourrielEntrant(canal=Canal.COURRIEL, cle_externe="", recu_le=recu_le, pieces=pieces)


def _nommees(brut: bytes) -> Iterator[Partie]:
    for morceau in _morceaux(brut):
        try:
            partie = analyser(morceau)
        except ContenuIllisible:
            continue
        if not partie.sous_parties and nom_declare(partie):
            yield partie


def _morceaux(brut: bytes) -> Iterator[bytes]:
    trouvees = islice(_FRONTIERE.finditer(brut), FRONTIERES_AU_PLUS)
    frontieres = b"|".join(re.escape(nom) for nom in dict.fromkeys(trouvee[1] for trouvee in trouvees))
    if not frontieres:
        return
    coupe = re.compile(rb"^--(?:" + frontieres + rb")(?:--)?[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
    debut = None
    for trouvee in islice(coupe.finditer(brut), MORCEAUX_AU_PLUS):
        if debut is not None:
            # The end of its last line belongs to the boundary.
            yield brut[debut : trouvee.start()].removesuffix(b"\n").removesuffix(b"\r")
        debut = trouvee.end()
    # What was cut on the way has no last boundary.
    if debut is not None and debut < len(brut):
        yield brut[debut:]
