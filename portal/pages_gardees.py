"""Pages kept ready for readers without an account: one per visit (segments, district, subjects).

What is kept holds as long as nothing of the pages, the segments or the catalogue has changed, and a minute at
most: « ouvert jusqu'à », « à venir » and alerts follow the clock.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

from demandes import referentiel
from guichet.socle.compression import accepte_gzip
from portal.ciblage import visite_de

DUREE = 60  # seconds
# Longer addresses are read as they come: nobody fills the memory by typing.
LONGUEUR = 200


def gardee(vue: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a reader from what is kept, or keep what the view answers; others go straight through."""

    def servie(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        # One page reads one state of the city, and asks for its number once.
        with referentiel.fixe():
            return servir(request, *args, **kwargs)

    def servir(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not peut_etre_gardee(request):
            reponse = vue(request, *args, **kwargs)
            return reponse.render() if hasattr(reponse, "render") else reponse
        pages = caches["pages"]
        cle = cle_de(request)
        if (gardee := pages.get(cle)) is not None:
            reponse = rendre(request, gardee)
        else:
            reponse = vue(request, *args, **kwargs)
            if hasattr(reponse, "render"):
                reponse = reponse.render()
            if reponse.status_code == 200 and not reponse.cookies and not reponse.streaming:
                gardee = compress_string(reponse.content)
                pages.set(cle, gardee, DUREE)
                reponse = rendre(request, gardee)
        patch_vary_headers(reponse, ("Cookie",))
        return reponse

    return servie


def rendre(request: HttpRequest, gardee: bytes) -> HttpResponse:
    """A page is kept as browsers take it, compressed: it holds nothing of anybody that could be guessed."""
    if not accepte_gzip(request):
        return HttpResponse(gzip.decompress(gardee))
    reponse = HttpResponse(gardee, headers={"Content-Encoding": "gzip"})
    patch_vary_headers(reponse, ("Accept-Encoding",))
    return reponse


def peut_etre_gardee(request: HttpRequest) -> bool:
    """A page that nobody's account and nobody's search changes."""
    return (
        request.method in ("GET", "HEAD")
        and not {settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys()
        and not request.headers.get("HX-Request")
        and "q" not in request.GET
        and len(request.get_full_path()) <= LONGUEUR
    )


def cle_de(request: HttpRequest) -> str:
    visite, marque = visite_de(request), referentiel.courant().marque
    parties = (
        marque,
        int(time.time()) // DUREE,
        request.get_host(),
        request.get_full_path(),
        sorted(visite.segments),
        visite.territoire,
        sorted(visite.sujets),
    )
    return hashlib.blake2b(repr(parties).encode(), digest_size=16).hexdigest()
