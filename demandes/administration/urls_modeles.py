"""Below /agent/administration/modeles/."""

from django.urls import path

from demandes.administration import modeles_reponse

urlpatterns = [
    path("", modeles_reponse.liste, name="administration_modeles"),
    path("nouveau/", modeles_reponse.creer, name="administration_modele_creer"),
    path("<int:pk>/", modeles_reponse.modifier, name="administration_modele"),
]
