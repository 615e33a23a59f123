"""A browser without JavaScript: it follows links, and sends forms as the page shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup, Tag

# A field whose value is a file: (name, bytes).
Fichier = tuple[str, bytes]

CLICABLES = "a[href], form[action], button[formaction]"
GESTE = re.compile(r"/gestes/(\w+)/$")


class Page:
    """One answer, read."""

    def __init__(self, visiteur: Visiteur, reponse: requests.Response) -> None:
        self.visiteur = visiteur
        self.statut = reponse.status_code
        self.chemin = urlsplit(reponse.url).path
        self.html = BeautifulSoup(reponse.content, "html.parser")
        self.texte = " ".join(self.html.get_text(" ").split())

    def __contains__(self, mots: str) -> bool:
        """Say whether these words can be read on the page, whatever their spaces and line breaks."""
        return " ".join(mots.split()) in self.texte

    @property
    def titre(self) -> str:
        titre = self.html.find("h1")
        return " ".join(titre.get_text(" ").split()) if titre else ""

    @property
    def boutons(self) -> list[str]:
        """What can be pressed: buttons of forms, and links that look like buttons."""
        return [mots(bouton) for bouton in self.html.select("main button, main a.bouton")]

    @property
    def gestes(self) -> set[str]:
        """The gestures an agent is offered, whether by a link or by a form."""
        adresses = [
            b.get("href") or b.get("action") or b.get("formaction") for b in self.html.select(CLICABLES)
        ]
        return {trouve[1] for adresse in adresses if (trouve := GESTE.search(adresse))}

    @property
    def bouton_principal(self) -> str:
        """The first button of a gesture's own form."""
        return mots(self.html.select_one("form#geste .formulaire__actions button"))

    def suivre(self, libelle: str) -> Page:
        """Follow the one link with these words."""
        liens = {a["href"] for a in self.html.find_all("a", href=True) if mots(a).startswith(libelle)}
        assert len(liens) == 1, f"{len(liens)} liens « {libelle} » sur {self.chemin}"
        return self.visiteur.ouvrir(urljoin(self.chemin, liens.pop()))

    def remplir(self, bouton: str, **valeurs: Any) -> Envoi:
        """The form this button sends, filled in as shown and changed by `valeurs`.

        A field the page does not show, or a choice it does not offer, is a failure: nobody could do it.
        """
        presse = self._bouton(bouton)
        formulaire = self._formulaire_de(presse)
        champs = list(valeurs_montrees(formulaire, self.html))
        fichiers: list[tuple[str, Fichier]] = []
        for nom, valeur in valeurs.items():
            commandes = commandes_de(formulaire, self.html, nom)
            assert commandes, f"pas de champ « {nom} » pour « {bouton} » sur {self.chemin}"
            if isinstance(valeur, tuple):
                fichiers.append((nom, valeur))
                continue
            champs = [(n, v) for n, v in champs if n != nom]
            offertes = choix_offerts(commandes)
            for une in valeur if isinstance(valeur, list) else [valeur]:
                if une is None:
                    continue
                assert not offertes or str(une) in offertes, f"« {une} » n'est pas offert pour « {nom} »"
                champs.append((nom, str(une)))
        if presse.get("name"):
            champs.append((presse["name"], presse.get("value", "")))
        action = presse.get("formaction") or formulaire.get("action") or self.chemin
        return Envoi(
            self.visiteur, urljoin(self.chemin, action), formulaire.get("method", "get"), champs, fichiers
        )

    def envoyer(self, bouton: str, **valeurs: Any) -> Page:
        """Fill in and press."""
        return self.remplir(bouton, **valeurs).partir()

    def _bouton(self, libelle: str) -> Tag:
        presses = self.html.select("button, input[type=submit]")
        trouves = [b for b in presses if b.get("aria-label", mots(b)).startswith(libelle)]
        assert trouves, f"pas de bouton « {libelle} » sur {self.chemin} : {self.boutons}"
        return trouves[0]

    def _formulaire_de(self, bouton: Tag) -> Tag:
        if bouton.get("form"):
            return self.html.find("form", id=bouton["form"])
        formulaire = bouton.find_parent("form")
        assert formulaire is not None, f"« {mots(bouton)} » n'est dans aucun formulaire"
        return formulaire


