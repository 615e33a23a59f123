"""The pictures of pages: ours, made in the bounded process, so that they may be opened here."""

import io

from PIL import Image

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
