"""What one agent may reach: by place, secteur and date, and on behalf of somebody absent."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from guichet.organisation.models import Affectation, Delegation, Role, Secteur, Territoire, Voie
from guichet.organisation.perimetre import Perimetre
from guichet.organisation.territoires import deduire
from tests import factories

AUJOURD_HUI = timezone.localdate()
HIER, DEMAIN = AUJOURD_HUI - timedelta(days=1), AUJOURD_HUI + timedelta(days=1)


def test_each_role_opens_its_own_place(ville):
    accueil = Perimetre.de(ville.responsable_accueil)
    direction = Perimetre.de(ville.responsable_voirie)

    assert (accueil.accueils, accueil.accueils_responsable) == ({ville.accueil.pk}, {ville.accueil.pk})
    assert (accueil.est_accueil, accueil.est_direction, accueil.est_administrateur) == (True, False, False)
    assert direction.directions == {ville.voirie.pk: {Secteur.GENERAL}} == direction.directions_responsable
    assert (direction.est_accueil, direction.est_direction) == (False, True)
    assert Perimetre.de(ville.administrateur).est_administrateur


@pytest.mark.parametrize(
    ("du", "au", "est_en_poste"),
    [(AUJOURD_HUI, None, True), (HIER, AUJOURD_HUI, True), (HIER, HIER, False), (DEMAIN, None, False)],
)
def test_a_role_lasts_from_its_first_day_to_its_last(ville, du, au, est_en_poste):
    agent = factories.creer_agent("Paul", "Passager")
    Affectation.objects.create(
        compte=agent, role=Role.AGENT_ACCUEIL, point_accueil=ville.accueil, du=du, au=au
    )

    assert Perimetre.de(agent).est_accueil is est_en_poste


def test_secteurs_add_up_by_place_only(ville):
    agent = factories.creer_agent("Lou", "Deux-Postes", Role.AGENT_DIRECTION, ville.voirie)
    factories.affecter(agent, Role.AGENT_DIRECTION, ville.ccas, (Secteur.SOCIAL,))

    assert Perimetre.de(agent).directions == {
        ville.voirie.pk: {Secteur.GENERAL},
        ville.ccas.pk: {Secteur.SOCIAL},
    }


def test_a_deputy_has_the_absentee_s_places_while_it_lasts(ville):
    delegation = Delegation.objects.create(
        titulaire=ville.agent_voirie, suppleant=ville.agent_accueil, du=HIER, au=AUJOURD_HUI
    )
    assert Perimetre.de(ville.agent_accueil).est_direction
    assert not Perimetre.de(ville.agent_voirie).est_accueil

    delegation.au = HIER
    delegation.save()
    assert not Perimetre.de(ville.agent_accueil).est_direction


def test_nobody_else_reaches_anything(ville):
    habitant = factories.creer_compte_usager(factories.creer_usager())
    ville.agent_accueil.is_active = False

    for compte in (AnonymousUser(), habitant, ville.agent_accueil):
        assert Perimetre.de(compte) == Perimetre(compte)


def test_a_perimeter_costs_one_query(ville, django_assert_num_queries):
    for place in (ville.voirie, ville.proprete, ville.ccas):
        factories.affecter(ville.agent_accueil, Role.AGENT_DIRECTION, place)

    with django_assert_num_queries(1):
        Perimetre.de(ville.agent_accueil)


# -- districts ---------------------------------------------------------------------------------------


@pytest.fixture
def rues(ville) -> tuple[Territoire, Territoire]:
    troisieme = ville.territoire
    cinquieme = factories.creer_territoire(ville.accueil, 5, "Saint-Aubin")
    Voie.objects.create(nom="rue des Tisserands", territoire=troisieme)
    Voie.objects.create(nom="avenue Basse", territoire=troisieme, numero_debut=1, numero_fin=60)
    Voie.objects.create(nom="avenue Basse", territoire=cinquieme, numero_debut=61, numero_fin=180)
    Voie.objects.create(nom="quai Pair", territoire=troisieme, parite=Voie.Parite.PAIR)
    Voie.objects.create(nom="quai Pair", territoire=cinquieme, parite=Voie.Parite.IMPAIR)
    return troisieme, cinquieme


@pytest.mark.parametrize(
    ("adresse", "attendu"),
    [
        ("12 RUE DES TISSERANDS", 3),
        ("devant l'école, rue des Tisserands", 3),
        ("1 place Inconnue, 69985 Villeneuve-sur-Saône", 5),
        ("12 avenue Basse", 3),
        ("120 bis, avenue Basse", 5),
        ("avenue Basse", None),
        ("8 quai Pair", 3),
        ("9 quai Pair", 5),
        ("rue des Tisserandes", None),
        ("", None),
        ("%' OR 1=1 --", None),
    ],
)
def test_a_district_is_deduced_only_without_doubt(rues, adresse, attendu):
    territoire = deduire(adresse)

    assert (territoire.numero if territoire else None) == attendu
