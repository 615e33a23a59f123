"""Thumbnails of what comes by itself: drawn apart, bounded; what has none is kept all the same (R3, S5)."""

import io
import signal
import subprocess

import pytest
from PIL import Image

from guichet.pieces import formats, vignettes
from guichet.pieces.depot import garder_tel_quel
from guichet.pieces.images import COTE_VIGNETTE, POINTS_AU_PLUS
from guichet.pieces.vignettes import Vignettes
from tests.pieces.fichiers import exif, image, png_anime, png_demesure, sous_bornes

pytestmark = pytest.mark.django_db


def unie(format: str, cote: int) -> bytes:
    """A few bytes that unfold to many points."""
    sortie = io.BytesIO()
    Image.new("RGB", (cote, cote)).save(sortie, format, quality=1)
    return sortie.getvalue()


def lue(vignette: bytes) -> Image.Image:
    dessin = Image.open(io.BytesIO(vignette))
    dessin.load()
    return dessin


@pytest.mark.parametrize(
    ("brut", "nom", "taille"),
    [
        (image("JPEG", taille=(1200, 800)), "a.jpg", (400, 267)),
        (image("JPEG", taille=(1200, 800), exif=exif(orientation=6)), "a.jpg", (267, 400)),
        (image("PNG", taille=(1200, 800)), "a.png", (400, 267)),
        (image("WEBP", taille=(60, 40)), "a.webp", (60, 40)),
        (image("HEIF", taille=(1200, 800)), "a.heic", (400, 267)),
    ],
    ids=["jpeg", "turned", "png", "small", "heic"],
)
def test_a_picture_that_came_by_mail_is_kept_as_it_is_with_a_thumbnail(stockage, brut, nom, taille):
    piece = garder_tel_quel(nom, brut, Vignettes())

    with piece.fichier.open("rb") as garde, piece.vignette.open("rb") as vignette:
        assert garde.read() == brut
        dessin = lue(vignette.read())
    assert (dessin.format, dessin.size) == ("WEBP", taille)
    assert not dessin.getexif()


@pytest.mark.parametrize(
    "brut",
    [png_demesure(), image("JPEG")[:200], b"\x89PNG\r\n\x1a\n" + b"x" * 200],
    ids=["huge", "cut", "forged"],
)
def test_r3_a_picture_that_cannot_be_drawn_is_kept_without_one(stockage, brut):
    piece = garder_tel_quel("image", brut, Vignettes())

    assert piece.est_saine
    assert not piece.vignette
    assert piece.taille == len(brut)


def test_r3_no_picture_is_decoded_by_the_worker(stockage, monkeypatch):
    def ouvrir(*_args, **_options):
        pytest.fail("the worker decoded a picture")

    monkeypatch.setattr(Image, "open", ouvrir)

    assert garder_tel_quel("a.png", image("PNG"), Vignettes()).vignette
    assert garder_tel_quel("a.png", png_anime(), Vignettes()).vignette


def test_s5_no_picture_takes_more_than_its_share_of_the_processor():
    bornee = sous_bornes("rendu_vignette", "while True: pass", secondes=1)

    # The soft bound and the hard one are the same second: the kernel may use either signal.
    assert bornee.returncode in {-signal.SIGXCPU, -signal.SIGKILL}


def test_s5_no_picture_takes_more_than_its_share_of_the_memory():
    # With seconds to spare: on a slow machine, telling the error takes more than one.
    bornee = sous_bornes("rendu_vignette", "'x' * 2**30", secondes=60)

    assert bornee.returncode == 1
    assert b"MemoryError" in bornee.stderr


def test_s5_a_few_bytes_that_unfold_to_many_points_stay_within_the_bounds(stockage):
    """Drawn or not, by a process that may take no more: the worker waits for an answer, and gets one."""
    cote = int(POINTS_AU_PLUS**0.5)
    brut = unie("WEBP", cote)

    vignette = Vignettes().dessiner(brut, formats.WEBP)

    assert vignette is None or max(lue(vignette).size) == COTE_VIGNETTE
    assert garder_tel_quel("a.webp", brut, Vignettes()).taille == len(brut)


def test_s5_the_pictures_of_one_message_share_its_time(monkeypatch):
    maintenant, demandes = [0.0], []

    def dessiner(_commande, *, timeout, **_options):
        demandes.append(timeout)
        maintenant[0] += timeout
        raise subprocess.TimeoutExpired("vignette", timeout)

    monkeypatch.setattr(vignettes.time, "monotonic", lambda: maintenant[0])
    monkeypatch.setattr(vignettes.subprocess, "run", dessiner)
    message = Vignettes(budget=25)

    assert [message.dessiner(b"x", formats.PNG) for _ in range(45)] == [None] * 45
    assert demandes == [10, 10, 5]
