"""The residents' pages in a real browser: axe, widths, search as you type, the whole way without scripts."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from demandes import suivi
from demandes.etats import Etat
from demandes.models import Demande
from tests import factories
from tests.portal.conftest import TEXTE, preparer, remettre_l_accueil

pytestmark = [pytest.mark.navigateur, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ville_servie() -> factories.Ville:
    remettre_l_accueil()
    return preparer(factories.creer_ville())


@pytest.fixture
def ouvrir(navigateur: Browser, live_server, ville_servie) -> Iterator[Callable[..., Page]]:
    """Open an address in a fresh context; what the browser complains of fails the test."""
    contextes, plaintes = [], []

    def ouvrir_page(
        chemin: str, *, largeur: int = 1280, theme: str = "light", javascript: bool = True
    ) -> Page:
        contexte = navigateur.new_context(
            viewport={"width": largeur, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=javascript,
            base_url=live_server.url,
        )
        contextes.append(contexte)
        page = contexte.new_page()
        page.on("pageerror", lambda erreur: plaintes.append(str(erreur)))
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and "status of 4" not in message.text
                and plaintes.append(message.text)
            ),
        )
        page.goto(chemin)
        return page

    yield ouvrir_page
    for contexte in contextes:
        contexte.close()
    assert plaintes == []


def verifier(page: Page, largeur: int) -> None:
    """Nothing scrolls sideways and axe finds nothing."""
    # A page one has just been led to has no element yet.
    page.wait_for_function("document.readyState === 'complete'")
    assert page.evaluate("document.documentElement.scrollWidth") <= largeur
    fautes = Axe().run(page).response["violations"]
    assert [(faute["id"], [noeud["target"] for noeud in faute["nodes"]]) for faute in fautes] == [], page.url


@pytest.mark.parametrize(("largeur", "javascript"), [(360, True), (1280, False)])
def test_a_resident_files_and_follows_a_demande(ouvrir, largeur, javascript):
    def regarder() -> None:
        # axe needs scripts; without them only what a person does is tried.
        if javascript:
            verifier(page, largeur)

    page = ouvrir("/deposer/VOI-TROU/", largeur=largeur, javascript=javascript)
    page.get_by_role("button", name="Commencer").click()
    page.get_by_role("button", name="Continuer").click()
    regarder()
    if javascript:
        expect(page.locator("[data-resume-erreurs]")).to_be_focused()
    page.get_by_label("Que se passe-t-il ?").fill(TEXTE)
    page.get_by_label("Un trou", exact=True).check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Où se trouve le trou ?").fill("derrière le supermarché " * 4)
    page.get_by_role("button", name="Continuer").click()
    regarder()
    page.get_by_label("Dans quel arrondissement ?").select_option("inconnu")
    page.get_by_role("button", name="Continuer").click()
    regarder()
    page.locator(".formulaire__actions").get_by_role("button", name="Continuer").click()
    page.get_by_label("Oui, je laisse mes coordonnées").check()
    regarder()
    page.get_by_label("Prénom").fill("Marie-Antoinette")
    page.get_by_label("Nom", exact=False).last.fill("de La Rochefoucauld-Montbel")
    page.get_by_label("Adresse électronique").fill("marie@courriel.example")
    page.get_by_role("button", name="Continuer").click()
    regarder()
    page.get_by_role("button", name="Envoyer ma demande").click()
    regarder()
    expect(page.locator(".accuse__numero")).to_have_count(2)
    demande = Demande.objects.get()
    assert page.locator(".accuse__numero").all_inner_texts() == [demande.numero, demande.code_suivi]
    page.get_by_role("link", name="Suivre ma demande").click()
    regarder()
    page.get_by_label("Votre message").fill("Il s'est encore agrandi.")
    page.get_by_role("button", name="Envoyer le message").click()
    expect(page.get_by_text("Votre message est bien arrivé.")).to_be_visible()
    assert demande.messages.count() == 2


def test_results_come_while_typing(ouvrir):
    page = ouvrir("/")

    page.get_by_role("searchbox").press_sequentially("trou da")

    page.get_by_role("link", name="Nid-de-poule ou trou dans la chaussée").wait_for()
    assert page.url.endswith("/")
    verifier(page, 1280)


def test_back_and_double_click_make_one_demande(ouvrir):
    page = ouvrir("/deposer/VOI-TROU/")
    page.get_by_role("button", name="Commencer").click()
    page.get_by_label("Que se passe-t-il ?").fill(TEXTE)
    page.get_by_label("Un trou", exact=True).check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Où se trouve le trou ?").fill("12 rue des Tisserands, 69983")
    page.get_by_role("button", name="Continuer").click()
    page.locator(".formulaire__actions").get_by_role("button", name="Continuer").click()
    page.get_by_label("Non, je reste anonyme").check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Envoyer ma demande").dblclick()
    page.locator(".accuse__numero").first.wait_for()

    page.go_back()
    page.wait_for_load_state()
    page.goto(page.url)

    expect(page.locator(".accuse__numero").first).to_have_text(Demande.objects.get().numero)


@pytest.mark.parametrize(("largeur", "theme"), [(360, "dark"), (1280, "light")])
def test_the_pages_in_english_fit_and_are_reached_by_keyboard(ouvrir, ville_servie, largeur, theme):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville_servie)
    page = ouvrir("/deposer/VOI-TROU/", largeur=largeur, theme=theme)
    page.keyboard.press("Tab")  # « Aller au contenu »
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("English")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/deposer/VOI-TROU/")
    page.get_by_role("button", name="Start").wait_for()
    for chemin in (
        "/en/",
        "/en/?q=trou",
        "/en/deposer/VOI-TROU/",
        "/en/suivi/",
        "/en/connexion/",
        "/en/mon-profil/",
        "/en" + suivi.chemin_de_suivi(demande),
    ):
        reponse = page.goto(chemin)
        assert reponse is not None
        assert reponse.ok, chemin
        expect(page.locator("html")).to_have_attribute("lang", "en")
        verifier(page, largeur)
