"""Below /agent/administration/configuration/."""

from django.urls import path

from demandes.administration import configuration

urlpatterns = [
    path("", configuration.configuration, name="administration_configuration"),
    path("charger/", configuration.charger, name="administration_configuration_charger"),
    path("export/", configuration.export, name="administration_configuration_export"),
]
