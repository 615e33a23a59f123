"""Celery entry points, and nothing else. Each is safe to run twice."""

from celery import shared_task

from demandes import brouillons, ecrits, reception
from demandes.actions import astreintes, fermetures, suivre
from demandes.chargement import exemples


@shared_task
def traiter_reception(pk):
    """Process one reception as soon as it is stored."""
    reception.traiter(pk)


@shared_task
def balayer_receptions():
    """Process whatever the doorbell missed."""
    reception.balayer()


@shared_task
def suivre_les_echeances():
    """Let time act: reminders, expiries, closings, implicit decisions, alerts."""
    suivre()


@shared_task
def veiller_aux_urgences():
    """Call whoever is on duty for what is urgent and cannot wait for the direction to open."""
    astreintes.veiller()


@shared_task
def fermer_les_comptes():
    """Close the accounts of agents whose last day is over."""
    fermetures.fermer_les_comptes()


@shared_task
def effacer_les_brouillons():
    """Erase deposits left unfinished for 30 days (cycle_de_vie, principle 7), and what agents left unsent."""
    brouillons.effacer_les_perimes()
    ecrits.effacer_les_perimes()


@shared_task
def deposer_des_exemples():
    """File the examples of a demo city, a few at a time: the mail does not wait behind them."""
    if exemples.deposer_un_lot():
        deposer_des_exemples.delay()
