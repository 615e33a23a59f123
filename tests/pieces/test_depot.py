import hashlib
import io
import random
import stat
import zipfile
from collections import Counter

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from PIL import Image

from guichet.pieces import formats
from guichet.pieces.depot import deposer, effacer, nom_propre
from guichet.pieces.erreurs import ErreurPiece
from guichet.pieces.images import refaire
from guichet.pieces.models import Piece
from tests.pieces.fichiers import (
    GPS,
    PDF,
    POSITION,
    archive,
    envoi,
    exif,
    image,
    office,
    opendocument,
    photo_bavarde,
    png_anime,
    png_bavard,
    png_demesure,
)

pytestmark = pytest.mark.django_db

MO = 1024 * 1024
OOXML = "application/vnd.openxmlformats-officedocument."


def contenu(piece: Piece) -> bytes:
    with piece.fichier.open("rb") as fichier:
        return fichier.read()


def ouvrir(brut: bytes) -> Image.Image:
    dessin = Image.open(io.BytesIO(brut))
    dessin.load()
    return dessin


# -- accepted ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("brut", "nom", "type_mime", "nom_garde"),
    [
        (image("JPEG"), "Photo été.JPG", "image/jpeg", "Photo été.JPG"),
        (image("PNG"), "plan.png", "image/png", "plan.png"),
        (image("WEBP"), "plan.webp", "image/webp", "plan.webp"),
        (image("HEIF"), "IMG_0001.HEIC", "image/jpeg", "IMG_0001.jpg"),
        (image("PNG"), "capture.jpg", "image/png", "capture.png"),
        (image("JPEG"), "image", "image/jpeg", "image.jpg"),
        (image("JPEG", mode="L"), "gris.jpeg", "image/jpeg", "gris.jpeg"),
        (image("JPEG", mode="CMYK"), "imprimeur.jpg", "image/jpeg", "imprimeur.jpg"),
        (png_anime(), "anime.png", "image/png", "anime.png"),
        (PDF, "facture.pdf", "application/pdf", "facture.pdf"),
        ("Œuvre à l'école\r\n".encode(), "lettre.txt", "text/plain", "lettre.txt"),
        ("Œuvre à l'école\r\n".encode("cp1252"), "lettre.txt", "text/plain", "lettre.txt"),
        (b"BMW grise, MZ-1 \xe9", "lettre.txt", "text/plain", "lettre.txt"),
        (opendocument(), "lettre.odt", "application/vnd.oasis.opendocument.text", "lettre.odt"),
        (opendocument("spreadsheet"), "t.ods", "application/vnd.oasis.opendocument.spreadsheet", "t.ods"),
        (office(), "l.docx", OOXML + "wordprocessingml.document", "l.docx"),
        (
            office("xl/workbook.xml"),
            "t.xlsx",
            OOXML + "spreadsheetml.sheet",
            "t.xlsx",
        ),
    ],
)
def test_accepted_files(stockage, fichiers, brut, nom, type_mime, nom_garde):
    piece = deposer(envoi(brut, nom))
    garde = contenu(piece)
    assert (piece.type_mime, piece.nom_original, piece.etat) == (type_mime, nom_garde, "saine")
    assert (piece.taille, piece.sha256) == (len(garde), hashlib.sha256(garde).hexdigest())
    assert piece.est_image is type_mime.startswith("image/")
    assert len(fichiers()) == (2 if piece.est_image else 1)
    if type_mime == "text/plain":
        assert garde.decode() == brut.decode("cp1252" if b"\xe9" in brut or b"\x8c" in brut else "utf-8")
    elif not piece.est_image:
        assert garde == brut


def test_the_path_tells_nothing_and_nobody_else_reads_it(stockage, fichiers):
    piece = deposer(envoi(PDF, "avis-imposition-dupont.pdf"))
    assert "dupont" not in piece.fichier.name
    assert "." not in piece.fichier.name
    assert len(piece.fichier.name) == 35
    (chemin,) = fichiers()
    assert chemin == stockage / piece.fichier.name
    assert stat.S_IMODE(chemin.stat().st_mode) == 0o600
    assert stat.S_IMODE(chemin.parent.stat().st_mode) == 0o700


