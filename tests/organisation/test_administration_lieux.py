"""Directions and desks: coordinates, hours, and an end once nothing hangs on them."""

from datetime import time

import pytest

from demandes.etats import Etat
from guichet.organisation.models import Direction, HeuresOuverture, Modification, PointAccueil
from tests import factories

DIRECTIONS = "/agent/administration/directions/"
ACCUEILS = "/agent/administration/accueils/"
PARCS = {
    "code": "parc",
    "nom": "DPJ",
    "nom_public": "Parcs et jardins",
    "signature": "complete",
    "secteur": "general",
    "courriel": "Parcs@ville.example",
    "telephone": "0465711003",
    "adresse": "2 allée des Tilleuls, 69981 Villeneuve-sur-Saône",
}
LUNDI = {"0_matin_0": "08:30", "0_matin_1": "12:00", "0_soir_0": "13:30", "0_soir_1": "17:00"}


def test_a_direction_is_created_with_what_the_law_shows(admin, ville):
    reponse = admin.post(f"{DIRECTIONS}nouveau/", PARCS)

    parcs = Direction.objects.get(code="PARC")
    assert reponse["Location"] == f"{DIRECTIONS}{parcs.pk}/"
    assert (parcs.telephone, parcs.courriel) == ("04 65 71 10 03", "parcs@ville.example")
    (ligne,) = Modification.objects.all()
    assert (ligne.action, ligne.apres["nom_public"]) == ("creation", "Parcs et jardins")
    accueil = admin.get("/agent/administration/")
    orphelines = [attention.texte for attention in accueil.context["genres"]["Directions sans responsable"]]
    assert "DPJ" in orphelines
    assert f"Directions sans responsable : {len(orphelines)}</span></summary>" in accueil.content.decode()


def test_the_same_form_posted_twice_makes_one_direction(admin, ville):
    premiere = admin.post(f"{DIRECTIONS}nouveau/", PARCS)
    seconde = admin.post(f"{DIRECTIONS}nouveau/", PARCS)

    assert premiere["Location"] == seconde["Location"]
    assert (Direction.objects.filter(code="PARC").count(), Modification.objects.count()) == (1, 1)
    autre = admin.post(f"{DIRECTIONS}nouveau/", PARCS | {"nom": "Autre"})
    assert (autre.status_code, Modification.objects.count()) == (422, 1)


def test_hours_say_once_that_they_may_stay_empty(admin, ville):
    page = admin.get(f"{DIRECTIONS}{ville.voirie.pk}/horaires/").content.decode()

    assert (page.count("(facultatif)"), page.count("Laissez vides les demi-journées")) == (0, 1)


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"code": "VOI"}, "Ce code est déjà pris"),
        ({"code": "TROP LONG"}, "une à quatre lettres"),
        ({"nom_public": ""}, "Indiquez le nom que les habitants lisent"),
        ({"courriel": "parcs"}, "n&#x27;est pas complète"),
        ({"secteur": "magie"}, "Sélectionnez un choix valide"),
        ({"adresse": "\0"}, "Indiquez l&#x27;adresse postale"),
    ],
)
def test_a_refused_direction_keeps_what_was_typed(admin, champs, phrase):
    reponse = admin.post(f"{DIRECTIONS}nouveau/", PARCS | champs)

    page = reponse.content.decode()
    assert (reponse.status_code, phrase in page, 'value="DPJ"' in page) == (422, True, True)
    assert (Direction.objects.count(), Modification.objects.count()) == (3, 0)


def test_a_desk_is_changed(admin, ville):
    donnees = {**PARCS, "code": "MA3", "nom": "Mairie du 3e", "canaux": ["guichet", "courriel"]}

    admin.post(f"{ACCUEILS}{ville.autre_accueil.pk}/modifier/", donnees)

    accueil = PointAccueil.objects.get(pk=ville.autre_accueil.pk)
    assert (accueil.nom, accueil.canaux) == ("Mairie du 3e", ["guichet", "courriel"])
    (ligne,) = Modification.objects.all()
    assert (ligne.avant["canaux"], ligne.apres["canaux"]) == (["guichet"], ["guichet", "courriel"])


