"""The link of a copied post: which network it is on, and what names it whoever copied it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from guichet.canaux.canal import Canal
from guichet.socle.erreurs import DonneeInvalide

LONGUEUR = 500
PAS_UN_LIEN = "Collez l'adresse complète de la publication, qui commence par https://."
HOTES = {
    "facebook.com": Canal.FACEBOOK,
    "fb.com": Canal.FACEBOOK,
    "fb.watch": Canal.FACEBOOK,
    "x.com": Canal.X,
    "twitter.com": Canal.X,
    "instagram.com": Canal.RESEAU,
    "threads.net": Canal.RESEAU,
    "threads.com": Canal.RESEAU,
    "linkedin.com": Canal.RESEAU,
    "tiktok.com": Canal.RESEAU,
    "youtube.com": Canal.RESEAU,
    "youtu.be": Canal.RESEAU,
    "bsky.app": Canal.RESEAU,
    "t.me": Canal.RESEAU,
    "nextdoor.fr": Canal.RESEAU,
}
# The same site, dressed for a screen.
HABITS = ("www.", "m.", "mobile.", "web.", "fr-fr.")
# What a network adds to say who shared it: the post is the same without.
PISTES = frozenset({"fbclid", "igsh", "igshid", "s", "t", "ref", "ref_src", "mibextid", "si", "rdid"})
# Each server of Mastodon has its own name: its posts are known by their path.
_MASTODON = re.compile(r"^/(?:@[\w.-]+(?:@[\w.-]+)?|users/[\w.-]+/statuses)/(\d+)/?$")
# The number of a post on Facebook ends its path, or is in one of these, the narrower first.
_SUR_FACEBOOK = re.compile(r"/(?:posts|permalink|photos|videos|reel)/(?:[^/]+/)*(\d+)$")
_DANS_FACEBOOK = ("reply_comment_id", "comment_id", "story_fbid", "fbid", "v")
_SUR_X = re.compile(r"^/(?:i/(?:web/)?|[^/]+/)status/(\d+)")


@dataclass(frozen=True)
class Lien:
    """`adresse` as it was copied; `canal` is None when its site says nothing; `cle` is one for one post.

    `numero` is what its network calls it (on Mastodon, what the server `hote` does), "" when it does not say.
    """

    adresse: str
    canal: Canal | None
    cle: str
    hote: str = ""
    numero: str = ""

    @property
    def est_muet(self) -> bool:
        """Facebook will tell this post by a number that its shared link hides (« pfbid… », « /share/ »)."""
        return self.canal is Canal.FACEBOOK and not self.numero

    def reseau(self, choisi: Canal) -> Canal:
        """The network it is on, knowing which one was chosen: the site says more than the hand."""
        if self.canal is not None:
            return self.canal
        # Servers of Mastodon have any name; the others have one.
        return Canal.MASTODON if choisi is Canal.MASTODON else Canal.RESEAU

    @property
    def identifiant(self) -> str:
        """What stands for the network's own name of the post, that nobody gave us."""
        return identifiant_de(self.cle)


def identifiant_de(cle: str) -> str:
    return f"lien:{hashlib.sha256(cle.encode()).hexdigest()[:40]}"


def cle_de(canal: Canal, numero: str, hote: str = "") -> str:
    """The key of every link to the post that its network calls so."""
    return f"{canal}:{hote}:{numero}" if canal is Canal.MASTODON else f"{canal}:{numero}"


def numero_de_facebook(identifiant: str) -> str:
    """Of « page_post » and « post_comment », the part that links have."""
    return identifiant.rpartition("_")[2]


def _numero_dit(canal: Canal | None, chemin: str, parametres: Mapping[str, str]) -> str:
    if canal is Canal.FACEBOOK:
        return _sur_facebook(chemin, parametres)
    forme = {Canal.MASTODON: _MASTODON, Canal.X: _SUR_X}.get(canal) if canal else None
    statut = forme.match(chemin) if forme else None
    return statut[1] if statut else ""


def _sur_facebook(chemin: str, parametres: Mapping[str, str]) -> str:
    for nom in _DANS_FACEBOOK:
        if numero := _numero(parametres.get(nom, "")):
            return numero
        if nom.endswith("comment_id") and parametres.get(nom):
            return ""  # not the number of the post it is under
    trouve = _SUR_FACEBOOK.search(chemin)
    return trouve[1] if trouve else ""


def _numero(valeur: str) -> str:
    """« 12 », or « comment:1_12 » in base64, as Facebook writes both."""
    if not valeur.isascii() or not valeur.isdecimal():
        try:
            lu = base64.b64decode(valeur + "=" * (-len(valeur) % 4), validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            return ""
        valeur = numero_de_facebook(lu) if lu.startswith("comment:") else ""
    return valeur if valeur.isdecimal() and len(valeur) <= 30 else ""


def lire(saisie: str) -> Lien:
    """Read a link of a web page. Raises DonneeInvalide, in a sentence to show."""
    adresse = saisie.strip()
    if "://" not in adresse and re.match(r"^[\w-]+(\.[\w-]+)+/", adresse):
        adresse = f"https://{adresse}"
    try:
        parties = urlsplit(adresse)
        hote = (parties.hostname or "").rstrip(".")
    except ValueError:
        parties, hote = urlsplit(""), ""
    est_web = parties.scheme in ("http", "https") and "." in hote and adresse.isprintable()
    if not est_web or " " in adresse or "@" in parties.netloc:
        raise DonneeInvalide(
            "Collez l'adresse complète de la publication, qui commence par https://.", "lien"
        )
    if len(adresse) > LONGUEUR:
        raise DonneeInvalide(f"Ce lien est trop long : {LONGUEUR} signes au plus.", "lien")
    for habit in HABITS:
        hote = hote.removeprefix(habit)
    canal = next((c for nom, c in HOTES.items() if hote == nom or hote.endswith(f".{nom}")), None)
    chemin, parametres = parties.path.rstrip("/"), parse_qsl(parties.query)
    if canal is None and _MASTODON.match(chemin):
        canal = Canal.MASTODON
    numero = _numero_dit(canal, chemin, dict(parametres))
    if canal is not None and numero:
        return Lien(adresse, canal, cle_de(canal, numero, hote), hote, numero)
    gardes = [(n, valeur) for n, valeur in parametres if n not in PISTES and not n.startswith("utm_")]
    return Lien(adresse, canal, f"{hote}{chemin}?{urlencode(sorted(gardes))}", hote)
