"""Paper mail by keyboard alone: from the tray to the first letter, then each brings the next, to the last."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.fenetre import ACCUEIL
from tests.navigateur.test_parcours import Compteur, champ_de_la_saisie, champ_pret

pytestmark = pytest.mark.navigateur

# Alone at a desk of her own: no other story takes her letters.
COLETTE = "colette.courrier@demo.example"
SUIVANTE = "**/agent/saisie/?lettre=A-**"


@pytest.fixture
def bac(ville, visiter) -> Page:
    """Her tray, with three letters and nothing pressed yet."""
    code = f"from tests.courrier import bac; bac.empiler('{COLETTE}', bac.trois_lettres())"
    ville.manage("shell", "--verbosity=0", "-c", code)
    visiteur = visiter()
    visiteur.entrer(COLETTE)
    return visiteur.aller("/agent/courrier/")


def choisir_la_premiere(page: Page, mains: Compteur, demarche: str) -> Locator:
    """Down to the first démarche proposed, Enter: the cursor is where the place is written."""
    choix = page.get_by_role("button", name=f"Choisir : {demarche}")
    expect(choix).to_be_visible()
    mains.touche("ArrowDown")
    expect(choix).to_be_focused()
    mains.touche("Enter")
    return champ_pret(page, "f-adresse")


def annonce_la_precedente(page: Page) -> None:
    """What became of the letter before is said within sight, wherever the cursor is."""
    dit = page.get_by_role("main").get_by_role("status").first
    expect(dit).to_contain_text(
        re.compile(r"La lettre A-\d{4}-\d{6} est enregistrée : demande\s+\d{4}-\d{7}")
    )
    expect(dit).to_be_in_viewport()


def test_three_letters_in_a_row_without_a_mouse(bac):
    page, mains = bac, Compteur(bac)
    expect(page.get_by_role("link", name="À saisir 3")).to_be_visible()
    mains.touche("s", vers=SUIVANTE)

    # The machine read it: the démarche and the place are all that is left.
    champ_pret(page, "type_q")
    expect(page.locator("#feuilles")).to_contain_text("1 page")
    lus = {
        "prenom": "Solène",
        "nom": "Kervadec",
        "courriel": "solene.kervadec@courriel.example",
        "adresse_personne": "8 rue des Loriots, 69983 Villeneuve-sur-Saône",
        "objet": "trou dans la chaussée",
        "texte": re.compile("^Madame, Monsieur,\n\nUn trou profond s'est ouvert devant le 12"),
    }
    for champ, valeur in lus.items():
        expect(champ_de_la_saisie(page, champ)).to_have_value(valeur)
    expect(page.get_by_text("Lu sur la lettre, à vérifier.")).to_have_count(len(lus))
    lieu = choisir_la_premiere(page, mains, "Nid-de-poule")
    mains.ecrire("12 rue des Tisserands", apparait=lieu)
    mains.touche("Control+Enter", vers=SUIVANTE)
    annonce_la_precedente(page)
    assert mains.actions == 1 + 4

    # Two pages. Sent too soon, it says what is missing and keeps what was typed; from there, one goes on.
    cherche = champ_pret(page, "type_q")
    expect(page.locator("#feuilles")).to_contain_text("2 pages")
    expect(champ_de_la_saisie(page, "nom")).to_have_value("de La Rochefoucauld-Montbel")
    mains.ecrire("lampadaire", apparait=page.get_by_role("button", name="Choisir : Lampadaire éteint"))
    mains.touche("Control+Enter")
    manque = page.locator("[data-resume-erreurs]")
    expect(manque).to_contain_text("Démarche : Choisissez la démarche : elle dit quelle direction agit.")
    expect(manque).to_be_focused()
    expect(cherche).to_have_value("lampadaire")
    expect(champ_de_la_saisie(page, "nom")).to_have_value("de La Rochefoucauld-Montbel")
    expect(champ_de_la_saisie(page, "objet")).to_have_value("éclairage en panne depuis trois semaines")
    mains.touche("Tab")
    mains.touche("Enter")
    champ_pret(page, "type_q")
    lieu = choisir_la_premiere(page, mains, "Lampadaire éteint")
    mains.ecrire("127 avenue du Maréchal-de-Lattre-de-Tassigny, 69985", apparait=lieu)
    mains.touche("Control+Enter", vers=SUIVANTE)
    annonce_la_precedente(page)
    expect(page.get_by_text("l'accusé de réception attend dans")).to_be_in_viewport()
    assert mains.actions == 1 + 4 + 8

    # Nothing could be read of it: who writes comes first, then the rest.
    champ_pret(page, "usager_q")
    expect(page.get_by_text("Lu sur la lettre, à vérifier.")).to_have_count(0)
    mains.ecrire("Aurélien Quéméneur", apparait=page.get_by_text("Personne de ce nom n'est connu"))
    mains.touche("Enter")
    mains.ecrire("31 rue des Loriots", apparait=champ_pret(page, "adresse_personne"))
    mains.touche("Enter")
    mains.ecrire("Un nid-de-poule gêne les vélos.", apparait=champ_pret(page, "texte"))
    mains.touche("Tab")
    lieu = choisir_la_premiere(page, mains, "Nid-de-poule")
    mains.ecrire("31 rue des Loriots", apparait=lieu)
    mains.touche("Control+Enter", vers="**/agent/courrier/")
    annonce_la_precedente(page)
    expect(page.get_by_text("Il n'y a plus de lettre à saisir.")).to_be_visible()
    expect(page.get_by_text("Rien n'attend ici")).to_be_visible()
    assert mains.actions == 1 + 4 + 8 + 10


def attendre(page: Page, est_la: Callable[[], bool]) -> None:
    """Let the browser speak until this is so."""
    limite = time.monotonic() + 15
    while not est_la():
        assert time.monotonic() < limite
        page.wait_for_timeout(20)


def test_what_is_typed_and_sent_too_early_waits_for_its_own_answer(visiter):
    """The answer of an older search comes first: it is not that of the démarche just chosen."""
    visiteur = visiter()
    visiteur.entrer(ACCUEIL)
    page = visiteur.aller("/agent/saisie/?canal=courrier")
    champ_de_la_saisie(page, "nom").fill("Quéméneur")
    champ_de_la_saisie(page, "texte").fill("Un trou s'est ouvert dans la chaussée.")
    champ_de_la_saisie(page, "type_q").focus()
    choix = page.get_by_role("button", name="Choisir : Nid-de-poule")
    expect(choix).to_be_visible()
    page.wait_for_load_state("networkidle")
    retenues: list[Route] = []
    page.route("**/agent/saisie/", lambda r: retenues.append(r) if len(retenues) < 2 else r.continue_())

    page.keyboard.type("trou dans la rue")
    attendre(page, lambda: len(retenues) == 1)
    choix.press("Enter")
    attendre(page, lambda: len(retenues) == 2)
    page.keyboard.type("12 rue des Tisserands")
    page.keyboard.press("Control+Enter")
    recherche, choisie = retenues
    with page.expect_request_finished():
        recherche.continue_()
    choisie.continue_()

    page.wait_for_url("**/agent/saisie/20**")
    expect(page.get_by_role("heading", name="Orientée vers Rues et trottoirs")).to_be_visible()
    page.get_by_role("link", name="Ouvrir la demande").click()
    expect(page.get_by_role("main")).to_contain_text("12 rue des Tisserands")
