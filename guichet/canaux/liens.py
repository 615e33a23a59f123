"""The link of a copied post: which network it is on, and what names it whoever copied it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from guichet.canaux import registre
from guichet.canaux.canal import Canal
from guichet.socle.erreurs import DonneeInvalide

LONGUEUR = 500
PAS_UN_LIEN = "Collez l'adresse complète de la publication, qui commence par https://."
# Sites of networks that have no connector: what is there is copied by hand.
SITES_SANS_CONNECTEUR = (
    "instagram.com",
    "threads.net",
    "threads.com",
    "linkedin.com",
    "tiktok.com",
    "youtube.com",
    "youtu.be",
    "bsky.app",
    "t.me",
    "nextdoor.fr",
)
# The same site, dressed for a screen.
HABITS = ("www.", "m.", "mobile.", "web.", "fr-fr.")
# What a network adds to say who shared it: the post is the same without.
PISTES = frozenset({"fbclid", "igsh", "igshid", "s", "t", "ref", "ref_src", "mibextid", "si", "rdid"})


@dataclass(frozen=True)
class Lien:
    """`adresse` as it was copied; `canal` is None when its site says nothing; `cle` is one for one post.

    `numero` is what its network calls it (its server `hote`, where there are many), "" when it does not say.
    """

    adresse: str
    canal: Canal | None
    cle: str
    hote: str = ""
    numero: str = ""

    @property
    def est_muet(self) -> bool:
        """Its network will tell this post by a number that its shared link hides."""
        return not self.numero and registre.du_canal(self.canal or "").liens.cache_le_numero

    def reseau(self, choisi: Canal) -> Canal:
        """The network it is on, knowing which one was chosen: the site says more than the hand."""
        if self.canal is not None:
            return self.canal
        # Where there are many servers, they have any name; the others have one.
        return choisi if registre.du_canal(choisi).liens.notre_serveur else Canal.RESEAU

    @property
    def identifiant(self) -> str:
        """What stands for the network's own name of the post, that nobody gave us."""
        return identifiant_de(self.cle)


def identifiant_de(cle: str) -> str:
    return f"lien:{hashlib.sha256(cle.encode()).hexdigest()[:40]}"


def cle_de(canal: Canal, numero: str, hote: str = "") -> str:
    """The key of every link to the post that its network calls so."""
    return f"{canal}:{hote}:{numero}" if registre.du_canal(canal).liens.notre_serveur else f"{canal}:{numero}"


def _sites() -> Iterator[tuple[str, Canal]]:
    for connecteur in registre.CONNECTEURS.values():
        yield from ((site, connecteur.canal) for site in connecteur.liens.sites)
    yield from ((site, Canal.RESEAU) for site in SITES_SANS_CONNECTEUR)


def _canal_de(hote: str, chemin: str, parametres: Mapping[str, str]) -> Canal | None:
    """The network whose site it is, else the one whose servers write their links so."""
    for site, canal in _sites():
        if hote == site or hote.endswith(f".{site}"):
            return canal
    for connecteur in registre.CONNECTEURS.values():
        if connecteur.liens.notre_serveur and connecteur.liens.numero(chemin, parametres):
            return connecteur.canal
    return None


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
    chemin, parametres = parties.path.rstrip("/"), parse_qsl(parties.query)
    canal = _canal_de(hote, chemin, dict(parametres))
    numero = registre.du_canal(canal).liens.numero(chemin, dict(parametres)) if canal else ""
    if canal is not None and numero:
        return Lien(adresse, canal, cle_de(canal, numero, hote), hote, numero)
    gardes = [(n, valeur) for n, valeur in parametres if n not in PISTES and not n.startswith("utm_")]
    return Lien(adresse, canal, f"{hote}{chemin}?{urlencode(sorted(gardes))}", hote)
