"""The walk of who wants alerts by mail: asked for, refused, confirmed, chosen again, left.

Then at the desk, for somebody who phones: found by the whole address, written to again, removed."""

import re

from playwright.sync_api import Page

from tests.fenetre import ADMIN, Ecrans, Visiteur


def abonnement(v: Visiteur) -> Ecrans:
    """The mail is read where a demo city shows its mails."""
    yield "abonnement", v.aller("/abonnement/")
    v.page.get_by_label("Adresse électronique").fill("nora.benali@")
    v.bouton("M'abonner")
    yield "abonnement-refuse", v.page
    v.page.get_by_label("Adresse électronique").fill("nora.benali@courriel.example")
    v.page.get_by_label("3e – La Gare").check()
    v.bouton("M'abonner")
    v.entrer(ADMIN)
    yield "abonnement-confirmer", ouvrir_la_confirmation(v)
    v.bouton("Je confirme mon abonnement")
    yield "abonnement-choisir", v.page
    v.bouton("Ne plus rien recevoir")
    yield "abonnement-quitter", v.page
    v.bouton("Ne plus rien recevoir")
    yield "abonnement-quitte", v.page
    v.aller("/abonnement/")
    v.page.get_by_label("Adresse électronique").fill("nora.benali@courriel.example")
    v.bouton("M'abonner")
    yield "agent-abonnes", v.aller("/agent/abonnes/")
    chercher(v, "nora.benali@")
    yield "agent-abonnes-refuse", v.page
    chercher(v, "nora@courriel.example")
    yield "agent-abonnes-inconnu", v.page
    chercher(v, "nora.benali@courriel.example")
    yield "agent-abonnes-trouve", v.page
    v.bouton("Renvoyer la confirmation")
    chercher(v, "nora.benali@courriel.example")
    v.bouton("Retirer de la liste")
    yield "agent-abonnes-retire", v.page


def ouvrir_la_confirmation(v: Visiteur) -> Page:
    """Follow the link of the last mail that asks for it, where an administrator reads it."""
    v.aller("/agent/courriels/")
    v.page.get_by_role("link", name="Confirmez votre abonnement aux alertes").first.click()
    v.page.wait_for_load_state()
    lien = re.search(r"/abonnement/confirmer/\S+", v.page.locator("main").inner_text())
    assert lien is not None
    return v.aller(lien.group())


def chercher(v: Visiteur, courriel: str) -> None:
    v.page.get_by_label("Adresse électronique").fill(courriel)
    v.bouton("Chercher")
