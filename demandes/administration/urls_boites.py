"""Below /agent/administration/boites/."""

from django.urls import path

from demandes.administration import boites

urlpatterns = [
    path("", boites.liste, name="administration_boites"),
    path("nouvelle/", boites.creer, name="administration_boite_creer"),
    path("<int:pk>/", boites.modifier, name="administration_boite"),
]
