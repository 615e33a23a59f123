"""Agents' addresses, below /agent/."""

from django.urls import include, path

urlpatterns = [
    path("", include("demandes.views.urls_accueil")),
    path("", include("demandes.views.urls_traitement")),
]