def test_a_week_with_a_lunch_break(admin, ville):
    adresse = f"{DIRECTIONS}{ville.voirie.pk}/horaires/"

    admin.post(adresse, LUNDI | {"5_matin_0": "09:00", "5_matin_1": "12:00"})

    assert list(HeuresOuverture.objects.values_list("jour", "debut", "fin")) == [
        (0, time(8, 30), time(12)),
        (0, time(13, 30), time(17)),
        (5, time(9), time(12)),
    ]
    page = admin.get(f"{DIRECTIONS}{ville.voirie.pk}/").content.decode()
    assert "Lundi 08 h 30 – 12 h 00 et 13 h 30 – 17 h 00" in page
    assert 'value="13:30"' in admin.get(adresse).content.decode()
    admin.post(adresse, LUNDI)
    dernier = Modification.objects.first()
    assert (len(dernier.avant["horaires"]), len(dernier.apres["horaires"])) == (2, 1)


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"0_matin_1": "08:00"}, "la fermeture vient avant"),
        ({"0_matin_1": ""}, "il manque une des deux heures"),
        ({"0_soir_0": "11:00"}, "commence avant la fin du matin"),
        ({"0_soir_0": "midi"}, "écrivez l&#x27;heure comme"),
        ({"0_soir_0": "\0"}, "écrivez l&#x27;heure comme"),
    ],
)
def test_hours_that_mean_nothing_are_refused(admin, ville, champs, phrase):
    reponse = admin.post(f"{DIRECTIONS}{ville.voirie.pk}/horaires/", LUNDI | champs)

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    assert (HeuresOuverture.objects.count(), Modification.objects.count()) == (0, 0)


def test_a_direction_is_not_closed_while_something_hangs_on_it(admin, ville):
    factories.demande_dans(Etat.ORIENTEE, ville)
    adresse = f"{DIRECTIONS}{ville.voirie.pk}/"

    page = admin.post(f"{adresse}service/", {"actif": "non"}, follow=True).content.decode()

    for attache in ("1 demande ouverte", "2 types de demande publiés", "3 rôles tenus par des agents"):
        assert attache in page
    assert "ne peut pas être désactivé" in page
    assert Direction.objects.get(pk=ville.voirie.pk).est_active
    assert Modification.objects.count() == 0


def test_a_direction_nothing_hangs_on_is_closed_and_opened_again(admin):
    parcs = factories.creer_direction("PARC", "Parcs")
    adresse = f"{DIRECTIONS}{parcs.pk}/service/"

    admin.post(adresse, {"actif": "non"})
    assert not Direction.objects.get(pk=parcs.pk).est_active
    admin.post(adresse, {"actif": "oui"})

    assert Direction.objects.get(pk=parcs.pk).est_active
    assert [m.apres for m in Modification.objects.order_by("pk")] == [
        {"est_active": False},
        {"est_active": True},
    ]


def test_a_desk_with_districts_is_not_closed(admin, ville):
    page = admin.post(
        f"{ACCUEILS}{ville.accueil.pk}/service/", {"actif": "non"}, follow=True
    ).content.decode()

    assert "1 arrondissement rattaché" in page
    assert PointAccueil.objects.get(pk=ville.accueil.pk).est_actif


@pytest.mark.parametrize(
    ("latitude", "longitude", "phrase"),
    [
        ("91", "4,8351", "Elle est entre -90 et 90 degrés."),
        ("45,7669", "-180,5", "Elle est entre -180 et 180 degrés."),
        ("45° 46", "4,8351", "Écrivez des degrés décimaux"),
        ("nan", "4,8351", "Écrivez des degrés décimaux"),
        ("45,7669", "", "Donnez la latitude et la longitude, ou aucune des deux."),
    ],
)
def test_a_desk_stands_where_its_administrator_says(admin, ville, latitude, longitude, phrase):
    adresse = f"{ACCUEILS}{ville.autre_accueil.pk}/modifier/"
    donnees = {**PARCS, "code": "MA3", "nom": "Mairie du 3e", "canaux": ["guichet"]}

    refus = admin.post(adresse, donnees | {"latitude": latitude, "longitude": longitude})
    assert (refus.status_code, phrase in refus.content.decode()) == (422, True)
    assert (PointAccueil.objects.filter(latitude__isnull=False).count(), Modification.objects.count()) == (
        0,
        0,
    )

    assert admin.post(adresse, donnees | {"latitude": " 45,7669 ", "longitude": "4.8351"}).status_code == 302
    accueil = PointAccueil.objects.get(pk=ville.autre_accueil.pk)
    assert (accueil.latitude, accueil.longitude) == (45.7669, 4.8351)
    ligne = Modification.objects.get()
    assert (ligne.avant["latitude"], ligne.apres["latitude"]) == (None, 45.7669)
    assert 'value="45,7669"' in admin.get(adresse).content.decode()
