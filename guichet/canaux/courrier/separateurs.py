"""The code of the sheets put between two letters: drawn here, and read here whichever way up it went in."""

import zxingcpp
from PIL import Image

# Pixels, of the longer side: a module of our sheet is 4 mm, eighteen of them then.
COTE = 1200
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
# Printed on sheets that cities keep for years: never change it.
CODE = "GUICHET/SEPARATEUR/1"


def est_un_separateur(page: Image.Image) -> bool:
    """Whether this page bears our code; the codes that senders print are theirs."""
    petite = page.convert("L")
    petite.thumbnail((COTE, COTE))
    trouves = zxingcpp.read_barcodes(petite, formats=QR)
    return any(trouve.text == CODE for trouve in trouves)


def modules() -> list[str]:
    """The code as rows of « 0 » and « 1 », black being 1: each one square when it is drawn."""
    dessin = zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.QRCode, ec_level="H").to_image(
        scale=1, add_quiet_zones=False
    )
    hauteur, largeur = dessin.shape
    octets = bytes(memoryview(dessin))  # type: ignore[arg-type]
    return ["".join("0" if octets[y * largeur + x] else "1" for x in range(largeur)) for y in range(hauteur)]
