"""What every page reads again of the site: kept in the process as long as it holds (demandes/referentiel.py).

Shared by every reader: nobody writes on it. What follows the clock is read again each minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.http import HttpRequest
from wagtail.models import PageViewRestriction, Site

from demandes import referentiel

T = TypeVar("T")
DUREE = 60  # seconds


def une_minute(cle: Hashable, lire: Callable[[], T]) -> T:
    """What `lire` gave less than a minute ago, if nothing changed since."""
    instants: dict[Hashable, tuple[int, Any]] = referentiel.courant().garder("portail.instants", dict)
    minute = int(time.time()) // DUREE
    garde = instants.get(cle)
    if garde is None or garde[0] != minute:
        garde = instants[cle] = (minute, lire())
    return garde[1]


def a_des_pages_fermees() -> bool:
    """Whether any page asks for more than its address."""
    return referentiel.courant().garder("portail.fermees", PageViewRestriction.objects.exists)


def site_de(request: HttpRequest) -> Site | None:
    """The site of this address, with its home page as it is: kept where there is only one."""

    def lire() -> Site | None:
        site = Site.find_for_request(request)
        if site is None or not site.root_page.live:
            return None
        site.root_page = site.root_page.specific
        return site

    memoire = referentiel.courant()
    if memoire.garder("portail.sites", Site.objects.count) == 1:
        return memoire.garder("portail.site", lire)
    return lire()
