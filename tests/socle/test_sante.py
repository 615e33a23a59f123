import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from guichet.socle import sante
from guichet.socle.sante import Sonde

BASE = "guichet.socle.sante.sonder_base"


def sonder_verte():
    return Sonde(True, "Tout va bien.", {"retard_s": 3})


def sonder_rouge():
    return Sonde(False, "Rien ne va.")


def sonder_en_erreur():
    raise LookupError("un mot de passe")


def sonder_sans_fin():
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_sleep(30)")


def ici(*noms):
    return [f"{__name__}.sonder_{nom}" for nom in noms]


@pytest.fixture
def base_eteinte(settings):
    """Every query fails as it does when the server is stopped."""
    with pytest.MonkeyPatch.context() as patch:
        connections["default"].close()
        patch.setitem(connections["default"].settings_dict, "HOST", "127.0.0.1")
        patch.setitem(connections["default"].settings_dict, "PORT", "1")
        yield
        connections["default"].close()


@pytest.mark.django_db
def test_all_green(client, settings):
    settings.GUICHET_SONDES = [BASE, *ici("verte")]

    reponse = client.get("/sante/")

    assert reponse.status_code == 200
    assert reponse.headers["Content-Type"] == "application/json"
    assert "no-store" in reponse.headers["Cache-Control"]
    assert reponse.json() == {
        "etat": "vert",
        "sondes": {
            "base": {"etat": "vert", "detail": "La base répond."},
            "verte": {"etat": "vert", "detail": "Tout va bien.", "retard_s": 3},
        },
    }


@pytest.mark.django_db
def test_one_red_probe_makes_it_red_and_the_others_still_speak(client, settings):
    settings.GUICHET_SONDES = ici("rouge", "verte")

    reponse = client.get("/sante/")

    assert reponse.status_code == 503
    assert reponse.json()["etat"] == "rouge"
    assert {nom: sonde["etat"] for nom, sonde in reponse.json()["sondes"].items()} == {
        "rouge": "rouge",
        "verte": "vert",
    }


@pytest.mark.django_db
def test_a_probe_that_raises_tells_its_class_and_nothing_else(client, settings):
    settings.GUICHET_SONDES = ici("en_erreur")

    reponse = client.get("/sante/")

    assert reponse.status_code == 503
    assert reponse.json()["sondes"]["en_erreur"]["detail"] == "La sonde a échoué : LookupError."
    assert "mot de passe" not in reponse.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_probe_that_hangs_is_cut(client, settings, monkeypatch):
    monkeypatch.setattr(sante, "DUREE_REQUETE", 200)
    settings.GUICHET_SONDES = ici("sans_fin", "verte")

    sondes = client.get("/sante/").json()["sondes"]

    assert sondes["sans_fin"]["detail"] == "La sonde a échoué : OperationalError."
    assert sondes["verte"]["etat"] == "vert"


@pytest.mark.django_db
def test_no_probe_starts_after_the_time_allowed(client, settings, monkeypatch):
    monkeypatch.setattr(sante, "DUREE_TOTALE", 0)
    settings.GUICHET_SONDES = ici("verte")

    reponse = client.get("/sante/")

    assert reponse.status_code == 503
    assert reponse.json()["sondes"]["verte"]["detail"].startswith("Non mesurée")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("base_eteinte")
def test_without_a_database_it_answers_even_to_a_session(client, settings):
    settings.GUICHET_SONDES = [BASE, *ici("verte")]
    client.cookies["sessionid"] = "une-session-qui-ne-sera-pas-lue"

    reponse = client.get("/sante/")

    assert reponse.status_code == 503
    assert reponse.json()["sondes"]["base"] == {
        "etat": "rouge",
        "detail": "La sonde a échoué : OperationalError.",
    }


@pytest.mark.django_db
def test_neither_session_nor_account_is_read(client, settings):
    settings.GUICHET_SONDES = []
    client.cookies["sessionid"] = "une-session-qui-ne-sera-pas-lue"

    with CaptureQueriesContext(connection) as requetes:
        reponse = client.get("/sante/")

    assert (reponse.status_code, len(requetes)) == (200, 0)
    assert not reponse.cookies


@pytest.mark.parametrize("methode", ["post", "put", "delete", "patch"])
def test_it_is_only_read(client, methode):
    assert getattr(client, methode)("/sante/").status_code == 405


@pytest.mark.django_db
def test_a_database_that_does_not_fold_accents_is_red(monkeypatch):
    class Curseur:
        """What a cluster created under LC_ALL=C answers."""

        def __enter__(self):
            return self

        def __exit__(self, *args):
            pass

        def execute(self, sql):
            assert "lower('É') = 'é'" in sql

        def fetchone(self):
            return (False,)

    monkeypatch.setattr(connection, "cursor", Curseur)

    assert sante.sonder_base().est_verte is False
