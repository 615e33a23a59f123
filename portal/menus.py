"""What leads to every page: the menu, as each visit has it, and the plan, the same for everybody."""

from __future__ import annotations

from django.utils.translation import get_language
from wagtail.models import Page

from demandes import referentiel
from portal.ciblage import Visite, disposer
from portal.langues import langue_de, lisibles
from portal.models import PageDemarche, PageDuPortail, PageFiche, PageLibre, Rubrique

# Shelves and the pages on them are named one by one; news, events and places by the list that has them all.
RANGEES = (Rubrique, PageFiche, PageDemarche, PageLibre)
PREMIERES = 3  # depth of the pages that stand below a home page
LONGUEUR = PREMIERES * Page.steplen


def menu(visite: Visite) -> list[PageDuPortail]:
    """The shelves of the home page, and what editors put in menus: first or hidden as segments say."""
    memoire = referentiel.courant()
    return disposer(memoire.garder(("portail.menu", get_language()), _lire_le_menu), visite)


def _lire_le_menu() -> list[PageDuPortail]:
    premieres = lisibles(Page.objects.live().filter(depth=PREMIERES)).specific()
    entrees = [page for page in premieres if isinstance(page, Rubrique) or page.show_in_menus]
    return sorted(entrees, key=_rang)


def _rang(page: Page) -> tuple[bool, str]:
    """Pages in the language of the visit first, then as editors put them."""
    return langue_de(page) != get_language(), page.path


def plan() -> list[tuple[Page | None, list[Page]]]:
    """Every page that is read in this language, below the one it stands under; orphans last."""
    return referentiel.courant().garder(("portail.plan", get_language()), _lire_le_plan)


def _lire_le_plan() -> list[tuple[Page | None, list[Page]]]:
    # A French page without English stands under the English name of its shelf.
    cles = dict(Page.objects.filter(depth=PREMIERES).values_list("path", "translation_key"))
    pages = Page.objects.live().filter(depth__gte=PREMIERES)
    premieres, dessous = pages.filter(depth=PREMIERES), pages.filter(depth__gt=PREMIERES).type(*RANGEES)
    tetes = {page.translation_key: page for page in sorted(lisibles(premieres), key=_rang)}
    rayons: dict[object, list[Page]] = {cle: [] for cle in tetes}
    for page in lisibles(dessous).order_by("path"):
        cle = cles[page.path[:LONGUEUR]]
        rayons.setdefault(cle if cle in tetes else None, []).append(page)
    return [(tetes.get(cle), siennes) for cle, siennes in rayons.items()]
