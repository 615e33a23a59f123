"""The way into the outbox. A row is written with its cause or not at all; the worker does the rest."""

import logging
import time
from collections.abc import Mapping
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from guichet.canaux.canal import Canal
from guichet.canaux.courriel import verifier_en_tetes
from guichet.envois import tasks
from guichet.envois.models import Envoi
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.insertion import inserer_sauf_conflit
from guichet.socle.texte import nettoyer

journal = logging.getLogger(__name__)

# The channels a message can leave by today.
CANAUX_SORTANTS = frozenset({Canal.COURRIEL})
# Seconds without ringing after a dead broker; the sweep is as frequent.
SILENCE = 20

_silence_jusqu_a = 0.0


def deposer(
    *,
    canal: str,
    destinataire: str,
    objet: str,
    corps: str,
    nature: str,
    reference: str,
    cle: str,
    est_automatique: bool = True,
    en_tetes: Mapping[str, str] | None = None,
) -> Envoi:
    """Write one message to send, in the caller's transaction; the same `cle` gives the same row.

    `destinataire` is a bare address: one that cannot work is kept and shown as failed, since a wrong
    address must not undo what caused the message. `objet` is cut at 250 characters. Raises
    TransactionManagementError outside a transaction, ValueError for a channel with no way out, an
    unknown nature or a forbidden header.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An Envoi is written in the transaction of its cause.")
    if canal not in CANAUX_SORTANTS:
        raise ValueError(f"no way out by {canal}")
    en_tetes = dict(en_tetes or {})
    verifier_en_tetes(en_tetes)
    envoi = Envoi(
        cle=cle,
        canal=canal,
        destinataire=_adresse(destinataire),
        objet=" ".join(nettoyer(objet).split())[:250],
        corps=nettoyer(corps),
        nature=Envoi.Nature(nature),
        est_automatique=est_automatique,
        reference=reference,
        en_tetes=en_tetes,
    )
    if not inserer_sauf_conflit(envoi, "cle"):
        return Envoi.objects.get(cle=cle)
    transaction.on_commit(partial(_sonner, envoi.pk))
    return envoi


def _adresse(saisie: str) -> str:
    try:
        return normaliser_courriel(saisie)
    except DonneeInvalide:
        return nettoyer(saisie)[:254]


def _sonner(pk: int) -> None:
    """Tell the worker at once, unless the broker has just been found dead: the sweep sends anyway.

    The silence is kept for the process, so that neither a second row nor the next request waits again.
    """
    global _silence_jusqu_a
    if time.monotonic() < _silence_jusqu_a:
        return
    try:
        tasks.envoyer.delay(pk)
    except Exception as erreur:
        _silence_jusqu_a = time.monotonic() + SILENCE
        journal.warning("Broker unreachable (%s): the next sweep will send.", type(erreur).__name__)


def relancer(envoi: Envoi) -> bool:
    """Give a failed row all its attempts again; False when it had not failed."""
    return bool(
        Envoi.objects.filter(pk=envoi.pk, etat=Envoi.Etat.ECHEC).update(
            etat=Envoi.Etat.A_ENVOYER, essais=0, prochain_essai_le=timezone.now(), erreur=""
        )
    )
