"""The rules of orientation: written, ordered, retired, and tried on a demande that does not exist."""

import pytest
from django.test import Client

from demandes import orientation
from demandes.models import RegleOrientation, VersionFormulaire
from guichet.organisation.models import Modification
from tests import factories

URL = "/agent/administration/regles/"
DANGERS = {
    "nom": "dangers",
    "libelle": "Quels dangers ?",
    "type": "choix_multiple",
    "obligatoire": False,
    "aide": None,
    "choix": [{"valeur": "chute", "libelle": "Une chute"}, {"valeur": "verre", "libelle": "Du verre"}],
}
ENFANTS = {
    "nom": "enfants",
    "libelle": "Près d'une école ?",
    "type": "oui_non",
    "obligatoire": False,
    "aide": None,
}


@pytest.fixture
def ville(db: None) -> factories.Ville:
    ville = factories.creer_ville()
    champs = [*factories.CHAMPS, DANGERS, ENFANTS]
    VersionFormulaire.objects.create(type=ville.type_voirie, numero=2, champs=champs)
    return ville


@pytest.fixture
def admin(ville) -> Client:
    client = Client()
    client.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    return client


def saisie(ville, **champs):
    type = str(ville.type_voirie.pk)
    return {
        "libelle": "Verre près d'une école",
        "type": type,
        "questions_de": type,
        "territoire": "",
        "q-dangers": ["verre"],
        "q-enfants": "oui",
        "direction": str(ville.proprete.pk),
        "raison": "Le verre se balaie d'abord.",
        "est_active": "on",
    } | champs


def texte(reponse) -> str:
    return " ".join(reponse.content.decode().replace("&#x27;", "'").split())


def ordre() -> list[str]:
    return list(RegleOrientation.objects.order_by("ordre").values_list("libelle", flat=True))


def test_a_rule_is_written_orients_then_is_retired(ville, admin):
    questions = admin.post(f"{URL}nouvelle/", saisie(ville, geste="questions"))
    assert (questions.status_code, RegleOrientation.objects.count()) == (200, 0)
    assert "« Quels dangers ? » comprend" in texte(questions)

    assert admin.post(f"{URL}nouvelle/", saisie(ville))["Location"] == URL

    regle = RegleOrientation.objects.get()
    assert regle.reponses == [{"champ": "dangers", "vaut": "verre"}, {"champ": "enfants", "vaut": True}]
    reponses = {"nature": "trou", "dangers": ["chute", "verre"], "enfants": True}
    proposee = orientation.proposer(ville.type_voirie, ville.territoire, reponses)
    assert (proposee.direction, proposee.raison) == (ville.proprete, "Le verre se balaie d'abord.")
    assert "« Quels dangers ? » vaut « Du verre »" in texte(admin.get(URL))
    page = texte(admin.get(f"{URL}{regle.pk}/"))
    assert 'value="verre" id="id_q-dangers_1" checked' in page.replace('aria-describedby=""', "")

    retrait = saisie(ville)
    del retrait["est_active"]
    admin.post(f"{URL}{regle.pk}/", retrait)

    assert orientation.proposer(ville.type_voirie, ville.territoire, reponses).direction == ville.voirie
    lignes = Modification.objects.order_by("pk")
    assert [ligne.action for ligne in lignes] == ["creation", "modification"]
    assert lignes[0].apres["reponses"] == [
        "« Quels dangers ? » vaut « Du verre »",
        "« Près d'une école ? » vaut « Oui »",
    ]


def test_the_order_decides_and_a_move_sent_twice_is_done_once(ville, admin):
    premiere = factories.creer_regle(ville)
    factories.creer_regle(ville, ordre=15, libelle="Retirée", est_active=False, reponses=[])
    seconde = factories.creer_regle(ville, ordre=20, libelle="Tout à l'action sociale", reponses=[])
    RegleOrientation.objects.filter(pk=seconde.pk).update(direction=ville.ccas)
    monter = {"geste": f"monter {seconde.pk} 20"}

    assert admin.post(URL, monter).status_code == 302
    assert ordre() == ["Tout à l'action sociale", "Retirée", "Bordures"]
    proposee = orientation.proposer(ville.type_voirie, None, {"nature": "bordure"})
    assert (proposee.direction, proposee.regle_id) == (ville.ccas, seconde.pk)

    encore = admin.post(URL, monter)

    assert (encore.status_code, "a changé depuis" in texte(encore)) == (409, True)
    assert ordre() == ["Tout à l'action sociale", "Retirée", "Bordures"]
    assert Modification.objects.get().apres == {"ordre": 10}
    bout = admin.post(URL, {"geste": f"descendre {premiere.pk} 20"})
    assert (bout.status_code, "plus loin" in texte(bout)) == (422, True)


@pytest.mark.parametrize(
    "geste", ["", "monter", "monter x 1", "monter ٣ 1", "jeter 1 10", "monter 1 99999999999999999999", "\0"]
)
def test_an_invented_move_is_not_found(ville, admin, geste):
    factories.creer_regle(ville)

    assert admin.post(URL, {"geste": geste}).status_code == 404
    assert Modification.objects.count() == 0


