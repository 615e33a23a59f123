"""The front office: settings, wiring and the rooms every app stands on."""

from guichet.celery import app as celery_app

__all__ = ["celery_app"]
