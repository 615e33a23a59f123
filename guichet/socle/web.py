"""What every page shares: the city's identity, and how errors become answers."""

import re
from functools import partial

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from guichet.socle import langues
from guichet.socle.erreurs import Conflit, ErreurMetier

PREFIXE_AGENT = "/agent/"


def contexte_de_page(request) -> dict:
    """Give the base pages the city, the demo mark, the version, and which frame an error page takes.

    `gabarit_erreur` is the agents' frame only for an agent already inside: their rail tells nothing to
    anyone else.
    """
    compte = getattr(request, "user", None)
    chez_les_agents = request.path.startswith(PREFIXE_AGENT) and getattr(compte, "est_agent", False)
    return {
        "ville": import_string(settings.GUICHET_LIRE_VILLE)(),
        "adresse_publique": settings.GUICHET_ADRESSE,
        "langue": get_language(),
        "langues": SimpleLazyObject(partial(autres_langues, request)),
        "demo": settings.GUICHET_DEMO,
        "version": settings.GUICHET_VERSION,
        "gabarit_erreur": "base_agent.html" if chez_les_agents else "base_portail.html",
    }


def autres_langues(request) -> list[tuple[str, str, str]]:
    """(code, name, address) of this page in each language; a page of two languages that knows better than its
    address says so in `adresses_par_langue`."""
    connues = getattr(request, "adresses_par_langue", None)
    chemins = langues.adresses(request.resolver_match) if connues is None else connues
    return [(code, nom, chemins[code]) for code, nom in settings.LANGUAGES if code in chemins]


class SansCaractereNulMiddleware:
    """No address of ours holds a NUL, which PostgreSQL refuses: in a path it leads nowhere, in a filter it
    is read as a space."""

    NUL = re.compile("%00|\0")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info:
            raise Http404
        if requete := request.META.get("QUERY_STRING"):
            request.META["QUERY_STRING"] = self.NUL.sub("+", requete)
        return self.get_response(request)


class ErreurMetierMiddleware:
    """Turn an expected refusal that no view caught into a page that says it, with the right status.

    Views that hold a form catch it themselves, to keep what was typed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, ErreurMetier):
            return None
        statut = 409 if isinstance(exception, Conflit) else 422
        return render(request, "erreur_metier.html", {"phrase": str(exception)}, status=statut)


def formulaire_expire(request, reason=""):
    """The form's token is stale (session ended, cookie cleared): say what to do, lose nothing typed.

    The browser's « back » finds the form filled in: the page says so instead of « CSRF ».
    """
    return render(request, "403_csrf.html", status=403)
