"""Facebook: what people write on the city's page and to it by Messenger, and what the city answers there.

What comes in is told by Meta's webhook; answers leave by the Graph API, the same for comments and Messenger.
Raw content is one webhook of the object « page »: several entries, each with changes of the feed (public)
or messages (private).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.reseau import (
    Connecteur,
    JetonRefuse,
    Liens,
    Nature,
    Portee,
    Publie,
    Reponse,
    ReseauInjoignable,
    ReseauRefuse,
    Retrait,
    adresse_web,
    appeler,
    lire_les_medias,
)
from guichet.canaux.signatures import verifier_meta
from guichet.canaux.webhook import Webhook
from guichet.socle.texte import nettoyer

# What people write on a page; a reaction or a view says nothing.
ECRITS = frozenset({"comment", "post", "status", "photo", "video", "link"})
MODIFIEE = frozenset({"edit", "edited"})
RETIREE = frozenset({"remove", "delete"})

# What Messenger brings as files.
FICHIERS = {"image": Nature.IMAGE, "video": Nature.VIDEO, "audio": Nature.SON, "file": Nature.FICHIER}

LONGUEUR = 2000  # what Messenger takes; a comment takes more, that nobody reads
# How long the page may write in private to who wrote there, and to who commented.
APRES_UN_MESSAGE = timedelta(hours=24)
APRES_UN_COMMENTAIRE = timedelta(days=7)
# Error codes of the Graph API: a key is ours to repair; a busy server is waited for. A right that is missing
# is no more than this post's: it would keep all the others waiting.
CLE_REFUSEE = frozenset({102, 190, 463, 467})
PASSAGERES = frozenset({1, 2, 4, 17, 32, 341, 368, 613, 80001, 80006})
HORS_DELAI = frozenset({2018278, 2534022})
DEJA_REPONDU = frozenset({10900})
RELUES = 25
# The number of a post ends the path of its link, or is in one of these, the narrower first.
_CHEMIN = re.compile(r"/(?:posts|permalink|photos|videos|reel)/(?:[^/]+/)*(\d+)$")
_PARAMETRES = ("reply_comment_id", "comment_id", "story_fbid", "fbid", "v")


def lire(contenu: bytes) -> tuple[Publie | Retrait, ...]:
    """Read one webhook; the city's own words are left out. Raises ContenuIllisible."""
    try:
        recu = json.loads(contenu)
        entrees = {"page": recu.get("entry")}[recu["object"]]
        return tuple(dit for entree in entrees for dit in _de_l_entree(entree))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as cause:
        raise ContenuIllisible("Ce contenu n'est pas un événement de Facebook.") from cause


def reconnaitre(contenu: bytes, *, recu_le: datetime) -> Publie | None:
    """Which post it is and whose, without its words, when the rest cannot be read; None when it cannot say,
    or tells of several.
    """
    moment = int(recu_le.timestamp())
    try:
        (entree,) = json.loads(contenu)["entry"]
        changes = [
            {"field": change["field"], "value": _sans_les_mots(change["value"], moment)}
            for change in entree.get("changes") or ()
        ]
        prives = [
            {"sender": dit["sender"], "timestamp": moment, "message": {"mid": dit["message"]["mid"]}}
            for dit in entree.get("messaging") or ()
        ]
        nue = {"id": entree["id"], "time": moment, "changes": changes, "messaging": prives}
        (lue,) = _de_l_entree(nue)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return lue if isinstance(lue, Publie) else None


def _sans_les_mots(dit: Mapping[str, Any], moment: int) -> dict[str, Any]:
    noms = ("verb", "item", "from", "post_id", "comment_id", "parent_id", "permalink_url", "post")
    return {"verb": "add", **{nom: dit[nom] for nom in noms if nom in dit}, "created_time": moment}


def repondre_au_defi(parametres: Mapping[str, str], secrets: Sequence[str]) -> str | None:
    """Meta's subscription check: the word of verification is one of ours."""
    mot = parametres.get("hub.verify_token", "").encode()
    connus = [hmac.compare_digest(mot, secret.encode()) for secret in secrets]
    est_bon = parametres.get("hub.mode") == "subscribe" and any(connus)
    return parametres.get("hub.challenge") if est_bon else None


