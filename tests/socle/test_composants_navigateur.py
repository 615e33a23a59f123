"""The design system in a real browser: widths, axe, keyboard, forms, and life without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.navigateur,
    pytest.mark.urls("tests.socle.urls_composants"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def ouvrir(navigateur, live_server, settings):
    """Open an address in a fresh context: `ouvrir("/portail/", width=360, javascript=False)`."""
    settings.GUICHET_DEMO = True
    contextes, plaintes = [], []

    def ouvrir_page(chemin, *, largeur=1280, theme="light", javascript=True):
        contexte = navigateur.new_context(
            viewport={"width": largeur, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=javascript,
        )
        contextes.append(contexte)
        page = contexte.new_page()
        page.on("console", lambda message: message.type == "error" and plaintes.append(message.text))
        page.on("pageerror", lambda erreur: plaintes.append(str(erreur)))
        page.goto(live_server.url + chemin)
        return page

    yield ouvrir_page
    for contexte in contextes:
        contexte.close()
    # A refused inline style or a broken script says so in the console.
    assert plaintes == []


@pytest.mark.parametrize("chemin", ["/composants/", "/portail/"])
@pytest.mark.parametrize(("largeur", "theme"), [(360, "light"), (768, "dark"), (1280, "light")])
def test_pages_fit_and_axe_finds_nothing(ouvrir, chemin, largeur, theme):
    page = ouvrir(chemin, largeur=largeur, theme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= largeur
    fautes = Axe().run(page).response["violations"]
    assert [(faute["id"], [noeud["target"] for noeud in faute["nodes"]]) for faute in fautes] == []


def test_rows_become_cards_on_a_phone(ouvrir):
    assert ouvrir("/composants/", largeur=1280).locator(".tableau th").first.is_visible()
    telephone = ouvrir("/composants/", largeur=360)
    assert telephone.locator(".tableau tr").nth(1).evaluate("e => getComputedStyle(e).display") == "flex"


def test_portal_targets_are_large_enough_for_a_thumb(ouvrir):
    page = ouvrir("/portail/", largeur=360)
    hauteurs = page.evaluate(
        """[...document.querySelectorAll(".bouton, .saisie, .choix__option, nav a, footer a, footer button")]
           .filter(e => e.offsetParent)
           .map(e => [e.textContent.trim() || e.name, e.getBoundingClientRect().height])"""
    )
    assert len(hauteurs) > 10
    assert [(nom, hauteur) for nom, hauteur in hauteurs if hauteur < 44] == []


def test_keyboard_reaches_search_help_and_rows(ouvrir):
    page = ouvrir("/composants/")
    page.keyboard.press("/")
    recherche = page.locator("#recherche-globale")
    expect(recherche).to_be_focused()
    page.keyboard.press("?")
    expect(recherche).to_have_value("?")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#aide-clavier")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#aide-clavier")).to_be_hidden()
    page.evaluate("document.activeElement.blur()")
    for attendue in ("2026-0001234", "2026-0001235"):
        page.keyboard.press("ArrowDown")
        expect(page.locator(":focus")).to_have_text(attendue)
    page.keyboard.press("Control+k")
    expect(recherche).to_be_focused()


def test_a_letter_shown_on_a_button_clicks_it(ouvrir):
    page = ouvrir("/composants/")
    page.evaluate("void (document.querySelector('[data-touche=t]').onclick = () => { window.clique = true })")
    page.focus("#id_description")
    page.keyboard.press("t")
    assert page.evaluate("window.clique") is None
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("t")
    page.wait_for_function("window.clique === true")


def test_drawer_opens_closes_and_gives_focus_back(ouvrir):
    page = ouvrir("/composants/")
    page.click("text=Ouvrir le tiroir")
    expect(page.locator("#tiroir-essai")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tiroir-essai")).to_be_hidden()
    expect(page.locator(":focus")).to_have_text("Ouvrir le tiroir")


def test_selection_bar_counts(ouvrir):
    page = ouvrir("/composants/")
    assert page.locator("[data-barre-selection]").is_hidden()
    page.check("[name=choix] >> nth=0")
    expect(page.locator("[data-nombre]")).to_have_text("1 demande cochée")
    page.check("[data-tout-choisir]")
    expect(page.locator("[data-nombre]")).to_have_text("4 demandes cochées")


def test_theme_chosen_by_the_visitor_stays(ouvrir):
    page = ouvrir("/composants/", theme="light")
    page.click("[data-theme-bascule]")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "sombre")
    expect(page.locator("body")).to_have_css("color-scheme", "dark")


def test_conditional_field_follows_the_answer(ouvrir):
    page = ouvrir("/portail/")
    champ = page.locator("[name=precision_danger]")
    expect(champ).to_be_hidden()
    page.check("[name=danger][value=oui]")
    expect(champ).to_be_visible()
    page.check("[name=danger][value=nsp]")
    expect(champ).to_be_hidden()


def test_without_scripts_every_field_shows_and_says_when_to_fill_it(ouvrir):
    page = ouvrir("/portail/", javascript=False)
    assert page.locator("[name=precision_danger]").is_visible()
    assert page.locator("text=À remplir en cas de danger.").is_visible()
    assert page.locator("[data-theme-bascule]").is_hidden()
    agent = ouvrir("/composants/", javascript=False)
    assert agent.locator("#tiroir-essai").is_visible()
    assert agent.locator("[data-barre-selection]").is_visible()


def test_refused_page_gives_focus_to_its_summary_which_leads_to_fields(ouvrir):
    page = ouvrir("/portail/")
    page.click("text=Envoyer")
    expect(page.locator("[data-resume-erreurs]")).to_be_focused()
    page.click("[data-resume-erreurs] a >> text=danger immédiat")
    expect(page.locator("[name=danger]:focus")).to_have_count(1)


def test_form_is_sent_once_however_fast_one_clicks(ouvrir):
    page = ouvrir("/portail/")
    retenues = []
    # Held back, as on a slow line: the page stays while the second click comes.
    page.route("**/portail/", lambda route: retenues.append(route))
    page.evaluate("const b = document.querySelector('.formulaire .bouton'); b.click(); b.click()")
    page.wait_for_timeout(300)
    assert [route.request.method for route in retenues] == ["POST"]
    retenues[0].fulfill(status=204)


def test_words_not_sent_come_back(ouvrir):
    page = ouvrir("/portail/")
    page.fill("[name=description]", "Un trou devant l'école.")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator("[name=description]")).to_have_value("Un trou devant l'école.")
    page.click("text=L'effacer")
    page.reload()
    expect(page.locator("[name=description]")).to_have_value("")


def test_toast_joins_the_live_region_and_leaves(ouvrir):
    page = ouvrir("/composants/")
    page.clock.install()
    page.evaluate(
        """document.body.insertAdjacentHTML("beforeend", '<div id="recu"></div>');
           const toast = '<div hx-swap-oob="beforeend:#annonces"><div class="toast">Enregistré</div></div>';
           htmx.swap("#recu", '<p>ok</p>' + toast, {swapStyle: "innerHTML"})"""
    )
    page.wait_for_selector("#annonces .toast")
    assert page.get_attribute("#annonces", "aria-live") == "polite"
    page.clock.run_for(9000)
    expect(page.locator("#annonces .toast")).to_have_count(0)
