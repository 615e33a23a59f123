"""Whether a scanned page has anything written on it.

A scanner sees dust, punched holes, the shadow of an edge and the ink of the other side; a person sees a blank
page. What counts is ink: darker than the paper around it, by strokes, away from the edges.
"""

from PIL import Image, ImageChops, ImageFilter

# Pixels: an A4 page at 150 dots per inch, where the strokes of a pen outlive the filter.
LARGEUR = 1240
# The edges of a sheet: shadows above and below, holes and staples on the sides.
MARGES = (0.075, 0.04)
# Between ink and the paper around it. Ink seen through the paper stays below.
CONTRASTE = 60
# Squares of 12 pixels a side; one has ink when a little of it is dark.
CARREAU = 12
ENCRE = 255 // 24
# Strokes here and there are writing when there are many, a word when they stand together: specks are few,
# and apart. Of nine neighbouring squares, so many.
CARREAUX = 7
ENSEMBLE = 5
PART = 255 * ENSEMBLE // 9
# The mean of a page that is no paper: a black sheet is a failure of the scanner, not an empty page.
NOIR = 90


def est_blanche(page: Image.Image) -> bool:
    """Say that nothing is written on this page. Doubt keeps it: a page lost is worse than one too many."""
    grise = page.convert("L")
    if grise.width > LARGEUR:
        hauteur = max(1, round(grise.height * LARGEUR / grise.width))
        grise = grise.resize((LARGEUR, hauteur), Image.Resampling.BOX)
    cote, haut = round(grise.width * MARGES[0]), round(grise.height * MARGES[1])
    grise = grise.crop((cote, haut, max(cote + 1, grise.width - cote), max(haut + 1, grise.height - haut)))
    nette = grise.filter(ImageFilter.MedianFilter(3))
    # The paper around: far from sharp, so that a small picture says it.
    papier = nette.reduce(8).filter(ImageFilter.BoxBlur(7)).resize(nette.size, Image.Resampling.BILINEAR)
    if _moyenne(papier) < NOIR:
        return False
    encre = ImageChops.subtract(papier, nette).point(lambda ecart: 255 if ecart > CONTRASTE else 0)
    carreaux = encre.reduce(CARREAU).point(lambda part: 255 if part > ENCRE else 0)
    voisins = carreaux.filter(ImageFilter.BoxBlur(1)).point(lambda part: 255 if part >= PART else 0)
    return carreaux.histogram()[255] <= CARREAUX and not voisins.histogram()[255]


def _moyenne(image: Image.Image) -> float:
    histogramme = image.histogram()
    return sum(valeur * nombre for valeur, nombre in enumerate(histogramme)) / max(1, sum(histogramme))
