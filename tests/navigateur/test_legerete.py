"""Every kind of page of the portal: light, still while it loads, valid, alone, and walked with one key.

What Lighthouse would say, asked of Chromium itself. The walk of each page is written to
`var/parcours_clavier.md`, for who wants to read it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from playwright.sync_api import Page, expect

from guichet.socle.demarrage import RACINE
from tests import ecrans
from tests.fenetre import HABITANTE, Visiteur

pytestmark = pytest.mark.navigateur

OCTETS = 100 * 1024
PAS_AU_PLUS = 150
JOURNAL = RACINE / "var" / "parcours_clavier.md"

FICHE = "/papiers-et-etat-civil/quels-papiers-faut-il-pour-se-marier-a-la-mairie/"
PAGES = {
    "accueil": "/",
    "recherche": "/?q=trou",
    "rubrique": "/proprete-et-dechets/",
    "fiche": FICHE,
    "facile à lire": f"{FICHE}?facile=oui",
    "démarche": "/rue-eclairage-et-eau/nid-de-poule-ou-chaussee-degradee/",
    "démarche du catalogue": "/deposer/VOI-NID/",
    "actualités": "/actualites/",
    "actualité": "/actualites/la-piscine-des-lavandieres-rouvre-ses-deux-bassins/",
    "agenda": "/agenda/",
    "événement": "/agenda/marche-des-createurs/",
    "alerte": "/alertes/neige-et-verglas-jusqua-demain-midi/",
    "équipements": "/lieux-et-horaires/",
    "équipement": "/lieux-et-horaires/piscine-des-lavandieres/",
    "page libre": "/faire-ses-demarches-sans-internet/",
    "mon profil": "/mon-profil/",
    "abonnement": "/abonnement/",
    "chercher un suivi": "/suivi/",
    "connexion": "/connexion/",
}
# Those that one reaches by doing something.
CHEMINS = ("dépôt", "suivi", "compte")

MOUVEMENTS = """window.mouvements = [];
new PerformanceObserver(liste => {
    for (const e of liste.getEntries())
        window.mouvements.push([e.value, e.sources.map(s => s.node?.outerHTML ?? "")]);
}).observe({type: "layout-shift", buffered: true});"""

# What has the focus, how it shows, and whether it comes after what had it before.
ICI = """() => {
    const e = document.activeElement, avant = window.avant;
    if (!e || e === document.body) return null;
    for (const animation of document.getAnimations()) animation.finish();
    // A card shows the focus of the link it holds.
    const cernes = [e];
    while (cernes.length < 5 && cernes.at(-1).parentElement) cernes.push(cernes.at(-1).parentElement);
    const boite = e.getBoundingClientRect();
    const suite = {
        zone: e.closest("main") ? "contenu" : e.closest("footer") ? "pied" : "tête",
        nom: (e.labels?.[0]?.innerText || e.innerText || e.getAttribute("aria-label") || e.name || e.tagName)
            .trim().replace(/\\s+/g, " ").slice(0, 60),
        genre: e.tagName.toLowerCase() + (e.type ? ` ${e.type}` : ""),
        visible: cernes.map(un => getComputedStyle(un))
            .some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
            && boite.width > 0 && boite.bottom > 0 && boite.top < innerHeight
            && boite.right > 0 && boite.left < innerWidth,
        apres: !avant || Boolean(avant.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING),
        evitement: e.classList.contains("evitement"),
    };
    window.avant = e;
    return suite;
}"""


def arriver(v: Visiteur, nom: str) -> str:
    """The address of this page; for some, after what leads there."""
    if nom in PAGES:
        return PAGES[nom]
    if nom == "compte":
        v.entrer(HABITANTE)
        return v.page.url
    for ecran, page in ecrans.depot(v):
        if ecran == {"dépôt": "depot-demande", "suivi": "suivi-lien"}[nom]:
            return page.url
    raise AssertionError(nom)


class Trafic:
    """What the browser takes of the network for one page, with nothing in its cache."""

    def __init__(self, page: Page) -> None:
        self.demandees: dict[str, dict[str, Any]] = {}
        self.octets: dict[str, int] = defaultdict(int)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.requestWillBeSent", self._noter)
        session.on("Network.loadingFinished", self._compter)

    def _noter(self, evenement: dict[str, Any]) -> None:
        self.demandees[evenement["requestId"]] = {
            "adresse": evenement["request"]["url"],
            "genre": evenement.get("type", ""),
        }

    def _compter(self, evenement: dict[str, Any]) -> None:
        if demandee := self.demandees.get(evenement["requestId"]):
            self.octets[demandee["adresse"]] += int(evenement["encodedDataLength"])

    def poids(self) -> int:
        images = {d["adresse"] for d in self.demandees.values() if d["genre"] == "Image"}
        return sum(octets for adresse, octets in self.octets.items() if adresse not in images)

    def ailleurs(self, adresse: str) -> list[str]:
        ici = urlsplit(adresse).netloc
        return [
            d["adresse"] for d in self.demandees.values() if urlsplit(d["adresse"]).netloc not in ("", ici)
        ]


def pas_a_pas(page: Page) -> Iterator[dict[str, Any]]:
    """Press Tab from the top of the page until it leaves it."""
    for _ in range(PAS_AU_PLUS):
        page.keyboard.press("Tab")
        ou = page.evaluate(ICI)
        if ou is None:
            return
        yield ou
    raise AssertionError(f"{page.url}: Tab never leaves the page")


def ecrire_le_parcours(nom: str, parcours: list[dict[str, Any]]) -> None:
    JOURNAL.parent.mkdir(exist_ok=True)
    lignes = [f"\n## {nom}\n", "| Tab | Où | Quoi | |", "|---|---|---|---|"]
    lignes += [
        f"| {rang} | {ou['zone']} | {ou['nom']} | {ou['genre']} |" for rang, ou in enumerate(parcours, 1)
    ]
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write("\n".join(lignes) + "\n")


@pytest.fixture(scope="module", autouse=True)
def _journal_neuf() -> None:
    JOURNAL.unlink(missing_ok=True)


@pytest.mark.parametrize("nom", [*PAGES, *CHEMINS])
def test_a_page_is_light_still_valid_alone_and_walked_by_keyboard(visiter, ville, nom):
    v = visiter(ecran={"viewport": {"width": 412, "height": 823}})
    adresse = arriver(v, nom)
    trafic = Trafic(v.page)
    v.contexte.add_init_script(MOUVEMENTS)
    reponse = v.page.goto(adresse)
    v.page.wait_for_load_state("networkidle")
    v.page.wait_for_timeout(200)

    assert reponse.ok
    # Lighthouse is content with a tenth. A header drawn before its last link came is under a hundredth.
    mouvements = v.page.evaluate("window.mouvements")
    assert sum(valeur for valeur, _ in mouvements) < 0.01, mouvements
    assert trafic.ailleurs(ville.adresse) == []
    poids = trafic.poids()
    assert 0 < poids <= OCTETS, sorted(trafic.octets.items(), key=lambda un: -un[1])
    lecteur = html5lib.HTMLParser()
    lecteur.parse(reponse.body(), transport_encoding="utf-8")
    assert [(faute, lieu, v_) for lieu, faute, v_ in lecteur.errors] == []

    parcours = list(pas_a_pas(v.page))
    ecrire_le_parcours(nom, parcours)
    assert parcours[0]["evitement"], parcours[0]
    assert [ou["nom"] for ou in parcours if not ou["visible"]] == []
    assert [ou["nom"] for ou in parcours if not ou["apres"]] == []
    zones = [ou["zone"] for ou in parcours]
    assert zones == sorted(zones, key=["tête", "contenu", "pied"].index)
    v.page.goto(adresse)
    v.page.keyboard.press("Tab")
    v.page.keyboard.press("Enter")
    expect(v.page.locator("#contenu")).to_be_focused()
