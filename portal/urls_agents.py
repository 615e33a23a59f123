"""What agents do for the portal's readers, on their side of the house."""

from django.urls import path

from portal.views import abonnes

urlpatterns = [
    path("abonnes/", abonnes.abonnes, name="agent_abonnes"),
]
