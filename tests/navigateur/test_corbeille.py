"""The commonest gestures from the queue, by keyboard: one key, and at most one form, then the next row."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ecrans import VOIRIE
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
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text(f"{numero} : {fait}")
    expect(page).to_have_url(re.compile(r"/agent/corbeille/\?vue=direction&ouverte="))
    assert page.evaluate("document.activeElement.closest('tr').dataset.numero") not in (None, numero)


def test_a_morning_at_the_queue_without_a_mouse(visiter):
    v = visiter()
    v.entrer(VOIRIE)
    page = v.aller("/agent/corbeille/?vue=direction")

    prise = descendre_sur(page, "Orientée")
    page.keyboard.press("t")
    revenue_ailleurs(page, prise, "Vous avez pris la demande en charge.")

    notee = descendre_sur(page, "Prise en charge")
    page.keyboard.press("n")
    page.get_by_role("textbox", name="Note").fill("Vu sur place.")
    page.get_by_role("button", name="Ajouter une note").press("Enter")
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


def test_several_are_taken_at_once_and_the_refused_one_stays_ticked(visiter):
    v = visiter()
    v.entrer(VOIRIE)
    page = v.aller("/agent/corbeille/?vue=direction")
    libre = descendre_sur(page, "Orientée")
    page.keyboard.press("x")
    deja = descendre_sur(page, "Prise en charge")
    page.keyboard.press(" ")

    expect(page.locator("[data-nombre]")).to_have_text("2 demandes choisies")
    page.keyboard.press("Escape")
    expect(page.locator("[data-barre-selection]")).to_be_hidden()
    for numero in (libre, deja):
        page.get_by_label(f"Cocher la demande {numero}").check()
    page.locator("[data-barre-selection]").get_by_role("button", name="Prendre en charge").press("Enter")

    expect(page.get_by_text("1 demande prise en charge.")).to_be_visible()
    expect(page.locator("[name=choix]:checked")).to_have_value(re.compile(f"^{deja}:"))
    expect(page.get_by_text("n'est pas possible : la demande est « Prise en charge")).to_be_visible()
    assert examiner("agent-lot-fait", page) == []
