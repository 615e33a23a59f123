"""Files as people send them, and as attackers forge them, made on the spot."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, PngImagePlugin

# Where the picture says it was taken, as degrees, minutes and seconds.
GPS = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (45.0, 45.0, 28.08),
    ExifTags.GPS.GPSLongitudeRef: "E",
    ExifTags.GPS.GPSLongitude: (4.0, 49.0, 55.2),
}
POSITION = (45.7578, 4.832)


def envoi(contenu: bytes, nom: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, contenu)


def exif(gps: dict | None = GPS, orientation: int = 1) -> Image.Exif:
    donnees = Image.Exif()
    donnees[ExifTags.Base.Make] = "Marque-Secrete"
    donnees[ExifTags.Base.Orientation] = orientation
    if gps:
        donnees[ExifTags.IFD.GPSInfo] = gps
    return donnees


def image(format: str = "JPEG", taille=(60, 40), mode: str = "RGB", **options) -> bytes:
    """A picture whose left half is red and right half blue, so that turning it shows."""
    dessin = Image.new(mode, taille, "red" if mode != "L" else 100)
    if mode != "L":
        dessin.paste(Image.new(mode, (taille[0] // 2, taille[1]), "blue"), (taille[0] // 2, 0))
    sortie = io.BytesIO()
    dessin.save(sortie, format=format, **options)
    return sortie.getvalue()


def photo_bavarde(orientation: int = 6) -> bytes:
    """A JPEG that tells where and with what it was taken, turned on its side, with a comment."""
    return image(
        exif=exif(orientation=orientation), comment=b"Commentaire-Secret", icc_profile=b"Profil-Secret"
    )


def png_bavard() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Autrice-Secrete")
    return image("PNG", mode="RGBA", pnginfo=notes, exif=exif())


def png_anime() -> bytes:
    return image("PNG", save_all=True, append_images=[Image.new("RGB", (60, 40))])


def png_demesure(largeur: int = 20_000, hauteur: int = 20_000) -> bytes:
    """A few bytes that announce 400 million points."""

    def bloc(genre: bytes, corps: bytes) -> bytes:
        return struct.pack("!I", len(corps)) + genre + corps + struct.pack("!I", zlib.crc32(genre + corps))

    en_tete = struct.pack("!IIBBBBB", largeur, hauteur, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + bloc(b"IHDR", en_tete)
        + bloc(b"IDAT", zlib.compress(b"\0" * 1000))
        + bloc(b"IEND", b"")
    )


def archive(parties: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", compression) as fichier:
        for nom, corps in parties.items():
            fichier.writestr(nom, corps, zipfile.ZIP_STORED if nom == "mimetype" else compression)
    return sortie.getvalue()


def opendocument(genre: str = "text", **autres: bytes) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{genre}".encode()
    return archive({"mimetype": mimetype, "content.xml": b"<office:document-content/>", **autres})


def office(partie: str = "word/document.xml", **autres: bytes) -> bytes:
    return archive(
        {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<R/>", partie: b"<w:document/>", **autres}
    )


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sous_bornes(module: str, attaque: str, *, secondes: int) -> subprocess.CompletedProcess[bytes]:
    """Run Python code within the bounds that a drawing module sets, with so many seconds of processor."""
    bornes = f"from guichet.pieces import {module} as r\nr.SECONDES = {secondes}\nr.borner()"
    programme = f"{bornes}\n{attaque}\n"
    return subprocess.run([sys.executable, "-c", programme], capture_output=True, check=False, timeout=120)
