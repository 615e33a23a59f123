"""The composer in a browser: what is typed is kept, a template goes after it, nothing is lost."""

import pytest
from playwright.sync_api import expect

from tests.ecrans import FIL_RICHE, RESPONSABLE_VOIRIE

pytestmark = pytest.mark.navigateur


def test_a_text_and_a_template_are_kept_and_found_on_another_machine(visiter):
    v = visiter()
    v.entrer(RESPONSABLE_VOIRIE)
    page = v.ouvrir_la_demande(FIL_RICHE)
    zone = page.get_by_label("Message à l'usager")
    zone.fill("Bonjour, déjà écrit.")

    page.get_by_text("Modèles (").click()
    page.locator(".redaction__choix summary").first.click()
    modele = page.locator("#modele-1").inner_text()
    page.get_by_role("button", name="Insérer ce modèle").first.click()

    assert zone.input_value().startswith("Bonjour, déjà écrit.\n\n" + modele.split("\n")[0])
    expect(page.locator("#garde-usager")).to_contain_text("Texte gardé à")
    ailleurs = visiter()
    ailleurs.entrer(RESPONSABLE_VOIRIE)
    la_bas = ailleurs.aller(page.url)
    expect(la_bas.get_by_label("Message à l'usager")).to_have_value(zone.input_value())
    expect(la_bas.locator("#garde-usager")).to_contain_text("Il n'est pas envoyé.")

    # Emptied there, it is gone for good.
    la_bas.get_by_label("Message à l'usager").fill("")
    with la_bas.expect_response("**/ecrits/"):
        la_bas.get_by_label("Message à l'usager").press("Backspace")
    la_bas.reload()
    expect(la_bas.locator("#garde-usager")).to_be_empty()
