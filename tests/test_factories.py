"""The factories keep their word: each state is reached, by gestures that left their line."""

import pytest

from demandes.etats import Etat
from tests import factories


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.mark.parametrize("etat", Etat.values)
@pytest.mark.parametrize("type", ["type_voirie", "type_a_valider", "type_social"])
def test_demande_reaches_the_state_through_gestures(ville, etat, type):
    demande = factories.demande_dans(etat, ville, type=getattr(ville, type))

    entrees = list(demande.journal.order_by("rang"))
    assert demande.etat == etat
    assert [entree.rang for entree in entrees] == list(range(1, len(entrees) + 1))
    assert entrees[0].geste == "enregistrer"
    assert entrees[-1].apres == etat
