"""Below /agent/administration/."""

from django.urls import path

from guichet.organisation.administration.accueil import accueil
from guichet.organisation.administration.modifications import modifications

urlpatterns = [
    path("", accueil, name="administration_accueil"),
    path("modifications/", modifications, name="administration_modifications"),
]
