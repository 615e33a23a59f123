"""Two administrators on the same setting: the second is told, and overwrites nothing."""

import pytest
from django.test import Client

from demandes.models import Motif, TypeDemande
from guichet.organisation.models import Modification
from tests import factories

REPONSE = {"validation_requise": "non", "sans_suite_autorise": "oui", "complement_delai_jours": "30"}


def entrer(compte) -> Client:
    client = Client()
    client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
    return client


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture
def premier(ville) -> Client:
    return entrer(ville.administrateur)


@pytest.fixture
def second(ville) -> Client:
    return entrer(factories.creer_agent("Zoé", "Petit", "administrateur", secteurs=("general",)))


def ouvrir(client: Client, url: str) -> dict[str, str]:
    """The version that the page carries, as its hidden field sends it back."""
    page = client.get(url)
    version = str(page.context["version"])
    assert f'<input type="hidden" name="version" value="{version}">' in page.content.decode()
    return {"version": version}


@pytest.fixture
def section(ville) -> str:
    return f"/agent/administration/demarches/{ville.type_voirie.pk}/reponse/"


def delai(ville) -> int:
    return TypeDemande.objects.get(pk=ville.type_voirie.pk).complement_delai_jours


def test_the_second_sees_what_changed_and_overwrites_only_knowingly(premier, second, ville, section):
    vue = ouvrir(second, section)
    premier.post(section, ouvrir(premier, section) | REPONSE | {"complement_delai_jours": "20"})

    conflit = second.post(section, vue | REPONSE | {"complement_delai_jours": "45"})

    page = conflit.content.decode()
    assert (conflit.status_code, delai(ville), Modification.objects.count()) == (409, 20, 1)
    assert "Ces réglages ont été enregistrés pendant que vous écriviez." in page
    assert 'name="complement_delai_jours" value="45"' in page
    (ligne,) = conflit.context["changements"]
    assert ligne.modification.compte == ville.administrateur
    assert [(d.libelle, d.avant, d.apres) for d in ligne.differences] == [
        ("Délai de complément (jours)", "30", "20")
    ]
    assert f"par {ville.administrateur}" in page

    # The page that came back has read the change: sent again, it takes its place.
    encore = {"version": str(conflit.context["version"])} | REPONSE | {"complement_delai_jours": "45"}
    assert second.post(section, encore).status_code == 302
    assert delai(ville) == 45


def test_two_sections_of_a_type_do_not_collide(premier, second, ville, section):
    vue = ouvrir(second, section)
    pieces = section.replace("reponse", "pieces")
    premier.post(pieces, {"libelle_0": "Photo", "exigence_0": "facultative"})

    assert second.post(section, vue | REPONSE | {"complement_delai_jours": "45"}).status_code == 302
    assert (delai(ville), Modification.objects.count()) == (45, 2)


def test_the_same_page_sent_twice_is_no_conflict(premier, ville, section):
    envoi = ouvrir(premier, section) | REPONSE | {"complement_delai_jours": "45"}

    for _ in range(2):
        assert premier.post(section, envoi).status_code == 302
    assert (delai(ville), Modification.objects.count()) == (45, 1)


@pytest.mark.parametrize("version", ["\0", "-1", "x" * 1000, "9" * 40, "¹"])
def test_a_version_that_is_none_is_a_stale_one(premier, second, ville, section, version):
    premier.post(section, REPONSE | {"complement_delai_jours": "20"})

    refus = second.post(section, {"version": version} | REPONSE | {"complement_delai_jours": "45"})

    assert (refus.status_code, delai(ville)) == (409, 20)


def test_a_reason_changed_by_somebody_else_is_not_overwritten(premier, second, ville):
    motif = Motif.objects.create(geste="rejeter", code="ailleurs", libelle="Ailleurs")
    url = f"/agent/administration/motifs/{motif.pk}/"
    vue = ouvrir(second, url)
    premier.post(url, {"libelle": "Traitée ailleurs", "ordre": "0", "est_actif": "on"})

    conflit = second.post(url, vue | {"libelle": "Déjà ailleurs", "ordre": "0", "est_actif": "on"})

    page = conflit.content.decode()
    assert (conflit.status_code, 'value="Déjà ailleurs"' in page) == (409, True)
    (ligne,) = conflit.context["changements"]
    assert [(d.avant, d.apres) for d in ligne.differences] == [("Ailleurs", "Traitée ailleurs")]
    motif.refresh_from_db()
    assert motif.libelle == "Traitée ailleurs"
