"""Settings of the measured Guichet: the production ones, less what needs a certificate."""

from guichet.settings.base import *  # noqa: F403
from guichet.settings.base import MIDDLEWARE

SECRET_KEY = "clef-de-mesure-sans-valeur-0123456789-abcdefghij"  # noqa: S105
# Statements are counted on demand, by the same few lines on both sides.
MIDDLEWARE = ["benchmarks.compteur.compteur", *MIDDLEWARE]
WHITENOISE_AUTOREFRESH = False
LOGGING = {"version": 1, "disable_existing_loggers": True}
