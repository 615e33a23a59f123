"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings.prod")

application = get_wsgi_application()

# Every view is imported here, before this process accepts anybody: a second or more for its first visitor.
get_resolver().url_patterns  # noqa: B018

# What was loaded stays until the end: the collector need not walk through it at every page, nor come by
# each time a page made seven hundred objects.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
