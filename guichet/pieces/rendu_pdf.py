"""`python -m guichet.pieces.rendu_pdf`: a PDF on the standard input, its first pages on the output.

A process of its own, bounded by the kernel: PDF is a format of attacks. The first line of the output says how
many pages the document has and how long each picture is, then the pictures follow, one after the other.
"""

import json
import resource
import sys
from io import BytesIO

import pypdfium2 as pdfium

from guichet.pieces.formats import PAGES_MONTREES

COTE = 1400  # pixels, of the longer side
SECONDES = 15  # of processor
MEMOIRE = 1024**3  # bytes of address space; PDFium alone takes half of it


def borner() -> None:
    """No document may take more than this of the machine; whoever goes beyond is killed by the kernel."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDES, SECONDES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def rendre(contenu: bytes) -> tuple[int, list[bytes]]:
    """(pages of the document, its first pages as WebP). Raises PdfiumError for what is no readable PDF."""
    images = []
    with pdfium.PdfDocument(contenu) as document:
        nombre = len(document)
        for rang in range(min(nombre, PAGES_MONTREES)):
            page = document[rang]
            echelle = min(COTE / max(*page.get_size(), 1), 4)
            image = BytesIO()
            page.render(scale=echelle).to_pil().convert("RGB").save(image, "WEBP", quality=80)
            images.append(image.getvalue())
            page.close()
    return nombre, images


def main() -> None:
    contenu = sys.stdin.buffer.read()
    borner()
    nombre, images = rendre(contenu)
    entete = {"pages": nombre, "tailles": [len(image) for image in images]}
    sys.stdout.buffer.write(json.dumps(entete).encode() + b"\n" + b"".join(images))


if __name__ == "__main__":
    main()
