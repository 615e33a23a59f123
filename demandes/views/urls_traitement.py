"""The addresses of the queue and of a demande, below /agent/."""

from django.urls import path

from demandes.views import apercu, astreinte, comparer, corbeille, demande, ecrits, gestes, lot

urlpatterns = [
    path("corbeille/", corbeille.corbeille, name="agent_corbeille"),
    path("corbeille/lot/", lot.lot, name="agent_lot"),
    path("astreinte/prendre/<str:jeton>/", astreinte.prendre, name="astreinte_prendre"),
    path("demandes/<str:numero>/", demande.demande, name="agent_demande"),
    path("demandes/<str:numero>/apercu/", apercu.apercu, name="agent_apercu"),
    path("demandes/<str:numero>/lus/", demande.marquer_lus, name="agent_demande_lus"),
    path("demandes/<str:numero>/comparer/<str:autre>/", comparer.comparer, name="agent_comparer"),
    path("demandes/<str:numero>/ecrits/", ecrits.garder, name="agent_ecrit"),
    path("demandes/<str:numero>/gestes/<slug:geste>/", gestes.geste, name="agent_geste"),
]