def _de_l_entree(entree: Mapping[str, Any]) -> Iterator[Publie | Retrait]:
    page = str(entree["id"])
    for change in entree.get("changes") or ():
        if change["field"] in ("feed", "mention"):
            yield from _du_fil(page, change["value"], _moment(entree["time"]))
    for evenement in entree.get("messaging") or ():
        if edite := evenement.get("message_edit"):
            yield from _de_messenger(page, evenement | {"message": edite}, _moment(evenement["timestamp"]))
        else:
            yield from _de_messenger(page, evenement)


def _du_fil(page: str, dit: Mapping[str, Any], vu_le: datetime) -> Iterator[Publie | Retrait]:
    est_un_commentaire = dit["item"] == "comment"
    if dit["item"] not in ECRITS:
        return
    identifiant = str(dit["comment_id" if est_un_commentaire else "post_id"])[:120]
    if dit["verb"] in RETIREE:
        yield Retrait(Canal.FACEBOOK, identifiant)
        return
    auteur = dit.get("from") or {}
    # Meta does not always say who: each of those words is then of somebody else.
    qui = str(auteur.get("id") or identifiant)[:120]
    # The page's own words are its own; « hide » is ours too.
    if qui == page or dit["verb"] not in {"add", *MODIFIEE}:
        return
    nom = nettoyer(str(auteur.get("name") or "Auteur non communiqué"))[:120]
    yield Publie(
        canal=Canal.FACEBOOK,
        identifiant=identifiant,
        auteur=qui,
        adresse=nom,
        nom=nom,
        texte=nettoyer(str(dit.get("message") or "")),
        publie_le=_moment(dit["created_time"]),
        portee=Portee.PUBLIQUE,
        lien=adresse_web((dit.get("post") or {}).get("permalink_url") or dit.get("permalink_url")),
        # A comment right below a post of the page answers that post.
        en_reponse_a=str(dit.get("parent_id") or "")[:120] if est_un_commentaire else "",
        modifie_le=vu_le if dit["verb"] in MODIFIEE else None,
        medias=lire_les_medias((nature, adresse, "", "") for nature, adresse in _du_post(dit)),
    )


def _de_messenger(
    page: str, evenement: Mapping[str, Any], modifie_le: datetime | None = None
) -> Iterator[Publie | Retrait]:
    auteur = str(evenement["sender"]["id"])
    message, bouton = evenement.get("message"), evenement.get("postback")
    # Receipts of delivery and reading have neither; an echo is what the page wrote.
    if auteur == page or not (message or bouton) or (message and message.get("is_echo")):
        return
    dit: Mapping[str, Any] = message or bouton or {}
    moment = _moment(evenement["timestamp"])
    identifiant = str(dit.get("mid") or f"{auteur}:{evenement['timestamp']}")[:120]
    if dit.get("is_deleted"):
        yield Retrait(Canal.FACEBOOK, identifiant)
        return
    pieces = [(p.get("type"), (p.get("payload") or {}).get("url")) for p in dit.get("attachments") or ()]
    # A page they share is a link, and no file: nobody fetches it.
    partages = [adresse_web(adresse) for genre, adresse in pieces if genre not in FICHIERS]
    mots = [nettoyer(str(dit.get("text") or dit.get("title") or "")), *partages]
    yield Publie(
        canal=Canal.FACEBOOK,
        identifiant=identifiant,
        auteur=auteur[:120],
        adresse=f"Messenger {auteur}"[:200],
        nom="",
        texte="\n".join(filter(None, mots)),
        publie_le=moment,
        portee=Portee.PRIVEE,
        modifie_le=modifie_le,
        medias=lire_les_medias(
            (FICHIERS[genre], adresse, "", "") for genre, adresse in pieces if genre in FICHIERS
        ),
    )


def _du_post(dit: Mapping[str, Any]) -> list[tuple[Nature, Any]]:
    """What a post shows; a photo or a video posted alone is its link."""
    seul = {"photo": Nature.IMAGE, "video": Nature.VIDEO}.get(dit["item"])
    films = [(Nature.VIDEO, dit.get("video"))]
    photos = [(Nature.IMAGE, adresse) for adresse in (dit.get("photo"), *(dit.get("photos") or ()))]
    return [*([(seul, dit.get("link"))] if seul else []), *films, *photos]


def _moment(valeur: Any) -> datetime:
    """Seconds for the feed, thousandths for Messenger."""
    secondes = int(valeur)
    return datetime.fromtimestamp(secondes / 1000 if secondes > 10**11 else secondes, UTC)


