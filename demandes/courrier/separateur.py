"""« Séparateur Guichet »: the sheet that parts two letters on the tray of a scanner."""

import json
from functools import lru_cache
from pathlib import Path

import typst

from demandes.recu import polices
from guichet.canaux.courrier.separateurs import modules

GABARIT = Path(__file__).parents[1] / "typst" / "separateur.typ"


@lru_cache(maxsize=1)
def feuille_pdf() -> bytes:
    """The page, always the same: made once a process."""
    pdf = typst.compile(
        GABARIT,
        font_paths=polices(),
        sys_inputs={"donnees": json.dumps({"modules": modules()})},
        pdf_standards=["ua-1"],
        format="pdf",
    )
    assert isinstance(pdf, bytes)
    return pdf
