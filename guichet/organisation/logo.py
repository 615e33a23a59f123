"""The city's logo: a picture drawn again as a small PNG, so that nothing but pixels is ever served."""

from __future__ import annotations

import io

from PIL import Image

from guichet.socle.erreurs import DonneeInvalide

POIDS = 2 * 1024 * 1024
COTE_AU_PLUS = 6_000  # pixels, read in the header before anything unfolds
COTE = 256
FORMATS = ("PNG", "JPEG", "WEBP")
PAS_UNE_IMAGE = "Ce fichier n'est pas une image PNG, JPEG ou WebP lisible. Choisissez-en un autre."


def preparer(contenu: bytes) -> bytes:
    """A PNG of 256 pixels at most, transparency kept. Raises DonneeInvalide, a sentence for its sender."""
    if len(contenu) > POIDS:
        raise DonneeInvalide("Ce logo est trop lourd : 2 Mo au plus.", "logo")
    try:
        with Image.open(io.BytesIO(contenu), formats=FORMATS) as image:
            trop_grande = max(image.size) > COTE_AU_PLUS
            if not trop_grande:
                return dessiner(image)
    except Exception as cause:  # a decoder fed with hostile bytes may raise anything
        raise DonneeInvalide(PAS_UNE_IMAGE, "logo") from cause
    raise DonneeInvalide(f"Ce logo est trop grand : {COTE_AU_PLUS} pixels de côté au plus.", "logo")


def dessiner(image: Image.Image) -> bytes:
    """Only the pixels, centred in a square so that every page can give it the place of the first logo."""
    image = image.convert("RGBA")
    image.thumbnail((COTE, COTE))
    carre = Image.new("RGBA", (max(image.size),) * 2)
    carre.paste(image, ((carre.width - image.width) // 2, (carre.height - image.height) // 2))
    sortie = io.BytesIO()
    carre.save(sortie, format="PNG", optimize=True)
    return sortie.getvalue()
