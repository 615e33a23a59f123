"""Mastodon: mentions asked for by HTTP, replies posted with the visibility of what they answer.

Raw content is one status, as the API gives it (`GET /api/v1/notifications`, type « mention »).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import nh3

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.reseau import (
    Connecteur,
    JetonRefuse,
    Liens,
    Media,
    Nature,
    Portee,
    Publie,
    Releve,
    Reponse,
    ReseauInjoignable,
    ReseauRefuse,
    adresse_web,
    appeler,
    lire_les_medias,
)
from guichet.socle.texte import nettoyer

PAR_PAGE = 40
PAGES = 10
RELUES_ENSEMBLE = 20
LONGUEUR = 500  # characters of a post, unless its server allows more
PASSAGERES = frozenset({408, 425, 429})
JETON_REFUSE = frozenset({401, 403})

NATURES = {"video": Nature.VIDEO, "gifv": Nature.ANIMATION, "audio": Nature.SON}
PORTEES = {
    "public": Portee.PUBLIQUE,
    "unlisted": Portee.DISCRETE,
    "private": Portee.ABONNES,
    "direct": Portee.PRIVEE,
}
VISIBILITES = {portee: nom for nom, portee in PORTEES.items()}

_SAUTS = re.compile(r"(?i)<br\s*/?>|</p>\s*<p[^>]*>")
_CHEMIN = re.compile(r"^/(?:@[\w.-]+(?:@[\w.-]+)?|users/[\w.-]+/statuses)/(\d+)/?$")
_MENTION_EN_TETE = re.compile(r"^(?:@[\w.-]+(?:@[\w.-]+)?(?:\s+|$))+")


def lire(contenu: bytes) -> Publie:
    """Read one status. Raises ContenuIllisible."""
    try:
        statut = json.loads(contenu)
        auteur = statut["account"]
        return Publie(
            canal=Canal.MASTODON,
            identifiant=str(statut["id"])[:120],
            auteur=str(auteur["id"])[:120],
            adresse="@" + nettoyer(str(auteur["acct"]))[:200],
            nom=nettoyer(str(auteur.get("display_name") or auteur["acct"]))[:120],
            texte=_en_texte(statut),
            publie_le=_moment(statut["created_at"]),
            portee=PORTEES[statut["visibility"]],
            lien=adresse_web(statut.get("url")),
            en_reponse_a=str(statut.get("in_reply_to_id") or "")[:120],
            modifie_le=_moment(statut["edited_at"]) if statut.get("edited_at") else None,
            medias=_medias(statut.get("media_attachments") or ()),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        raise ContenuIllisible("Ce contenu n'est pas une publication de Mastodon.") from cause


def reconnaitre(contenu: bytes, *, recu_le: datetime) -> Publie | None:
    """Which post it is and whose, without its words, when the rest cannot be read; None when none says."""
    try:
        statut = json.loads(contenu)
        dits = {nom: statut.get(nom) for nom in ("url", "in_reply_to_id")}
        dits |= {nom: statut[nom] for nom in ("id", "account", "visibility")}
        return lire(json.dumps(dits | {"content": "", "created_at": recu_le.isoformat()}).encode())
    except (ContenuIllisible, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _en_texte(statut: Mapping[str, Any]) -> str:
    """What it says, without its HTML and without our own name in front."""
    brut = _SAUTS.sub("\n", str(statut["content"]))
    texte = html.unescape(nh3.clean(brut, tags=set()))
    alerte = str(statut.get("spoiler_text") or "")
    dit = _MENTION_EN_TETE.sub("", nettoyer(texte))
    return nettoyer(f"{alerte}\n{dit}" if alerte else dit)


def _medias(dits: Sequence[Mapping[str, Any]]) -> tuple[Media, ...]:
    return lire_les_medias(
        (
            NATURES.get(str(dit.get("type")), Nature.IMAGE),
            dit.get("url") or dit.get("remote_url"),  # not copied yet by our server
            dit.get("description"),
            dit.get("preview_url"),
        )
        for dit in dits
    )


def _moment(valeur: Any) -> datetime:
    lu = datetime.fromisoformat(str(valeur))
    if lu.tzinfo is None:
        raise ValueError("no time zone")
    return lu


class Mastodon:
    """The city's account on its server."""

    canal = Canal.MASTODON

    def __init__(self, adresse: str, jeton: str) -> None:
        self.adresse = adresse.rstrip("/")
        self.jeton = jeton

    def moi(self) -> str:
        return str(self._demander("GET", "/api/v1/accounts/verify_credentials")["id"])

    def relever(self, curseur: str) -> Releve:
        """Mentions since then, oldest first. The first time, only those to come: nothing is answered late."""
        if not curseur:
            derniers = self._notifications({"limit": "1"})
            return Releve((), str(derniers[0]["id"]) if derniers else "0")
        trouvees: list[tuple[str, bytes]] = []
        for _ in range(PAGES):
            page = self._notifications({"limit": str(PAR_PAGE), "min_id": curseur})
            if not page:
                break
            page.sort(key=lambda notification: int(notification["id"]))
            curseur = str(page[-1]["id"])
            for notification in page:
                if statut := notification.get("status"):
                    trouvees.append((str(statut["id"]), json.dumps(statut).encode()))
        return Releve(tuple(trouvees), curseur)

    def _notifications(self, parametres: dict[str, str]) -> list[dict[str, Any]]:
        return self._demander("GET", "/api/v1/notifications", params={"types[]": "mention", **parametres})

    def relire(self, identifiants: Sequence[str]) -> Mapping[str, bytes | None]:
        vues: dict[str, bytes | None] = {}
        for identifiant in identifiants:
            try:
                statut = self._demander("GET", f"/api/v1/statuses/{identifiant}")
            except Disparue:
                vues[identifiant] = None
            else:
                vues[identifiant] = json.dumps(statut).encode()
        return vues

    def poster(self, reponse: Reponse) -> str:
        if reponse.est_une_reprise and (deja := self._deja_postee(reponse)):
            return deja
        corps = {
            "status": reponse.texte,
            "in_reply_to_id": reponse.a,
            "visibility": VISIBILITES[reponse.portee],
            "language": "fr",
        }
        # The server keeps the key for an hour: a retry after a lost answer gives the same post.
        pose = self._demander(
            "POST", "/api/v1/statuses", json=corps, headers={"Idempotency-Key": reponse.cle}
        )
        return str(pose["id"])

    def _deja_postee(self, reponse: Reponse) -> str:
        """What an attempt whose answer was lost left there, even long ago."""
        suite = self._demander("GET", f"/api/v1/statuses/{reponse.a}/context").get("descendants") or ()
        notre, dit = self.moi(), _MENTION_EN_TETE.sub("", nettoyer(reponse.texte))
        siens = [statut for statut in suite if str(statut["account"]["id"]) == notre]
        return next((str(statut["id"]) for statut in siens if _en_texte(statut) == dit), "")

    def lien(self, identifiant: str) -> str:
        return f"{self.adresse}/web/statuses/{identifiant}"

    def en_tetes_du_media(self, adresse: str) -> dict[str, str]:
        return {}

    def _demander(
        self, methode: str, chemin: str, *, headers: dict[str, str] | None = None, **suite: Any
    ) -> Any:
        en_tetes = {"Authorization": f"Bearer {self.jeton}", **(headers or {})}
        statut, dit = appeler("Mastodon", methode, self.adresse + chemin, headers=en_tetes, **suite)
        if statut in JETON_REFUSE:
            raise JetonRefuse(f"Mastodon refuse notre clé ({statut}).")
        if statut in (404, 410):
            raise Disparue("Cette publication n'existe plus.")
        if statut >= 500 or statut in PASSAGERES:
            raise ReseauInjoignable(f"Mastodon répond {statut}.")
        if statut >= 400:
            raise ReseauRefuse(f"Mastodon a répondu {statut} : {_raison(dit)}")
        if dit is None:
            raise ReseauInjoignable("Mastodon n'a pas répondu en JSON.")
        return dit


