"""`make captures`: take every screen of the demo city at two widths, in docs/images/<screen>-<width>.png."""

import argparse
import signal
import sys
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Page

from guichet.socle.demarrage import RACINE
from tests.chromium import ABSENT, ouvrir_chromium, trouver_chromium
from tests.fenetre import Visiteur
from tests.tours import TOUS as TOURS
from tests.ville_jetable import ville_jetable

IMAGES = RACINE / "docs" / "images"
# Width → greatest height: below, a page repeats itself.
CADRES = {360: 1500, 1280: 1100}
POIDS_MAXIMAL = 150_000


def prendre(page: Page, ecran: str, dossier: Path) -> None:
    """Take one screen at each width."""
    for largeur, hauteur_maximale in CADRES.items():
        page.set_viewport_size({"width": largeur, "height": 800})
        hauteur = min(page.evaluate("document.documentElement.scrollHeight"), hauteur_maximale)
        # The window takes the height of the picture, so that what sticks to its edges stands there.
        page.set_viewport_size({"width": largeur, "height": hauteur})
        page.evaluate("scrollTo(0, 0)")
        png = page.screenshot(
            animations="disabled",
            timeout=60_000,
            caret="initial",  # hiding it writes inline styles, which the policy of the pages refuses
        )
        (dossier / f"{ecran}-{largeur}.png").write_bytes(alleger(png))


def alleger(png: bytes) -> bytes:
    """Fewer colours, then fewer points, until the picture is light enough: a scanned page is all grain."""
    entiere = Image.open(BytesIO(png)).convert("RGB")
    for echelle, couleurs in product((1, 0.6, 0.4), (256, 128, 64, 32)):
        image = entiere if echelle == 1 else ImageOps.scale(entiere, echelle)
        sortie = BytesIO()
        image.quantize(couleurs, dither=Image.Dither.NONE).save(sortie, "PNG", optimize=True)
        if sortie.tell() < POIDS_MAXIMAL:
            break
    return sortie.getvalue()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tours", nargs="*", choices=[[], *(tour.__name__ for tour in TOURS)])
    choisis = arguments.parse_args().tours
    if not trouver_chromium():
        sys.exit(ABSENT)
    # Asked to stop, leave through the contexts: they end the city's processes and drop its database.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    IMAGES.mkdir(parents=True, exist_ok=True)
    with ville_jetable() as ville, ouvrir_chromium() as navigateur:
        ville.manage("deposer_exemples")
        for tour in TOURS:
            if choisis and tour.__name__ not in choisis:
                continue
            ville.envoyer_les_courriels()
            visiteur = Visiteur(navigateur, ville.adresse)
            for ecran, page in tour(visiteur):
                prendre(page, ecran, IMAGES)
                print(ecran, flush=True)
            visiteur.fermer()
    return 0


if __name__ == "__main__":
    sys.exit(main())
