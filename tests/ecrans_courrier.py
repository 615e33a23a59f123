"""The walk through paper mail: what a scanner gave, page by page, and letters beside their form."""

from __future__ import annotations

from tests.fenetre import Ecrans, Visiteur

COURRIER = "accueil.courrier@demo.example"


def courrier(v: Visiteur) -> Ecrans:
    """Scanned letters: the pile, a lot page by page, a letter beside its form."""
    v.entrer(COURRIER)
    yield "agent-courrier", v.aller("/agent/courrier/")
    v.page.get_by_text("Déposer des feuilles numérisées").click()
    v.bouton("Déposer")
    yield "agent-courrier-refuse", v.page
    yield "agent-courrier-lots", v.aller("/agent/courrier/?vue=lots")
    v.page.locator("[data-ligne]").first.click()
    v.page.wait_for_url("**/agent/courrier/lots/**")
    yield "agent-courrier-lot", v.page
    v.aller("/agent/courrier/")
    v.page.locator("[data-ligne]").last.click()
    v.page.wait_for_url("**/agent/courrier/A-**")
    yield "agent-lettre-recue", v.page
    v.aller("/agent/courrier/")
    v.bouton("Saisir les lettres")
    v.page.wait_for_url("**/agent/saisie/?lettre=**")
    yield "agent-lettre-saisie", v.page
    v.bouton("Rendre la lettre")
    yield "agent-courrier-ecartees", v.aller("/agent/courrier/?vue=ecartees")
