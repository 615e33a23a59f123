"""A message somebody at the city wrote down: a call, a visit, a letter, or a file of such entries."""

from datetime import datetime

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible, MessageEntrant
from guichet.canaux.neutre import composer, ouvrir

# What other systems call the portal.
SYNONYMES = {"web": Canal.PORTAIL}


def lire(contenu: bytes, *, recu_le: datetime) -> MessageEntrant:
    """Read one entry in the neutral format (see `neutre`); its `canal` says how the person spoke.

    `recu_le`: when the raw content was stored. Raises ContenuIllisible.
    """
    donnees = ouvrir(contenu)
    nom = donnees.get("canal")
    if not isinstance(nom, str) or nom not in {*Canal, *SYNONYMES}:
        raise ContenuIllisible(f"Canal inconnu : {str(nom)[:40]}." if nom else "Le canal n'est pas indiqué.")
    return composer(donnees, canal=SYNONYMES.get(nom) or Canal(nom), recu_le=recu_le)
