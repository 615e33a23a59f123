"""Ask tesseract, when the machine has it, for the words of a page; bounded in time, in memory and in words.

`python -m guichet.canaux.courrier.lecture …` sets the bounds on itself, then becomes tesseract.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

PROGRAMME = "tesseract"
LANGUE = "fra"
DELAI = 30  # seconds by the clock, for one page
SECONDES = 25  # of processor
MEMOIRE = 1024**3
TEXTE_AU_PLUS = 20_000
RACINE = Path(__file__).parents[3]
# It knows no secret of ours, and takes one processor: the others serve people.
ENVIRONNEMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "OMP_THREAD_LIMIT": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_ROTATION = re.compile(r"^Rotate: (\d+)$", re.MULTILINE)
_CONFIANCE = re.compile(r"^Orientation confidence: ([\d.]+)$", re.MULTILINE)
# Below, what it says of the way a page is turned is a guess.
CONFIANCE = 3.0


@lru_cache(maxsize=1)
def est_possible() -> bool:
    """Whether tesseract is here, with French: looked for once a process."""
    if shutil.which(PROGRAMME) is None:
        return False
    langues = subprocess.run(  # noqa: S603
        [PROGRAMME, "--list-langs"], capture_output=True, text=True, timeout=10, check=False
    )
    return LANGUE in langues.stdout.split()


def tour_a_faire(image: bytes) -> int:
    """How many degrees to turn the page clockwise so that it stands upright: 0 when nobody can tell."""
    dit = _demander(image, "--psm", "0", "-l", "osd")
    rotation, confiance = _ROTATION.search(dit), _CONFIANCE.search(dit)
    if rotation is None or confiance is None or float(confiance[1]) < CONFIANCE:
        return 0
    return int(rotation[1]) % 360


def lire(image: bytes) -> str:
    """The words of a page that stands upright, or nothing."""
    return _demander(image, "--psm", "3", "-l", LANGUE).replace("\f", "").strip()[:TEXTE_AU_PLUS]


def _demander(image: bytes, *options: str) -> str:
    try:
        reponse = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "guichet.canaux.courrier.lecture", "--dpi", "200", *options],
            input=image,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DELAI,
            check=True,
            cwd=RACINE,
            env=ENVIRONNEMENT,
        )
    except subprocess.SubprocessError:
        return ""
    return reponse.stdout[: 4 * TEXTE_AU_PLUS].decode(errors="replace")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDES, SECONDES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execvp(PROGRAMME, [PROGRAMME, "stdin", "stdout", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
