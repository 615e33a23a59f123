"""What machines post to and what pages ask without a session, below /api/."""

from django.urls import path

from demandes.views import ecoute, webhooks

urlpatterns = [
    path("webhooks/<slug:source>", webhooks.webhook, name="webhook"),
    path("telephonie/appels", webhooks.webhook, {"source": "telephonie"}, name="telephonie_appels"),
    path("telephonie/postes/<str:jeton>", ecoute.ecouter, name="telephonie_poste"),
]
