"""What every social network is to us: posts that come in, a reply that goes out, one file for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import requests

from guichet.canaux.canal import Canal
from guichet.canaux.webhook import Webhook
from guichet.socle.texte import nettoyer

DELAIS = (5, 15)  # seconds to connect, then to answer
# Of one post, and what the address of each may hold: those of Facebook are signed, and long.
MEDIAS_AU_PLUS = 16
LONGUEUR_D_UN_MEDIA = 2000
# Of a post, where its network says nothing: what people read.
LONGUEUR = 2000


class Portee(StrEnum):
    """Who can read a post. Values are stored: never rename one."""

    PUBLIQUE = "publique"
    DISCRETE = "discrete"
    ABONNES = "abonnes"
    PRIVEE = "privee"

    @property
    def libelle(self) -> str:
        return LIBELLES[self]

    @property
    def est_publique(self) -> bool:
        """Anybody may read it, or many may: what answers it there needs a second look."""
        return self is not Portee.PRIVEE


LIBELLES = {
    Portee.PUBLIQUE: "Public",
    Portee.DISCRETE: "Public, hors des fils",
    Portee.ABONNES: "Abonnés",
    Portee.PRIVEE: "Privé",
}
PORTEES = [(portee.value, portee.libelle) for portee in Portee]


class ReseauInjoignable(Exception):
    """The network did not answer, or asked to come back later: nothing is lost, it is asked again."""


class ReseauRefuse(Exception):
    """The network will not do it, now or later: the sentence says why."""


class JetonRefuse(ReseauInjoignable):
    """Our key is refused: somebody must give another one. Nothing is lost meanwhile."""


class Nature(StrEnum):
    """What is told beside the words of a post, as the thread says it."""

    IMAGE = "Image"
    ANIMATION = "Image animée"
    VIDEO = "Vidéo"
    SON = "Son"
    FICHIER = "Fichier"


@dataclass(frozen=True)
class Media:
    """What a post shows, where it is, and what its author says of it.

    `apercu` is the still picture that a network gives of what moves.
    """

    adresse: str
    description: str = ""
    nature: Nature = Nature.IMAGE
    apercu: str = ""

    @property
    def se_garde(self) -> bool:
        """It may become a file here; a film or a sound is seen there."""
        return self.nature in (Nature.IMAGE, Nature.FICHIER)

    @property
    def a_garder(self) -> str:
        """The address of what becomes a file here, if any."""
        return self.adresse if self.se_garde else self.apercu

    def __str__(self) -> str:
        return f"[{self.nature} : {self.description or 'sans description'}] {self.adresse}"


@dataclass(frozen=True)
class Publie:
    """One post, as its network tells it. `auteur` is its own id there, `adresse` the name one writes to."""

    canal: Canal
    identifiant: str
    auteur: str
    adresse: str
    nom: str
    texte: str
    publie_le: datetime
    portee: Portee
    lien: str = ""
    en_reponse_a: str = ""
    modifie_le: datetime | None = None
    medias: tuple[Media, ...] = ()


@dataclass(frozen=True)
class Retrait:
    """A post that its author, or its network, took away."""

    canal: Canal
    identifiant: str


@dataclass(frozen=True)
class Releve:
    """What was new: (identifier, raw bytes) of each post, oldest first, and where to start next time."""

    publications: tuple[tuple[str, bytes], ...]
    curseur: str


@dataclass(frozen=True)
class Reponse:
    """What the city answers there: to which post (`a`), of whom (`compte`), read by whom.

    `origine` is who could read what it answers. `cle` is the same at each attempt, and `est_une_reprise` says
    that one was made before: what it did is not known.
    """

    a: str
    compte: str
    texte: str
    portee: Portee
    origine: Portee
    cle: str
    est_une_reprise: bool = False


class Reseau(Protocol):
    """A network where the city writes."""

    canal: Canal

    def poster(self, reponse: Reponse) -> str:
        """Post a reply, once for its `cle` however often it is tried; return its id there."""

    def lien(self, identifiant: str) -> str:
        """Where a post of ours is seen."""

    def en_tetes_du_media(self, adresse: str) -> dict[str, str]:
        """What to say with the request for a picture it told of; most are given to anybody."""


@runtime_checkable
class ReseauReleve(Reseau, Protocol):
    """A network that does not tell what is new: it is asked."""

    def moi(self) -> str:
        """Our own id there; raises JetonRefuse when our key is no good."""

    def relever(self, curseur: str) -> Releve:
        """What people told us since then."""

    def relire(self, identifiants: Sequence[str]) -> Mapping[str, bytes | None]:
        """These posts as they are now; None for one that is gone."""


@runtime_checkable
class ReseauQuiMasque(Reseau, Protocol):
    """A network that lets us hide what people write at the city's; elsewhere somebody does it there."""

    def masquer(self, identifiant: str) -> None:
        """Hide a post."""


