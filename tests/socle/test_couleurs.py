"""Colours keep their contrast in light, in dark, with every accent (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from guichet.socle import couleurs
from guichet.socle.demarrage import RACINE

CSS = RACINE / "guichet/static/guichet/css"
SOMBRE_SYSTEME = ':root:not([data-theme="clair"])'
SOMBRE_CHOISI = ':root[data-theme="sombre"]'


def blocs(nom: str) -> list[tuple[str, dict[str, str]]]:
    """Each innermost rule of a sheet: (selector, its custom properties)."""
    source = re.sub(r"/\*.*?\*/", "", (CSS / nom).read_text(), flags=re.S)
    regles = re.findall(r"([^{}]+)\{([^{}]*)\}", source)
    return [
        (selecteur.strip(), dict(re.findall(r"--([\w-]+):\s*([^;]+);", corps))) for selecteur, corps in regles
    ]


def proprietes(nom: str, selecteur: str) -> dict[str, str]:
    return next(valeurs for s, valeurs in blocs(nom) if s == selecteur)


def luminance(hexa: str) -> float:
    assert re.fullmatch(r"#[0-9a-f]{6}", hexa), hexa
    canaux = (int(hexa[i : i + 2], 16) / 255 for i in (1, 3, 5))
    rouge, vert, bleu = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    return 0.2126 * rouge + 0.7152 * vert + 0.0722 * bleu


def contraste(un: str, autre: str) -> float:
    clair, sombre = sorted((luminance(un), luminance(autre)), reverse=True)
    return (clair + 0.05) / (sombre + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    """Every combination a visitor can meet: accent × light or dark."""
    clair = proprietes("tokens.css", ":root")
    sombre = clair | proprietes("tokens.css", SOMBRE_CHOISI)
    trouvees = {"sarcelle clair": clair, "sarcelle sombre": sombre}
    for selecteur, valeurs in blocs("accents.css"):
        accent = re.search(r'data-accent="(\w+)"', selecteur)[1]
        if selecteur == f':root[data-accent="{accent}"]':
            trouvees[f"{accent} clair"] = clair | valeurs
        elif selecteur.endswith('[data-theme="sombre"]'):
            trouvees[f"{accent} sombre"] = sombre | valeurs
    return trouvees


PALETTES = palettes()
FONDS = ("fond", "surface", "surface-2", "surface-3")
SENS = ("info", "succes", "alerte", "danger", "secret")
TEXTES = [
    *[(texte, fond) for texte in ("texte", "texte-2", "accent-texte") for fond in FONDS],
    *[(texte, "accent-fond") for texte in ("texte", "texte-2", "accent-texte")],
    ("sur-accent", "accent"),
    ("sur-accent", "accent-fort"),
    ("sur-danger", "danger-plein"),
    *[(texte, f"{sens}-fond") for sens in SENS for texte in (sens, "texte", "texte-2")],
    *[(sens, fond) for sens in SENS for fond in ("fond", "surface")],
]
LIGNES = [
    *[(ligne, fond) for ligne in ("bord", "focus", "accent") for fond in ("fond", "surface")],
    *[(f"{sens}-bord", f"{sens}-fond") for sens in SENS],
    *[(f"{sens}-bord", "surface") for sens in SENS],
]


@pytest.mark.parametrize("palette", PALETTES)
def test_text_keeps_four_and_a_half_to_one(palette):
    couleurs = PALETTES[palette]
    faibles = {f"{t} sur {f}": round(contraste(couleurs[t], couleurs[f]), 2) for t, f in TEXTES}
    assert {paire: rapport for paire, rapport in faibles.items() if rapport < 4.5} == {}


@pytest.mark.parametrize("palette", PALETTES)
def test_lines_and_focus_keep_three_to_one(palette):
    couleurs = PALETTES[palette]
    faibles = {f"{t} sur {f}": round(contraste(couleurs[t], couleurs[f]), 2) for t, f in LIGNES}
    assert {paire: rapport for paire, rapport in faibles.items() if rapport < 3} == {}


def test_dark_is_the_same_asked_by_the_system_or_by_the_visitor():
    assert proprietes("tokens.css", SOMBRE_SYSTEME) == proprietes("tokens.css", SOMBRE_CHOISI)
    accents = dict(blocs("accents.css"))
    for accent in ("prune", "foret", "brique"):
        racine = f':root[data-accent="{accent}"]'
        assert accents[f'{racine}:not([data-theme="clair"])'] == accents[f'{racine}[data-theme="sombre"]']


def test_the_city_names_a_palette_that_exists(settings):
    assert f"{settings.GUICHET_VILLE['accent']} clair" in PALETTES


def test_components_take_their_colours_from_tokens():
    for feuille in CSS.glob("*.css"):
        if feuille.name not in {"tokens.css", "accents.css", "impression.css"}:
            assert not re.search(r"#[0-9a-f]{3,8}\b|\brgba?\(", feuille.read_text()), feuille.name


def test_the_code_that_checks_a_city_s_accent_knows_the_tokens():
    clair, sombre = proprietes("tokens.css", ":root"), proprietes("tokens.css", SOMBRE_CHOISI)
    assert {nom: clair[nom] for nom in couleurs.CLAIR} == couleurs.CLAIR
    assert {nom: sombre[nom] for nom in couleurs.SOMBRE} == couleurs.SOMBRE


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#ff8800", "#00ff00", "#0c5c63", "#7f7f7f"])
@pytest.mark.parametrize("est_sombre", [False, True])
def test_the_nearest_shade_is_always_one_that_can_be_read(accent, est_sombre):
    proche = couleurs.plus_proche(accent, est_sombre=est_sombre)
    palette = couleurs.palette(proche, est_sombre=est_sombre)
    for texte, fond in TEXTES:
        if texte in palette and fond in palette:
            assert contraste(palette[texte], palette[fond]) >= 4.5, (texte, fond)
    assert couleurs.plus_proche(proche, est_sombre=est_sombre) == proche
