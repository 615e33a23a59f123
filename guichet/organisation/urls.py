"""The agents' door, below /agent/."""

from django.urls import include, path

from guichet.organisation import absences, astreinte, poste, views
from guichet.socle.composants_views import page_composants

urlpatterns = [
    path("", views.racine, name="agent_racine"),
    path("connexion/", views.ConnexionAgentView.as_view(), name="connexion_agent"),
    path("invitation/<str:cle>/<str:jeton>/", views.invitation, name="invitation_agent"),
    path("deconnexion/", views.deconnexion, name="deconnexion_agent"),
    path("absence/", absences.absence, name="agent_absence"),
    path("absence/<int:pk>/", absences.absence, name="agent_absence_de"),
    path("absence/<int:droit>/terminer/", absences.terminer, name="agent_absence_terminer"),
    path("poste/", poste.poste, name="agent_poste"),
    path("astreinte/", astreinte.planning, name="astreinte"),
    path("astreinte/<int:pk>/retirer/", astreinte.retirer, name="astreinte_retirer"),
    path("administration/", include("guichet.organisation.administration.urls")),
    path("composants/", page_composants, name="composants"),
]
