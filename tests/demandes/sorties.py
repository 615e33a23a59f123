"""What the worker does with what leaves by a network."""

from demandes import releve_reseaux
from guichet.canaux.canal import RESEAUX_SOCIAUX
from guichet.envois import livraison
from guichet.envois.models import Envoi


def publier() -> int:
    """Send what is due on the networks, then follow it; return how many of ours are out, or lost."""
    for envoi in Envoi.objects.dus().filter(canal__in=RESEAUX_SOCIAUX):
        livraison.livrer(envoi.pk)
    return releve_reseaux.suivre_les_envois()
