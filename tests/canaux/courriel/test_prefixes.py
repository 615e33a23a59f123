import pytest

from guichet.canaux.courriel.prefixes import est_un_transfert, est_une_reponse, numeros, sans_prefixes


@pytest.mark.parametrize(
    "objet",
    [
        "Re: Trou",
        "RE : RE: Trou",
        "Ré: Trou",
        "Rép : Trou",
        "Re[5]: Trou",
        "Re(2): Trou",
        "AW: Trou",
        "SV: Trou",
        "[EXTERNE] Re: Trou",
        "Re: [mairie-info] Re : Trou",
        "RE： Trou",
        "R: Trou",
        "Antw: Trou",
        "Re: TR: Trou",
    ],
)
def test_an_answer_is_about_what_it_answers(objet):
    assert sans_prefixes(objet) == "Trou"
    assert est_une_reponse(objet)
    assert not est_un_transfert(objet)


@pytest.mark.parametrize(
    "objet", ["TR: Trou", "Tr : Trou", "Fwd: Trou", "FW: Trou", "WG: Trou", "TR: Re: Trou"]
)
def test_a_forward_is_no_answer(objet):
    assert sans_prefixes(objet) == "Trou"
    assert est_un_transfert(objet)
    assert not est_une_reponse(objet)


@pytest.mark.parametrize(
    "objet", ["Réf : 2026/12", "Rendez-vous: mardi", "Tri : bac jaune", "Rénovation", "Re:", "[voirie]"]
)
def test_what_is_no_mark_stays(objet):
    assert sans_prefixes(objet) == objet
    assert not est_un_transfert(objet)


def test_numbers_are_found_whole():
    assert numeros("Re: Demande 2026-0000012 et (2026-0000013), 2026-0000012") == (
        "2026-0000012",
        "2026-0000013",
    )
    assert numeros("A-2026-0000012, 2026-00000123, 12026-0000012") == ()
