"""A file that a network gave the address of: fetched once, within bounds, and from the public network alone.

The address is somebody else's: it must never make the worker speak to the house's own machines. Each name is
resolved here, and the connection goes to what was checked: a name that changes in between changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

from guichet.canaux.reseau import ReseauInjoignable, ReseauRefuse

DELAIS = (5, 10)  # seconds to connect, then for each word of the answer
DUREE = 45  # seconds in all
DETOURS = 2
PASSAGERES = frozenset({408, 425, 429})
SANS_IMAGE = ("video/", "audio/", "text/")
EN_TETES = {"User-Agent": "Guichet", "Accept": "image/*,application/pdf;q=0.9,*/*;q=0.1"}


class PasPublic(NewConnectionError):
    """This name leads inside: nothing was asked of it."""


def prendre(
    adresse: str,
    *,
    taille_max: int,
    permises: Collection[str] = (),
    en_tetes: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes at this address. `permises`: origins of the house (« http://127.0.0.1:8000 ») it may ask.

    Raises ReseauRefuse when it never will, ReseauInjoignable when it may later: each a French reason.
    `en_tetes` go to this address, and nowhere it may send to.
    """
    fin = time.monotonic() + DUREE
    with requests.Session() as session:
        # Neither a proxy nor a password of the environment: what is connected to is what was checked.
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", _Prudent())
        for origine in permises:
            session.mount(f"{origine}/", HTTPAdapter())
        for detour in range(DETOURS + 1):
            exiger_une_adresse(adresse, permises)
            propres = EN_TETES if detour else {**EN_TETES, **(en_tetes or {})}
            try:
                with session.get(
                    adresse, headers=propres, timeout=DELAIS, allow_redirects=False, stream=True
                ) as reponse:
                    if not reponse.is_redirect:
                        return _lire(reponse, taille_max, fin)
                    adresse = urljoin(adresse, reponse.headers["Location"])
            except (requests.RequestException, HTTPError, OSError) as cause:
                raise _en_mots(cause) from None
    raise ReseauRefuse("le réseau la renvoie sans fin d'une adresse à l'autre")


def exiger_une_adresse(adresse: str, permises: Collection[str]) -> None:
    try:
        lue = urlsplit(adresse)
        origine = f"{lue.scheme}://{lue.netloc}"
    except ValueError:
        origine = ""
    if origine not in permises and (not origine.startswith("https://") or "@" in origine):
        raise ReseauRefuse("son adresse n'est pas celle d'un site en https")


def _lire(reponse: requests.Response, taille_max: int, fin: float) -> bytes:
    statut = reponse.status_code
    if statut >= 500 or statut in PASSAGERES:
        raise ReseauInjoignable(f"le réseau demande d'attendre ({statut})")
    if statut != 200:
        raise ReseauRefuse(f"le réseau ne la donne plus ({statut})")
    if reponse.headers.get("Content-Type", "").lower().startswith(SANS_IMAGE):
        raise ReseauRefuse("c'est une vidéo, un son ou une page")
    annonce = reponse.headers.get("Content-Length", "")
    trop = ReseauRefuse(f"elle dépasse {taille_max // 1024**2} Mo")
    if annonce.isdecimal() and int(annonce) > taille_max:
        raise trop
    contenu = bytearray()
    # As it comes, and not unfolded: ten megabytes are ten megabytes.
    while morceau := reponse.raw.read1(64 * 1024, decode_content=False):
        contenu += morceau
        if len(contenu) > taille_max:
            raise trop
        if time.monotonic() > fin:
            raise ReseauInjoignable("le réseau est trop lent")
    return bytes(contenu)


def _en_mots(cause: Exception) -> Exception:
    """Never its own words: they tell the address, that may hold a key."""
    if isinstance(getattr(next(iter(cause.args), None), "reason", None), PasPublic):
        return ReseauRefuse("son adresse n'est pas celle d'un site public")
    return ReseauInjoignable("le réseau ne répond pas")


class _Connexion(HTTPSConnection):
    """Connects to an address that was looked at first."""

    def _new_conn(self) -> socket.socket:
        try:
            trouvees = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
            adresses = [str(trouvee[4][0]) for trouvee in trouvees]
        except (OSError, UnicodeError) as cause:
            raise NewConnectionError(self, "name not found") from cause
        if not adresses or not all(ipaddress.ip_address(adresse).is_global for adresse in adresses):
            raise PasPublic(self, "not a public address")
        try:
            return create_connection(
                (adresses[0], self.port), self.timeout, socket_options=self.socket_options
            )
        except OSError as cause:
            raise NewConnectionError(self, "no connection") from cause


class _Pile(HTTPSConnectionPool):
    ConnectionCls = _Connexion


class _Prudent(HTTPAdapter):
    """An adapter of `requests` whose only connections are these."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": _Pile}
