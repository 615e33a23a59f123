"""The icons of a list, drawn once a page: each row points at them, where they were half of what was sent."""

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from django.utils.safestring import SafeString, mark_safe

SVG = re.compile(r"<svg\b([^>]*)>(.*?)</svg>", re.DOTALL)
TAILLE = re.compile(r'\b(?:width|height)="\d+"')


@lru_cache(maxsize=1024)
def alleger(composant: str) -> tuple[str, str]:
    """A component of the design system with its icon pointed at, and that icon as a symbol."""
    trouve = SVG.search(composant)
    if trouve is None:
        return composant, ""
    attributs, traits = trouve.groups()
    nom = f"signe-{crc32(traits.encode()):08x}"
    taille = " ".join(TAILLE.findall(attributs))
    renvoi = f'<svg class="icone" {taille} aria-hidden="true"><use href="#{nom}"/></svg>'
    symbole = f'<symbol id="{nom}" {TAILLE.sub("", attributs)}>{traits}</symbol>'
    # One of two sizes is the same symbol.
    return SVG.sub(renvoi, composant, count=1), re.sub(r"\s+", " ", symbole)


def feuille(composants: Iterable[str]) -> SafeString:
    """The symbols of these components, to be put once in their page."""
    symboles = {symbole for _, symbole in map(alleger, composants)}
    return mark_safe(f'<div hidden><svg aria-hidden="true">{"".join(sorted(symboles))}</svg></div>')
