"""The system's Chromium, headless: for the browser tests and for the pictures of the docs."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NOMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ABSENT = "Chromium est introuvable : installez-le (sous Debian, apt install chromium)."


def trouver_chromium() -> str | None:
    return next(filter(None, map(shutil.which, NOMS)), None)


@contextmanager
def ouvrir_chromium() -> Iterator[Browser]:
    """Start it, and end it with the context."""
    # Chromium has no sandbox for root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        # Its own words (« Choisir un fichier ») in French, where its translations are installed.
        navigateur = playwright.chromium.launch(
            executable_path=trouver_chromium(), args=options, env=os.environ | {"LANGUAGE": "fr"}
        )
        yield navigateur
        navigateur.close()
