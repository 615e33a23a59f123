"""The walk through what a network brings to the desk: a post copied by its link, answered by hand."""

from __future__ import annotations

from tests.ecrans import ACCUEIL, Ecrans, Visiteur

LIEN = "https://www.instagram.example/p/trou-de-la-gare/"


def reseaux(v: Visiteur) -> Ecrans:
    """A post entered from its link, once; its answer waits to be published."""
    v.entrer(ACCUEIL)
    for rang in (1, 2):
        v.aller("/agent/saisie/?canal=reseau")
        v.page.get_by_label("Lien de la publication").fill(LIEN)
        v.page.get_by_label("Auteur, comme le réseau l'affiche").fill("@awa.ndiaye")
        v.page.get_by_label("Texte de la publication").fill("Toujours ce trou devant la gare, c'est long !")
        if rang == 1:
            yield "agent-saisie-publication", v.page
        v.bouton("Enregistrer sans orienter")
        if rang == 2:
            yield "agent-saisie-publication-connue", v.page
            continue
        v.page.wait_for_url("**/agent/saisie/20**")
        v.bouton("Ouvrir la demande")
        v.page.wait_for_load_state()
        yield "agent-demande-publication", v.page
        demande = v.page.url
        v.aller(f"{demande}gestes/rediger_une_publication/")
        yield "agent-geste-publication", v.page
        v.aller(f"{demande}gestes/ecrire_a_l_usager/")
        v.page.get_by_label("Message", exact=True).fill(
            "Bonjour, une équipe passe jeudi. Quel est le numéro ?"
        )
        v.page.locator("[data-envoie]").click()
        v.page.wait_for_load_state()
        yield "agent-a-remettre-publication", v.aller("/agent/a-remettre/")
