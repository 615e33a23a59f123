"""Settings of the test suite: fast hashing, strict everything, no outside world."""

import os

from guichet.settings.base import *  # noqa: F403
from guichet.settings.base import DATABASES

SECRET_KEY = "clef-de-test-sans-valeur-0123456789-abcdefghij"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
# Found when asked for: nothing to collect, and no scan each time a test client is made.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# A migrated database that the test databases are copied from; named by the suite when it made one.
DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ.get("GUICHET_MODELE")}
