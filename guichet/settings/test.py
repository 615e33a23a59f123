"""Settings of the test suite: fast hashing, strict everything, no outside world."""

import os

from guichet.settings.base import *  # noqa: F403
from guichet.settings.base import CACHES, DATABASES, GUICHET_SECRETS

SECRET_KEY = "clef-de-test-sans-valeur-0123456789-abcdefghij"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
# Each test reads its own city; those of the kept pages ask for them.
CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
# Found when asked for: nothing to collect, and no scan each time a test client is made.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# A migrated database that the test databases are copied from; named by the suite when it made one.
DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ.get("GUICHET_MODELE")}
# What the suite's senders sign with, in base64 as the standard writes it.
GUICHET_SECRETS |= dict.fromkeys(
    ("sms", "telephonie"), ("whsec_dW4tc2VjcmV0LWRlLWZpY3Rpb24tcG91ci1sZXMtdGVzdHM=",)
)
