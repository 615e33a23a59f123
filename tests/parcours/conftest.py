"""Each story has a city of its own, committed, seen by the web server and the worker of the session."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from guichet.envois.sonnette import sonnette
from guichet.organisation.models import Compte
from tests import factories
from tests.parcours.maison import Maison, ouvrir
from tests.parcours.visiteur import Page, Visiteur

MOT_DE_PASSE = "quatre-mots-a-retenir"

CHAMP_ADRESSE = {
    "nom": "adresse",
    "libelle": "Où est-ce ?",
    "type": "adresse",
    "obligatoire": True,
    "aide": None,
}


@pytest.fixture(scope="session")
def maison_ouverte(django_db_setup: None, django_db_blocker: Any) -> Iterator[Maison]:
    with django_db_blocker.unblock(), ouvrir() as maison:
        yield maison


@pytest.fixture
def maison(
    maison_ouverte: Maison, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Maison]:
    """The house, empty of everybody. What a story makes by itself rings no bell: there is none here."""
    monkeypatch.setattr(sonnette, "silence_jusqu_a", math.inf)
    yield maison_ouverte
    maison_ouverte.vider_la_boite()


@pytest.fixture
def ville(maison: Maison) -> factories.Ville:
    return creer_ville_du_web()


def creer_ville_du_web() -> factories.Ville:
    """The small city; on the web, its signalement asks where, and the rules may route it."""
    ville = factories.creer_ville()
    ville.type_voirie.orientation_automatique = True
    ville.type_voirie.save()
    version = ville.type_voirie.formulaire
    version.champs = [CHAMP_ADRESSE, *version.champs]
    version.save()
    return ville


@pytest.fixture
def visiteurs(maison: Maison) -> Iterator[Callable[[], Visiteur]]:
    """New browsers, closed at the end."""
    ouverts: list[Visiteur] = []

    def nouveau() -> Visiteur:
        ouverts.append(Visiteur(maison.adresse))
        return ouverts[-1]

    yield nouveau
    for visiteur in ouverts:
        visiteur.fermer()


@pytest.fixture
def anonyme(visiteurs: Callable[[], Visiteur]) -> Visiteur:
    return visiteurs()


@pytest.fixture
def connecter(visiteurs: Callable[[], Visiteur]) -> Callable[[Compte], Visiteur]:
    """Let somebody in by their own door, with the password they type."""
    ouverts: dict[int, Visiteur] = {}

    def entrer(compte: Compte) -> Visiteur:
        if compte.pk not in ouverts:
            compte.set_password(MOT_DE_PASSE)
            compte.save(update_fields=["password"])
            ouverts[compte.pk] = visiteur = visiteurs()
            porte = visiteur.ouvrir("/agent/connexion/" if compte.est_agent else "/connexion/")
            page = porte.envoyer("Se connecter", username=compte.courriel, password=MOT_DE_PASSE)
            assert page.statut == 200, page.texte
            assert "connexion" not in page.chemin, page.texte
        return ouverts[compte.pk]

    return entrer


@pytest.fixture
def agit(connecter: Callable[[Compte], Visiteur]) -> Callable[..., Page]:
    """An agent opens a demande, finds the gesture offered there, and makes it; return what they see next."""

    def faire(compte: Compte, numero: str, geste: str, **valeurs: Any) -> Page:
        page = connecter(compte).ouvrir(f"/agent/demandes/{numero}/")
        assert geste in page.gestes, f"« {geste} » n'est pas offert : {page.gestes}"
        page = page.visiteur.ouvrir(f"/agent/demandes/{numero}/gestes/{geste}/")
        page = page.envoyer(page.bouton_principal, **valeurs)
        assert page.statut == 200, page.texte
        return page

    return faire
