"""The icons of a list: drawn once, pointed at by each row."""

from demandes.views.signes import alleger, feuille
from guichet.socle.templatetags import composants


def test_a_component_keeps_its_words_and_points_at_its_icon():
    badge = composants.badge_etat("orientee", "Orientée")

    leger, symbole = alleger(badge)

    nom = symbole.partition('id="')[2].partition('"')[0]
    assert f'<use href="#{nom}"/>' in leger
    assert "<path" not in leger
    assert "<path" in symbole
    assert 'viewBox="0 0 24 24"' in symbole
    assert "<span>Orientée</span>" in leger


def test_one_icon_is_drawn_once_whatever_its_size_and_its_words():
    page = feuille(
        [composants.badge_etat("orientee", "Orientée"), composants.badge_etat("orientee", "Chez eux")]
    )

    assert page.count("<symbol ") == 1


def test_a_component_without_an_icon_is_left_as_it_is():
    assert alleger("<span>Sans signe</span>") == ("<span>Sans signe</span>", "")
