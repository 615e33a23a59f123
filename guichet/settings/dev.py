"""Settings of `make run`: works with no environment variable at all."""

import secrets

from guichet.settings.base import *  # noqa: F403
from guichet.settings.base import GUICHET_DONNEES, GUICHET_SMS, lire_booleen

GUICHET_DEMO = lire_booleen("GUICHET_DEMO", defaut=True)
ALLOWED_HOSTS = ["*"]
GUICHET_SMS = GUICHET_SMS or "dossier"
# Static files straight from the packages: nothing to collect before the first start.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None


def lire_clef() -> str:
    """Keep one random key per data folder, so that sessions outlive a restart and no key is shared."""
    fichier = GUICHET_DONNEES / "clef_secrete"
    try:
        return fichier.read_text()
    except FileNotFoundError:
        GUICHET_DONNEES.mkdir(parents=True, exist_ok=True)
        clef = secrets.token_urlsafe(50)
        fichier.touch(mode=0o600)
        fichier.write_text(clef)
        return clef


SECRET_KEY = lire_clef()
