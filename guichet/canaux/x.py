"""X: what people write to the city's account, as its webhook tells it, and what the city answers.

Raw content is one event of the Account Activity API, for one account (`for_user_id`): posts, private
messages, or posts taken away. Answers leave by the API v2: below a post, or in private to who wrote so.
"""

from __future__ import annotations

import html
import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

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
    Reponse,
    ReseauInjoignable,
    ReseauRefuse,
    Retrait,
    appeler,
    lire_les_medias,
)
from guichet.canaux.signatures import Cles, autoriser, repondre_au_crc, verifier_x
from guichet.canaux.webhook import Webhook
from guichet.socle.texte import nettoyer

NATURES = {"video": Nature.VIDEO, "animated_gif": Nature.ANIMATION}
LONGUEUR = 280
# What X shortens counts so, however long it is; signs of most European languages count one, others two.
LONGUEUR_D_UN_LIEN = 23
RELUES = 20
# Where the pictures of private messages are kept, for those who wrote and read them.
MEDIAS_PRIVES = ("https://ton.twitter.com/", "https://ton.x.com/")
# A private message is not found at the address of a post.
PREFIXE_PRIVE = "dm-"
# X signs its posts as it wants this token signed: one that could be a body would sign a forged one.
_JETON = re.compile(r"[\w+/=-]{1,200}")
_NOMS_EN_TETE = re.compile(r"^(?:@\w+\s+)+")
_CHEMIN = re.compile(r"^/(?:i/(?:web/)?|[^/]+/)status/(\d+)")
_LIEN = re.compile(r"https?://\S+")
_LEGERS = re.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def repondre_au_defi(parametres: Mapping[str, str], secrets: Sequence[str]) -> str | None:
    """What X asks every hour: its token, signed with the secret of the application."""
    jeton = parametres.get("crc_token", "")
    if not _JETON.fullmatch(jeton):
        return None
    return json.dumps({"response_token": repondre_au_crc(jeton, secrets[0])})


