"""Settings of the test suite: fast hashing, strict everything, no outside world."""

from guichet.settings.base import *  # noqa: F403

SECRET_KEY = "clef-de-test-sans-valeur-0123456789-abcdefghij"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
# Found when asked for: nothing to collect, and no scan each time a test client is made.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
