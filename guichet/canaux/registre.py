"""The networks Guichet speaks with. A new one is its file, a line here, a line in `canal`, its settings."""

from __future__ import annotations

from datetime import datetime

from guichet.canaux import facebook, mastodon, x
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.reseau import Connecteur, Publie, Retrait

# When several are down, the health page names the first.
CONNECTEURS: dict[str, Connecteur] = {
    connecteur.canal: connecteur for connecteur in (mastodon.CONNECTEUR, facebook.CONNECTEUR, x.CONNECTEUR)
}


def _ne_rien_lire(contenu: bytes) -> tuple[Publie | Retrait, ...]:
    raise ContenuIllisible("Ce réseau ne nous dit rien.")


def _ne_rien_reconnaitre(contenu: bytes, *, recu_le: datetime) -> Publie | None:
    return None


# A network whose posts are only copied by hand.
SANS_CONNECTEUR = Connecteur(Canal.RESEAU, _ne_rien_lire, _ne_rien_reconnaitre, lambda reglages: None)


def du_canal(canal: str) -> Connecteur:
    """What is known of the network of this channel."""
    return CONNECTEURS.get(canal, SANS_CONNECTEUR)
