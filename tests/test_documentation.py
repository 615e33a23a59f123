"""What the documentation points at exists: files, pictures, make targets, environment variables."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from guichet.settings.base import RACINE

PAGES = [RACINE / "README.md", *sorted((RACINE / "docs").rglob("*.md"))]
EXPLOITATION = RACINE / "docs" / "guide" / "exploitation.md"
POIDS_MAXIMAL = 150_000  # bytes: a repository keeps every version of its pictures


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(RACINE)))
def test_links_and_pictures_lead_somewhere(page: Path):
    cibles = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [cible for cible in cibles if not (page.parent / cible).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(RACINE)))
def test_make_targets_exist(page: Path):
    cibles = set(
        re.findall(r"^([a-z0-9]+):", (RACINE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    # In a sentence between backquotes, or at the start of a line of code.
    citees = re.findall(
        r"(?:`make |^make (?=\w+ +#))([a-z0-9]+)", page.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert set(citees) <= cibles


def test_every_setting_read_from_the_environment_is_told():
    reglages = RACINE / "guichet" / "settings"
    sources = [
        *(reglages / f"{nom}.py" for nom in ("base", "dev", "prod")),
        RACINE / "guichet/socle/lanceur.py",
    ]
    lecture = re.compile(
        r"""(?:environ(?:nement)?\.get|exiger|lire_booleen|lire_liste)\(\s*["']([A-Z_]+)["']"""
    )
    lues = {nom for source in sources for nom in lecture.findall(source.read_text(encoding="utf-8"))}
    dites = set(re.findall(r"`([A-Z_]+)`", EXPLOITATION.read_text(encoding="utf-8")))

    assert {"SECRET_KEY", "SMTP_HOTE", "PORT"} <= lues
    assert lues - dites == set()


def test_pictures_are_taken_without_the_settings_of_the_tests():
    environnement = {nom: valeur for nom, valeur in os.environ.items() if nom != "DJANGO_SETTINGS_MODULE"}
    commande = [sys.executable, "-m", "tests.captures", "--help"]

    assert b"portail" in subprocess.run(commande, cwd=RACINE, env=environnement, capture_output=True).stdout


def test_pictures_are_light_and_come_in_both_widths():
    images = sorted((RACINE / "docs" / "images").glob("*.png"))
    ecrans = {image.stem.rpartition("-")[0] for image in images}

    assert [image.name for image in images if image.stat().st_size > POIDS_MAXIMAL] == []
    assert {image.name for image in images} == {
        f"{ecran}-{largeur}.png" for ecran in ecrans for largeur in (360, 1280)
    }