# -- what leaves ----------------------------------------------------------------------------------------


def trop_tard(origine: Portee, ecrit_le: datetime, maintenant: datetime) -> str:
    """Why the page may not write in private any more to who wrote then; "" while it may."""
    if not origine.est_publique and maintenant - ecrit_le > APRES_UN_MESSAGE:
        return (
            "Messenger n'accepte plus de message 24 heures après le dernier de la personne : répondez depuis "
            "la boîte de réception de la page."
        )
    if origine.est_publique and maintenant - ecrit_le > APRES_UN_COMMENTAIRE:
        return (
            "Facebook n'accepte plus de message privé 7 jours après un commentaire : répondez-lui sous son "
            "commentaire, sans donnée personnelle."
        )
    return ""


class Facebook:
    """The city's page, by the Graph API."""

    canal = Canal.FACEBOOK

    def __init__(
        self, page: str, jeton: str, *, application: str = "", secret: str = "", adresse: str
    ) -> None:
        self.page, self.jeton = page, jeton
        self.application, self.secret = application, secret
        self.adresse = adresse.rstrip("/")

    def poster(self, reponse: Reponse) -> str:
        """Below a comment, or in private; the API has no key against doubles: a retry looks there first."""
        if reponse.portee.est_publique:
            return self._commenter(reponse)
        return self._ecrire(reponse)

    def _commenter(self, reponse: Reponse) -> str:
        if reponse.est_une_reprise:
            sous = self._demander(
                "GET",
                f"/{reponse.a}/comments",
                params={"fields": "id,from,message", "order": "reverse_chronological", "limit": str(RELUES)},
            )
            if deja := self._deja_dite(sous.get("data"), reponse):
                return deja
        pose = self._demander("POST", f"/{reponse.a}/comments", json={"message": reponse.texte})
        return str(pose["id"])

    def _ecrire(self, reponse: Reponse) -> str:
        """To the person, who wrote in private; else to whoever made this comment, once."""
        est_un_commentaire = reponse.origine.est_publique
        if reponse.est_une_reprise and not est_un_commentaire:
            fils = self._demander(
                "GET",
                f"/{self.page}/conversations",
                params={
                    "platform": "messenger",
                    "user_id": reponse.compte,
                    "fields": f"messages.limit({RELUES}){{id,from,message}}",
                },
            )
            for fil in fils.get("data") or ():
                if deja := self._deja_dite((fil.get("messages") or {}).get("data"), reponse):
                    return deja
        vers = {"comment_id": reponse.a} if est_un_commentaire else {"id": reponse.compte}
        corps = {"recipient": vers, "messaging_type": "RESPONSE", "message": {"text": reponse.texte}}
        try:
            pose = self._demander("POST", f"/{self.page}/messages", json=corps)
        except DejaRepondu:
            # One private answer a comment: the attempt whose answer was lost made it.
            if reponse.est_une_reprise:
                return ""
            raise
        return str(pose.get("message_id") or "")

    def _deja_dite(self, posts: Sequence[Mapping[str, Any]] | None, reponse: Reponse) -> str:
        for post in posts or ():
            est_notre = str((post.get("from") or {}).get("id")) == self.page
            if est_notre and nettoyer(str(post.get("message") or "")) == nettoyer(reponse.texte):
                return str(post["id"])
        return ""

    def masquer(self, identifiant: str) -> None:
        """Hide a comment: its author and their friends alone still see it."""
        self._demander("POST", f"/{identifiant}", json={"is_hidden": True})

    def moi(self) -> str:
        return self.page

    @property
    def sait_sa_fin(self) -> bool:
        """Only the application that the key was made for may ask."""
        return bool(self.application)

    def fin_de_la_cle(self) -> datetime | None:
        """When our key ends, or what it may read does, the sooner; None when neither ever does."""
        dit = self._demander(
            "GET",
            "/debug_token",
            params={"input_token": self.jeton, "access_token": f"{self.application}|{self.secret}"},
        )["data"]
        if not dit.get("is_valid"):
            raise JetonRefuse("Facebook dit que notre clé n'est plus valable.")
        fins = [int(dit.get(nom) or 0) for nom in ("expires_at", "data_access_expires_at")]
        return min((datetime.fromtimestamp(fin, UTC) for fin in fins if fin > 0), default=None)

    def lien(self, identifiant: str) -> str:
        return f"https://www.facebook.com/{identifiant}" if "_" in identifiant else ""

    def en_tetes_du_media(self, adresse: str) -> dict[str, str]:
        return {}

    def _demander(
        self, methode: str, chemin: str, *, params: dict[str, str] | None = None, **suite: Any
    ) -> dict[str, Any]:
        parametres = {"access_token": self.jeton, **(params or {})}
        if self.secret and parametres["access_token"] == self.jeton:
            # Proves that the key is used by its own application.
            preuve = hmac.new(self.secret.encode(), self.jeton.encode(), hashlib.sha256).hexdigest()
            parametres["appsecret_proof"] = preuve
        statut, dit = appeler("Facebook", methode, self.adresse + chemin, params=parametres, **suite)
        if statut < 400 and isinstance(dit, dict):
            return dit
        raise _refus(statut, dit)


