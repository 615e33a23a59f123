"""The city the product ships with: a démarche found with everyday words, filed, routed, answered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from demandes.etats import Etat
from demandes.models import Demande
from guichet.organisation.models import Compte, Espace
from guichet.socle.demonstration import MOT_DE_PASSE
from tests.parcours.gestes import journal, photo
from tests.parcours.maison import Maison
from tests.parcours.visiteur import Visiteur


@pytest.fixture
def ville_livree(maison: Maison, settings: Any) -> None:
    settings.GUICHET_DEMO = True
    call_command("charger_demo", verbosity=0)
    maison.vider_la_boite()


def entrer(visiteur: Visiteur, porte: str, courriel: str) -> Visiteur:
    """Log in as the printed table says."""
    page = visiteur.ouvrir(porte).envoyer("Se connecter", username=courriel, password=MOT_DE_PASSE)
    assert (page.statut, page.chemin) != (200, porte), page.texte
    return visiteur


def test_a_pothole_from_everyday_words_to_the_answer(
    maison: Maison, ville_livree: None, visiteurs: Callable[[], Visiteur]
) -> None:
    habitante = entrer(visiteurs(), "/connexion/", "usager@demo.example")
    avant = set(Demande.objects.values_list("numero", flat=True))

    page = habitante.ouvrir("/deposer/recherche/?q=il y a un gros trou devant chez moi")
    page = page.suivre("Nid-de-poule ou chaussée dégradée")
    page = page.envoyer("Commencer")
    page = page.envoyer(
        "Continuer",
        **{"recit-texte": "Il s'agrandit à chaque pluie.", "q-voie": "chaussee", "q-taille": "grand"},
    )
    page = page.envoyer("Continuer", **{"lieu-adresse": "4 allée des Charmilles"})
    page = page.envoyer("Continuer", **{"pieces-photos": ("trou.jpg", photo())})
    page = page.envoyer("Continuer", **{"vous-anonyme": "non"})
    assert "4 allée des Charmilles" in page
    page = page.envoyer("Envoyer ma demande")
    assert page.titre == "Votre demande est envoyée", page.texte

    demande = Demande.objects.pour_fil().exclude(numero__in=avant).get()
    assert (demande.type.code, demande.etat, demande.territoire.code) == (
        "VOI-NID",
        Etat.ORIENTEE,
        "arr_6",
    )
    assert demande.usager.compte == Compte.objects.get(espace=Espace.USAGER, courriel="usager@demo.example")
    assert demande.echeance_service is not None

    agente = entrer(visiteurs(), "/agent/connexion/", "agent.voirie@demo.example")
    agente.ouvrir("/agent/corbeille/?texte=" + demande.numero).envoyer("Prendre")
    page = agente.ouvrir(f"/agent/demandes/{demande.numero}/gestes/repondre/")
    page = page.envoyer(
        "Répondre",
        texte="Bonjour,\n\nLe trou est rebouché.",
        decision="accord",
        pieces=("apres.jpg", photo("black")),
    )
    assert page.statut == 200, page.texte

    assert journal(demande.numero) == [
        "enregistrer",
        "qualifier",
        "orienter",
        "prendre_en_charge",
        "repondre",
    ]
    page = habitante.ouvrir("/mes-demandes/").suivre(demande.objet)
    assert "Le trou est rebouché." in page
    assert "apres.jpg" in page
    maison.courriel("usager@demo.example", f"[{demande.numero}] Réponse")