def test_the_same_rule_sent_twice_makes_one(ville, admin):
    admin.post(f"{URL}nouvelle/", saisie(ville))
    encore = admin.post(f"{URL}nouvelle/", saisie(ville, libelle="Autre nom"))

    assert (encore.status_code, "attend déjà exactement la même chose" in texte(encore)) == (422, True)
    assert (RegleOrientation.objects.count(), Modification.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"libelle": "\0"}, "Donnez un nom à la règle"),
        ({"libelle": "x" * 1_000_000}, "trop long"),
        ({"raison": "\u202e"}, "Écrivez la raison"),
        ({"direction": "\0"}, "Sélectionnez un choix valide"),
        ({"type": "99999999999999999999", "questions_de": ""}, "Sélectionnez un choix valide"),
        ({"territoire": "\u202e1"}, "Sélectionnez un choix valide"),
        ({"q-dangers": ["verre", "lave"]}, "Sélectionnez un choix valide"),
        ({"q-enfants": "peut-être"}, "Sélectionnez un choix valide"),
        ({"questions_de": ""}, "Vous avez changé de démarche"),
        ({"type": "", "questions_de": ""}, "enverrait toutes les demandes"),
    ],
)
def test_a_refused_rule_changes_nothing(ville, admin, champs, phrase):
    reponse = admin.post(f"{URL}nouvelle/", saisie(ville, **champs))

    assert (reponse.status_code, phrase in texte(reponse)) == (422, True)
    assert (RegleOrientation.objects.count(), Modification.objects.count()) == (0, 0)
    if "raison" not in champs:
        assert "Le verre se balaie d'abord." in texte(reponse)


def test_a_condition_that_no_row_can_say_is_kept_until_it_is_unticked(ville, admin):
    ancienne = {"champ": "couleur", "vaut": "rouge"}
    regle = factories.creer_regle(ville, reponses=[ancienne])
    assert "Garder la condition" in texte(admin.get(f"{URL}{regle.pk}/"))

    admin.post(f"{URL}{regle.pk}/", saisie(ville, **{"garder-0": "on"}))
    regle.refresh_from_db()
    assert ancienne in regle.reponses

    admin.post(f"{URL}{regle.pk}/", saisie(ville))
    regle.refresh_from_db()
    assert ancienne not in regle.reponses


def test_the_simulator_says_who_wins_and_why_not_the_others(ville, admin):
    factories.creer_regle(ville, ordre=5, libelle="Gare seulement", territoire=ville.territoire, reponses=[])
    gagnante = factories.creer_regle(ville)
    factories.creer_regle(ville, ordre=20, libelle="Toutes", type=None, reponses=[], direction=ville.ccas)
    factories.creer_regle(ville, ordre=30, libelle="Ancienne", est_active=False)
    factories.creer_regle(ville, ordre=40, libelle="D'une autre démarche", type=ville.type_social)
    essai = {"type": ville.type_voirie.pk, "q-nature": "bordure"}

    page = texte(admin.get(f"{URL}essai/", essai))

    assert "Règle qui décide : " in page
    assert page.count("Décide<") == page.count("Convient aussi<") == 1
    assert "Elle ne vaut que dans l'arrondissement 3e – La Gare." in page
    assert "une règle placée avant elle l'emporte" in page
    assert "Elle est retirée." in page
    assert "D'une autre démarche" not in page
    proposee = orientation.proposer(ville.type_voirie, None, {"nature": "bordure"})
    assert proposee.regle_id == gagnante.pk

    ailleurs = texte(admin.get(f"{URL}essai/", essai | {"q-nature": "trou"}))
    assert "Elle attend : « Que faut-il réparer ? » vaut « Une bordure »." in ailleurs


def test_the_simulator_without_a_rule_gives_the_direction_of_the_type(ville, admin):
    page = texte(admin.get(f"{URL}essai/", {"type": ville.type_voirie.pk}))

    assert "c'est la direction de la démarche" in page
    assert "Aucune règle ne parle de cette démarche." in page


@pytest.mark.parametrize("type", ["", "\0", "999999999999999999999", "\u202e", "x" * 5000])
def test_the_simulator_refuses_an_invented_type(ville, admin, type):
    reponse = admin.get(f"{URL}essai/", {"type": type})

    phrase = "Sélectionnez un choix valide" if type else "Choisissez une démarche."
    assert (reponse.status_code, phrase in texte(reponse)) == (422, True)


@pytest.mark.parametrize("nombre", [2, 40])
def test_the_list_costs_the_same_whatever_its_length(ville, admin, nombre, django_assert_max_num_queries):
    for rang in range(nombre):
        factories.creer_regle(ville, ordre=rang, libelle=f"Règle {rang}")

    with django_assert_max_num_queries(10):
        admin.get(URL)
