"""What a page asks all day while it is seen: does my phone ring? Answered with no session and no words.

The page is given a signed token of its extension. What is answered is only whether the sheets shown are
still the right ones; they are then asked for as anything else is, with a session and its rights. However
many pages ask, the calls under way are read a few times a second in each process.
"""

import threading
import time
from collections.abc import Iterable

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from demandes.models import Sonnerie

# Seconds a reading serves everybody; seconds a token lasts: a working day, a page left open asks no more.
FRAICHEUR = 0.1
DUREE = 12 * 3600
AU_PLUS = 500
SEL = "demandes.poste"


class EnCours:
    """The marks of the extensions where something rings, read at most once per FRAICHEUR."""

    def __init__(self) -> None:
        self.lues_le = float("-inf")
        self._marques: dict[str, str] = {}
        self._verrou = threading.Lock()

    def marque(self, poste: str) -> str:
        if time.monotonic() - self.lues_le > FRAICHEUR:
            with self._verrou:
                if time.monotonic() - self.lues_le > FRAICHEUR:
                    self._lire()
        return self._marques.get(poste, "")

    def _lire(self) -> None:
        par_poste: dict[str, list[tuple[int, object]]] = {}
        lignes = Sonnerie.objects.a_annoncer().values_list("poste", "pk", "decroche_le")
        for poste, pk, decroche_le in lignes[:AU_PLUS]:
            par_poste.setdefault(poste, []).append((pk, decroche_le))
        self._marques = {poste: marque_de(siennes) for poste, siennes in par_poste.items()}
        self.lues_le = time.monotonic()


def marque_de(sonneries: Iterable[tuple[int, object]]) -> str:
    """What tells two sets of sheets apart: « 12s.15d », rung and answered."""
    return ".".join(f"{pk}{'d' if decroche_le else 's'}" for pk, decroche_le in sonneries)


en_cours = EnCours()


def jeton_de(poste: str) -> str:
    return signing.dumps(poste, salt=SEL)


@login_not_required
@never_cache
@require_GET
def ecouter(request: HttpRequest, jeton: str) -> HttpResponse:
    """204 while nothing changed since the mark the page has; 410 when the page has been open too long."""
    try:
        poste = signing.loads(jeton, salt=SEL, max_age=DUREE)
    except signing.BadSignature:
        return HttpResponse(status=410)
    marque = en_cours.marque(poste)
    if marque == request.GET.get("m", ""):
        return HttpResponse(status=204)
    return HttpResponse(marque, content_type="text/plain")
