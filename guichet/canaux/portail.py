"""A deposit filed on the portal, in the neutral format; its `id` is the deposit's single-use token."""

from datetime import datetime

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible, MessageEntrant
from guichet.canaux.neutre import composer, ouvrir


def lire(contenu: bytes, *, recu_le: datetime) -> MessageEntrant:
    """Read one deposit. The resident chose a démarche, so `type` is required. Raises ContenuIllisible."""
    donnees = ouvrir(contenu)
    if donnees.get("canal") not in (None, Canal.PORTAIL):
        raise ContenuIllisible("Un dépôt du portail ne peut pas venir d'un autre canal.")
    message = composer(donnees, canal=Canal.PORTAIL, recu_le=recu_le)
    if not message.type_suggere:
        raise ContenuIllisible("Ce dépôt ne dit pas de quelle démarche il s'agit (« type »).")
    return message