class Disparue(ReseauRefuse):
    """What is asked for is not there any more."""


def _raison(dit: Any) -> str:
    raison = dit.get("error", "") if isinstance(dit, dict) else ""
    return nettoyer(str(raison))[:150] or "sans explication"


# -- what the house reads -------------------------------------------------------------------------------


def ouvrir(reglages: Any) -> Mastodon | None:
    """The city's account, when it gave a key for it."""
    adresse, jeton = reglages.GUICHET_MASTODON_ADRESSE, reglages.GUICHET_MASTODON_JETON
    return Mastodon(adresse, jeton) if adresse and jeton else None


def numero(chemin: str, parametres: Mapping[str, str]) -> str:
    """What its server calls the post of a link."""
    lu = _CHEMIN.match(chemin)
    return lu[1] if lu else ""


CONNECTEUR = Connecteur(
    Canal.MASTODON,
    lire=lambda contenu: (lire(contenu),),
    reconnaitre=reconnaitre,
    ouvrir=ouvrir,
    longueur=LONGUEUR,
    adresser=lambda adresse, texte: f"{adresse} {texte}",
    fin_reglee=lambda reglages: reglages.GUICHET_MASTODON_JETON_FIN,
    liens=Liens(
        numero=numero,
        notre_serveur=lambda reglages: urlsplit(reglages.GUICHET_MASTODON_ADRESSE).hostname or "",
    ),
)
