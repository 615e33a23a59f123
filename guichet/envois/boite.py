"""The way into the outbox. A row is written with its cause or not at all; the worker does the rest."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NotRequired, TypedDict, Unpack

from django.db import connection, transaction
from django.utils import timezone

from guichet.canaux.canal import Canal
from guichet.canaux.courriel import verifier_en_tetes
from guichet.envois.models import Envoi
from guichet.envois.sonnette import sonnette
from guichet.socle.coordonnees import normaliser_courriel
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.insertion import inserer_sauf_conflit
from guichet.socle.texte import nettoyer

# The channels a message can leave by today.
CANAUX_SORTANTS = frozenset({Canal.COURRIEL})


class Message(TypedDict):
    """What is sent. `destinataire` is a bare address; `objet` is cut at 250 characters."""

    canal: str
    destinataire: str
    objet: str
    corps: str
    nature: str
    reference: str
    cle: str
    est_automatique: NotRequired[bool]
    en_tetes: NotRequired[Mapping[str, str] | None]


def deposer(**message: Unpack[Message]) -> Envoi:
    """Write one message to send, in the caller's transaction; the same `cle` gives the same row.

    An address that cannot work is kept and shown as failed, since a wrong address must not undo what
    caused the message. Raises TransactionManagementError outside a transaction, ValueError for a channel
    with no way out, an unknown nature or a forbidden header.
    """
    _exiger_une_transaction()
    envoi = preparer(message)
    if not inserer_sauf_conflit(envoi, "cle"):
        return Envoi.objects.get(cle=envoi.cle)
    sonner(envoi.pk)
    return envoi


def deposer_plusieurs(messages: Sequence[Message]) -> None:
    """As `deposer` for each, in one statement; the sweep is rung once and sends them all."""
    _exiger_une_transaction()
    if messages:
        Envoi.objects.bulk_create([preparer(message) for message in messages], ignore_conflicts=True)
        sonner(None)


def _exiger_une_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An Envoi is written in the transaction of its cause.")


def preparer(message: Message) -> Envoi:
    """The row, cleaned and not written: for who writes it with others, then calls `sonner`."""
    if message["canal"] not in CANAUX_SORTANTS:
        raise ValueError(f"no way out by {message['canal']}")
    en_tetes = dict(message.get("en_tetes") or {})
    verifier_en_tetes(en_tetes)
    return Envoi(
        cle=message["cle"],
        canal=message["canal"],
        destinataire=_adresse(message["destinataire"]),
        objet=" ".join(nettoyer(message["objet"]).split())[:250],
        corps=nettoyer(message["corps"]),
        nature=Envoi.Nature(message["nature"]),
        est_automatique=message.get("est_automatique", True),
        reference=message["reference"],
        en_tetes=en_tetes,
    )


def _adresse(saisie: str) -> str:
    try:
        return normaliser_courriel(saisie)
    except DonneeInvalide:
        return nettoyer(saisie)[:254]


def sonner(pk: int | None) -> None:
    """Once this transaction is done, tell the worker that this row waits; None for several."""
    transaction.on_commit(partial(sonnette.sonner, pk))


def relancer(envoi: Envoi) -> bool:
    """Give a failed row all its attempts again; False when it had not failed."""
    return bool(
        Envoi.objects.filter(pk=envoi.pk, etat=Envoi.Etat.ECHEC).update(
            etat=Envoi.Etat.A_ENVOYER, essais=0, prochain_essai_le=timezone.now(), erreur=""
        )
    )
