"""`python -m guichet.canaux.courrier.lettre_pdf PLAN`: the pages of one letter as one PDF, on the output.

PLAN is a JSON list of [path, rank from 1, quarter turns in degrees]. A page of a PDF is taken as it is,
without loss; a picture fills a page. Bounded like `scan`: the same files come in.
"""

import json
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageOps

from guichet.canaux.courrier.scan import COTE, FORMATS, borner

A4 = (595.28, 841.89)  # points


def assembler(plan: list[tuple[str, int, int]]) -> bytes:
    """Raises PdfiumError or OSError when a page cannot be taken."""
    sources: dict[str, pdfium.PdfDocument] = {}
    lettre = pdfium.PdfDocument.new()
    for chemin, rang, rotation in plan:
        if _est_un_pdf(chemin):
            if chemin not in sources:
                sources[chemin] = pdfium.PdfDocument(Path(chemin))
            lettre.import_pages(sources[chemin], [rang - 1])
        else:
            _ajouter_l_image(lettre, chemin, rang)
        page = lettre[len(lettre) - 1]
        page.set_rotation((page.get_rotation() + rotation) % 360)
        page.close()
    sortie = BytesIO()
    lettre.save(sortie)
    return sortie.getvalue()


def _est_un_pdf(chemin: str) -> bool:
    with Path(chemin).open("rb") as fichier:
        return b"%PDF-" in fichier.read(1024)


def _ajouter_l_image(lettre: pdfium.PdfDocument, chemin: str, rang: int) -> None:
    """A page of A4, upright or lying as the picture is, that the picture fills without being stretched."""
    with Image.open(chemin, formats=FORMATS) as ouverte:
        if rang > 1:
            ouverte.seek(rang - 1)
        droite = ImageOps.exif_transpose(ouverte) if ouverte.format != "TIFF" else ouverte
        droite.thumbnail((2 * COTE, 2 * COTE))
        jpeg = BytesIO()
        droite.convert("RGB").save(jpeg, "JPEG", quality=85)
        largeur, hauteur = droite.size
    cadre = A4 if hauteur >= largeur else A4[::-1]
    echelle = min(cadre[0] / largeur, cadre[1] / hauteur)
    page = lettre.new_page(*cadre)
    image = pdfium.PdfImage.new(lettre)
    jpeg.seek(0)
    image.load_jpeg(jpeg, inline=True)
    w, h = largeur * echelle, hauteur * echelle
    image.set_matrix(pdfium.PdfMatrix().scale(w, h).translate((cadre[0] - w) / 2, (cadre[1] - h) / 2))
    page.insert_obj(image)
    page.gen_content()
    page.close()


def main() -> None:
    plan = [(str(chemin), int(rang), int(rotation)) for chemin, rang, rotation in json.loads(sys.argv[1])]
    borner()
    sys.stdout.buffer.write(assembler(plan))


if __name__ == "__main__":
    main()
