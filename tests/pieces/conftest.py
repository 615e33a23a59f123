from pathlib import Path

import pytest

from guichet.pieces.models import stockage_des_pieces


@pytest.fixture
def stockage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real storage, with its own modes, moved to a folder of this test."""
    dossier = tmp_path / "pieces"
    monkeypatch.setitem(stockage_des_pieces().__dict__, "location", str(dossier))
    return dossier


@pytest.fixture
def fichiers(stockage: Path):
    """Every file kept, as a function: how many, and which."""
    return lambda: sorted(chemin for chemin in stockage.rglob("*") if chemin.is_file())


@pytest.fixture(autouse=True)
def _no_antivirus(settings):
    settings.GUICHET_CLAMAV = ""
