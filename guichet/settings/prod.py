"""Settings of a city's server. No secret has a default: a missing one stops the start."""

import os

from django.core.exceptions import ImproperlyConfigured

from guichet.settings.base import *  # noqa: F403
from guichet.settings.base import STORAGES


def exiger(nom: str) -> str:
    """Return an environment variable, or stop with its name."""
    if valeur := os.environ.get(nom):
        return valeur
    raise ImproperlyConfigured(f"La variable d'environnement {nom} est obligatoire en production.")


SECRET_KEY = exiger("SECRET_KEY")
ALLOWED_HOSTS = exiger("GUICHET_HOTES").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{hote}" for hote in ALLOWED_HOSTS]
exiger("DATABASE_URL")
exiger("CELERY_BROKER_URL")
exiger("GUICHET_ADRESSE")
# E-mails written to a folder reach nobody.
exiger("SMTP_HOTE")
GUICHET_COURRIEL = "smtp"

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
