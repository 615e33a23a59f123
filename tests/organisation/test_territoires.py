"""The number of a house is the one before its street, not the first one somebody wrote."""

import pytest

from guichet.organisation.models import Voie
from guichet.organisation.territoires import citer, deduire
from tests import factories


@pytest.fixture
def avenue(ville: factories.Ville) -> None:
    """One avenue through two districts: up to 60, and from 61."""
    loin = factories.creer_territoire(ville.accueil, 5, "Saint-Aubin")
    for territoire, debut, fin in ((ville.territoire, 1, 60), (loin, 61, 180)):
        Voie.objects.create(nom="avenue Basse", territoire=territoire, numero_debut=debut, numero_fin=fin)


@pytest.mark.parametrize(
    ("adresse", "attendu"),
    [
        ("12, avenue Basse", 3),
        ("120 avenue Basse", 5),
        ("120bis avenue Basse", 5),
        ("Bâtiment 2, 120 avenue Basse", 5),
        ("3 lampadaires éteints devant le 120 avenue Basse", 5),
        ("depuis le 12 mai, au 120 avenue Basse", 5),
        ("2 lampadaires éteints avenue Basse", None),
        ("depuis 2026, avenue Basse", None),
        ("avenue Basse, appartement 12", None),
        ("999 avenue Basse", None),
    ],
)
def test_the_number_stands_before_its_street(avenue, adresse, attendu):
    territoire = deduire(adresse)

    assert (territoire.numero if territoire else None) == attendu


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("Un trou devant le 12, avenue Basse.\n\nA. Martin\n3 rue des Tisserands", "12 avenue Basse"),
        ("Le lampadaire de l'Avenue  BASSE est éteint", "avenue Basse"),
        ("Deux trous avenue Basse", "avenue Basse"),
        ("Je voudrais un acte de naissance.", ""),
        ("avenue Basses", ""),
        ("", ""),
    ],
)
def test_the_first_street_a_text_names_is_its_place(avenue, texte, attendu):
    assert citer(texte) == attendu
