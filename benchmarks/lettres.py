"""`python -m benchmarks.lettres`: how many paper letters an agent types in an hour, by the keyboard alone.

The demo city, its scanned letters, its screens in Chromium. Out of ten letters: six of one page and two of
two pages that the machine reads, one by hand that is typed whole, one advertisement that is set aside.

What the machine takes is measured: from a key to the moment one may go on. What the person takes is assumed,
and added without being waited for: nothing the machine does meanwhile hides behind it (`--attendre` waits).
- A key 0.28 s (40 words a minute), a decision or a look at one field 1.35 s: the keystroke-level model, Card,
  Moran and Newell, Communications of the ACM 23(7), 1980.
- Silent reading 238 words a minute: Brysbaert, Journal of Memory and Language 109, 2019. Half of it by hand,
  which is our guess.
A letter is read once, then each field that the machine filled in is looked at once.
"""

import argparse
import time
from dataclasses import dataclass, field
from statistics import median

from playwright.sync_api import Locator, Page, expect

from benchmarks.courrier import Genre, Lettre, lettres
from tests.chromium import ouvrir_chromium
from tests.fenetre import Visiteur
from tests.ville_jetable import VilleJetable, ville_jetable

TOUCHE, DECISION = 0.28, 1.35
MOTS_PAR_SECONDE = 238 / 60
LUS = "Lu sur la lettre, à vérifier."
PATIENCE_MS = 30_000
QUI = "courrier.mesure@demo.example"


@dataclass
class Mains:
    """Two hands and two eyes: what they take is assumed, what they wait for is measured."""

    page: Page
    attendre: bool
    humain: float = 0.0
    machine: float = 0.0
    durees: list[tuple[float, float, float]] = field(default_factory=list)

    def penser(self, secondes: float) -> None:
        self.humain += secondes
        if self.attendre:
            time.sleep(secondes)

    def lire(self, mots: int, lenteur: float = 1.0) -> None:
        self.penser(lenteur * mots / MOTS_PAR_SECONDE)

    def taper(self, mots: str) -> None:
        """Decide, then type: the page follows the keys."""
        self.penser(DECISION + TOUCHE * len(mots))
        self.page.keyboard.type(mots)

    def presser(self, touche: str, pret: Locator) -> float:
        """Decide, press, and wait until one may go on. Returns the machine's seconds."""
        self.penser(DECISION + TOUCHE * (1 + touche.count("+")))
        debut = time.perf_counter()
        self.page.keyboard.press(touche)
        expect(pret).to_be_visible(timeout=PATIENCE_MS)
        self.page.wait_for_load_state()  # until then the arrows do nothing
        duree = time.perf_counter() - debut
        self.machine += duree
        return duree

    def saisir(self, lettre: Lettre, suite: Locator) -> None:
        """One letter, from its first line to the next one's."""
        avant = (self.humain, self.machine)
        if lettre.genre is Genre.PUBLICITE:
            self.lire(10)
            self.presser("Escape", self.page.locator("#contenu"))
            self.presser("x", self.page.locator("#ecarter-motif:focus"))
            self.taper("Publicité")
            de_page_en_page = self.presser("Enter", suite)
        else:
            self.remplir(lettre)
            self.taper(lettre.lieu)
            de_page_en_page = self.presser("Control+Enter", suite)
        self.durees.append((self.humain - avant[0], self.machine - avant[1], de_page_en_page))

    def remplir(self, lettre: Lettre) -> None:
        page = self.page
        self.lire(lettre.nombre_de_mots, 2.0 if lettre.genre is Genre.MANUSCRITE else 1.0)
        if lettre.genre is Genre.DEUX_PAGES:
            self.presser("F8", page.locator("#feuilles"))
        if lettre.genre is Genre.MANUSCRITE:
            self.taper(lettre.qui)
            self.presser("Enter", page.locator("[name=adresse_personne]:focus"))
            self.taper(lettre.adresse)
            self.presser("Enter", page.locator("#saisie [name=texte]:focus"))
            self.taper(lettre.corps)
            self.presser("Tab", page.locator("#demarches-trouvees [data-ligne]").first)
        else:
            self.penser(DECISION * page.get_by_text(LUS).count())
            if page.locator("[name=adresse_personne]:focus").count():  # misread: the cursor waits there
                self.taper(lettre.adresse)
                self.presser("Enter", page.locator("[name=type_q]:focus"))
        self.choisir(lettre)

    def choisir(self, lettre: Lettre) -> None:
        """Down to the démarche among those proposed, else by its words."""
        noms = self.page.locator("#demarches-trouvees .propositions__nom")
        proposees = noms.all_inner_texts()
        if lettre.demarche not in proposees:
            self.taper(lettre.mots)
            debut = time.perf_counter()
            expect(noms.filter(has_text=lettre.demarche)).to_be_visible(timeout=PATIENCE_MS)
            self.machine += time.perf_counter() - debut
            proposees = noms.all_inner_texts()
        rang = proposees.index(lettre.demarche)
        self.lire(6 * (rang + 1))
        for _ in range(rang + 1):
            self.penser(TOUCHE)
            self.page.keyboard.press("ArrowDown")
        self.presser("Enter", self.page.locator("#saisie [name=f-adresse]:focus"))


def preparer(ville: VilleJetable, nombre: int) -> None:
    """Scan them; the worker has read them all before the agent comes."""
    code = "from benchmarks import courrier; from tests.courrier import bac; "
    code += f"bac.empiler({QUI!r}, courrier.scannees({nombre}))"
    ville.manage("shell", "--verbosity=0", "-c", code)


def mesurer(nombre: int, *, attendre: bool) -> Mains:
    with ville_jetable() as ville, ouvrir_chromium() as chromium:
        print(f"{nombre} lettres se numérisent et se lisent.", flush=True)
        preparer(ville, nombre)
        visiteur = Visiteur(chromium, ville.adresse)
        visiteur.entrer(QUI)
        page = visiteur.aller("/agent/courrier/")
        mains = Mains(page, attendre)
        # Not counted: the first page of a server that has just begun.
        page.keyboard.press("s")
        expect(page.locator("#saisie :focus")).to_be_visible(timeout=PATIENCE_MS)
        for reste, lettre in zip(range(nombre - 1, -1, -1), lettres(nombre), strict=True):
            dite = page.locator("h1").inner_text()
            # The next one is there with its number, and the field one goes on from; after the last, the tray.
            suivante = f"body:not(:has(h1:text-is('{dite}'))) #saisie :focus"
            mains.saisir(lettre, page.locator(suivante if reste else ".etat-vide"))
    return mains


def raconter(mains: Mains) -> str:
    humaines, machines, passages = zip(*mains.durees, strict=True)
    total = sum(humaines) + sum(machines)
    return (
        f"{len(humaines)} lettres, {3600 * len(humaines) / total:.0f} à l'heure. Médiane d'une lettre : "
        f"{median(humaines):.0f} s à la personne, {median(machines):.1f} s à la machine "
        f"({max(machines):.1f} s au plus), dont {median(passages):.1f} s pour passer à la suivante "
        f"({max(passages):.1f} s au plus). La machine prend {100 * sum(machines) / total:.0f} % du temps."
    )


if __name__ == "__main__":
    lecteur = argparse.ArgumentParser(prog="python -m benchmarks.lettres", description=__doc__)
    lecteur.add_argument("--lettres", type=int, default=60)
    lecteur.add_argument("--attendre", action="store_true", help="wait for the person's seconds: a real hour")
    choix = lecteur.parse_args()
    print(raconter(mesurer(choix.lettres, attendre=choix.attendre)))
