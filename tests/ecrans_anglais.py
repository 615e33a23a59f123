"""The residents' pages in English: the same walk, at the addresses under `/en/`."""

from tests.fenetre import Ecrans, Visiteur


def anglais(v: Visiteur) -> Ecrans:
    """What somebody who reads English sees, from the home page to a refused search."""
    v.aller("/")
    v.page.get_by_role("link", name="English").click()
    yield "anglais-accueil", v.page
    yield "anglais-demarche", v.aller("/en/deposer/EC-NAIS/")
    v.aller("/en/deposer/VOI-NID/")
    v.bouton("Start")
    v.bouton("Continue")
    yield "anglais-depot-erreurs", v.page
    yield "anglais-lieux", v.aller("/en/lieux-et-horaires/")
    yield "anglais-accessibilite", v.aller("/en/accessibilite/")
    yield "anglais-suivi", v.aller("/en/suivi/")
    yield "anglais-introuvable", v.aller("/en/deposer/VOI-RIEN/")
