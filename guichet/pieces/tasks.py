"""What the worker runs for attachments."""

from celery import shared_task

from guichet.pieces import apercus


@shared_task
def dessiner_les_pages() -> None:
    """Draw the pages of the PDFs that came since the last time."""
    apercus.balayer()
