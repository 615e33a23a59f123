"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings.prod")

application = get_wsgi_application()

# What was loaded stays until the end: the collector need not walk through it at every page, nor come by
# each time a page made seven hundred objects.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
