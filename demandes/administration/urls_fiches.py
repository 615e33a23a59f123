"""Below /agent/administration/fiches/."""

from django.urls import path

from demandes.administration import ecrans_fiches

urlpatterns = [
    path("", ecrans_fiches.liste, name="administration_fiches"),
    path("nouvelle/", ecrans_fiches.creer, name="administration_fiche_creer"),
    path("<int:pk>/", ecrans_fiches.modifier, name="administration_fiche"),
    path("<int:pk>/remarques/", ecrans_fiches.traiter_les_remarques, name="administration_fiche_remarques"),
]
