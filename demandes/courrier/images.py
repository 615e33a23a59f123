"""The pictures of pages: ours, made in the bounded process, so that they may be opened here."""

import io

from PIL import Image, ImageDraw, ImageFont

from demandes.models import PageNumerisee

# Clockwise, as pages are turned; Pillow counts the other way.
TOURS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def lire(page: PageNumerisee, *, telle_quelle: bool = False) -> bytes:
    """Its bytes, turned as the page is; nothing when there is no picture."""
    if not page.image:
        return b""
    try:
        with page.image.open("rb") as fichier:
            contenu = fichier.read()
    except FileNotFoundError:
        return b""
    return contenu if telle_quelle else tourner(contenu, page.rotation)


def dire_absente(page: PageNumerisee) -> bytes:
    """What stands for a page that nothing draws: where it is, so that no letter is silently shorter."""
    feuille = Image.new("RGB", (827, 1169), "white")  # A4, 100 dots per inch
    ou = f"Elle est dans le fichier numérisé\n{page.fichier.nom},\npage {page.rang}."
    ecrire = ImageDraw.Draw(feuille).multiline_text
    ecrire((80, 100), f"Cette page ne se dessine pas.\n{ou}", "black", ImageFont.load_default(28), spacing=14)
    sortie = io.BytesIO()
    feuille.save(sortie, "JPEG", quality=80)
    return sortie.getvalue()


def tourner(contenu: bytes, rotation: int) -> bytes:
    """The same picture turned clockwise."""
    if rotation not in TOURS:
        return contenu
    with Image.open(io.BytesIO(contenu), formats=["JPEG"]) as image:
        sortie = io.BytesIO()
        image.transpose(TOURS[rotation]).save(sortie, "JPEG", quality=80)
    return sortie.getvalue()


def reduire(contenu: bytes, cote: int = 420) -> bytes:
    """The same picture, small."""
    with Image.open(io.BytesIO(contenu), formats=["JPEG"]) as image:
        image.draft("RGB", (cote, cote))
        image.thumbnail((cote, cote))
        sortie = io.BytesIO()
        image.save(sortie, "JPEG", quality=70)
    return sortie.getvalue()