def lire(contenu: bytes) -> tuple[Publie | Retrait, ...]:
    """Read one event; the city's own words are left out. Raises ContenuIllisible."""
    try:
        recu = json.loads(contenu)
        nous = str(recu["for_user_id"])
        return (
            *_publications(recu.get("tweet_create_events") or (), nous),
            *_messages(recu.get("direct_message_events") or (), nous, recu.get("users") or {}),
            *(
                Retrait(Canal.X, str(retrait["status"]["id"])[:120])
                for retrait in recu.get("tweet_delete_events") or ()
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as cause:
        raise ContenuIllisible("Ce contenu n'est pas un événement de X.") from cause


def reconnaitre(contenu: bytes, *, recu_le: datetime) -> Publie | None:
    """Which post it is and whose, without its words, when the rest cannot be read; None when it cannot say,
    or tells of several.
    """
    noms = ("id_str", "user", "in_reply_to_status_id_str", "retweeted_status", "edit_history")
    try:
        recu = json.loads(contenu)
        posts = [
            {nom: post[nom] for nom in noms if nom in post}
            | {"text": "", "created_at": f"{recu_le.astimezone(UTC):%a %b %d %H:%M:%S +0000 %Y}"}
            for post in recu.get("tweet_create_events") or ()
        ]
        prives = [
            {
                "type": prive["type"],
                "id": prive["id"],
                "created_timestamp": recu_le.timestamp() * 1000,
                "message_create": {"sender_id": prive["message_create"]["sender_id"], "message_data": {}},
            }
            for prive in recu.get("direct_message_events") or ()
        ]
        nous, comptes = str(recu["for_user_id"]), recu.get("users")
        lus = [*_publications(posts, nous), *_messages(prives, nous, comptes or {})]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return lus[0] if len(lus) == 1 else None


def _publications(posts: Sequence[Mapping[str, Any]], nous: str) -> Iterator[Publie]:
    for post in posts:
        auteur = post["user"]
        # What the city wrote comes back too; a repost says nothing of its own.
        if str(auteur["id_str"]) == nous or post.get("retweeted_status"):
            continue
        nom, identifiant = nettoyer(str(auteur["screen_name"]))[:200], str(post["id_str"])[:120]
        long = post.get("extended_tweet") or {}
        texte = str(long.get("full_text") or post.get("full_text") or post["text"])
        medias = long.get("extended_entities") or post.get("extended_entities") or {}
        # An edited post is another one, that tells the first: known by that, and answered there.
        premier = str((post.get("edit_history") or {}).get("initial_tweet_id") or identifiant)[:120]
        yield Publie(
            canal=Canal.X,
            identifiant=premier,
            auteur=str(auteur["id_str"])[:120],
            adresse=f"@{nom}",
            nom=nettoyer(str(auteur.get("name") or nom))[:120],
            texte=_NOMS_EN_TETE.sub("", nettoyer(html.unescape(texte))),
            publie_le=_moment(post["created_at"]),
            portee=Portee.PUBLIQUE,
            lien=f"https://x.com/{nom}/status/{identifiant}" if nom.isidentifier() else "",
            en_reponse_a=str(post.get("in_reply_to_status_id_str") or "")[:120],
            modifie_le=_nomme_le(identifiant) if premier != identifiant else None,
            medias=_medias(medias.get("media") or ()),
        )


def _messages(
    evenements: Sequence[Mapping[str, Any]], nous: str, comptes: Mapping[str, Mapping[str, Any]]
) -> Iterator[Publie]:
    for evenement in evenements:
        if evenement["type"] != "message_create":
            continue
        cree = evenement["message_create"]
        auteur, dit = str(cree["sender_id"]), cree["message_data"]
        if auteur == nous:
            continue
        compte = comptes.get(auteur) or {}
        nom = nettoyer(str(compte.get("screen_name") or auteur))[:200]
        media = (dit.get("attachment") or {}).get("media")
        yield Publie(
            canal=Canal.X,
            identifiant=str(evenement["id"])[:120],
            auteur=auteur[:120],
            adresse=f"@{nom}",
            nom=nettoyer(str(compte.get("name") or nom))[:120],
            texte=nettoyer(html.unescape(str(dit.get("text") or ""))),
            publie_le=datetime.fromtimestamp(int(evenement["created_timestamp"]) / 1000, UTC),
            portee=Portee.PRIVEE,
            medias=_medias([media] if media else ()),
        )


def _medias(dits: Sequence[Mapping[str, Any]]) -> tuple[Media, ...]:
    return lire_les_medias(
        (
            NATURES.get(str(dit.get("type")), Nature.IMAGE),
            _en_mouvement(dit) or dit.get("media_url_https"),
            dit.get("ext_alt_text"),
            dit.get("media_url_https"),
        )
        for dit in dits
    )


def _en_mouvement(dit: Mapping[str, Any]) -> str:
    """Where a video is seen, at its best; what X calls its media is its first picture."""
    films = [film for film in (dit.get("video_info") or {}).get("variants") or () if "bitrate" in film]
    return str(max(films, key=lambda film: film["bitrate"] or 0)["url"]) if films else ""


def _nomme_le(identifiant: str) -> datetime:
    """When X gave this number: its first bits are thousandths of a second since November 2010."""
    return datetime.fromtimestamp(((int(identifiant) >> 22) + 1_288_834_974_657) / 1000, UTC)


def _moment(valeur: Any) -> datetime:
    """« Tue Mar 05 10:12:25 +0000 2024 »."""
    jour, mois, quantieme, heure, decalage, an = str(valeur).split()
    lu = parsedate_to_datetime(f"{jour}, {quantieme} {mois} {an} {heure} {decalage}")
    if lu.tzinfo is None:
        raise ValueError("no time zone")
    return lu


# -- what leaves ----------------------------------------------------------------------------------------


def mesurer(texte: str) -> int:
    """How many of its signs X counts: a post holds `LONGUEUR`."""
    sans_liens, liens = _LIEN.subn("", texte)
    legers = len(_LEGERS.findall(sans_liens))
    return LONGUEUR_D_UN_LIEN * liens + legers + 2 * (len(sans_liens) - legers)


def refuser_le_prive(origine: Portee, ecrit_le: datetime, maintenant: datetime) -> str:
    """Why a private answer does not leave: most accounts take none from who they did not write to."""
    if not origine.est_publique:
        return ""
    return "X ne laisse écrire en privé qu'à qui nous a écrit en privé. Essayez depuis X, ou invitez-y."


class X:
    """The city's account, by the API v2, in its name."""

    canal = Canal.X

    def __init__(self, cles: Cles, *, adresse: str) -> None:
        self.cles, self.adresse = cles, adresse.rstrip("/")

    def poster(self, reponse: Reponse) -> str:
        """Below a post, or in private. The API has no key against doubles: a retry looks first."""
        return self._publier(reponse) if reponse.portee.est_publique else self._ecrire(reponse)

    def _publier(self, reponse: Reponse) -> str:
        """The same words twice are refused: to a retry, that is what the lost attempt said."""
        if reponse.est_une_reprise and (deja := self._deja_postee(reponse)):
            return deja
        corps = {"text": reponse.texte, "reply": {"in_reply_to_tweet_id": reponse.a}}
        try:
            return str(self._demander("POST", "/2/tweets", json=corps)["data"]["id"])
        except DejaDit:
            if reponse.est_une_reprise:
                return ""
            raise
        except (KeyError, TypeError) as cause:
            raise ReseauInjoignable("X n'a pas dit ce qu'il a publié.") from cause

    def _ecrire(self, reponse: Reponse) -> str:
        """Nothing refuses the same private words twice: a retry that may not look is not made."""
        fil = f"/2/dm_conversations/with/{reponse.compte}"
        if reponse.est_une_reprise and (deja := self._deja_ecrite(fil, reponse)):
            return deja
        try:
            ecrit = self._demander("POST", f"{fil}/messages", json={"text": reponse.texte})
            return PREFIXE_PRIVE + str(ecrit["data"]["dm_event_id"])
        except (KeyError, TypeError) as cause:
            raise ReseauInjoignable("X n'a pas dit ce qu'il a envoyé.") from cause

    def _deja_ecrite(self, fil: str, reponse: Reponse) -> str:
        champs = {"max_results": str(RELUES), "dm_event.fields": "sender_id,text"}
        try:
            lus = self._demander("GET", f"{fil}/dm_events", params=champs)
        except ReseauRefuse as cause:
            raise ReseauRefuse(
                "X ne dit pas si ce message est parti : regardez-y avant de le redire."
            ) from cause
        for message in lus.get("data") or ():
            if message.get("sender_id") == self._nous and html.unescape(message["text"]) == reponse.texte:
                return PREFIXE_PRIVE + str(message["id"])
        return ""

    @property
    def _nous(self) -> str:
        """The number of the account: its key begins with it."""
        return self.cles.jeton.partition("-")[0]

    def _deja_postee(self, reponse: Reponse) -> str:
        try:
            siens = self._demander(
                "GET",
                f"/2/users/{self._nous}/tweets",
                params={"max_results": str(RELUES), "tweet.fields": "referenced_tweets"},
            )
        except ReseauRefuse:
            # Reading is sold apart from writing.
            return ""
        for post in siens.get("data") or ():
            cites = [cite.get("id") for cite in post.get("referenced_tweets") or ()]
            if reponse.a in cites and _NOMS_EN_TETE.sub("", html.unescape(post["text"])) == reponse.texte:
                return str(post["id"])
        return ""

    def lien(self, identifiant: str) -> str:
        return f"https://x.com/i/status/{identifiant}" if identifiant.isdigit() else ""

    def en_tetes_du_media(self, adresse: str) -> dict[str, str]:
        """Signed in the account's name for a picture sent to it in private; another address hears nothing."""
        if not adresse.startswith(MEDIAS_PRIVES):
            return {}
        nue, _, suite = adresse.partition("?")
        return {"Authorization": self._signer("GET", nue, dict(parse_qsl(suite)))}

    def _signer(self, methode: str, adresse: str, params: Mapping[str, str]) -> str:
        return autoriser(
            self.cles, methode, adresse, params, nonce=secrets.token_hex(16), instant=int(time.time())
        )

    def _demander(
        self, methode: str, chemin: str, *, params: dict[str, str] | None = None, **suite: Any
    ) -> dict[str, Any]:
        adresse = self.adresse + chemin
        en_tetes = {"Authorization": self._signer(methode, adresse, params or {})}
        statut, dit = appeler("X", methode, adresse, params=params, headers=en_tetes, **suite)
        if statut < 400 and isinstance(dit, dict):
            return dit
        raise _refus(statut, dit)


class DejaDit(ReseauRefuse):
    """The account has just said the same words."""


def _refus(statut: int, dit: Any) -> Exception:
    if statut == 401:
        return JetonRefuse("X refuse notre clé (401).")
    if statut >= 500 or statut in (408, 429) or not isinstance(dit, dict):
        return ReseauInjoignable(f"X répond {statut}.")
    raison = nettoyer(str(dit.get("detail") or dit.get("title") or "sans explication"))[:150]
    if statut == 403 and "duplicate" in raison:
        return DejaDit("X a déjà ces mots de la ville, et n'accepte pas de les redire : changez-en un.")
    return ReseauRefuse(f"X a répondu {statut} : {raison}")


# -- what the house reads -------------------------------------------------------------------------------


def ouvrir(reglages: Any) -> X | None:
    """The city's account, when it gave all four parts of its key; one of them is what X signs with."""
    cles = Cles(
        application=reglages.GUICHET_X_CLE,
        secret=next(iter(reglages.GUICHET_SECRETS.get("x", ())), ""),
        jeton=reglages.GUICHET_X_JETON,
        secret_du_jeton=reglages.GUICHET_X_JETON_SECRET,
    )
    return X(cles, adresse=reglages.GUICHET_X_ADRESSE) if all(astuple(cles)) else None


def numero(chemin: str, parametres: Mapping[str, str]) -> str:
    """What X calls the post of a link."""
    lu = _CHEMIN.match(chemin)
    return lu[1] if lu else ""


CONNECTEUR = Connecteur(
    Canal.X,
    lire=lire,
    reconnaitre=reconnaitre,
    ouvrir=ouvrir,
    longueur=LONGUEUR,
    mesurer=mesurer,
    refuser_le_prive=refuser_le_prive,
    webhook=Webhook(verifier=verifier_x, defi=repondre_au_defi, type_du_defi="application/json"),
    liens=Liens(sites=("x.com", "twitter.com"), numero=numero),
)
