"""The front desk's addresses, below /agent/."""

from django.urls import path

from demandes.views import accueil, contacts, saisie, usager

urlpatterns = [
    path("accueil/", accueil.accueil, name="agent_accueil"),
    path("fiches/<str:code>/", accueil.fiche, name="agent_fiche"),
    path("contacts/", contacts.commencer, name="agent_contact"),
    path("contacts/noter/", contacts.noter_un_sujet, name="agent_contact_noter"),
    path("contacts/terminer/", contacts.terminer, name="agent_contact_terminer"),
    path("usagers/<int:pk>/", usager.usager, name="agent_usager"),
    path("usagers/<int:pk>/modifier/", usager.modifier, name="agent_usager_modifier"),
    path("usagers/<int:pk>/identite/", usager.identite, name="agent_usager_identite"),
    path("usagers/<int:pk>/coordonnees/", usager.coordonnees, name="agent_usager_coordonnees"),
    path("saisie/", saisie.saisie, name="agent_saisie"),
    path("saisie/<str:numero>/", saisie.saisie_faite, name="agent_saisie_faite"),
    path("saisie/<str:numero>/envoyer/", saisie.envoyer_le_recu, name="agent_recu_envoyer"),
    path("demandes/<str:numero>/recu.pdf", saisie.recu, name="agent_recu"),
]
