"""`python -m guichet.canaux.courrier.scan FIRST LAST < file`: pages of a scanned file, drawn and judged.

A process of its own, bounded by the kernel: scanned files come from outside too. The first line of the output
is {"pages": n}, or {"illisible": why}; then for each page one line of JSON and the bytes of its picture.
"""

import json
import math
import resource
import sys
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

import pillow_heif
import pypdfium2 as pdfium
from PIL import Image, ImageOps

from guichet.canaux.courrier.blanches import est_blanche
from guichet.canaux.courrier.decoupe import Genre
from guichet.canaux.courrier.separateurs import est_un_separateur

POINTS_PAR_POUCE = 200
COTE = 2600  # pixels, of the longer side: an A4 page at 200 dots per inch is 2,339 high
POINTS_AU_PLUS = 90_000_000  # an A3 page at 600 dots per inch
PAGES_AU_PLUS = 2_000
SECONDES = 60  # of processor, for one call
MEMOIRE = 1536 * 1024**2  # bytes of address space; PDFium alone takes half a gigabyte of it
FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "WEBP")

PAS_UN_SCAN = "Ce n'est ni un PDF ni une image (JPEG, PNG, TIFF ou HEIC)."
PROTEGE = "Ce PDF est protégé par un mot de passe. Enregistrez-le sans protection, puis redéposez-le."
PDF_ABIME = "Ce PDF est abîmé, ou n'est pas entier. Numérisez de nouveau ces feuilles."
IMAGE_ABIMEE = "Cette image est abîmée, ou n'est pas entière. Numérisez de nouveau cette feuille."
SANS_PAGE = "Ce fichier n'a aucune page."
TROP_DE_PAGES = f"Ce fichier a plus de {PAGES_AU_PLUS} pages. Numérisez ces feuilles en plusieurs fois."
TROP_GRANDE = "Cette image est trop grande. Numérisez cette feuille à 300 points par pouce."

# (number of pages, how to draw one, by its rank from 0)
Document = tuple[int, Callable[[int], Image.Image]]


class Illisible(ValueError):
    """No page can be taken from this file; the sentence says why."""


def borner(secondes: int = SECONDES) -> None:
    """No file may take more than this of the machine; whoever goes beyond is killed by the kernel."""
    resource.setrlimit(resource.RLIMIT_CPU, (secondes, secondes))
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    Image.MAX_IMAGE_PIXELS = POINTS_AU_PLUS
    pillow_heif.register_heif_opener()


def ouvrir(fichier: BinaryIO) -> Document:
    """The pages of a file, whatever its name says. Raises Illisible."""
    debut = fichier.read(1024)
    fichier.seek(0)
    nombre, dessiner = _ouvrir_pdf(fichier) if b"%PDF-" in debut else _ouvrir_image(fichier)
    if nombre == 0:
        raise Illisible(SANS_PAGE)
    if nombre > PAGES_AU_PLUS:
        raise Illisible(TROP_DE_PAGES)
    return nombre, dessiner


def _ouvrir_pdf(fichier: BinaryIO) -> Document:
    try:
        document = pdfium.PdfDocument(fichier)
        nombre = len(document)
    except pdfium.PdfiumError as cause:
        raise Illisible(PROTEGE if "password" in str(cause).lower() else PDF_ABIME) from cause

    def dessiner(rang: int) -> Image.Image:
        page = document[rang]
        try:
            echelle = min(POINTS_PAR_POUCE / 72, COTE / max(*page.get_size(), 1))
            return page.render(scale=echelle).to_pil()
        finally:
            page.close()

    return nombre, dessiner


def _ouvrir_image(fichier: BinaryIO) -> Document:
    try:
        image = Image.open(fichier, formats=FORMATS)
    except Image.DecompressionBombError as cause:
        raise Illisible(TROP_GRANDE) from cause
    except Exception as cause:  # a decoder fed with hostile bytes may raise anything
        raise Illisible(PAS_UN_SCAN) from cause
    if math.prod(image.size) > POINTS_AU_PLUS:
        raise Illisible(TROP_GRANDE)
    nombre = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1

    def dessiner(rang: int) -> Image.Image:
        if rang:
            image.seek(rang)
        image.draft("RGB", (COTE, COTE))
        droite = ImageOps.exif_transpose(image) if image.format != "TIFF" else image
        droite.thumbnail((COTE, COTE), Image.Resampling.BOX, reducing_gap=2)
        return droite

    if nombre == 1:
        try:
            # A picture has one page: what cannot be decoded has none.
            entiere = dessiner(0).convert("RGB")
        except Exception as cause:
            raise Illisible(IMAGE_ABIMEE) from cause
        return 1, lambda _: entiere
    return nombre, dessiner


def juger(image: Image.Image) -> Genre:
    if est_un_separateur(image):
        return Genre.SEPARATEUR
    return Genre.BLANCHE if est_blanche(image) else Genre.LETTRE


def une_page(dessiner: Callable[[int], Image.Image], rang: int) -> tuple[dict[str, object], bytes]:
    """What is known of one page and its picture; a page that cannot be drawn is a page still."""
    try:
        image = dessiner(rang).convert("RGB")
        sortie = BytesIO()
        image.save(sortie, "JPEG", quality=72)
        return {"genre": juger(image).value, "taille": sortie.tell()}, sortie.getvalue()
    except Exception:  # hostile or broken: the others are drawn all the same
        return {"genre": Genre.LETTRE.value, "taille": 0}, b""


def main() -> None:
    premiere, derniere = (int(mot) for mot in sys.argv[1:3])
    sortie = sys.stdout.buffer
    borner()
    try:
        nombre, dessiner = ouvrir(sys.stdin.buffer)
    except Illisible as motif:
        sortie.write(json.dumps({"illisible": str(motif)}).encode() + b"\n")
        return
    sortie.write(json.dumps({"pages": nombre}).encode() + b"\n")
    for rang in range(premiere, min(derniere, nombre) + 1):
        entete, image = une_page(dessiner, rang - 1)
        sortie.write(json.dumps({"rang": rang, **entete}).encode() + b"\n" + image)
        sortie.flush()


if __name__ == "__main__":
    main()
