"""Agents' addresses, below /agent/."""

from django.urls import include, path

urlpatterns = [
    path("administration/", include("demandes.administration.urls")),
    path("administration/", include("demandes.administration.urls_depart")),
    path("", include("demandes.views.urls_accueil")),
    path("", include("demandes.views.urls_traitement")),
]
