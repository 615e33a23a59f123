"""What the worker runs for the outbox."""

from celery import shared_task
from celery.signals import worker_ready

from guichet.envois import livraison
from guichet.envois.models import Battement


@shared_task
def envoyer(pk: int) -> None:
    """Send one row now: the doorbell of `boite.deposer`. While its server is down, the sweep alone tries."""
    livraison.livrer(pk)


@shared_task
def balayer() -> None:
    """Send whatever is due: what makes sure that every row leaves, with or without a doorbell."""
    livraison.balayer()


@shared_task
def battre() -> None:
    """Sign of life: scheduled by beat, carried by the broker, written by the worker. All three live."""
    Battement.battre("worker")


@worker_ready.connect
def donner_signe_de_vie(**_) -> None:
    """Beat waits for its first interval: without this, the health page would be red after every start."""
    battre.delay()
