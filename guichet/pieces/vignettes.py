"""The thumbnail of a picture that came by itself: drawn in a bounded process, never in the worker."""

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from guichet.pieces.formats import Format

journal = logging.getLogger(__name__)

DELAI = 10  # seconds by the clock, for one picture
BUDGET = 30  # for all those of a message: the others are there, without a thumbnail
AU_PLUS = 1024**2  # bytes of a thumbnail
RACINE = Path(__file__).parents[2]


class Vignettes:
    """Draws the thumbnails of one message, as long as its time lasts."""

    def __init__(self, budget: float = BUDGET) -> None:
        self._fin = time.monotonic() + budget

    def dessiner(self, contenu: bytes, format: Format) -> bytes | None:
        """None when the picture cannot be drawn within its bounds, or the time of the message is over."""
        reste = self._fin - time.monotonic()
        if reste <= 0:
            return None
        try:
            rendu = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "guichet.pieces.rendu_vignette", format.type_mime],
                input=contenu,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=min(DELAI, reste),
                check=True,
                cwd=RACINE,
                # It knows no secret of ours.
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            )
        except (subprocess.SubprocessError, OSError) as cause:
            journal.info("No thumbnail of a picture: %s", type(cause).__name__)
            return None
        return rendu.stdout if 0 < len(rendu.stdout) <= AU_PLUS else None
