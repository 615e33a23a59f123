"""The health page: probes named in settings, one JSON answer, 503 as soon as one is red."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

journal = logging.getLogger(__name__)

# Milliseconds one statement of a probe may take, and seconds after which no further probe is started:
# whoever asks (a load balancer, a supervisor) hangs up early, and silence tells nothing.
DUREE_REQUETE = 2000
DUREE_TOTALE = 5


@dataclass(frozen=True)
class Sonde:
    """What one probe saw: a sentence for people, figures for machines, nothing personal (it is public)."""

    est_verte: bool
    detail: str
    valeurs: dict[str, Any] = field(default_factory=dict)

    def en_json(self) -> dict[str, Any]:
        return {"etat": "vert" if self.est_verte else "rouge", "detail": self.detail, **self.valeurs}


@login_not_required
@never_cache
@require_GET
def sante(request: HttpRequest) -> JsonResponse:
    """Answer without reading session or account, so that a dead database is told, not suffered."""
    fin = time.monotonic() + DUREE_TOTALE
    sondes = {}
    for chemin in settings.GUICHET_SONDES:
        nom = chemin.rpartition(".")[2].removeprefix("sonder_")
        sondes[nom] = (
            _sonder(import_string(chemin))
            if time.monotonic() < fin
            else Sonde(False, "Non mesurée : les sondes précédentes ont pris trop de temps.")
        )
    est_verte = all(sonde.est_verte for sonde in sondes.values())
    return JsonResponse(
        {
            "etat": "vert" if est_verte else "rouge",
            "sondes": {nom: sonde.en_json() for nom, sonde in sondes.items()},
        },
        status=200 if est_verte else 503,
        json_dumps_params={"ensure_ascii": False},
    )


def _sonder(sonder: Callable[[], Sonde]) -> Sonde:
    """Run one probe under a time limit; one that raises is red, and only its class is told outside."""
    try:
        with transaction.atomic():
            with connection.cursor() as curseur:
                curseur.execute(f"SET LOCAL statement_timeout = {DUREE_REQUETE}")
            return sonder()
    except Exception as erreur:
        journal.warning("Probe failed.", exc_info=True)
        return Sonde(False, f"La sonde a échoué : {type(erreur).__name__}.")


def sonder_base() -> Sonde:
    """The database answers, and folds accented capitals (a cluster created under LC_ALL=C does not)."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT lower('É') = 'é'")
        (plie,) = curseur.fetchone()
    if not plie:
        return Sonde(False, "La base ne met pas « É » en minuscule : recréez-la avec la locale C.UTF-8.")
    return Sonde(True, "La base répond.")
