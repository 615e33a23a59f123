"""Below /agent/administration/regles/."""

from django.urls import path

from demandes.administration import ecrans_regles

urlpatterns = [
    path("", ecrans_regles.liste, name="administration_regles"),
    path("nouvelle/", ecrans_regles.creer, name="administration_regle_creer"),
    path("essai/", ecrans_regles.essayer, name="administration_regles_essai"),
    path("<int:pk>/", ecrans_regles.modifier, name="administration_regle"),
]
