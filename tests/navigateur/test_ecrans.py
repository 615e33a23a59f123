"""Every screen, by role: axe finds nothing, nothing scrolls sideways; phone and desk, day and night."""

import os

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.tours import TOUS

pytestmark = pytest.mark.navigateur

VUES = [(360, "light"), (1280, "dark"), (360, "dark"), (1280, "light")]
# Axe looks at another view from one screen of a walk to the next; at every view of each in `make endurance`.
TOUTES = "GUICHET_TOUTES_LES_VUES" in os.environ
AXE = next(iter(axe_playwright_python.__path__)) + "/axe.min.js"
# The colours of the theme before are still on their way. They are taken to their end rather than waited for:
# a page that draws no frame would be waited for without end.
REPOS = """() => { for (const animation of document.getAnimations()) {
    try { animation.finish(); } catch { animation.cancel(); }
} }"""
EXAMEN = """async () => (await axe.run({resultTypes: ["violations"]})).violations.flatMap(
    faute => faute.nodes.map(noeud => `${faute.id} ${noeud.target.join(" ")}`))"""


def examiner(ecran: str, page: Page, vues: list[tuple[int, str]] = VUES) -> list[str]:
    """What is wrong with this screen in these views; at each width, whether it fits."""
    with open(AXE, encoding="utf-8") as script:
        page.evaluate(script.read())
    fautes = []
    for largeur in {360, 1280} - {largeur for largeur, _ in vues}:
        page.set_viewport_size({"width": largeur, "height": 800})
        if (vue := page.evaluate("document.documentElement.scrollWidth")) > largeur:
            fautes.append(f"{ecran} ({largeur} px) : {vue} px de large")
    for largeur, theme in vues:
        page.set_viewport_size({"width": largeur, "height": 800})
        page.emulate_media(color_scheme=theme)
        page.evaluate(REPOS)
        ou = f"{ecran} ({largeur} px, {theme})"
        if (vue := page.evaluate("document.documentElement.scrollWidth")) > largeur:
            fautes.append(f"{ou} : {vue} px de large")
        fautes += [f"{ou} : {faute}" for faute in page.evaluate(EXAMEN)]
    # The walk goes on at a desk.
    page.set_viewport_size({"width": 1280, "height": 800})
    return fautes


@pytest.mark.parametrize("tour", TOUS, ids=lambda tour: tour.__name__)
def test_every_screen_is_accessible_and_fits(tour, visiter):
    fautes = []
    for rang, (ecran, page) in enumerate(tour(visiter())):
        fautes += examiner(ecran, page, VUES if TOUTES else [VUES[rang % 4]])

    assert fautes == []