class Envoi:
    """A filled form, ready to be sent once or several times."""

    def __init__(
        self,
        visiteur: Visiteur,
        adresse: str,
        methode: str,
        champs: list[tuple[str, str]],
        fichiers: list[tuple[str, Fichier]],
    ) -> None:
        self.visiteur, self.adresse, self.methode = visiteur, adresse, methode.upper()
        self.champs, self.fichiers = champs, fichiers

    def sans_suivre(self) -> Page:
        """Send it and stay at its answer, were it a redirection."""
        return self.partir(allow_redirects=False)

    def partir(self, **options: Any) -> Page:
        donnees: dict[str, Any] = {"params": self.champs} if self.methode == "GET" else {"data": self.champs}
        if self.fichiers:
            donnees["files"] = self.fichiers
        return self.visiteur.demander(self.methode, self.adresse, **donnees, **options)


class Visiteur:
    """One person in front of one browser."""

    def __init__(self, adresse: str) -> None:
        self.adresse = adresse
        self.session = requests.Session()
        self.session.trust_env = False

    def ouvrir(self, chemin: str) -> Page:
        """Open a path of the city, or a link it sent."""
        morceaux = urlsplit(chemin)
        page = self.demander("GET", morceaux._replace(scheme="", netloc="").geturl())
        assert page.statut == 200, f"{page.statut} pour {chemin} : {page.titre}"
        return page

    def demander(self, methode: str, chemin: str, **donnees: Any) -> Page:
        """Any request; whatever comes back is never the server's fault."""
        reponse = self.session.request(
            methode,
            urljoin(self.adresse, chemin),
            timeout=60,
            headers={"Referer": urljoin(self.adresse, chemin)},
            **donnees,
        )
        assert reponse.status_code < 500, f"{reponse.status_code} pour {methode} {chemin}"
        return Page(self, reponse)

    def fermer(self) -> None:
        self.session.close()


# -- forms as a browser reads them


def mots(balise: Tag) -> str:
    return " ".join((balise.get("value") if balise.name == "input" else balise.get_text(" ")).split())


def commandes_de(formulaire: Tag, page: BeautifulSoup, nom: str = "") -> list[Tag]:
    """The enabled controls of a form, those that only name it by `form=` included."""
    toutes = formulaire.select("input, select, textarea")
    if formulaire.get("id"):
        toutes += page.select(f'[form="{formulaire["id"]}"]:is(input, select, textarea)')
    return [
        c for c in toutes if c.get("name") and not c.has_attr("disabled") and (not nom or c["name"] == nom)
    ]


def choix_offerts(commandes: list[Tag]) -> set[str]:
    """The values a person can choose from; empty when they may type anything."""
    offerts: set[str] = set()
    for commande in commandes:
        if commande.name == "select":
            offerts |= {option.get("value", "") for option in commande.find_all("option")}
        elif commande.get("type") in ("radio", "checkbox", "hidden"):
            offerts.add(commande.get("value", "on"))
    return offerts


def valeurs_montrees(formulaire: Tag, page: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """What would be sent if nothing were changed."""
    for commande in commandes_de(formulaire, page):
        genre = commande.get("type", "text")
        if commande.name == "textarea":
            yield commande["name"], commande.get_text().removeprefix("\n")
        elif commande.name == "select":
            options = commande.find_all("option")
            choisies = [o for o in options if o.has_attr("selected")] or options[:1]
            yield from ((commande["name"], option.get("value", "")) for option in choisies)
        elif genre in ("checkbox", "radio"):
            if commande.has_attr("checked"):
                yield commande["name"], commande.get("value", "on")
        elif genre not in ("file", "submit", "button", "image"):
            yield commande["name"], commande.get("value", "")
