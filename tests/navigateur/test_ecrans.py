"""Every screen, by role: axe finds nothing, nothing scrolls sideways; phone and desk, day and night."""

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.ecrans import TOURS

pytestmark = pytest.mark.navigateur

COMBINAISONS = [(360, "light"), (360, "dark"), (1280, "dark"), (1280, "light")]
AXE = next(iter(axe_playwright_python.__path__)) + "/axe.min.js"
# The colours of the theme before are still on their way. They are taken to their end rather than waited for:
# a page that draws no frame would be waited for without end.
REPOS = """() => { for (const animation of document.getAnimations()) {
    try { animation.finish(); } catch { animation.cancel(); }
} }"""
EXAMEN = """async () => (await axe.run({resultTypes: ["violations"]})).violations.flatMap(
    faute => faute.nodes.map(noeud => `${faute.id} ${noeud.target.join(" ")}`))"""


def examiner(ecran: str, page: Page) -> list[str]:
    """What is wrong with this screen in any combination of width and theme."""
    with open(AXE, encoding="utf-8") as script:
        page.evaluate(script.read())
    fautes = []
    for largeur, theme in COMBINAISONS:
        page.set_viewport_size({"width": largeur, "height": 800})
        page.emulate_media(color_scheme=theme)
        page.evaluate(REPOS)
        ou = f"{ecran} ({largeur} px, {theme})"
        if (vue := page.evaluate("document.documentElement.scrollWidth")) > largeur:
            fautes.append(f"{ou} : {vue} px de large")
        fautes += [f"{ou} : {faute}" for faute in page.evaluate(EXAMEN)]
    return fautes


@pytest.mark.parametrize("tour", TOURS, ids=lambda tour: tour.__name__)
def test_every_screen_is_accessible_and_fits(tour, visiter):
    fautes = [faute for ecran, page in tour(visiter()) for faute in examiner(ecran, page)]

    assert fautes == []
