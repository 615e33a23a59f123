"""Colours in numbers: the contrast of two, and the palette that an accent gives (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

from guichet.socle.erreurs import DonneeInvalide

MINIMUM = 4.5
# What surrounds the accent, as static/guichet/css/tokens.css has it (held by a test).
CLAIR = {
    "fond": "#f6f5f2",
    "surface": "#ffffff",
    "surface-2": "#faf9f7",
    "surface-3": "#efede8",
    "texte": "#1f1d1a",
    "texte-2": "#5c574e",
}
SOMBRE = {
    "fond": "#141413",
    "surface": "#1d1c1b",
    "surface-2": "#232220",
    "surface-3": "#2d2b29",
    "texte": "#ecebe7",
    "texte-2": "#b5b0a6",
}
FONDS = ("fond", "surface", "surface-2", "surface-3", "accent-fond")
PAIRES = (
    ("sur-accent", "accent", "un texte sur cette couleur"),
    ("sur-accent", "accent-fort", "un texte sur cette couleur"),
    *(("accent-texte", fond, "un texte de cette couleur sur la page") for fond in FONDS),
    *(("focus", fond, "le cadre du clavier sur la page") for fond in FONDS),
    ("texte", "accent-fond", "le texte sur le fond teinté"),
    ("texte-2", "accent-fond", "le texte sur le fond teinté"),
)


def lire_couleur(saisie: str) -> str:
    """« 0C5C63 » or « #0c5c63 » in its one form."""
    couleur = "#" + saisie.removeprefix("#").lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", couleur):
        raise DonneeInvalide(
            "Écrivez une couleur comme #0c5c63 : un dièse, puis six chiffres ou lettres de a à f."
        )
    return couleur


def canaux(couleur: str) -> tuple[int, ...]:
    return tuple(int(couleur[i : i + 2], 16) for i in (1, 3, 5))


def luminance(couleur: str) -> float:
    parts = (canal / 255 for canal in canaux(couleur))
    rouge, vert, bleu = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * rouge + 0.7152 * vert + 0.0722 * bleu


def contraste(une: str, autre: str) -> float:
    clair, sombre = sorted((luminance(une), luminance(autre)), reverse=True)
    return (clair + 0.05) / (sombre + 0.05)


def melanger(une: str, autre: str, part: float) -> str:
    """`une` with `part` (0 to 1) of `autre`."""
    melange = (round(a + (b - a) * part) for a, b in zip(canaux(une), canaux(autre), strict=True))
    return "#" + "".join(f"{canal:02x}" for canal in melange)


def palette(accent: str, *, est_sombre: bool) -> dict[str, str]:
    """Every token that depends on the accent, and the neutrals around it."""
    neutres = SOMBRE if est_sombre else CLAIR
    return {
        **neutres,
        "accent": accent,
        "accent-fort": melanger(accent, "#ffffff" if est_sombre else "#000000", 0.28),
        "accent-texte": accent,
        "accent-fond": melanger(accent, neutres["surface"], 0.88),
        "accent-filet": melanger(accent, neutres["surface"], 0.65),
        "sur-accent": "#101010" if est_sombre else "#ffffff",
        "focus": accent,
    }


def plus_faible(accent: str, *, est_sombre: bool) -> tuple[float, str]:
    """The lowest contrast of the pairs that the accent makes, and which pair it is."""
    couleurs = palette(accent, est_sombre=est_sombre)
    mesures = [(contraste(couleurs[a], couleurs[b]), mots) for a, b, mots in PAIRES]
    return min(mesures, key=lambda mesure: mesure[0])


def plus_proche(accent: str, *, est_sombre: bool) -> str:
    """The nearest shade whose every pair can be read: darker in light, lighter in dark."""
    but = "#ffffff" if est_sombre else "#000000"
    nuances = (melanger(accent, but, pas / 100) for pas in range(101))
    return next(n for n in nuances if plus_faible(n, est_sombre=est_sombre)[0] >= MINIMUM)


def verifier(accent: str, *, est_sombre: bool, champ: str) -> None:
    """Refuse an accent that cannot be read everywhere, with what was measured and what would do."""
    rapport, mots = plus_faible(accent, est_sombre=est_sombre)
    if rapport < MINIMUM:
        # Cut, not rounded: 4,49 must not read « 4,5 ».
        mesure = f"{int(rapport * 100) / 100:.2f}".replace(".", ",")
        proche = plus_proche(accent, est_sombre=est_sombre)
        raise DonneeInvalide(
            f"Contraste trop faible : {mots} n'a que {mesure} pour 1, il faut 4,5 pour 1. "
            f"La nuance la plus proche qui convient est {proche}.",
            champ,
        )


def regle(selecteur: str, couleurs: dict[str, str]) -> str:
    return f"{selecteur} {{ " + " ".join(f"--{nom}: {valeur};" for nom, valeur in couleurs.items()) + " }"


def feuille_d_accent(clair: str, sombre: str) -> str:
    """The sheet loaded after accents.css: the same tokens, for whatever palette the settings name."""
    jour = {nom: v for nom, v in palette(clair, est_sombre=False).items() if nom not in CLAIR}
    nuit = {nom: v for nom, v in palette(sombre, est_sombre=True).items() if nom not in SOMBRE}
    systeme = regle(':root[data-accent]:not([data-theme="clair"])', nuit)
    return "\n".join(
        (
            "@layer tokens {",
            regle(":root[data-accent]", jour),
            f"@media (prefers-color-scheme: dark) {{ {systeme} }}",
            regle(':root[data-accent][data-theme="sombre"]', nuit),
            "}",
        )
    )


def feuille_d_apercu(clair: str, sombre: str) -> str:
    """The two palettes side by side, each in its own frame."""
    jour = regle(".apercu-ville--clair", palette(clair, est_sombre=False))
    nuit = regle(".apercu-ville--sombre", palette(sombre, est_sombre=True))
    return f"@layer ecrans {{\n{jour}\n{nuit}\n}}"
