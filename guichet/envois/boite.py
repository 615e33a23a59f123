"""The way into the outbox. A row is written with its cause or not at all; the worker does the rest."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NotRequired, TypedDict, Unpack

from django.db import connection, transaction
from django.utils import timezone

from guichet.canaux import registre
from guichet.canaux.canal import Canal
from guichet.canaux.courriel import verifier_en_tetes
from guichet.envois.models import Envoi, NumeroOppose
from guichet.envois.sonnette import sonnette
from guichet.socle.coordonnees import normaliser_courriel, normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.insertion import inserer_sauf_conflit
from guichet.socle.langues import FRANCAIS
from guichet.socle.texte import nettoyer

# The channels a message can leave by, each with the one form of its addresses; `livraison.VOIES` sends them.
# Networks are added to both: an address there is the name of an account, for people to read.
ADRESSES: dict[str, Callable[[str], str]] = {
    Canal.COURRIEL: normaliser_courriel,
    Canal.SMS: normaliser_telephone,
}


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
    langue: NotRequired[str]


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
    if message["canal"] not in ADRESSES and message["canal"] not in registre.CONNECTEURS:
        raise ValueError(f"no way out by {message['canal']}")
    en_tetes = dict(message.get("en_tetes") or {})
    verifier_en_tetes(en_tetes)
    return Envoi(
        cle=message["cle"],
        canal=message["canal"],
        destinataire=_adresse(message["canal"], message["destinataire"]),
        objet=" ".join(nettoyer(message["objet"]).split())[:250],
        corps=nettoyer(message["corps"]),
        nature=Envoi.Nature(message["nature"]),
        est_automatique=message.get("est_automatique", True),
        reference=message["reference"],
        en_tetes=en_tetes,
        langue=message.get("langue", FRANCAIS),
    )


def _adresse(canal: str, saisie: str) -> str:
    try:
        return ADRESSES.get(canal, nettoyer)(saisie)
    except DonneeInvalide:
        return nettoyer(saisie)[:254]


def sonner(pk: int | None) -> None:
    """Once this transaction is done, tell the worker that this row waits; None for several."""
    transaction.on_commit(partial(sonnette.sonner, pk))


def connait(message_ids: Sequence[str]) -> bool:
    """Whether one of these mails is ours."""
    return bool(message_ids) and Envoi.objects.filter(message_id__in=message_ids).exists()


def marquer_revenu(message_ids: Sequence[str], motif: str) -> list[Envoi]:
    """Write down that mails already sent did not arrive; return those nobody had told us about."""
    partis = Envoi.objects.select_for_update().filter(message_id__in=message_ids, etat=Envoi.Etat.ENVOYE)
    revenus = list(partis)
    Envoi.objects.filter(pk__in=[envoi.pk for envoi in revenus]).update(
        etat=Envoi.Etat.ECHEC, envoye_le=None, erreur=f"Revenu : {nettoyer(motif)}"[:250]
    )
    return revenus


def retrouver(*, reference: str, identifiant: str) -> Envoi | None:
    """The message of ours that a provider speaks of, locked, by our name for it or by theirs."""
    siens = Envoi.objects.select_for_update().exclude(canal=Canal.COURRIEL)
    envoi = siens.filter(message_id__startswith=f"<{reference}@").first() if len(reference) == 32 else None
    if envoi is None and identifiant:
        envoi = siens.filter(identifiant_externe=identifiant).first()
    return envoi


def noter_la_remise(*, reference: str, identifiant: str, est_remis: bool, motif: str = "") -> Envoi | None:
    """Write down what a provider says became of a message: arrived, or never will. None: not ours, or known.

    Told in any order: one that arrived stays so; the end may be told before our own sending is written.
    """
    envoi = retrouver(reference=reference, identifiant=identifiant)
    if envoi is None or envoi.remis_le is not None or envoi.etat == Envoi.Etat.ECHEC:
        return None
    if est_remis:
        envoi.remis_le = timezone.now()
        envoi.save(update_fields=["remis_le"])
        return envoi
    envoi.etat, envoi.envoye_le, envoi.prochain_essai_le = Envoi.Etat.ECHEC, None, None
    envoi.erreur = f"Non remis : {nettoyer(motif) or 'l’opérateur ne dit pas pourquoi'}"[:250]
    envoi.save(update_fields=["etat", "envoye_le", "prochain_essai_le", "erreur"])
    return envoi


def opposer(numero: str) -> None:
    """Its holder wants no more SMS: what waits does not leave either."""
    NumeroOppose.objects.get_or_create(numero=numero)


def lever_l_opposition(numero: str) -> None:
    NumeroOppose.objects.filter(numero=numero).delete()


def est_oppose(numero: str) -> bool:
    return NumeroOppose.objects.filter(numero=numero).exists()


def relancer(envoi: Envoi) -> bool:
    """Give a failed row all its attempts again; False when it had not failed."""
    return bool(
        Envoi.objects.filter(pk=envoi.pk, etat=Envoi.Etat.ECHEC).update(
            etat=Envoi.Etat.A_ENVOYER, essais=0, prochain_essai_le=timezone.now(), erreur=""
        )
    )
