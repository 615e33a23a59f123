"""Below /agent/administration/."""

from django.urls import URLPattern, path

from guichet.organisation.administration import agent, jours_fermes, lieux, ville
from guichet.organisation.administration.accueil import accueil
from guichet.organisation.administration.agents import agents
from guichet.organisation.administration.imports import vues as imports
from guichet.organisation.administration.modifications import modifications


def urls_des_lieux(genre: lieux.Genre) -> list[URLPattern]:
    """The same screens for directions and for desks."""
    ecrans = (
        ("", "", lieux.liste),
        ("nouveau/", "_creer", lieux.creer),
        ("<int:pk>/", "_un", lieux.un),
        ("<int:pk>/modifier/", "_modifier", lieux.modifier),
        ("<int:pk>/horaires/", "_horaires", lieux.horaires),
        ("<int:pk>/service/", "_ouvrir", lieux.ouvrir),
    )
    return [
        path(f"{genre.code}/{chemin}", vue, {"genre": genre}, name=f"administration_{genre.code}{nom}")
        for chemin, nom, vue in ecrans
    ]


def urls_de_l_import(genre: imports.Genre) -> list[URLPattern]:
    racine, nom = f"{genre.code}/import/", f"administration_{genre.code}"
    return [
        path(racine, imports.importer, {"genre": genre}, name=f"{nom}_import"),
        path(f"{racine}modele.csv", imports.telecharger_le_modele, {"genre": genre}, name=f"{nom}_modele"),
    ]


urlpatterns = [
    path("", accueil, name="administration_accueil"),
    path("ville/", ville.identite, name="administration_ville"),
    path("ville/apercu.css", ville.apercu, name="administration_ville_apercu"),
    path("agents/", agents, name="administration_agents"),
    path("agents/nouveau/", agent.creer, name="administration_agent_creer"),
    path("agents/<int:pk>/", agent.agent, name="administration_agent"),
    path("agents/<int:pk>/modifier/", agent.modifier, name="administration_agent_modifier"),
    path("agents/<int:pk>/invitation/", agent.envoyer_l_invitation, name="administration_agent_inviter"),
    path("agents/<int:pk>/compte/", agent.activer, name="administration_agent_activer"),
    path("agents/<int:pk>/affectations/", agent.affecter, name="administration_agent_affecter"),
    path(
        "agents/<int:pk>/affectations/<int:droit>/",
        agent.finir_affectation,
        name="administration_affectation_finir",
    ),
    path("agents/<int:pk>/absence/", agent.deleguer, name="administration_agent_deleguer"),
    path(
        "agents/<int:pk>/absence/<int:droit>/",
        agent.finir_delegation,
        name="administration_delegation_finir",
    ),
    path("jours-fermes/", jours_fermes.jours_fermes, name="administration_jours_fermes"),
    path("jours-fermes/nouveau/", jours_fermes.fermer, name="administration_fermer"),
    path("jours-fermes/<int:pk>/", jours_fermes.rouvrir, name="administration_rouvrir"),
    path("modifications/", modifications, name="administration_modifications"),
    *urls_de_l_import(imports.AGENTS),
    *urls_de_l_import(imports.DIRECTIONS),
    *urls_des_lieux(lieux.DIRECTION),
    *urls_des_lieux(lieux.ACCUEIL),
]
