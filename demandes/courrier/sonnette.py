"""Waking the worker that reads paper, and letting one do each job at a time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from demandes.models import TravailDuCourrier

# Longer than any task may last (CELERY_TASK_TIME_LIMIT).
BAIL = timedelta(seconds=150)

journal = logging.getLogger(__name__)


def sonner() -> None:
    """Tell the worker that sheets wait; without it, the sweep comes."""
    for tache in ("demandes.tasks.lire_les_feuilles", "demandes.tasks.lire_les_lettres"):
        try:
            import_string(tache).delay()
        except Exception as erreur:
            journal.warning("Broker unreachable (%s): the next sweep will read.", type(erreur).__name__)
            return


@contextmanager
def seul(travail: str) -> Iterator[bool]:
    """Whether this process may do this job now.

    A lease, for it is held through many transactions: a killed worker leaves it to the next in three minutes.
    """
    maintenant = timezone.now()
    TravailDuCourrier.objects.get_or_create(nom=travail, defaults={"tenu_jusqu_au": maintenant})
    libre = TravailDuCourrier.objects.filter(nom=travail, tenu_jusqu_au__lte=maintenant)
    est_a_nous = bool(libre.update(tenu_jusqu_au=maintenant + BAIL))
    try:
        yield est_a_nous
    finally:
        if est_a_nous:
            TravailDuCourrier.objects.filter(nom=travail).update(tenu_jusqu_au=maintenant)


def attendre_son_tour(cle: str) -> None:
    """Hold a key until the end of the transaction."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"courrier:{cle}"])
