"""Celery entry points, and nothing else. Each is safe to run twice."""

from celery import shared_task

from demandes import brouillons, ecrits, images_reseaux, lettres, reception, releve_reseaux
from demandes.actions import (
    appels,
    astreintes,
    fermetures,
    personnes,
    signaler_plusieurs_sujets,
    suivre,
)
from demandes.chargement import exemples
from demandes.courrier import dossier, lecture
from demandes.suggestion import travail as suggestions


@shared_task
def traiter_reception(pk):
    """Process one reception as soon as it is stored, and propose what it seems to ask."""
    reception.traiter(pk)
    suggestions.balayer(si_plusieurs_sujets=signaler_plusieurs_sujets)


@shared_task
def balayer_receptions():
    """Process whatever the doorbell missed."""
    reception.balayer()
    suggestions.balayer(si_plusieurs_sujets=signaler_plusieurs_sujets)


@shared_task
def relever_les_reseaux():
    """Keep what people wrote to the city on its networks, and follow what it answered."""
    releve_reseaux.suivre_les_envois()
    releve_reseaux.relever()


@shared_task
def garder_les_images():
    """Fetch the pictures of what people posted."""
    images_reseaux.balayer()


@shared_task
def verifier_les_cles():
    """Ask the networks until when our keys are good."""
    releve_reseaux.verifier_les_cles()


@shared_task
def relire_les_reseaux():
    """Follow what people changed or took away of what they wrote."""
    releve_reseaux.relire()


@shared_task
def suivre_les_echeances():
    """Let time act: reminders, expiries, closings, implicit decisions, alerts; bring back what strayed."""
    suivre()
    personnes.ramener_les_egarees()


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


@shared_task(time_limit=1800)
def reapprendre_les_suggestions():
    """Learn from the types that agents gave; a version that is not better does not take over."""
    suggestions.reapprendre()


@shared_task
def effacer_les_traces_d_appels():
    """Erase what the phone system posted a month ago: the calls themselves stay."""
    appels.effacer_les_traces()


@shared_task
def deposer_des_exemples():
    """File the examples of a demo city, a few at a time: the mail does not wait behind them."""
    if exemples.deposer_un_lot():
        deposer_des_exemples.delay()


@shared_task
def relever_le_dossier_de_courrier():
    """Take what the scanner dropped in the watched folder."""
    dossier.relever()


@shared_task
def composer_les_lettres():
    """Make the PDF of the letters that answers left."""
    lettres.composer_les_lettres()


@shared_task
def lire_les_feuilles():
    """Draw scanned pages, part them into letters, make their PDFs: what is left waits for the next sweep."""
    lecture.lire_les_feuilles()


@shared_task
def lire_les_lettres():
    """Read the words of letters."""
    lecture.lire_les_lettres()
