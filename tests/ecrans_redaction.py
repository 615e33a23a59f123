"""The editors' own screens, in Wagtail: what the house adds to it must be as readable as the rest."""

import re

from tests.ecrans_abonnement import ouvrir_la_confirmation
from tests.fenetre import ADMIN, MODERATEUR, Ecrans, Visiteur

ALERTE = "Neige et verglas jusqu'à demain midi"


def redaction(v: Visiteur) -> Ecrans:
    """Broken links, segments, who sees a page, and who an alert would be mailed to."""
    s_abonner(v)
    v.entrer(MODERATEUR)
    yield "redaction-liens", v.aller("/gestion/rapports/liens/")
    yield "redaction-segments", v.aller("/gestion/snippets/portal/segment/")
    modifier(v, "Propreté et déchets")
    v.page.get_by_role("tab", name="Promotion").click()
    yield "redaction-qui-la-voit", v.page
    modifier(v, ALERTE)
    montrer_les_abonnes(v)
    yield "redaction-alerte", v.page
    v.page.get_by_role("button", name="Tout déplier").click()
    v.page.get_by_label("3e – La Gare").check()
    v.page.get_by_label("Prévenir les abonnés par courriel").check()
    v.page.locator("footer [data-w-dropdown-target=toggle]").click()
    v.bouton("Publier")
    v.page.get_by_text("Publiez de nouveau pour confirmer").wait_for()
    montrer_les_abonnes(v)
    yield "redaction-alerte-a-confirmer", v.page


def montrer_les_abonnes(v: Visiteur) -> None:
    """Keep the one section open that says who would be told; the page draws its own buttons late."""
    v.page.get_by_role("button", name="Tout replier").click()
    abonnes = v.page.get_by_role("region", name="Prévenir les abonnés", exact=True)
    abonnes.get_by_role("button").first.click()
    abonnes.get_by_text("Telle qu'enregistrée").scroll_into_view_if_needed()


def modifier(v: Visiteur, titre: str) -> None:
    """Open the form of a page, found by its title."""
    v.aller(f"/gestion/pages/search/?q={titre}")
    lien = v.page.get_by_role("main").get_by_role("link", name=titre, exact=True).first
    page = re.search(r"/pages/(\d+)/", lien.get_attribute("href") or "")
    v.aller(f"/gestion/pages/{page.group(1)}/edit/")


def s_abonner(v: Visiteur) -> None:
    """Somebody of the 3rd wants alerts, and confirms it."""
    v.aller("/abonnement/")
    v.page.get_by_label("Adresse électronique").fill("malo.kerbrat@courriel.example")
    v.page.get_by_label("3e – La Gare").check()
    v.bouton("M'abonner")
    v.entrer(ADMIN)
    ouvrir_la_confirmation(v)
    v.bouton("Je confirme mon abonnement")
    v.contexte.clear_cookies()
