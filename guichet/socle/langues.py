"""The language of a page is in its address, and nowhere else: French without a prefix, English under `/en/`.

No cookie, no session, no header of the browser: one address is one page, for readers and for caches alike.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, ResolverMatch, reverse
from django.utils import translation

FRANCAIS = settings.LANGUAGE_CODE


class LangueMiddleware:
    """Speak the language of the address for the time of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(langue_de(request.path_info)):
            return self.get_response(request)


def langue_de(chemin: str) -> str:
    """The language whose prefix starts this path."""
    return translation.get_language_from_path(chemin) or FRANCAIS


def en_francais() -> translation.override:
    """What is written for the city, kept or sent, is in French whatever the language of the page."""
    return translation.override(FRANCAIS)


def en(langue: str) -> translation.override:
    """What is written to a person is in the language they used."""
    return translation.override(langue)


def est_en_francais() -> bool:
    return translation.get_language() == FRANCAIS


def adresses(trouvee: ResolverMatch | None) -> dict[str, str]:
    """The path of the same page in each language; empty for a page that has one language only."""
    if trouvee is None or trouvee.url_name is None:
        return {}
    chemins = {}
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            try:
                chemins[code] = reverse(trouvee.view_name, args=trouvee.args, kwargs=trouvee.kwargs)
            except NoReverseMatch:
                return {}
    return chemins if len(set(chemins.values())) == len(chemins) else {}
