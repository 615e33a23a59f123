"""The one door of what others post to us: signed, stored as it came, then acknowledged.

A new source is one line of `SOURCES` and one of `GUICHET_SECRETS`: its channel, how it signs, and what names
one of its posts; a network says it in its own file. What it posts is kept as a Reception whose `source` is
its name, for `reception` to read.
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
from guichet.canaux import registre, sms
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.signatures import SignatureRefusee
from guichet.canaux.webhook import Webhook
from guichet.socle.debit import Debit

# A webhook is words and addresses of files, never files.
TAILLE_MAXIMALE = 256 * 1024  # bytes
# A minute, in each process: what one source may post, and the refusals one address is told the reason of.
ACCEPTES = Debit(3000)
REFUSES = Debit(60)


class TropVite(Exception):
    """More than a city receives: nothing is kept, and the sender posts again later."""


Garder = Callable[[str, "Source", str, bytes], None]


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
    """Somebody who posts to us; `garder` must commit before it returns."""

    canal: Canal
    webhook: Webhook
    garder: Garder = garder


SOURCES: dict[str, Source] = {
    "sms": Source(Canal.SMS, Webhook(sms.cle)),
    # A call is no message: what is told of it has its own table.
    "telephonie": Source(Canal.TELEPHONE, Webhook(), garder=garder_un_appel),
}


def source_de(nom: str) -> Source | None:
    """The source of this name, None when nobody posts so; a network has the name of its channel."""
    reseau = registre.CONNECTEURS.get(nom)
    if reseau is not None and reseau.webhook is not None:
        return Source(reseau.canal, reseau.webhook)
    return SOURCES.get(nom)


def recevoir(nom: str, source: Source, en_tetes: Mapping[str, str], corps: bytes) -> None:
    """Keep one post of the source `nom`, committed when this returns. Raises SignatureRefusee, TropVite."""
    if not (secrets := secrets_de(nom)):
        raise SignatureRefusee("this source is closed: it has no secret", est_absente=True)
    source.webhook.verifier(en_tetes, corps, secrets, time.time())
    if not ACCEPTES.passe(nom):
        raise TropVite
    cle = source.webhook.cle(corps) or en_tetes.get("webhook-id") or hashlib.sha256(corps).hexdigest()
    source.garder(nom, source, cle, corps)


def repondre_au_defi(nom: str, webhook: Webhook, parametres: Mapping[str, str]) -> str | None:
    """What a source waits for before it posts anything; None when it asks for nothing, or wrongly."""
    secrets = secrets_de(webhook.mots_du_defi or nom)
    return webhook.defi(parametres, secrets) if webhook.defi and secrets else None


def secrets_de(nom: str) -> Sequence[str]:
    return settings.GUICHET_SECRETS.get(nom, ())
