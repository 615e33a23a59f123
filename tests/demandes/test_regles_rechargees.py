"""The shipped rules are loaded again: each is known by what it waits for, whatever its number."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from demandes.chargement import charger_fichier
from demandes.chargement.configuration import charger_configuration
from demandes.chargement.export import en_octets, exporter
from demandes.chargement.fichier import DONNEES
from demandes.models import RegleOrientation
from guichet.organisation.audit import consigner, instantane
from guichet.organisation.models import Compte, Direction, Espace

pytestmark = pytest.mark.django_db

CODES = ["VOI-DANG", "VOI-CHAN"]


@pytest.fixture
def charger(tmp_path: Path) -> Callable[[Any], None]:
    def charger(contenu: Any) -> None:
        fichier = tmp_path / "fichier.json"
        fichier.write_text(json.dumps(contenu))
        charger_fichier(fichier)

    return charger


@pytest.fixture
def politiques(charger) -> dict[str, Any]:
    """The shipped policies of two types, over their catalogue already there."""
    catalogue = json.loads((DONNEES / "catalogue.json").read_text())
    charger(catalogue | {"types": [type for type in catalogue["types"] if type["code"] in CODES]})
    entieres = json.loads((DONNEES / "politiques.json").read_text())
    regles = [regle for regle in entieres["regles"] if regle["si"].get("type") in CODES]
    return entieres | {"types": {code: entieres["types"][code] for code in CODES}, "regles": regles}


def une_regle_au_milieu(politiques: dict) -> dict:
    """The same file as a next release may bring it: one more rule second, those after it renumbered."""
    nouvelles = copy.deepcopy(politiques)
    neuve = {
        "ordre": 20,
        "libelle": "Arbre tombé",
        "si": {"type": "VOI-DANG", "reponses": [{"champ": "nature_danger", "vaut": "arbre"}]},
        "direction": "PROP",
        "raison": "Un arbre tombé se dégage.",
    }
    nouvelles["regles"].insert(1, neuve)
    for rang, regle in enumerate(nouvelles["regles"]):
        regle["ordre"] = 10 * (rang + 1)
    return nouvelles


def en_regle() -> dict[str, tuple]:
    champs = ("pk", "ordre", "direction__code", "est_active")
    return {
        libelle: tuple(reste) for libelle, *reste in RegleOrientation.objects.values_list("libelle", *champs)
    }


def test_a_rule_added_in_the_middle_shifts_no_other(politiques, charger):
    charger(politiques)
    RegleOrientation.objects.filter(ordre=20).update(est_active=False)
    avant = en_regle()

    for _ in range(2):
        charger(une_regle_au_milieu(politiques))

    apres = en_regle()
    _, ordre, direction, est_active = apres.pop("Arbre tombé")
    assert apres == avant
    assert (ordre, direction, est_active) == (11, "PROP", True)


def test_a_rule_the_city_touched_on_screen_keeps_what_it_says(politiques, charger):
    charger(politiques)
    regle = RegleOrientation.objects.order_by("ordre")[0]
    compte = Compte.objects.creer(Espace.AGENT, "ada@villeneuve.example")
    with transaction.atomic():
        photo = instantane(regle)
        regle.direction, regle.raison = Direction.objects.get(code="CAB"), "La ville en a décidé autrement."
        regle.save()
        consigner(compte=compte, objet=regle, action="modification", avant=photo, apres=instantane(regle))
    politiques["regles"][0]["raison"] = "Une raison mieux écrite."
    politiques["regles"][1]["raison"] = "Une autre, mieux écrite."

    charger(politiques)

    premiere, seconde = RegleOrientation.objects.order_by("ordre")[:2]
    assert (premiere.direction.code, premiere.raison) == ("CAB", "La ville en a décidé autrement.")
    assert seconde.raison == "Une autre, mieux écrite."


def test_a_configuration_renumbers_the_rules_as_it_says(politiques, charger):
    charger(politiques)
    contenu = exporter()
    premiere, seconde, *_ = contenu["politiques"]["regles"]
    premiere["ordre"], seconde["ordre"] = seconde["ordre"], premiere["ordre"]
    avant = en_regle()

    charger_configuration(en_octets(contenu))

    apres = en_regle()
    for une, autre in ((premiere, seconde), (seconde, premiere)):
        pk, _, *reste = avant[une["libelle"]]
        assert apres[une["libelle"]] == (pk, avant[autre["libelle"]][1], *reste)
    assert exporter()["politiques"]["regles"] == sorted(
        contenu["politiques"]["regles"], key=lambda regle: regle["ordre"]
    )
