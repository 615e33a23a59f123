"""The phone rings: the sheet is there within the second, takes nothing from the hands, opens with a key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from statistics import median

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.ecrans import TELEPHONE, Visiteur
from tests.ecrans_telephone import FAMILLE, INCONNU, choisir_le_poste, dire
from tests.navigateur.test_parcours import Compteur

pytestmark = pytest.mark.navigateur

POSTE = "310"
# Somebody the demo city knows by this number alone.
WEI = "06 39 98 34 23"
RANGS = count(1)


@pytest.fixture
def bureau(visiter) -> Iterator[Visiteur]:
    """An agent at the desk, with a phone; hung up at the end."""
    visiteur = visiter()
    visiteur.entrer(TELEPHONE)
    choisir_le_poste(visiteur, POSTE)
    visiteur.aller("/agent/accueil/")
    visiteur.page.wait_for_load_state("networkidle")
    yield visiteur
    visiteur.aller("/agent/accueil/")
    if visiteur.page.locator("#contact-terminer").count():
        visiteur.page.keyboard.press("F8")
        expect(visiteur.page.locator("#contact-terminer")).to_have_count(0)
    choisir_le_poste(visiteur, "")


def appeler(v: Visiteur, numero: str) -> str:
    appel = f"navigateur-{next(RANGS)}"
    dire(v, "ringing", appel, numero, POSTE)
    return appel


def annonce(page: Page):
    return page.locator(".appel")


def test_the_sheet_is_on_the_screen_within_the_second(bureau):
    bureau.aller("/agent/corbeille/")
    durees = []
    for _ in range(5):
        debut = time.perf_counter()
        appel = appeler(bureau, WEI)
        annonce(bureau.page).wait_for()
        durees.append(time.perf_counter() - debut)
        dire(bureau, "ended", appel, poste=POSTE)
        annonce(bureau.page).wait_for(state="detached")

    # What else the machine does delays one of them.
    assert median(durees) < 1, f"{max(durees):.2f} s au pire"


def test_from_the_ring_to_the_closed_contact_in_two_keys(bureau):
    """Somebody known asks for opening hours: F2 shows who they are, 1 ends the call and says what it was."""
    page, mains = bureau.page, Compteur(bureau.page)
    appel = appeler(bureau, WEI)
    expect(annonce(page)).to_contain_text("Wei Zhang")

    mains.touche("F2", vers="**/agent/usagers/**")
    expect(page.get_by_role("heading", name="Wei Zhang")).to_be_visible()
    expect(page.locator(".contact")).to_contain_text("Wei Zhang")
    expect(annonce(page)).to_have_count(0)
    dire(bureau, "answered", appel, poste=POSTE)
    dire(bureau, "ended", appel, poste=POSTE)
    page.locator("h1").click()
    mains.touche("1", vers="**/agent/accueil/")

    expect(page.get_by_text("renseignement pratique").first).to_be_visible()
    assert mains.actions == 2


def test_a_simple_case_from_the_ring_to_the_closed_contact_in_thirteen_actions(bureau):
    """A demande of somebody known, routed, and the call closed: well under a minute of keyboard."""
    page, mains = bureau.page, Compteur(bureau.page)
    demarche = page.get_by_role("button", name="Choisir : Nid-de-poule ou chaussée dégradée")
    appeler(bureau, WEI)
    expect(annonce(page)).to_contain_text("Wei Zhang")
    debut = time.perf_counter()

    mains.touche("F2", vers="**/agent/usagers/**")
    mains.touche("n")
    texte = page.locator("[name=texte]")
    expect(texte).to_be_focused()
    mains.ecrire("Un trou dans la chaussée devant le 12.", apparait=texte)
    mains.touche("Tab")
    expect(demarche).to_be_visible()
    mains.touche("ArrowDown")
    expect(demarche).to_be_focused()
    mains.touche("Enter")
    nature = page.get_by_label("Chaussée des voitures")
    expect(nature).to_be_focused()
    mains.touche("Space")
    mains.touche("Tab")
    mains.touche("Space")
    mains.touche("Tab")
    mains.ecrire("12 rue des Tisserands", apparait=page.locator("[name=f-adresse]"))
    mains.touche("Control+Enter", vers="**/agent/saisie/20**")
    expect(page.get_by_role("heading", name="Orientée vers Rues et trottoirs")).to_be_visible()
    mains.touche("F8", vers="**/agent/accueil/")

    expect(page.get_by_text("demande ouverte").first).to_be_visible()
    assert mains.actions == 13
    assert time.perf_counter() - debut < 60


def test_two_brothers_share_a_phone_and_the_agent_says_which(bureau):
    page = bureau.page
    appeler(bureau, FAMILLE)
    expect(annonce(page)).to_contain_text("2 personnes ont ce numéro")

    page.keyboard.press("F2")
    page.wait_for_url("**/agent/appels/**")
    expect(page.get_by_role("heading", name="Hugo Fontanel")).to_be_visible()
    page.keyboard.press("b")
    page.wait_for_url("**/agent/usagers/**")

    expect(page.locator(".contact")).to_contain_text("Fontanel")


def test_nothing_typed_is_lost_when_the_phone_rings(bureau):
    """Words go on where the cursor is; F2 begins the call beside the entry, with the number that called."""
    page = bureau.page
    bureau.aller("/agent/saisie/")
    texte = page.locator("[name=texte]")
    texte.click()
    page.keyboard.type("Bonjour, un banc")
    appeler(bureau, INCONNU)
    expect(annonce(page)).to_contain_text("numéro inconnu")
    page.keyboard.type(" est cassé")

    expect(texte).to_be_focused()
    expect(texte).to_have_value("Bonjour, un banc est cassé")
    # Under load, the page hears that the call was taken before the answer of F2 is there.
    retenues: list[tuple[Route, APIResponse]] = []
    page.route("**/appels/*/ouvrir/", lambda route: retenues.append((route, route.fetch())))
    page.keyboard.press("F2")
    page.wait_for_timeout(1500)
    ((route, reponse),) = retenues
    route.fulfill(response=reponse)
    expect(page.locator(".contact")).to_contain_text("Appel en cours avec le 06 39 98 99 99")
    expect(texte).to_have_value("Bonjour, un banc est cassé")
    expect(annonce(page)).to_have_count(0)
    expect(page.locator("#commencer form")).to_have_count(0)


def test_somebody_unknown_gets_a_sheet_with_their_number(bureau):
    page = bureau.page
    appeler(bureau, INCONNU)
    annonce(page).wait_for()

    page.keyboard.press("F2")
    page.wait_for_url("**/agent/saisie/**")

    expect(page.locator("[name=telephone]")).to_have_value(INCONNU)


def test_without_scripts_the_next_page_announces_the_call(visiter, bureau):
    sans = visiter(javascript=False)
    sans.entrer(TELEPHONE)
    appeler(bureau, WEI)

    sans.aller("/agent/corbeille/")
    sans.bouton("Ouvrir la fiche")

    expect(sans.page.get_by_role("heading", name="Wei Zhang")).to_be_visible()
