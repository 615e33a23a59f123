"""The way out by social networks: a public reply or a private message, by the network's own API.

Where a row goes travels in its headers: the post it answers, whose it is, and who will read it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from guichet.canaux import registre
from guichet.canaux.reseau import (
    JetonRefuse,
    Portee,
    Reponse,
    Reseau,
    ReseauInjoignable,
    ReseauQuiMasque,
    ReseauRefuse,
)
from guichet.envois.erreurs import EchecDefinitif, RefusTemporaire, ServeurInjoignable
from guichet.envois.models import Envoi

A, COMPTE, PORTEE, ORIGINE, MASQUER = (
    "X-Guichet-Reponse-A",
    "X-Guichet-Compte",
    "X-Guichet-Portee",
    "X-Guichet-Origine",
    "X-Guichet-Masquer",
)


def ouvert(canal: str) -> Reseau | None:
    """The network, when this city writes there."""
    return registre.du_canal(canal).ouvrir(settings)


def ouverts() -> Iterator[Reseau]:
    """Every network where this city writes."""
    for connecteur in registre.CONNECTEURS.values():
        if (reseau := connecteur.ouvrir(settings)) is not None:
            yield reseau


def destination(*, a: str, compte: str, portee: Portee, origine: str) -> dict[str, str]:
    """The headers that say where a row goes."""
    return {A: a, COMPTE: compte, PORTEE: portee.value, ORIGINE: origine}


def a_masquer(identifiant: str) -> dict[str, str]:
    """The headers of a row that hides a post, and says nothing."""
    return {MASQUER: identifiant}


def expedier(envoi: Envoi) -> str:
    """Post one row, or hide what it names; return what the network calls it."""
    reseau = ouvert(envoi.canal)
    if reseau is None:
        raise ServeurInjoignable("aucune clé n'est réglée")
    try:
        if cachee := envoi.en_tetes.get(MASQUER):
            if isinstance(reseau, ReseauQuiMasque):
                reseau.masquer(cachee)
            return ""
        return reseau.poster(reponse_de(envoi))[:120]
    except JetonRefuse as cause:
        # Ours to repair, not the message's fault: it waits without losing an attempt.
        raise ServeurInjoignable(str(cause)) from cause
    except ReseauInjoignable as cause:
        raise RefusTemporaire(str(cause)) from cause
    except ReseauRefuse as cause:
        raise EchecDefinitif(str(cause)) from cause


def reponse_de(envoi: Envoi) -> Reponse:
    return Reponse(
        a=envoi.en_tetes[A],
        compte=envoi.en_tetes[COMPTE],
        texte=envoi.corps,
        portee=Portee(envoi.en_tetes[PORTEE]),
        origine=Portee(envoi.en_tetes[ORIGINE]),
        cle=f"guichet-{envoi.message_id.strip('<>').partition('@')[0]}",
        est_une_reprise=envoi.essais > 1,
    )
