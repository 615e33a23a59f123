"""The pages of a PDF as pictures of our own making: an agent reads a document without opening it.

Done by the worker, after the deposit: the document is there at once, its pages some seconds later.
"""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from guichet.pieces.models import PageDePiece, Piece

journal = logging.getLogger(__name__)

PAR_PASSAGE = 50
DELAI = 30  # seconds by the clock, for one document
IMAGES_AU_PLUS = 20 * 1024**2  # bytes, of all the pages
RACINE = Path(__file__).parents[2]


def balayer() -> int:
    """Draw the pages of the PDFs that have none yet; return how many documents were looked at."""
    attendues = Piece.objects.filter(type_mime="application/pdf", etat=Piece.Etat.SAINE, pages__isnull=True)
    cles = list(attendues.order_by("cree_le").values_list("pk", flat=True)[:PAR_PASSAGE])
    for pk in cles:
        preparer(pk)
    return len(cles)


def preparer(pk) -> None:
    """Draw the first pages of one document, once. What cannot be drawn has no page, and is downloaded."""
    attendue = Piece.objects.filter(pages__isnull=True, pk=pk)
    piece = attendue.first()
    if piece is None:
        return
    # Before the lock: who removes the file meanwhile does not wait for its pages.
    pages, images = dessiner(piece)
    with transaction.atomic():
        piece = attendue.select_for_update(skip_locked=True).first()
        if piece is None:
            return
        piece.pages = pages
        try:
            for rang, image in enumerate(images, start=1):
                page = PageDePiece(piece=piece, rang=rang)
                page.image.save("", ContentFile(image), save=False)
                page.save(force_insert=True)
            piece.save(update_fields=["pages"])
        except Exception:
            # The rows go with the transaction; the pictures must not stay behind.
            for nom in fichiers_des_pages(piece):
                PageDePiece._meta.get_field("image").storage.delete(nom)
            raise


def dessiner(piece: Piece) -> tuple[int, list[bytes]]:
    """(pages of the document, pictures of the first ones); no page when it cannot be read."""
    try:
        with piece.fichier.open("rb") as fichier:
            contenu = fichier.read()
    except FileNotFoundError:
        journal.error("Le fichier %s manque dans le stockage des pièces.", piece.fichier.name)
        return 0, []
    try:
        rendu = subprocess.run(
            [sys.executable, "-m", "guichet.pieces.rendu_pdf"],
            input=contenu,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DELAI,
            check=True,
            cwd=RACINE,
            # It knows no secret of ours.
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        entete, _, images = rendu.stdout[:IMAGES_AU_PLUS].partition(b"\n")
        lu = json.loads(entete)
        return int(lu["pages"]), decouper(images, lu["tailles"])
    except (subprocess.SubprocessError, ValueError, KeyError) as cause:
        journal.info("No picture of the pages of %s: %s", piece.pk, type(cause).__name__)
        return 0, []


def decouper(images: bytes, tailles: list[int]) -> list[bytes]:
    """Each picture apart. Raises ValueError when some are missing."""
    if sum(tailles) != len(images):
        raise ValueError("The pictures are not all there.")
    debut, parts = 0, []
    for taille in tailles:
        parts.append(images[debut : debut + taille])
        debut += taille
    return parts


def fichiers_des_pages(piece: Piece) -> list[str]:
    """The names of the pictures kept for a document."""
    return list(piece.pages_dessinees.values_list("image", flat=True))
