"""Every address of the house. A view is closed unless it says otherwise."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from guichet.organisation.administration.ville import couleurs, image_du_logo
from guichet.organisation.reprise import reprise
from guichet.socle.sante import sante

urlpatterns = [
    path("sante/", sante, name="sante"),
    path("reprise/", reprise, name="reprise"),
    path("agent/reprise/", reprise, name="reprise_agent"),
    path("couleurs.css", couleurs, name="ville_couleurs"),
    path("logo/<slug:empreinte>.png", image_du_logo, name="ville_logo"),
    path("api/", include("demandes.views.urls_webhooks")),
    path("pieces/", include("guichet.pieces.urls")),
    path("agent/", include("guichet.organisation.urls")),
    path("agent/", include("guichet.envois.urls")),
    path("agent/", include("demandes.urls")),
    path("agent/", include("portal.urls_agents")),
    path("gestion/", include("portal.gestion")),
    path("", include("portal.urls_sans_langue")),
    # What residents read, in French as it always was and in English under /en/.
    *i18n_patterns(path("", include("portal.urls")), prefix_default_language=False),
]
