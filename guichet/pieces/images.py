"""Pictures are never kept as they came: decoded, turned upright, written again with nothing but pixels."""

import io
import math
import struct
import threading
from dataclasses import dataclass

import pillow_heif
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps

from guichet.pieces.erreurs import ErreurPiece
from guichet.pieces.formats import HEIC, JPEG, PNG, WEBP, Format

pillow_heif.register_heif_opener()

POINTS_AU_PLUS = 40_000_000
# A picture of that many points takes up to a gigabyte while it is written again: one at a time in a process.
UNE_A_LA_FOIS = threading.Lock()
COTE_VIGNETTE = 400
DECODEURS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", HEIC: "HEIF"}
ECRITURE = {
    JPEG: {"format": "JPEG", "quality": 88, "optimize": True},
    PNG: {"format": "PNG", "optimize": True},
    WEBP: {"format": "WEBP", "quality": 88},
}


@dataclass(frozen=True)
class ImagePropre:
    """Bytes to keep and their format, a WebP thumbnail, and where the picture was taken if it said so.

    `position_gps` is (latitude, longitude) in degrees: to be offered to the person, then forgotten.
    """

    contenu: bytes
    format: Format
    vignette: bytes
    position_gps: tuple[float, float] | None


def refaire(contenu: bytes, format: Format) -> ImagePropre:
    """Decode a picture within limits and write it again. Raises ErreurPiece.

    HEIC becomes JPEG, which every browser shows; of an animation the first image is kept.
    """
    try:
        with UNE_A_LA_FOIS, _ouvrir(contenu, format) as image:
            position = _position_gps(image)
            propre = _sans_rien_d_autre(_redresser(image), transparence=format in (PNG, WEBP))
            sortie = JPEG if format is HEIC else format
            return ImagePropre(_ecrire(propre, **ECRITURE[sortie]), sortie, _vignette(propre), position)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as cause:
        raise ErreurPiece(_("Cette image est trop grande : 40 millions de points au plus.")) from cause
    except Exception as cause:  # a decoder fed with hostile bytes may raise anything
        raise ErreurPiece(
            _("Cette image est abîmée. Prenez une nouvelle photo, puis renvoyez-la.")
        ) from cause


def reduire(contenu: bytes, format: Format) -> bytes:
    """The thumbnail alone, its picture decoded no larger than needed when its format allows it.

    Raises whatever a decoder fed with hostile bytes may raise.
    """
    with _ouvrir(contenu, format) as image:
        transparence = format in (PNG, WEBP) and image.has_transparency_data
        if image.mode in ("1", "P"):  # points of a palette cannot be averaged
            image = image.convert("RGBA" if transparence else "RGB")
        image.thumbnail((COTE_VIGNETTE, COTE_VIGNETTE))
        propre = _sans_rien_d_autre(_redresser(image), transparence=transparence)
        return _ecrire(propre, format="WEBP", quality=75)


def _ouvrir(contenu: bytes, format: Format) -> Image.Image:
    """Read the header alone and refuse what would unfold too large."""
    image = Image.open(io.BytesIO(contenu), formats=[DECODEURS[format]])
    if math.prod(image.size) > POINTS_AU_PLUS:
        raise Image.DecompressionBombError
    return image


def _redresser(image: Image.Image) -> Image.Image:
    """Turn the picture as its camera says. Tags that cannot be read do not make it less of a picture."""
    try:
        return ImageOps.exif_transpose(image)
    except (struct.error, SyntaxError, TypeError, ValueError, KeyError):
        return image


def _sans_rien_d_autre(image: Image.Image, *, transparence: bool) -> Image.Image:
    """Copy the pixels into a new picture: comments, profiles, thumbnails and positions stay behind."""
    transparente = transparence and (image.has_transparency_data or image.mode in ("RGBA", "LA", "PA"))
    mode = "RGBA" if transparente else "RGB"
    copie = Image.new(mode, image.size)
    copie.paste(image.convert(mode))
    return copie


def _ecrire(image: Image.Image, **options) -> bytes:
    sortie = io.BytesIO()
    image.save(sortie, **options)
    return sortie.getvalue()


def _vignette(image: Image.Image) -> bytes:
    petite = image.copy()
    petite.thumbnail((COTE_VIGNETTE, COTE_VIGNETTE))
    return _ecrire(petite, format="WEBP", quality=75)


def _position_gps(image: Image.Image) -> tuple[float, float] | None:
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degres(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "S")
        longitude = _degres(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, SyntaxError, OSError):
        return None  # no position, or one that nobody can read: the person will type the address
    plausible = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)
    return (latitude, longitude) if plausible else None


def _degres(mesure, reference: str, negatif: str) -> float:
    degres, minutes, secondes = (float(part) for part in mesure)
    valeur = degres + minutes / 60 + secondes / 3600
    if not math.isfinite(valeur):
        raise ValueError("position sans valeur")
    return round(-valeur if reference.strip("\x00 ").upper() == negatif else valeur, 6)
