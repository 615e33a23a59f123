"""Below /agent/administration/: what this room adds to the card of an agent."""

from django.urls import path

from demandes.administration import depart

urlpatterns = [
    path("agents/<int:pk>/depart/", depart.depart, name="administration_agent_depart"),
]
