"""The one door of what others post to us: signed, stored as it came, then acknowledged.

A new source is one line of `SOURCES` and one of `GUICHET_SECRETS`: its channel, how it signs, and what names
one of its posts. What it posts is kept as a Reception whose `source` is its name, for `reception` to read.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from demandes import reception
from demandes.actions import appels
from guichet.canaux import facebook, sms, x
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.signatures import (
    SignatureRefusee,
    Verificateur,
    verifier_meta,
    verifier_standard,
    verifier_x,
)
from guichet.socle.debit import Debit

# A webhook is words and addresses of files, never files.
TAILLE_MAXIMALE = 256 * 1024  # bytes
# A minute, in each process: what one source may post, and the refusals one address is told the reason of.
ACCEPTES = Debit(3000)
REFUSES = Debit(60)


class TropVite(Exception):
    """More than a city receives: nothing is kept, and the sender posts again later."""


Garder = Callable[[str, "Source", str, bytes], None]
Defi = Callable[[Mapping[str, str], Sequence[str]], str | None]


def garder(nom: str, source: Source, cle: str, corps: bytes) -> None:
    """Commit the raw body, once, then ring: the worker does the rest, now or at the next sweep."""
    with transaction.atomic(durable=True):
        gardee = reception.recevoir(source.canal, nom, cle, corps)
    if gardee.etat == gardee.Etat.A_TRAITER:
        reception.sonnette.sonner(gardee.pk)


def garder_un_appel(nom: str, source: Source, cle: str, corps: bytes) -> None:
    """Commit the event and what it says of the call: a sheet must rise within the second, worker or not."""
    try:
        with transaction.atomic(durable=True):
            appels.recevoir(corps)
    except ContenuIllisible as erreur:
        with transaction.atomic(durable=True):
            gardee = reception.recevoir(source.canal, nom, cle, corps)
            if gardee.etat == gardee.Etat.A_TRAITER:
                reception.mettre_en_quarantaine(gardee, str(erreur))


@dataclass(frozen=True)
class Source:
    """Somebody who posts to us.

    `cle` reads in the body what the sender calls it, "" when it does not say; `defi` answers a GET by which
    they check that we know the secret, None when they do not, and `mots_du_defi` names what it is checked
    with in `GUICHET_SECRETS` when posts are signed with something else; `type_du_defi` is what the answer is;
    `garder` must commit before it
    returns.
    """

    canal: Canal
    cle: Callable[[bytes], str]
    verifier: Verificateur = verifier_standard
    defi: Defi | None = None
    mots_du_defi: str = ""
    type_du_defi: str = "text/plain; charset=utf-8"
    garder: Garder = garder


SOURCES: dict[str, Source] = {
    "sms": Source(Canal.SMS, sms.cle),
    # Meta names no webhook: its bytes do. Its word of verification travels in an address, and signs nothing.
    "facebook": Source(
        Canal.FACEBOOK,
        lambda corps: "",
        verifier=verifier_meta,
        defi=facebook.repondre_au_defi,
        mots_du_defi="facebook_verification",
    ),
    "x": Source(
        Canal.X,
        lambda corps: "",
        verifier=verifier_x,
        defi=x.repondre_au_defi,
        type_du_defi="application/json",
    ),
    # A call is no message: what is told of it has its own table.
    "telephonie": Source(Canal.TELEPHONE, lambda corps: "", garder=garder_un_appel),
}


def recevoir(nom: str, en_tetes: Mapping[str, str], corps: bytes) -> None:
    """Keep one post of the source `nom`, committed when this returns. Raises SignatureRefusee, TropVite."""
    source = SOURCES[nom]
    if not (secrets := secrets_de(nom)):
        raise SignatureRefusee("this source is closed: it has no secret", est_absente=True)
    source.verifier(en_tetes, corps, secrets, time.time())
    if not ACCEPTES.passe(nom):
        raise TropVite
    cle = source.cle(corps) or en_tetes.get("webhook-id") or hashlib.sha256(corps).hexdigest()
    source.garder(nom, source, cle, corps)


def repondre_au_defi(nom: str, parametres: Mapping[str, str]) -> str | None:
    """What a source waits for before it posts anything; None when it asks for nothing, or wrongly."""
    source = SOURCES[nom]
    secrets = secrets_de(source.mots_du_defi or nom)
    return source.defi(parametres, secrets) if source.defi and secrets else None


def secrets_de(nom: str) -> Sequence[str]:
    return settings.GUICHET_SECRETS.get(nom, ())
