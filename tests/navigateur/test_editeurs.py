"""An editor writes an answer, gives it to a segment, and everybody reads what concerns them."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ecrans import ACCUEIL, ADMIN, Visiteur
from tests.fenetre import MODERATEUR

pytestmark = pytest.mark.navigateur

QUESTION = "Où déposer mon sapin après les fêtes ?"
DU_GUICHET, SIENNE = "Le guichet le dit autrement depuis ce matin.", "Le texte de l'éditrice."
ALERTE = "Ascenseur de la mairie du 8e à l'arrêt"


def ouvrir_dans_la_gestion(v: Visiteur, titre: str) -> str:
    """The number of a page, found by its title as an editor finds it."""
    page = v.aller(f"/gestion/pages/search/?q={titre}")
    lien = page.get_by_role("main").get_by_role("link", name=titre, exact=True).first
    adresse = lien.get_attribute("href") or ""
    return re.search(r"/pages/(\d+)/", adresse).group(1)


def publier(page: Page) -> None:
    page.get_by_role("button", name="Autres actions").or_(
        page.locator("footer [data-w-dropdown-target=toggle]")
    ).first.click()
    page.get_by_role("button", name="Publier").click()
    page.wait_for_load_state()


def publier_pour(page: Page, segment: str) -> None:
    """Show the page to one segment alone, then publish it."""
    page.get_by_role("tab", name="Promotion").click()
    page.get_by_role("combobox", name="Dans les listes et les menus").select_option(
        label="Montrée aux seuls segments choisis"
    )
    page.get_by_role("checkbox", name=segment).check()
    publier(page)


def test_an_editor_publishes_an_answer_for_a_segment_and_the_desk_gives_it(visiter):
    editrice = visiter()
    editrice.entrer(ADMIN)
    page = editrice.aller("/gestion/snippets/portal/segment/add/")
    page.get_by_role("textbox", name="Nom").fill("Seniors du 8e")
    page.get_by_label("Senior", exact=True).check()
    page.get_by_label("8e – Les Ateliers").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("main")).to_contain_text("Seniors du 8e")

    rubrique = ouvrir_dans_la_gestion(editrice, "Propreté et déchets")
    page = editrice.aller(f"/gestion/pages/add/portal/pagefiche/{rubrique}/")
    page.get_by_role("textbox", name="Question").fill(QUESTION)
    page.get_by_role("textbox", name="Réponse").fill(
        "Dans un des vingt enclos, jusqu'au 20 janvier.\n– Place de la Gare\n– Parc des Lavandières"
    )
    publier_pour(page, "Seniors du 8e")

    tout_le_monde = visiter()
    vue = tout_le_monde.aller("/proprete-et-dechets/")
    expect(vue.get_by_role("link", name=QUESTION)).to_have_count(0)
    vue = tout_le_monde.aller("/?q=sapin")
    vue.get_by_role("link", name=QUESTION).click()
    expect(
        vue.get_by_role("main").get_by_role("listitem").filter(has_text="Place de la Gare")
    ).to_be_visible()
    assert tout_le_monde.contexte.cookies() == []

    senior = visiter()
    vue = senior.aller("/mon-profil/")
    vue.get_by_label("Senior", exact=True).check()
    vue.get_by_label("Votre arrondissement").select_option(label="8e – Les Ateliers")
    senior.bouton("Enregistrer mon profil")
    expect(vue.locator(".ligne-profil")).to_contain_text("Pour vous : Senior, 8e – Les Ateliers")
    vue = senior.aller("/proprete-et-dechets/")
    expect(vue.get_by_role("link", name=QUESTION)).to_be_visible()

    alertes = ouvrir_dans_la_gestion(editrice, "Alertes")
    page = editrice.aller(f"/gestion/pages/add/portal/alerte/{alertes}/")
    page.get_by_role("textbox", name="Titre").fill(ALERTE)
    page.get_by_role("textbox", name="En deux phrases").fill(
        "Sonnez à l'entrée : un agent descend vers vous."
    )
    publier_pour(page, "Seniors du 8e")
    # Another page as each of them would see it, from the links under « Qui voit cette page ? ».
    page = editrice.aller(f"/gestion/pages/{ouvrir_dans_la_gestion(editrice, QUESTION)}/edit/")
    for qui, nombre in (("Tout le monde", 0), ("Segment : Seniors du 8e", 1)):
        apercu = page.locator("a[href*='view_draft/?mode=']").filter(has_text=qui).first
        vue = editrice.contexte.new_page()
        vue.goto(apercu.get_attribute("href") or "")
        expect(vue.get_by_role("heading", level=1)).to_have_text(QUESTION)
        expect(vue.locator(".bandeau-alerte").filter(has_text=ALERTE)).to_have_count(nombre)
        vue.close()
    for visiteur, nombre in ((tout_le_monde, 0), (senior, 1)):
        vue = visiteur.aller("/")
        expect(vue.locator(".bandeau-alerte").filter(has_text=ALERTE)).to_have_count(nombre)

    agent = visiter()
    agent.entrer(ACCUEIL)
    vue = agent.aller("/agent/accueil/")
    vue.keyboard.press("F2")
    expect(vue.get_by_text("Appel en cours")).to_be_visible()
    vue = agent.aller("/agent/accueil/?q=sapin")
    vue.get_by_role("main").get_by_role("link", name=QUESTION, exact=True).click()
    expect(vue.get_by_role("heading", level=1)).to_have_text(QUESTION)
    expect(vue.get_by_role("main")).to_contain_text("Place de la Gare")
    agent.bouton("Question répondue, terminer")
    expect(vue.get_by_text("répondu tout de suite").first).to_be_visible()
    expect(vue.get_by_text("Appel en cours")).to_have_count(0)


def test_a_parent_of_the_3rd_and_a_senior_of_the_8th_see_two_homes_from_one_tree(visiter):
    accueils = {}
    for situation, quartier in (("Parent", "3e – La Gare"), ("Senior", "8e – Les Ateliers")):
        v = visiter()
        page = v.aller("/mon-profil/")
        page.get_by_label(situation, exact=True).check()
        page.get_by_label("Votre arrondissement").select_option(label=quartier)
        v.bouton("Enregistrer mon profil")
        pour_vous = page.get_by_role("region", name="Pour vous")
        ville = page.get_by_role("region", name="Dans la ville").get_by_role("link")
        conseillee = pour_vous.get_by_role("list").get_by_role("link").first
        accueils[situation] = (conseillee.inner_text(), ville.nth(1).inner_text())
        assert [temoin["name"] for temoin in v.contexte.cookies()] == ["profil"]

    assert accueils == {
        "Parent": (
            "Restauration scolaire, inscription ou changement",
            "Trois nouveaux composteurs partagés à la Gare",
        ),
        "Senior": ("Carte et activités seniors", "Aux Ateliers, un banc tous les deux cents mètres"),
    }


def test_an_editor_is_told_what_the_desk_changed_meanwhile_and_chooses(visiter):
    agent, editrice = visiter(), visiter()
    agent.entrer(ADMIN)
    fiche = agent.aller("/agent/administration/fiches/")
    lien = fiche.locator("main a[data-ligne]").first
    question = lien.inner_text()
    lien.click()
    editrice.entrer(MODERATEUR)
    page = editrice.aller(f"/gestion/pages/{ouvrir_dans_la_gestion(editrice, question)}/edit/")
    reponse = page.get_by_role("textbox", name="Réponse")
    expect(reponse).not_to_have_value("")

    fiche.get_by_label("Réponse").fill(DU_GUICHET)
    agent.bouton("Enregistrer")
    expect(fiche.locator(".message")).to_contain_text("est enregistrée")
    # The page asks first, when it noticed a newer version by itself.
    question_du_logiciel = page.locator("#w-save-confirmation-dialog").get_by_role(
        "button", name="Enregistrer le brouillon"
    )
    page.add_locator_handler(question_du_logiciel, lambda bouton: bouton.click())
    pied = page.get_by_role("navigation", name="Actions (pied de page)")
    reponse.fill(SIENNE)
    pied.get_by_role("button", name="Enregistrer le brouillon").click()
    refus = page.get_by_text(f"Réponse, au guichet : « {DU_GUICHET} »", exact=True)
    expect(refus).to_be_visible()
    expect(page.get_by_text("pendant que vous écriviez.")).to_be_visible()
    expect(reponse).to_have_value(SIENNE)
    reponse.fill(f"{SIENNE} Et la suite.")
    pied.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.get_by_text("a été mise à jour")).to_be_visible()
    expect(reponse).to_have_value(f"{SIENNE} Et la suite.")
    expect(refus).to_have_count(0)
