"""The commonest gestures from the queue, by keyboard: one key, and at most one form, then the next row."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.fenetre import ACCUEIL, RESPONSABLE_VOIRIE, VOIRIE
from tests.navigateur.test_ecrans import examiner

pytestmark = pytest.mark.navigateur


def descendre_sur(page: Page, etat: str) -> str:
    """Walk down to a row in this state, wait for its sheet, return its number."""
    rangs = page.locator("#corbeille tr[data-numero]")
    numeros = [rangs.nth(i).get_attribute("data-numero") for i in range(rangs.count())]
    voulu = rangs.filter(has=page.get_by_text(etat, exact=True)).first.get_attribute("data-numero")
    courant = page.evaluate("document.activeElement.closest('tr')?.dataset.numero")
    pas = numeros.index(voulu) - (numeros.index(courant) if courant else -1)
    for _ in range(abs(pas)):
        page.keyboard.press("j" if pas > 0 else "k")
    expect(page.locator("#apercu:not([aria-busy]) [data-numero]")).to_have_attribute("data-numero", voulu)
    return voulu


def revenue_ailleurs(page: Page, numero: str, fait: str) -> None:
    """Back in the queue, told what was done, standing on another row."""
    # The bar of the ticked rows is a status too, until the scripts have hidden it.
    expect(page.get_by_role("main").get_by_role("status").first).to_contain_text(f"{numero} : {fait}")
    expect(page).to_have_url(re.compile(r"/agent/corbeille/\?vue=direction&ouverte="))
    expect(page.locator(f"tr[data-numero]:not([data-numero='{numero}']) :focus")).to_have_count(1)


def test_a_morning_at_the_queue_without_a_mouse(visiter):
    v = visiter()
    v.entrer(VOIRIE)
    page = v.aller("/agent/corbeille/?vue=direction")

    prise = descendre_sur(page, "Orientée")
    page.keyboard.press("t")
    revenue_ailleurs(page, prise, "Vous avez pris la demande en charge.")

    notee = descendre_sur(page, "Prise en charge")
    page.keyboard.press("n")
    page.keyboard.type("Vu sur place.")  # without waiting for the page
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Vu sur place.")
    page.keyboard.press("Control+Enter")
    revenue_ailleurs(page, notee, "La note est ajoutée.")

    repondue = descendre_sur(page, "Prise en charge")
    page.keyboard.press("r")
    page.get_by_label("Réponse", exact=True).fill("Bonjour,\n\nLe trou est déjà rebouché.")
    page.get_by_label("Sans objet", exact=True).check()
    page.get_by_role("button", name="Répondre", exact=True).press("Enter")
    revenue_ailleurs(page, repondue, "La réponse est partie.")

    ouverte = descendre_sur(page, "Orientée")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/agent/demandes/{ouverte}/$"))
    page.go_back()
    expect(page.locator("#apercu [data-numero]")).to_have_attribute("data-numero", ouverte)


def test_keys_typed_before_the_page_is_ready_each_act_where_the_one_before_led(visiter):
    v = visiter()
    v.entrer(RESPONSABLE_VOIRIE)
    page = v.aller("/agent/corbeille/?vue=direction")
    page.evaluate("dispatchEvent(new Event('beforeunload'))")  # as between two pages: keys are held
    page.keyboard.type("jxjx")
    expect(page.locator("[name=choix]:checked")).to_have_count(0)

    page.evaluate("dispatchEvent(new Event('pointerdown'))")

    expect(page.locator("[data-nombre]")).to_have_text("2 demandes cochées")
    expect(page.locator("#corbeille tr[data-numero]").nth(1).locator("[data-ligne]")).to_be_focused()


def test_several_are_taken_at_once_and_the_refused_one_stays_ticked(visiter):
    v = visiter()
    v.entrer(VOIRIE)
    page = v.aller("/agent/corbeille/?vue=direction")
    libre = descendre_sur(page, "Orientée")
    page.keyboard.press("x")
    deja = descendre_sur(page, "Prise en charge")
    page.keyboard.press(" ")

    expect(page.locator("[data-nombre]")).to_have_text("2 demandes cochées")
    page.keyboard.press("Escape")
    expect(page.locator("[data-barre-selection]")).to_be_hidden()
    for numero in (libre, deja):
        page.get_by_label(f"Cocher la demande {numero}").check()
    page.locator("[data-barre-selection]").get_by_role("button", name="Prendre en charge").press("Enter")

    expect(page.get_by_text("1 demande prise en charge.")).to_be_visible()
    expect(page.locator("[name=choix]:checked")).to_have_value(re.compile(f"^{deja}:"))
    expect(page.get_by_text("n'est pas possible : la demande est « Prise en charge")).to_be_visible()
    assert examiner("agent-lot-fait", page) == []


# (who, state of the row, key, words of the button, gesture): sending the form is the second action.
GESTES_COURANTS = [
    (VOIRIE, "Prise en charge", "c", "Demander un complément", "demander_complement"),
    (VOIRIE, "Prise en charge", "l", "Planifier", "planifier"),
    (VOIRIE, "Prise en charge", "u", "Attendre un tiers", "attendre_un_tiers"),
    (VOIRIE, "Prise en charge", "v", "Réorienter", "reorienter"),
    (VOIRIE, "Orientée", "v", "Réorienter", "reorienter"),
    (ACCUEIL, "Nouvelle", "q", "Qualifier", "qualifier"),
    (ACCUEIL, "Nouvelle", "i", "Répondre tout de suite", "repondre_immediatement"),
    (ACCUEIL, "Nouvelle", "c", "Demander un complément", "demander_complement"),
    (ACCUEIL, "Nouvelle", "h", "Transmettre à un autre organisme", "transmettre"),
]
VUES = {VOIRIE: "direction", ACCUEIL: "a_qualifier"}


@pytest.mark.parametrize("qui", [VOIRIE, ACCUEIL])
def test_the_commonest_gestures_take_two_actions_by_key_or_by_mouse(visiter, qui):
    """One key, or one click on the sheet without opening anything, shows the form that makes it."""
    v = visiter()
    v.entrer(qui)
    for _, etat, touche, mots, geste in (g for g in GESTES_COURANTS if g[0] == qui):
        page = v.aller(f"/agent/corbeille/?vue={VUES[qui]}")
        numero = descendre_sur(page, etat)
        formulaire = re.compile(f"/agent/demandes/{numero}/gestes/{geste}/")
        bouton = page.locator("#apercu").get_by_role("link", name=mots)
        expect(bouton).to_be_visible()
        page.keyboard.press(touche)
        expect(page).to_have_url(formulaire)
        expect(page.locator("#geste").get_by_role("button", name=mots)).to_be_visible()
        # The cursor is where one writes: the first field left to fill in.
        expect(page.locator("#geste :is(input, select, textarea):focus")).to_have_count(1)

        page.go_back()
        expect(page.locator("#apercu:not([aria-busy]) [data-numero]")).to_have_attribute(
            "data-numero", numero
        )
        page.locator("#apercu").get_by_role("link", name=mots).click()
        expect(page).to_have_url(formulaire)


def test_waiting_for_a_third_party_from_the_queue_is_one_key_and_one_form(visiter):
    v = visiter()
    v.entrer(VOIRIE)
    page = v.aller("/agent/corbeille/?vue=direction")

    numero = descendre_sur(page, "Prise en charge")
    page.keyboard.press("u")
    page.get_by_role("radio").first.check()
    page.get_by_label("Qui vous attendez").fill("Entreprise Bitume")
    page.locator("input[type=date]").fill("2027-03-01")
    page.get_by_role("button", name="Attendre un tiers").press("Enter")

    revenue_ailleurs(page, numero, "La demande attend un tiers.")


def test_a_head_hands_over_several_and_keeps_a_view_without_a_mouse(visiter):
    v = visiter()
    v.entrer(RESPONSABLE_VOIRIE)
    page = v.aller("/agent/corbeille/?vue=a_prendre")
    rangs = page.locator("#corbeille tr[data-numero]")
    numeros = [rangs.nth(i).get_attribute("data-numero") for i in range(2)]
    page.keyboard.type("jxjx")
    expect(page.locator("[data-nombre]")).to_have_text("2 demandes cochées")
    page.locator("[data-barre-selection]").get_by_role("button", name="Confier…").press("Enter")
    liste = page.get_by_label("Collègue")
    expect(liste).to_be_focused()
    page.keyboard.press("ArrowDown")
    choisi = liste.evaluate("liste => liste.selectedOptions[0].textContent").partition(" (")[0]
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2 demandes confiées.")).to_be_visible()
    for numero in numeros:
        page = v.aller(f"/agent/demandes/{numero}/?onglet=journal")
        expect(page.get_by_text(f"Confiée à {choisi}")).to_be_visible()

    page = v.aller("/agent/corbeille/?vue=direction")
    page.get_by_role("searchbox").or_(page.get_by_label("Numéro, nom, objet ou adresse")).last.fill("trou")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Garder cette vue").press("Enter")
    expect(page.get_by_label("Nom de la vue")).to_be_focused()
    page.keyboard.type("Les trous")
    page.keyboard.press("Control+Enter")
    lien = page.get_by_role("link", name=re.compile(r"^Les trous \d+$"))
    expect(lien).to_have_attribute("aria-current", "page")
    nombre = int(lien.inner_text().split()[-1])
    expect(page.locator("#corbeille tr[data-numero]")).to_have_count(nombre)
    page.get_by_role("link", name=re.compile("^Toute la direction")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Toute la direction")
    lien.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Les trous")
    page.get_by_role("link", name="Renommer ou supprimer la vue").press("Enter")
    page.get_by_role("button", name="Supprimer la vue").press("Enter")
    expect(lien).to_have_count(0)


@pytest.mark.parametrize("largeur", [360, 768, 1280, 1600])
def test_urgent_is_read_whole_and_seen_along_its_row_at_any_width(visiter, largeur):
    v = visiter(ecran={"viewport": {"width": largeur, "height": 800}})
    v.entrer(VOIRIE)
    page = v.aller("/agent/corbeille/?vue=direction")
    rang = page.locator("#corbeille tr.est-urgente").first
    mot = rang.locator(".ligne__urgente")

    # What an ellipsis cuts still has its box: the word must end inside the line that would cut it.
    assert mot.evaluate(
        "mot => mot.getBoundingClientRect().right <= mot.parentElement.getBoundingClientRect().right"
    )
    ombres = rang.evaluate(
        "rang => [rang, rang.firstElementChild].map(une => getComputedStyle(une).boxShadow)"
    )
    assert len([ombre for ombre in ombres if "inset" in ombre and " 4px 0px 0px 0px" in ombre]) == 1
