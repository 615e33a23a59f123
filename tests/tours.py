"""Every walk of the suite: those of `tests/ecrans.py`, then one of each `tests/ecrans_<name>.py`."""

from importlib import import_module
from pathlib import Path

from tests.ecrans import TOURS

AUTRES = sorted(Path(__file__).parent.glob("ecrans_*.py"))
TOUS = (
    *TOURS,
    *(getattr(import_module(f"tests.{f.stem}"), f.stem.removeprefix("ecrans_")) for f in AUTRES),
)
