"""The way out by social networks: a public reply or a private message, by the network's own API.

Where a row goes travels in its headers: the post it answers, whose it is, and who will read it.
"""

from __future__ import annotations

from dataclasses import astuple

from django.conf import settings

from guichet.canaux.canal import Canal
from guichet.canaux.facebook import Facebook
from guichet.canaux.mastodon import Mastodon
from guichet.canaux.reseau import JetonRefuse, Portee, Reponse, Reseau, ReseauInjoignable, ReseauRefuse
from guichet.canaux.signatures import Cles
from guichet.canaux.x import X
from guichet.envois.erreurs import EchecDefinitif, RefusTemporaire, ServeurInjoignable
from guichet.envois.models import Envoi

A, COMPTE, PORTEE, ORIGINE, MASQUER = (
    "X-Guichet-Reponse-A",
    "X-Guichet-Compte",
    "X-Guichet-Portee",
    "X-Guichet-Origine",
    "X-Guichet-Masquer",
)


def mastodon() -> Mastodon | None:
    """The city's account, when it gave a key for it."""
    adresse, jeton = settings.GUICHET_MASTODON_ADRESSE, settings.GUICHET_MASTODON_JETON
    return Mastodon(adresse, jeton) if adresse and jeton else None


def facebook() -> Facebook | None:
    """The city's page, when it gave a key for it."""
    page, jeton = settings.GUICHET_FACEBOOK_PAGE, settings.GUICHET_FACEBOOK_JETON
    if not page or not jeton:
        return None
    return Facebook(
        page,
        jeton,
        application=settings.GUICHET_FACEBOOK_APPLICATION,
        secret=next(iter(settings.GUICHET_SECRETS.get("facebook", ())), ""),
        adresse=settings.GUICHET_FACEBOOK_ADRESSE,
    )


def x() -> X | None:
    """The city's account, when it gave all four parts of its key; one of them is what X signs with."""
    cles = Cles(
        application=settings.GUICHET_X_CLE,
        secret=next(iter(settings.GUICHET_SECRETS.get("x", ())), ""),
        jeton=settings.GUICHET_X_JETON,
        secret_du_jeton=settings.GUICHET_X_JETON_SECRET,
    )
    return X(cles, adresse=settings.GUICHET_X_ADRESSE) if all(astuple(cles)) else None


# A network that answers is one line here, and its file in `canaux`.
CONNECTEURS = {Canal.MASTODON: mastodon, Canal.FACEBOOK: facebook, Canal.X: x}


def ouvert(canal: str) -> Reseau | None:
    """The network, when this city writes there."""
    return CONNECTEURS[Canal(canal)]() if canal in CONNECTEURS else None


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
            if isinstance(reseau, Facebook):
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
