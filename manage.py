#!/usr/bin/env python
"""Ensure a database (embedded when DATABASE_URL is unset), then hand over to Django."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings.dev")
    execute_from_command_line(sys.argv)