def test_the_owner_is_kept(stockage):
    piece = deposer(envoi(PDF, "a.pdf"), proprietaire_genre="message", proprietaire_id=12)
    relue = Piece.objects.get(pk=piece.pk)
    assert (relue.proprietaire_genre, relue.proprietaire_id, relue.depose_par) == ("message", 12, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        deposer(envoi(PDF, "a.pdf"), proprietaire_genre="message")


# -- pictures ------------------------------------------------------------------------------------------


def test_a_photo_loses_everything_but_its_pixels_and_stands_upright(stockage, fichiers):
    brut = photo_bavarde(orientation=6)
    for secret in (b"Marque-Secrete", b"Commentaire-Secret", b"Profil-Secret"):
        assert secret in brut
    piece = deposer(envoi(brut, "photo.jpg"))
    for chemin in fichiers():
        assert b"Secret" not in chemin.read_bytes()
        assert b"Exif" not in chemin.read_bytes()
    droite = ouvrir(contenu(piece))
    assert droite.size == (40, 60)
    assert not droite.getexif()
    assert not droite.info.get("icc_profile")
    haut, bas = droite.getpixel((20, 5)), droite.getpixel((20, 55))
    assert haut[0] > 200 > bas[0]  # red on top
    assert bas[2] > 200 > haut[2]  # blue below


def test_the_position_is_given_once_and_never_stored(stockage):
    piece = deposer(envoi(photo_bavarde(), "photo.jpg"))
    assert piece.position_gps == pytest.approx(POSITION, abs=1e-6)
    assert Piece.objects.get(pk=piece.pk).position_gps is None


@pytest.mark.parametrize("format", ["PNG", "WEBP", "HEIF"])
def test_the_position_is_read_from_every_kind_of_picture(stockage, format):
    piece = deposer(envoi(image(format, exif=exif()), f"photo.{format.lower()}"))
    assert piece.position_gps == pytest.approx(POSITION, abs=1e-6)
    assert not ouvrir(contenu(piece)).getexif()


@pytest.mark.parametrize(
    ("gps", "attendue"),
    [
        (GPS | {1: "S", 3: "W"}, (-POSITION[0], -POSITION[1])),
        (None, None),
        ({1: "N", 2: (45.0, 45.0, 28.0)}, None),
        (GPS | {2: (95.0, 0.0, 0.0)}, None),
        (GPS | {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)}, None),
        (GPS | {2: (45.0,)}, None),
    ],
)
def test_odd_positions(stockage, gps, attendue):
    piece = deposer(envoi(image(exif=exif(gps)), "photo.jpg"))
    assert piece.position_gps == (pytest.approx(attendue, abs=1e-6) if attendue else None)


def test_a_png_keeps_its_transparency_and_loses_its_notes(stockage):
    piece = deposer(envoi(png_bavard(), "plan.png"))
    garde = contenu(piece)
    assert b"Secrete" not in garde
    assert ouvrir(garde).mode == "RGBA"
    palette = io.BytesIO()
    Image.new("P", (10, 10)).save(palette, "PNG", transparency=0)
    assert ouvrir(contenu(deposer(envoi(palette.getvalue(), "p.png")))).mode == "RGBA"


@pytest.mark.parametrize(("taille", "attendue"), [((1200, 600), (400, 200)), ((60, 40), (60, 40))])
def test_a_thumbnail_fits_in_400_points(stockage, taille, attendue):
    piece = deposer(envoi(image(taille=taille), "photo.jpg"))
    with piece.vignette.open("rb") as fichier:
        vignette = Image.open(fichier)
        assert (vignette.format, vignette.size) == ("WEBP", attendue)
    assert not deposer(envoi(PDF, "a.pdf")).vignette


# -- refused -------------------------------------------------------------------------------------------

REFUSES = [
    (b"MZ\x90\x00" + b"\0" * 200, "photo.jpg", "n'est pas accepté"),
    (b"MZ\x90\x00" + b"\0" * 200, "programme.exe", "n'est pas accepté"),
    (b"GIF89a" + b"\0" * 50, "chat.gif", "n'est pas accepté"),
    (b"<html><script>alert(1)</script>", "page.html", "n'est pas accepté"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.svg", "n'est pas accepté"),
    (b"nom;age", "tableau.csv", "n'est pas accepté"),
    (b"<svg onload='alert(1)'/>", "logo.png", "ne contient pas ce que son nom annonce"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "vieux.doc", "n'est pas accepté"),
    (b"\x00\x01\x02\x03" * 40, "donnees.txt", "n'est pas accepté"),
    (b"#!/bin/sh\x00\n", "script.txt", "n'est pas accepté"),
    (PDF, "facture.jpg", "ne contient pas ce que son nom annonce"),
    (PDF, "facture.pdf.exe", "n'est pas accepté"),
    (PDF, "facture.txt", "ne contient pas ce que son nom annonce"),
    (image("JPEG"), "photo.pdf", "ne contient pas ce que son nom annonce"),
    (archive({"a.txt": b"a"}), "archive.zip", "n'est pas accepté"),
    (archive({"a.txt": b"a"}), "lettre.docx", "n'est pas accepté"),
    (opendocument("presentation"), "d.odp", "n'est pas accepté"),
    (opendocument(), "lettre.docx", "ne contient pas ce que son nom annonce"),
    (office(**{"word/vbaProject.bin": b"x"}), "lettre.docx", "macros"),
    (opendocument(**{"Basic/Standard/Module1.xml": b"x"}), "lettre.odt", "macros"),
    (office()[:-30], "lettre.docx", "abîmé"),
    (image("JPEG", taille=(300, 300))[:-500], "photo.jpg", "abîmée"),
    (image("PNG", taille=(300, 300))[:60], "photo.png", "abîmée"),
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "photo.png", "abîmée"),
    (image("HEIF", taille=(300, 300))[:300], "photo.heic", "abîmée"),
    (png_demesure(), "bombe.png", "40 millions"),
    (png_demesure(10_000, 4_001), "grande.png", "40 millions"),
    (b"", "vide.pdf", "est vide"),
    (b"%PDF-" + b"0" * (10 * MO), "gros.pdf", "trop lourd : 10 Mo"),
]


