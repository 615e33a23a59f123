"""Celery entry points, and nothing else. Each is safe to run twice."""

from celery import shared_task
from django.core.management import call_command

from portal import abonnements, diffusion, liens
from portal.garnir import garnir
from portal.recherche import oublier_les_anciens


@shared_task
def publier_les_pages_planifiees():
    """Publish and withdraw the pages whose hour has come."""
    call_command("publish_scheduled", verbosity=0)


@shared_task
def garnir_le_portail():
    """A démarche or a fiche that was published since has its page."""
    garnir()


@shared_task
def effacer_les_retours():
    """Forget searches in vain and readers' words that are ninety days and a year old."""
    oublier_les_anciens()


@shared_task
def prevenir_les_abonnes():
    """Put the next mails of the alerts being told in the outbox."""
    diffusion.diffuser()


@shared_task
def effacer_les_abonnements():
    """Forget addresses that nobody confirmed or that refuse our mails, and mails that are a month old."""
    abonnements.effacer_les_perimes()


@shared_task
def relever_les_liens():
    """Read the links of the pages, and which of ours lead nowhere."""
    liens.relever()
    liens.verifier_les_notres()


@shared_task
def verifier_les_liens():
    """Ask a few other sites whether they still answer."""
    liens.verifier_ceux_des_autres()
