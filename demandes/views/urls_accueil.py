"""The front desk's addresses, below /agent/."""

from django.urls import path

from demandes.views import (
    accueil,
    appels,
    appels_a_rendre,
    contacts,
    courrier,
    lettre_recue,
    rapprocher,
    saisie,
    usager,
)

urlpatterns = [
    path("accueil/", accueil.accueil, name="agent_accueil"),
    path("fiches/<str:code>/", accueil.fiche, name="agent_fiche"),
    path("appels/", appels.les_annonces, name="agent_appels"),
    path("appels/<int:pk>/", appels.appel, name="agent_appel"),
    path("appels/<int:pk>/ouvrir/", appels.ouvrir, name="agent_appel_ouvrir"),
    path("a-rappeler/", appels_a_rendre.a_rappeler, name="agent_a_rappeler"),
    path("a-rappeler/<int:pk>/", appels_a_rendre.noter, name="agent_a_rappeler_noter"),
    path("contacts/", contacts.commencer, name="agent_contact"),
    path("contacts/noter/", contacts.noter_un_sujet, name="agent_contact_noter"),
    path("contacts/terminer/", contacts.terminer, name="agent_contact_terminer"),
    path("usagers/<int:pk>/", usager.usager, name="agent_usager"),
    path("usagers/<int:pk>/modifier/", usager.modifier, name="agent_usager_modifier"),
    path("usagers/<int:pk>/identite/", usager.identite, name="agent_usager_identite"),
    path("usagers/<int:pk>/coordonnees/", usager.coordonnees, name="agent_usager_coordonnees"),
    path("usagers/<int:pk>/rapprocher/", rapprocher.chercher, name="agent_usager_rapprocher"),
    path("usagers/<int:pk>/rapprocher/<int:autre>/", rapprocher.reunir, name="agent_usager_reunir"),
    path("courrier/", courrier.courrier, name="agent_courrier"),
    path("courrier/suivante/", courrier.suivante, name="agent_courrier_suivante"),
    path("courrier/separateur.pdf", courrier.feuille_separatrice, name="agent_courrier_separateur"),
    path("courrier/lots/<int:pk>/", courrier.lot, name="agent_courrier_lot"),
    path("courrier/pages/<int:pk>/", courrier.page, name="agent_courrier_page"),
    path("courrier/pages/<int:pk>/image/", courrier.image, name="agent_courrier_image"),
    path("courrier/<str:numero>/", lettre_recue.lettre, name="agent_lettre_recue"),
    path("courrier/<str:numero>/reunir/", courrier.reunir, name="agent_courrier_reunir"),
    path("courrier/<str:numero>/<slug:geste>/", lettre_recue.geste, name="agent_lettre_geste"),
    path("saisie/", saisie.saisie, name="agent_saisie"),
    path("saisie/<str:numero>/", saisie.saisie_faite, name="agent_saisie_faite"),
    path("saisie/<str:numero>/envoyer/", saisie.envoyer_le_recu, name="agent_recu_envoyer"),
    path("demandes/<str:numero>/recu.pdf", saisie.recu, name="agent_recu"),
]