class DejaRepondu(ReseauRefuse):
    """This comment had its private answer."""


def _refus(statut: int, dit: Any) -> Exception:
    erreur = dit.get("error") if isinstance(dit, dict) else None
    if not isinstance(erreur, dict):
        return ReseauInjoignable(f"Facebook répond {statut}.")
    code, detail = erreur.get("code"), erreur.get("error_subcode")
    raison = nettoyer(str(erreur.get("message") or "sans explication"))[:150]
    if detail in HORS_DELAI:
        return ReseauRefuse(
            "Messenger n'accepte plus de message : la personne a écrit il y a trop longtemps."
        )
    if code in DEJA_REPONDU:
        return DejaRepondu("Ce commentaire a déjà eu sa réponse privée : Facebook n'en accepte qu'une.")
    if statut >= 500 or statut == 429 or code in PASSAGERES or erreur.get("is_transient"):
        return ReseauInjoignable(f"Facebook demande d'attendre ({code}).")
    if code in CLE_REFUSEE:
        return JetonRefuse(f"Facebook refuse notre clé ({code}) : {raison}")
    return ReseauRefuse(f"Facebook a répondu {code} : {raison}")


# -- what the house reads -------------------------------------------------------------------------------


def ouvrir(reglages: Any) -> Facebook | None:
    """The city's page, when it gave a key for it."""
    page, jeton = reglages.GUICHET_FACEBOOK_PAGE, reglages.GUICHET_FACEBOOK_JETON
    if not page or not jeton:
        return None
    return Facebook(
        page,
        jeton,
        application=reglages.GUICHET_FACEBOOK_APPLICATION,
        secret=next(iter(reglages.GUICHET_SECRETS.get("facebook", ())), ""),
        adresse=reglages.GUICHET_FACEBOOK_ADRESSE,
    )


def numero(chemin: str, parametres: Mapping[str, str]) -> str:
    """What Facebook calls the post or the comment of a link."""
    for nom in _PARAMETRES:
        if lu := _numero(parametres.get(nom, "")):
            return lu
        if nom.endswith("comment_id") and parametres.get(nom):
            return ""  # not the number of the post it is under
    trouve = _CHEMIN.search(chemin)
    return trouve[1] if trouve else ""


def _numero(valeur: str) -> str:
    """« 12 », or « comment:1_12 » in base64, as Facebook writes both."""
    if not valeur.isascii() or not valeur.isdecimal():
        try:
            lu = base64.b64decode(valeur + "=" * (-len(valeur) % 4), validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            return ""
        valeur = LIENS.numero_de(lu) if lu.startswith("comment:") else ""
    return valeur if valeur.isdecimal() and len(valeur) <= 30 else ""


LIENS = Liens(
    sites=("facebook.com", "fb.com", "fb.watch"),
    numero=numero,
    separateur="_",  # « page_post » and « post_comment »
    cache_le_numero=True,  # « pfbid… », « /share/ »
    est_celui_du_fil=True,
)
CONNECTEUR = Connecteur(
    Canal.FACEBOOK,
    lire=lire,
    reconnaitre=reconnaitre,
    ouvrir=ouvrir,
    longueur=LONGUEUR,
    refuser_le_prive=trop_tard,
    # Meta names no webhook: its bytes do. Its word of verification travels in an address, and signs nothing.
    webhook=Webhook(verifier=verifier_meta, defi=repondre_au_defi, mots_du_defi="facebook_verification"),
    liens=LIENS,
)
