"""Pages of two languages: which one answers an address, and what an English page shows where there is none.

Editors write English pages beside the French ones (Wagtail's locales). An address under `/en/` whose page
has no English yet shows the French one, said to be so, inside English around it: nothing is missing for who
reads English, and nobody has to translate everything at once.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from wagtail.models import Locale, Page
from wagtail.query import PageQuerySet
from wagtail.url_routing import RouteResult
from wagtail.views import serve

from demandes import referentiel
from guichet.socle.langues import FRANCAIS, est_en_francais
from guichet.socle.lecture import MARQUE, Lecture
from portal.en_memoire import site_de

P = TypeVar("P", bound=PageQuerySet)


def servir(request: HttpRequest, path: str) -> HttpResponse:
    """The page of this address in the language of the address, else the French one."""
    site = site_de(request)
    if site is None:
        raise Http404
    request._wagtail_site = site  # type: ignore[attr-defined]
    trouvee = None
    if not est_en_francais():
        accueil = referentiel.courant().garder(
            ("portail.accueil", get_language()), lambda: traduction(site.root_page)
        )
        trouvee = chercher(accueil, path) if accueil else None
        if trouvee is not None:
            request.adresses_par_langue = adresses_de(trouvee[0])  # type: ignore[attr-defined]
    if trouvee is None:
        trouvee = chercher(site.root_page, path)
        if trouvee is not None and not est_en_francais() and (traduite := traduction(trouvee[0])):
            return redirect(traduite.url)
    # What Wagtail would look for itself, had it been asked.
    request._wagtail_route_for_request = trouvee  # type: ignore[attr-defined]
    return serve(request, path)


def chercher(accueil: Page, path: str) -> RouteResult | None:
    """The page below this home page, or None: found at once by its whole address, not step by step."""
    morceaux = [morceau for morceau in path.split("/") if morceau]
    if not morceaux:
        return RouteResult(accueil.specific) if accueil.live else None
    adresse_entiere = accueil.url_path + "".join(f"{morceau}/" for morceau in morceaux)
    for pk, genre in A_L_ADRESSE(adresse_entiere):
        modele = ContentType.objects.get_for_id(genre).model_class()
        if modele is not None:
            return RouteResult(_lecture_de(modele).objets(pk)[0])
    return None


A_L_ADRESSE = Lecture(
    lambda: Page.objects.live().filter(url_path=str(MARQUE)).order_by().values_list("pk", "content_type")
)


@cache
def _lecture_de(modele: type[Page]) -> Lecture:
    return Lecture(lambda: modele.objects.filter(pk=MARQUE).order_by())


def traduction(page: Page, langue: str = "") -> Page | None:
    """The same page, published, in the language of the visit or in another one."""
    autres = page.get_translations().live()
    return autres.filter(locale__language_code=langue or get_language()).first()


def lisibles(pages: P) -> P:
    """Those of the language of the visit; for who reads English, the French ones that have no English too."""
    if est_en_francais():
        return pages.filter(locale__language_code=FRANCAIS)
    langue = get_language()
    traduites = Page.objects.live().filter(locale__language_code=langue).values("translation_key")
    sans_traduction = Q(locale__language_code=FRANCAIS) & ~Q(translation_key__in=traduites)
    return pages.filter(Q(locale__language_code=langue) | sans_traduction)


def premiere(modele: type[Page]) -> Page | None:
    """The one page of a kind that a site has once, for this visit's language."""
    return referentiel.courant().garder(
        ("portail.premiere", modele, get_language()), lambda: lisibles(modele.objects.live()).first()
    )


def adresse(page: Page) -> str:
    """Where the page is read from the page being read: a French one is read within English too."""
    chemin = page.url or "/"
    prefixe = f"/{get_language()}"
    if est_en_francais() or not chemin.startswith("/") or chemin.startswith(f"{prefixe}/"):
        return chemin
    return prefixe + chemin


def adresses_de(page: Page) -> dict[str, str]:
    """Where this page is read in each language: an English one without its French leads to the home page."""
    autre = next(code for code, _ in settings.LANGUAGES if code != FRANCAIS)
    if langue_de(page) == FRANCAIS:
        return {FRANCAIS: page.url, autre: f"/{autre}{page.url}"}
    francaise = traduction(page, FRANCAIS)
    return {FRANCAIS: francaise.url if francaise else "/", autre: page.url}


def langue_de(page: Page) -> str:
    """The language its words are in."""
    return code_de(page.locale_id)


# The number of a locale never changes its language: read once by each process, and again for a new one.
CODES: dict[int, str] = {}


def code_de(locale_id: int | None) -> str:
    """The code of a locale; French for a page that has none yet."""
    if locale_id is not None and locale_id not in CODES:
        CODES.update(Locale.objects.values_list("pk", "language_code"))
    return CODES.get(locale_id or 0, FRANCAIS)
