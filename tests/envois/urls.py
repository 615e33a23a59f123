"""The outbox's own pages and the doors they need."""

from django.urls import include, path

urlpatterns = [
    path("agent/", include("guichet.organisation.urls")),
    path("agent/", include("guichet.envois.urls")),
]
