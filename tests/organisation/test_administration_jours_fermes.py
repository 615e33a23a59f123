"""Closed days: the law's are computed, the city's are added and taken out before they come."""

from datetime import date

import pytest
import time_machine

from demandes.delais import calendrier_de
from guichet.organisation.models import JourFerme, Modification, PointAccueil

ANNEE = "/agent/administration/jours-fermes/"
PONT = {"libelle": "Pont de l'Ascension", "du": "2027-05-07", "au": "", "portee": "ville"}


@pytest.fixture(autouse=True)
def _a_day_in_spring():
    with time_machine.travel("2027-04-01 10:00+02:00"):
        yield


def test_a_bridge_is_skipped_by_the_delays(admin, ville):
    admin.post(f"{ANNEE}nouveau/", PONT)

    assert not calendrier_de(ville.voirie).est_ouvre(date(2027, 5, 7))
    page = admin.get(f"{ANNEE}?annee=2027").content.decode()
    assert "Pont de l&#x27;Ascension · Toute la ville" in page
    assert "Mercredi 14" in page, "the national day is computed"
    (ligne,) = Modification.objects.all()
    assert (ligne.action, ligne.apres["jour"]) == ("creation", "2027-05-07")


def test_several_days_for_one_place_and_no_day_twice(admin, ville):
    fermer_la_voirie = PONT | {"portee": "lieux", "directions": [f"d{ville.voirie.pk}"]}
    travaux = fermer_la_voirie | {"au": "2027-05-09"}

    admin.post(f"{ANNEE}nouveau/", fermer_la_voirie)
    admin.post(f"{ANNEE}nouveau/", travaux)

    assert list(JourFerme.objects.order_by("jour").values_list("jour", "direction")) == [
        (date(2027, 5, jour), ville.voirie.pk) for jour in (7, 8, 9)
    ]
    assert calendrier_de(ville.proprete).est_ouvre(date(2027, 5, 7))
    encore = admin.post(f"{ANNEE}nouveau/", travaux)
    assert (encore.status_code, JourFerme.objects.count()) == (422, 3)


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"du": "2027-03-01"}, "Ce jour est passé"),
        ({"au": "2027-05-01"}, "La fin vient après le début"),
        ({"au": "2028-05-01"}, "31 jours au plus"),
        ({"du": "9999-12-31"}, "trop lointaine"),
        ({"libelle": "\0"}, "Dites pourquoi"),
        ({"portee": ""}, "Dites qui ferme."),
        ({"portee": "lieux"}, "Cochez au moins un groupe, un point d&#x27;accueil ou une direction."),
        ({"portee": "lieux", "directions": ["d999"]}, "Ce lieu n&#x27;est plus dans la liste."),
        ({"portee": "lieux", "groupes": ["d1\0"]}, "Ce lieu n&#x27;est plus dans la liste."),
    ],
)
def test_a_closure_that_means_nothing_is_refused(admin, champs, phrase):
    reponse = admin.post(f"{ANNEE}nouveau/", PONT | champs)

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    assert (JourFerme.objects.count(), Modification.objects.count()) == (0, 0)


def test_the_desks_of_an_arrondissement_and_all_desks_close_at_once_each_once(admin, ville):
    du_quartier = PONT | {"portee": "lieux", "groupes": [f"t{ville.territoire.pk}"]}
    reponse = admin.post(f"{ANNEE}nouveau/", du_quartier, follow=True)
    assert "1 fermeture ajoutée." in reponse.content.decode()
    assert JourFerme.objects.get().point_accueil == ville.territoire.point_accueil

    tous = PONT | {
        "portee": "lieux",
        "groupes": ["accueils", f"t{ville.territoire.pk}"],
        "accueils": [f"a{ville.accueil.pk}"],
        "directions": [f"d{ville.voirie.pk}"],
    }
    page = admin.post(f"{ANNEE}nouveau/", tous, follow=True).content.decode()

    accueils = PointAccueil.objects.filter(est_actif=True).count()
    assert JourFerme.objects.count() == accueils + 1 == Modification.objects.count()
    assert f"Pont de l&#x27;Ascension · {accueils + 1} lieux" in page
    assert not calendrier_de(ville.voirie).est_ouvre(date(2027, 5, 7))
    assert calendrier_de(ville.proprete).est_ouvre(date(2027, 5, 7))


def test_closing_more_places_asks_no_more_of_the_database(admin, ville, django_assert_num_queries):
    def fermer(jour: str, accueils: list[PointAccueil]) -> None:
        admin.post(
            f"{ANNEE}nouveau/",
            PONT | {"du": jour, "portee": "lieux", "accueils": [f"a{a.pk}" for a in accueils]},
        )

    tous = list(PointAccueil.objects.filter(est_actif=True))
    fermer("2027-05-31", [ville.accueil])
    with django_assert_num_queries(99, exact=False) as un:
        fermer("2027-06-01", [ville.accueil])
    requetes = len(un.captured_queries)
    with django_assert_num_queries(requetes):
        fermer("2027-06-02", tous)
    assert JourFerme.objects.count() == 2 + len(tous)


def test_a_closure_to_come_is_taken_out_a_past_one_stays(admin):
    futur = JourFerme.objects.create(jour=date(2027, 5, 7), libelle="Pont")
    passe = JourFerme.objects.create(jour=date(2027, 2, 7), libelle="Neige")

    assert admin.post(f"{ANNEE}{futur.pk}/").status_code == 302
    assert admin.post(f"{ANNEE}{passe.pk}/").status_code == 404

    assert list(JourFerme.objects.values_list("libelle", flat=True)) == ["Neige"]
    assert [m.action for m in Modification.objects.all()] == ["suppression"]


@pytest.mark.parametrize("annee", ["", "magie", "0001", "9999", "²027", "20270"])
def test_an_odd_year_shows_this_one(admin, annee):
    assert admin.get(f"{ANNEE}?annee={annee}").context["annee"] == 2027
