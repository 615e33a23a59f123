"""Letters as a scanner gives them: words on sheets, with noise, dust, holes and the ink of the other side."""

import io
import random
from collections.abc import Sequence
from typing import Any

import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from guichet.canaux.courrier.separateurs import CODE

A4 = (1654, 2339)  # 200 dots per inch
POLICE = "LiberationSerif-Regular.ttf"
LETTRE = """Mme Léa Martin
12 rue des Tisserands
69983 Villeneuve-sur-Saône
Tél. 06 39 98 12 34
lea.martin@courriel.example

Villeneuve, le 12 novembre 2026

Objet : trou dans la chaussée

Madame, Monsieur,

Un trou profond s'est formé devant le numéro 12 de la rue.
Un cycliste est tombé hier soir. Pouvez-vous le réparer ?

Je vous prie d'agréer mes salutations distinguées.

Léa Martin"""


def police(taille: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(f"/usr/share/fonts/truetype/liberation/{POLICE}", taille)


def feuille(texte: str = "", *, bruit: int = 0, graine: int = 1) -> Image.Image:
    """A sheet of grey paper with these words; `bruit`: specks of dust, and the grain of the sensor."""
    page = Image.new("L", A4, 244)
    ImageDraw.Draw(page).multiline_text((200, 220), texte, fill=35, font=police(38), spacing=16)
    return salir(page, bruit, graine) if bruit else page


def salir(page: Image.Image, bruit: int, graine: int = 1) -> Image.Image:
    hasard = random.Random(graine)
    sale = Image.blend(page, Image.effect_noise(page.size, 30), 0.15)
    dessin = ImageDraw.Draw(sale)
    for _ in range(bruit):
        dessin.point((hasard.randrange(page.width), hasard.randrange(page.height)), fill=hasard.randrange(90))
    # The shadow of the lid, and two punched holes.
    dessin.rectangle((0, 0, 18, page.height), fill=70)
    dessin.rectangle((0, page.height - 25, page.width, page.height), fill=60)
    for hauteur in (850, 1480):
        dessin.ellipse((70, hauteur, 118, hauteur + 48), fill=30)
    return sale


def griffonnage(graine: int = 1) -> Image.Image:
    """Lines of a hand that no machine reads."""
    hasard = random.Random(graine)
    page = feuille()
    for hauteur in range(300, 1500, 90):
        trait = [(x, hauteur + hasard.randrange(-26, 26)) for x in range(200, 1450, 15)]
        ImageDraw.Draw(page).line(trait, fill=40, width=4)
    return page


def verso(texte: str = LETTRE, *, bruit: int = 300) -> Image.Image:
    """The back of a sheet: the words of its front show through, the wrong way round."""
    recto = feuille(texte)
    vu = Image.blend(recto, Image.new("L", A4, 244), 0.84)
    return salir(vu.transpose(Image.Transpose.FLIP_LEFT_RIGHT), bruit)


def separateur(*, rotation: int = 0, bruit: int = 0) -> Image.Image:
    return avec_code(CODE, rotation=rotation, bruit=bruit)


def avec_code(contenu: str, *, texte: str = "", rotation: int = 0, bruit: int = 0) -> Image.Image:
    """A sheet with a square code in its middle."""
    page = feuille(texte)
    code = zxingcpp.create_barcode(contenu, zxingcpp.BarcodeFormat.QRCode, ec_level="H")
    dessin = code.to_image(scale=14, add_quiet_zones=True)
    hauteur, largeur = dessin.shape
    page.paste(Image.frombytes("L", (largeur, hauteur), bytes(dessin)), (560, 1100))
    page = page.rotate(rotation, expand=True, fillcolor=244)
    return salir(page, bruit) if bruit else page


def pdf(pages: Sequence[Image.Image]) -> bytes:
    return enregistrer(pages, "PDF", resolution=200)


def tiff(pages: Sequence[Image.Image]) -> bytes:
    return enregistrer(pages, "TIFF", compression="tiff_lzw", dpi=(200, 200))


def image(page: Image.Image, format: str = "JPEG") -> bytes:
    sortie = io.BytesIO()
    page.convert("RGB").save(sortie, format)
    return sortie.getvalue()


def enregistrer(pages: Sequence[Image.Image], format: str, **options: Any) -> bytes:
    sortie = io.BytesIO()
    premiere, *suivantes = (page.convert("RGB") for page in pages)
    premiere.save(sortie, format, save_all=True, append_images=suivantes, **options)
    return sortie.getvalue()
