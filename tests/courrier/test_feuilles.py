"""What a page is, and where letters begin, on sheets as they come out of a scanner."""

import random
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest
from PIL import ImageDraw

from guichet.canaux.courrier import bornes, scan
from guichet.canaux.courrier.blanches import est_blanche
from guichet.canaux.courrier.decoupe import Coupe, Genre, decouper
from guichet.canaux.courrier.separateurs import est_un_separateur
from guichet.canaux.message import ContenuIllisible
from tests.courrier import papier

L, S, B = Genre.LETTRE, Genre.SEPARATEUR, Genre.BLANCHE


@pytest.mark.parametrize("bruit", [0, 60, 2_000])
def test_a_blank_sheet_is_blank_with_its_dust_its_holes_and_its_shadows(bruit):
    assert est_blanche(papier.feuille(bruit=bruit))


def test_crumbs_here_and_there_are_no_writing():
    page = papier.feuille(bruit=100)
    hasard = random.Random(5)
    for _ in range(4):
        x, y = hasard.randrange(200, 1400), hasard.randrange(200, 2100)
        ImageDraw.Draw(page).ellipse((x, y, x + 5, y + 5), fill=60)

    assert est_blanche(page)


def test_the_ink_of_the_front_seen_through_the_back_is_no_writing():
    assert est_blanche(papier.verso())


@pytest.mark.parametrize("mots", ["Merci.", "Lu et approuvé", papier.LETTRE])
@pytest.mark.parametrize("bruit", [0, 300])
def test_a_single_word_is_writing(mots, bruit):
    assert not est_blanche(papier.feuille(mots, bruit=bruit))


def test_a_signature_by_hand_is_writing():
    page = papier.feuille(bruit=200)
    hasard = random.Random(3)
    points = [(700 + 14 * i, 1500 + hasard.randrange(-60, 60)) for i in range(30)]
    ImageDraw.Draw(page).line(points, fill=80, width=5)

    assert not est_blanche(page)


def test_a_black_sheet_is_a_failure_of_the_scanner_not_a_blank_page():
    assert not est_blanche(papier.feuille().point(lambda _: 12))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270, 4])
@pytest.mark.parametrize("bruit", [0, 1_500])
def test_a_separator_is_read_whichever_way_up_it_went_in(rotation, bruit):
    assert est_un_separateur(papier.separateur(rotation=rotation, bruit=bruit))


def test_the_code_of_a_bill_separates_nothing():
    assert not est_un_separateur(papier.avec_code("https://facture.example/1234", texte="Facture"))


@pytest.mark.parametrize(
    ("pages", "coupe", "est_recto_verso", "attendu"),
    [
        ([L, L, S, L, S, L, L], Coupe.SEPARATEUR, False, [1, 1, 0, 2, 0, 3, 3]),
        ([S, S, L, S], Coupe.SEPARATEUR, False, [0, 0, 1, 0]),
        ([L, B, L], Coupe.SEPARATEUR, False, [1, 0, 1]),
        ([L, B, L], Coupe.BLANCHE, False, [1, 0, 2]),
        # Both sides: the blank back of a letter separates nothing, a blank sheet and a separator do.
        ([L, B, L, B, B, B, L, B], Coupe.BLANCHE, True, [1, 0, 1, 0, 0, 0, 2, 0]),
        ([L, B, S, B, L, L], Coupe.BLANCHE, True, [1, 0, 0, 0, 2, 2]),
        ([L, B, S, B, L, L], Coupe.SEPARATEUR, True, [1, 0, 0, 0, 2, 2]),
        ([L, L, S, L], Coupe.FICHIER, False, [1, 1, 0, 1]),
        ([B, B], Coupe.BLANCHE, False, [0, 0]),
        ([], Coupe.BLANCHE, False, []),
    ],
)
def test_every_page_is_in_one_letter_or_in_none(pages, coupe, est_recto_verso, attendu):
    assert decouper(pages, coupe=coupe, est_recto_verso=est_recto_verso) == attendu


def test_the_pages_of_a_pdf_come_one_by_one_with_what_they_are():
    contenu = papier.pdf(
        [papier.feuille(papier.LETTRE, bruit=100), papier.separateur(rotation=180), papier.verso()]
    )

    with _fichier(contenu) as fichier:
        assert bornes.compter(fichier) == 3
        pages = list(bornes.lire(fichier, 1, 3))
        assert [page.rang for page in bornes.lire(fichier, 2, 2)] == [2]

    assert [(page.rang, page.genre) for page in pages] == [(1, L), (2, S), (3, B)]
    assert all(page.image.startswith(b"\xff\xd8") for page in pages)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "HEIF", "WEBP"])
def test_a_picture_is_a_page(format):
    scan.pillow_heif.register_heif_opener()
    with _fichier(papier.image(papier.feuille("Bonjour à la mairie"), format)) as fichier:
        assert [page.genre for page in bornes.lire(fichier, 1, 5)] == [L]


def test_a_tiff_has_as_many_pages_as_it_has():
    contenu = papier.tiff(
        [papier.feuille("Première lettre"), papier.separateur(), papier.feuille("La seconde")]
    )

    with _fichier(contenu) as fichier:
        assert bornes.compter(fichier) == 3
        assert [page.genre for page in bornes.lire(fichier, 1, 3)] == [L, S, L]


@pytest.mark.parametrize(
    ("contenu", "motif"),
    [
        (b"%PDF-1.7\nplus rien", scan.PDF_ABIME),
        (b"Bonjour, ceci est un texte.", scan.PAS_UN_SCAN),
        (b"PK\x03\x04" + b"\0" * 200, scan.PAS_UN_SCAN),
        (papier.image(papier.feuille("Coupée"))[:4_000], scan.IMAGE_ABIMEE),
        (papier.pdf([papier.feuille("Coupé")])[:3_000], scan.PDF_ABIME),
    ],
)
def test_a_bad_file_says_why(contenu, motif):
    with _fichier(contenu) as fichier, pytest.raises(ContenuIllisible, match=motif[:30]):
        bornes.compter(fichier)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded():
    entete = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    bloc = struct.pack(">I", 13) + b"IHDR" + entete + struct.pack(">I", zlib.crc32(b"IHDR" + entete))
    with (
        _fichier(b"\x89PNG\r\n\x1a\n" + bloc + b"\0\0\1\0IDAT" + bytes(300)) as fichier,
        pytest.raises(ContenuIllisible, match="trop grande"),
    ):
        bornes.compter(fichier)


@contextmanager
def _fichier(contenu: bytes) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as fichier:
        fichier.write(contenu)
        fichier.flush()
        yield fichier
