"""A person is found and proposed, never merged in silence: a household is not a person."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests.factories import creer_usager
from usagers.models import Coordonnee, Usager
from usagers.rapprochement import (
    Identite,
    Trouve,
    ajouter_coordonnees,
    completer_le_nom,
    proposer,
    retrouver,
    retrouver_l_expediteur,
    sont_deux_noms,
)
from usagers.rapprochement import creer_usager as creer

pytestmark = pytest.mark.django_db

JEANNE = Identite(
    nom="Martin", prenom="Jeanne", courriel="jeanne.martin@courriel.example", telephone="06 39 98 12 34"
)


@pytest.fixture
def jeanne() -> Usager:
    return creer(JEANNE)


# -- who is taken for somebody known


@pytest.mark.parametrize(
    "identite",
    [
        Identite(nom="Martin", prenom="Jeanne", courriel="JEANNE.MARTIN@courriel.example"),
        Identite(nom="MARTIN", prenom="jeanne", telephone="0639981234"),
        Identite(nom="Martin", prenom="Jeanne", telephone="+33 6 39 98 12 34"),
        Identite(nom="Jeanne", prenom="Martin", courriel="jeanne.martin@courriel.example"),
        Identite(nom="Mârtin", prenom="Jeanne", courriel=" jeanne.martin@courriel.example "),
    ],
)
def test_same_name_and_same_coordinate_are_the_same_person(jeanne, identite):
    assert retrouver(identite) == jeanne


@pytest.mark.parametrize(
    "identite",
    [
        # Her husband, her daughter: one phone, one mailbox, one surname.
        Identite(nom="Martin", prenom="Paul", telephone="06 39 98 12 34"),
        Identite(nom="Martin", prenom="Lina", courriel="jeanne.martin@courriel.example"),
        # Somebody of that name elsewhere.
        Identite(nom="Martin", prenom="Jeanne", telephone="06 39 98 99 99"),
        Identite(nom="Martin", prenom="Jeanne"),
        # A surname alone, with the family's phone.
        Identite(nom="Martin", telephone="06 39 98 12 34"),
        # A coordinate alone.
        Identite(telephone="06 39 98 12 34"),
        Identite(courriel="jeanne.martin@courriel.example"),
        # Close is not same.
        Identite(nom="Martine", prenom="Jeanne", telephone="06 39 98 12 34"),
        Identite(nom="Martin", prenom="Jeannette", courriel="jeanne.martin@courriel.example"),
        Identite(),
    ],
)
def test_anything_less_is_nobody(jeanne, identite):
    assert retrouver(identite) is None


def test_two_persons_who_match_are_nobody(jeanne):
    """Twice the same file: an agent must choose, the program does not."""
    creer(JEANNE)

    assert retrouver(JEANNE) is None
    assert [candidat.est_certain for candidat in proposer(JEANNE)] == [True, True]


def test_a_business_is_known_by_its_name_and_coordinate(db):
    boulangerie = creer(
        Identite(raison_sociale="Boulangerie du Port", siret="00000000000000", telephone="04 65 71 22 33")
    )

    assert boulangerie.genre == Usager.Genre.ENTREPRISE
    assert (
        retrouver(Identite(raison_sociale="boulangerie du port", telephone="04 65 71 22 33")) == boulangerie
    )
    assert retrouver(Identite(raison_sociale="Boulangerie de la Gare", telephone="04 65 71 22 33")) is None
    # Somebody else speaks for it.
    venue = Identite(
        nom="Leroy", prenom="Luc", raison_sociale="Boulangerie du Port", telephone="04 65 71 22 33"
    )
    assert retrouver(venue) == boulangerie


# -- who is proposed


def raisons(identite: Identite) -> dict[str, tuple[str, ...]]:
    return {str(candidat.usager): candidat.raisons for candidat in proposer(identite)}


def test_the_reasons_are_readable(jeanne):
    assert raisons(JEANNE) == {"Jeanne Martin": ("même courriel", "même téléphone", "même nom")}
    assert raisons(Identite(nom="Martin", prenom="Paul", telephone="06 39 98 12 34"))["Jeanne Martin"][0] == (
        "même téléphone"
    )
    assert "nom qui se prononce pareil" in raisons(Identite(nom="Marthin"))["Jeanne Martin"]


def test_the_closest_comes_first(jeanne):
    for prenom, nom in (("Jean", "Martin"), ("Paul", "Martinez"), ("Jeanne", "Durand")):
        creer_usager(prenom, nom)

    candidats = proposer(Identite(nom="Martin", prenom="Jeanne", telephone="06 39 98 12 34"))

    assert candidats[0].usager == jeanne
    assert [c.score for c in candidats] == sorted((c.score for c in candidats), reverse=True)
    assert all(0 <= candidat.score <= 100 for candidat in candidats)


def test_the_same_address_counts(jeanne):
    voisine, autre = creer_usager("Ana", "Martin"), creer_usager("Ana", "Martin")
    Usager.objects.filter(pk=voisine.pk).update(adresse="12, rue des Tisserands")

    candidats = proposer(Identite(nom="Martin", prenom="Ana", adresse="12, RUE DES TISSERANDS"))

    assert [c.usager for c in candidats[:2]] == [voisine, autre]
    assert "même adresse" in candidats[0].raisons


def test_a_common_name_brings_a_bounded_list(db):
    for rang in range(40):
        creer_usager(f"Prénom{rang}", "Martin")

    assert len(proposer(Identite(nom="Martin"))) == 8
    assert len(proposer(Identite(nom="Martin"), limite=3)) == 3


@pytest.mark.parametrize("saisie", ["%", "_", "'; --", "\\", "(", "a & b | !", ":*", "«»", "🙂", "\u202e"])
def test_nothing_typed_breaks_the_search(jeanne, saisie):
    proposer(Identite(nom=saisie, prenom=saisie, courriel=saisie, telephone=saisie, adresse=saisie))
    assert retrouver(Identite(nom=saisie, prenom=saisie, telephone=saisie)) is None


# -- coordinates


def test_a_coordinate_that_cannot_be_read_is_left_out_not_refused(db):
    usager = creer(Identite(nom="Petit", prenom="Léo", courriel="pas une adresse", telephone="12"))

    assert not usager.coordonnees.exists()
    assert usager.courriel == usager.telephone == ""


def test_new_coordinates_are_added_and_none_is_replaced(jeanne):
    ajouter_coordonnees(jeanne, Identite(courriel="j.martin@travail.example", telephone="06.39.98.12.34"))

    assert jeanne.coordonnees.count() == 3
    assert jeanne.courriel == "jeanne.martin@courriel.example", "the first one stays the main one"
    assert jeanne.coordonnees.filter(est_principale=True).count() == 2


def test_one_that_fails_gives_way_to_the_next(jeanne):
    ajouter_coordonnees(jeanne, Identite(courriel="j.martin@travail.example"))
    jeanne.coordonnees.filter(normalisee="jeanne.martin@courriel.example").update(
        en_echec_le="2026-01-01T00:00:00Z"
    )

    assert Usager.objects.get(pk=jeanne.pk).courriel == "j.martin@travail.example"


def test_a_household_shares_its_phone(db):
    parents = [creer_usager(prenom, "Diallo", telephone="04 65 71 44 55") for prenom in ("Awa", "Omar")]

    assert Coordonnee.objects.filter(normalisee="+33465714455").count() == 2
    assert {c.usager for c in proposer(Identite(telephone="0465714455"))} == set(parents)


@pytest.mark.django_db(transaction=True)
def test_the_same_coordinate_added_at_once_is_kept_once():
    jeanne = creer(JEANNE)
    depart = threading.Barrier(6)

    def ajouter(_rang: int) -> None:
        depart.wait()
        try:
            ajouter_coordonnees(jeanne, Identite(courriel="nouvelle@courriel.example"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as equipe:
        list(equipe.map(ajouter, range(6)))

    assert jeanne.coordonnees.filter(normalisee="nouvelle@courriel.example").count() == 1


# -- who writes from an address


ADRESSE = "jeanne.martin@courriel.example"


@pytest.mark.parametrize(
    "identite",
    [
        Identite(courriel=ADRESSE),
        Identite(nom="jm78", courriel="Jeanne.Martin@courriel.example"),
        Identite(nom="Martin", courriel=ADRESSE),
        Identite(nom="Jeanne", prenom="Martin", courriel=ADRESSE),
    ],
)
def test_an_address_of_one_person_finds_them_when_no_name_says_no(jeanne, identite):
    assert retrouver_l_expediteur(identite) == Trouve(jeanne)


def test_another_whole_name_at_that_address_is_somebody_else(jeanne):
    assert retrouver_l_expediteur(Identite(nom="Martin", prenom="Paul", courriel=ADRESSE)) == Trouve()
    assert retrouver_l_expediteur(Identite(nom="Marie Laure Dupont", courriel=ADRESSE)) == Trouve()
    assert retrouver_l_expediteur(Identite(courriel="autre@courriel.example")) == Trouve()
    assert retrouver_l_expediteur(Identite(nom="Martin", telephone="06 39 98 12 34")) == Trouve()


def test_a_family_that_shares_an_address_is_told_apart_by_the_first_name_or_by_an_agent(jeanne):
    paul = creer(Identite(nom="Martin", prenom="Paul", courriel=ADRESSE))

    assert retrouver_l_expediteur(Identite(nom="Martin", prenom="Paul", courriel=ADRESSE)) == Trouve(paul)
    assert retrouver_l_expediteur(Identite(nom="Paul Martin", courriel=ADRESSE)) == Trouve(paul)
    for nom in ("", "jm78", "Martin"):
        assert retrouver_l_expediteur(Identite(nom=nom, courriel=ADRESSE)) == Trouve(plusieurs=True)
    assert retrouver_l_expediteur(Identite(nom="Martin", prenom="Lina", courriel=ADRESSE)) == Trouve()


def test_a_name_is_completed_and_never_replaced(jeanne):
    sans_nom = creer(Identite(courriel="x@courriel.example"))
    completer_le_nom(sans_nom, Identite(nom="Le Goff", prenom="Loïc", courriel="x@courriel.example"))
    completer_le_nom(sans_nom, Identite(nom="Martin", prenom="Paul", courriel="x@courriel.example"))
    completer_le_nom(jeanne, Identite(nom="Durand", prenom="Ana", courriel=ADRESSE))

    relus = {u.pk: (str(u), u.nom_plie) for u in Usager.objects.all()}
    assert relus[sans_nom.pk] == ("Loïc Le Goff", "le goff loic")
    assert relus[jeanne.pk] == ("Jeanne Martin", "martin jeanne")


def test_two_names_are_two_when_neither_is_part_of_the_other(jeanne):
    def nommer(nom: str, prenom: str = "") -> Usager:
        return creer_usager(prenom, nom)

    assert [
        sont_deux_noms(jeanne, autre) for autre in (nommer("Martin"), nommer("Martin", "Jeanne Marie"))
    ] == [
        False,
        False,
    ]
    assert not sont_deux_noms(jeanne, creer(Identite(courriel="x@courriel.example")))
    assert sont_deux_noms(jeanne, nommer("Martin", "Paul"))
    assert sont_deux_noms(jeanne, nommer("Marie-Antoinette de La Rochefoucauld-Montbel"))
