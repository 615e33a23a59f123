"""Residents' addresses, from the root of the site."""

from django.urls import path, re_path
from wagtail.urls import serve_pattern

from portal.views import compte, demarches, depot, pages, suivi

urlpatterns = [
    path("", pages.accueil, name="accueil"),
    path("robots.txt", pages.robots, name="robots"),
    path("accessibilite/", pages.accessibilite, name="accessibilite"),
    path("mentions/", pages.mentions, name="mentions"),
    path("deposer/", demarches.demarches, name="deposer"),
    path("deposer/recherche/", demarches.recherche, name="deposer_recherche"),
    path("deposer/theme/<slug:code>/", demarches.theme, name="deposer_theme"),
    path("deposer/<slug:code>/", demarches.demarche, name="deposer_type"),
    path("deposer/<slug:code>/<slug:jeton>/recu/", depot.recu, name="deposer_recu"),
    path("deposer/<slug:code>/<slug:jeton>/abandonner/", depot.abandonner, name="deposer_abandonner"),
    path("deposer/<slug:code>/<slug:jeton>/<slug:etape>/", depot.etape, name="deposer_etape"),
    path("suivi/", suivi.chercher, name="suivi"),
    path("suivi/<slug:numero>/", suivi.par_code, name="suivi_par_code"),
    path("suivi/<slug:numero>/lien/", suivi.demander_le_lien, name="suivi_demander_le_lien"),
    path("suivi/<slug:numero>/<slug:jeton>/", suivi.par_lien, name="suivi_par_lien"),
    path("suivi/<slug:numero>/<slug:jeton>/accuse.pdf", suivi.recu_pdf, name="recu_pdf"),
    path("connexion/", compte.ConnexionView.as_view(), name="connexion"),
    path("deconnexion/", compte.deconnexion, name="deconnexion"),
    path("inscription/", compte.inscription, name="inscription"),
    path("inscription/<str:jeton>/", compte.inscription_suite, name="inscription_suite"),
    path("courriel-envoye/", compte.courriel_envoye, name="courriel_envoye"),
    path("mot-de-passe/", compte.mot_de_passe_oublie, name="mot_de_passe_oublie"),
    path("mot-de-passe/<slug:cle>/<slug:jeton>/", compte.mot_de_passe_nouveau, name="mot_de_passe_nouveau"),
    path("mes-demandes/", compte.mes_demandes, name="mes_demandes"),
    path("mes-demandes/<slug:numero>/", suivi.ma_demande, name="ma_demande"),
    # Last: whatever pages the editors add, and « page introuvable » for the rest.
    re_path(serve_pattern, pages.servir, name="wagtail_serve"),
]