@runtime_checkable
class ReseauQuiDitSaFin(Reseau, Protocol):
    """A network that says until when our key is good."""

    @property
    def sait_sa_fin(self) -> bool:
        """Whether it has what that is asked with."""

    def moi(self) -> str:
        """Our own id there."""

    def fin_de_la_cle(self) -> datetime | None:
        """None when it never ends; raises JetonRefuse when it did."""


@dataclass(frozen=True)
class Liens:
    """What the links of a network's posts are like: an agent copies one, the network tells the post later."""

    # The sites it is on; none when each server has its own name: the path of a link then tells a post.
    sites: tuple[str, ...] = ()
    # (path, parameters): what the network calls the post, or "".
    numero: Callable[[str, Mapping[str, str]], str] = lambda chemin, parametres: ""
    # What its names of posts have before the number that links have: « page_post ».
    separateur: str = ""
    # Where every server numbers its posts itself: that of the city, or "". None where one numbers them all.
    notre_serveur: Callable[[Any], str] | None = None
    # A link that was shared may hide the number of its post.
    cache_le_numero: bool = False
    # A comment has no link of its own, but that of the post it is under.
    est_celui_du_fil: bool = False

    def numero_de(self, identifiant: str) -> str:
        """The part of its network's name of a post that links have."""
        return identifiant.rpartition(self.separateur)[2] if self.separateur else identifiant


class Reconnaitre(Protocol):
    """Which post it is and whose, without its words, when the rest cannot be read; None when none says."""

    def __call__(self, contenu: bytes, *, recu_le: datetime) -> Publie | None: ...


@dataclass(frozen=True)
class Connecteur:
    """All that one network has of its own, as its file declares it; the rest of the house knows no network.

    `ouvrir` gives the city's account there, from the settings, or None without all its keys. What else it can
    do (be asked what is new, hide a post, say when our key ends) is said by the methods of that account.
    """

    canal: Canal
    lire: Callable[[bytes], tuple[Publie | Retrait, ...]]
    reconnaitre: Reconnaitre
    ouvrir: Callable[[Any], Reseau | None]
    # The most that one post holds, as its network counts.
    longueur: int = LONGUEUR
    mesurer: Callable[[str], int] = len
    # (name of the account, words): the words as they leave, when a name in front is what tells the person.
    adresser: Callable[[str, str], str] = lambda adresse, texte: texte
    # (who could read the post, when it was written, now): why no private answer to it leaves, or "".
    refuser_le_prive: Callable[[Portee, datetime, datetime], str] = lambda origine, ecrit_le, maintenant: ""
    # The day our key ends (2027-01-31) where the city wrote it itself, or "".
    fin_reglee: Callable[[Any], str] = lambda reglages: ""
    # How it posts to us what is new; None when it does not.
    webhook: Webhook | None = None
    liens: Liens = Liens()


def adresse_web(valeur: Any, longueur: int = 500) -> str:
    """An address a page may link to, or ""."""
    est_web = isinstance(valeur, str) and valeur.startswith(("https://", "http://")) and valeur.isprintable()
    return valeur if est_web and len(valeur) <= longueur else ""


_DES_MEDIAS = re.compile(rf"(?:^|\n)\[(?:{'|'.join(Nature)}) : ")


def sans_les_medias(texte: str) -> str:
    """The words of a post in a thread, before what it shows."""
    return _DES_MEDIAS.split(texte, maxsplit=1)[0]


def lire_les_medias(dits: Iterable[tuple[Nature, Any, Any, Any]]) -> tuple[Media, ...]:
    """(nature, address, what it shows, address of its still picture) of each, once, within bounds."""
    lus: dict[str, Media] = {}
    for nature, adresse, description, apercu in dits:
        if lue := adresse_web(adresse, LONGUEUR_D_UN_MEDIA):
            fixe = adresse_web(apercu, LONGUEUR_D_UN_MEDIA)
            lus.setdefault(lue, Media(lue, nettoyer(str(description or ""))[:500], nature, fixe))
    return tuple(lus.values())[:MEDIAS_AU_PLUS]


def appeler(reseau: str, methode: str, adresse: str, **suite: Any) -> tuple[int, Any]:
    """Ask a network's API; return its status and what it says, None when that is no JSON.

    Raises ReseauInjoignable when nothing comes, without the words of the failure: they tell the address, and
    it may have our key.
    """
    try:
        reponse = requests.request(methode, adresse, timeout=DELAIS, allow_redirects=False, **suite)
    except requests.RequestException as cause:
        raise ReseauInjoignable(f"{reseau} ne répond pas ({type(cause).__name__}).") from None
    try:
        return reponse.status_code, reponse.json()
    except ValueError:
        return reponse.status_code, None