@pytest.mark.parametrize(
    ("brut", "nom", "phrase"), REFUSES, ids=[f"{i}-{c[1]}" for i, c in enumerate(REFUSES)]
)
def test_refused_files_say_why_and_leave_nothing(stockage, fichiers, brut, nom, phrase):
    with pytest.raises(ErreurPiece, match=phrase) as refus:
        deposer(envoi(brut, nom))
    assert str(refus.value).endswith(".")
    assert refus.value.champ == "pieces"
    assert fichiers() == []
    assert not Piece.objects.exists()


def test_a_document_that_unfolds_without_end_is_refused(stockage, fichiers, monkeypatch):
    monkeypatch.setattr(formats, "DEPLIE_AU_PLUS", 30 * MO)
    bombe = office(**{"word/media.xml": b"0" * (31 * MO)})
    assert len(bombe) < MO
    with pytest.raises(ErreurPiece, match="une fois ouvert"):
        deposer(envoi(bombe, "bombe.docx"))
    nombreuses = office(**{f"word/{rang}.xml": b"" for rang in range(5_001)})
    with pytest.raises(ErreurPiece, match="une fois ouvert"):
        deposer(envoi(nombreuses, "bombe.docx"))
    assert fichiers() == []


def test_an_encrypted_document_is_refused(stockage):
    brut = bytearray(office())
    with zipfile.ZipFile(io.BytesIO(bytes(brut))) as fichier:
        decalage = fichier.start_dir
    brut[decalage + 8] |= 1  # the flag of the first entry of the central directory
    with pytest.raises(ErreurPiece, match="mot de passe"):
        deposer(envoi(bytes(brut), "secret.docx"))


def test_the_limit_is_a_setting_and_the_announced_size_is_not_trusted(stockage, settings):
    settings.GUICHET_PIECES_TAILLE_MAX = MO
    lourd = ContentFile(b"%PDF-" + b"0" * MO, name="a.pdf")
    lourd.size = 10
    with pytest.raises(ErreurPiece, match="1 Mo"):
        deposer(lourd)


@pytest.mark.parametrize(
    ("nom", "propre"),
    [
        ("C:\\Users\\jeanne\\facture.pdf", "facture.pdf"),
        ("../../etc/passwd", "passwd"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\n\tc.pdf", "ab c.pdf"),
        ("  mes   vacances .jpg ", "mes vacances .jpg"),
        ("...", "document"),
        ("", "document"),
        (".htaccess", "htaccess"),
        ("x" * 300 + ".pdf", "x" * 136 + ".pdf"),
        ("é" * 300, "é" * 140),
        ('guillemets".pdf', 'guillemets".pdf'),
    ],
)
def test_file_names(nom, propre):
    assert nom_propre(nom) == propre
    assert len(nom_propre(nom)) <= 140


@pytest.mark.filterwarnings("ignore")  # Pillow warns of the tags it skips
def test_damaged_files_are_either_kept_or_refused(stockage):
    """Bytes changed, cut and inserted at random: no decoder's own error gets through."""
    hasard = random.Random(2026)
    modeles = [
        photo_bavarde(),
        png_bavard(),
        image("WEBP", exif=exif()),
        image("HEIF"),
        opendocument(),
        office(),
    ]
    issues = Counter()
    for _ in range(600):
        brut = bytearray(hasard.choice(modeles))
        for _ in range(hasard.choice((1, 3, 12))):
            ou = hasard.randrange(len(brut))
            brut[ou : ou + hasard.randrange(3)] = hasard.randbytes(hasard.randrange(3))
        try:
            format = formats.reconnaitre(bytes(brut), "fichier")
            if format.est_image:
                refaire(bytes(brut), format)
            issues["gardé"] += 1
        except ErreurPiece:
            issues["refusé"] += 1
    assert min(issues["gardé"], issues["refusé"]) > 50


# -- erased --------------------------------------------------------------------------------------------


def test_erasing_waits_for_the_transaction(stockage, fichiers, django_capture_on_commit_callbacks):
    pieces = [deposer(envoi(image(), "a.jpg")), deposer(envoi(PDF, "b.pdf"))]
    reste = deposer(envoi(PDF, "c.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        effacer(pieces)
        assert len(fichiers()) == 4
    assert [chemin.name for chemin in fichiers()] == [reste.fichier.name.rpartition("/")[2]]
    assert list(Piece.objects.all()) == [reste]


def test_a_refused_row_leaves_no_file(stockage, fichiers, monkeypatch):
    def echouer(*args, **kwargs):
        raise IntegrityError("non")

    monkeypatch.setattr(Piece, "save", echouer)
    with pytest.raises(IntegrityError):
        deposer(envoi(image(), "a.jpg"))
    assert fichiers() == []


def test_quarantine_needs_a_reason(stockage):
    piece = deposer(envoi(PDF, "a.pdf"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Piece.objects.filter(pk=piece.pk).update(etat="quarantaine")
