"""The reasons of gestures: written, ordered, retired, never deleted."""

import pytest
from django.test import Client

from demandes.formulaires_gestes.base import ChampMotif
from demandes.models import Motif
from guichet.organisation.models import Modification
from tests import factories

URL = "/agent/administration/motifs/"
DOUBLON = {
    "geste": "rejeter",
    "libelle": "Déjà traitée ailleurs",
    "exige_commentaire": "on",
    "ordre": "3",
    "est_actif": "on",
}


@pytest.fixture
def admin(db: None) -> Client:
    ville = factories.creer_ville()
    client = Client()
    client.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    return client


def proposes(geste: str) -> list[str]:
    return list(ChampMotif(geste).queryset.values_list("libelle", flat=True))


def test_a_reason_is_written_offered_then_retired(admin):
    assert admin.post(f"{URL}nouveau/", DOUBLON)["Location"] == URL
    motif = Motif.objects.get(libelle="Déjà traitée ailleurs")
    assert (motif.code, motif.exige_commentaire, motif.ordre) == ("deja_traitee_ailleurs", True, 3)
    assert "Déjà traitée ailleurs" in proposes("rejeter")

    admin.post(f"{URL}{motif.pk}/", {"libelle": "Traitée ailleurs", "ordre": "3"})

    motif.refresh_from_db()
    assert (motif.code, motif.geste, motif.est_actif) == ("deja_traitee_ailleurs", "rejeter", False)
    assert "Traitée ailleurs" not in proposes("rejeter")
    assert "Traitée ailleurs" in admin.get(URL).content.decode()
    actions = Modification.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["creation", "modification"]


def test_sent_twice_it_makes_one(admin):
    admin.post(f"{URL}nouveau/", DOUBLON)
    reponse = admin.post(f"{URL}nouveau/", DOUBLON)

    page = reponse.content.decode()
    assert (reponse.status_code, "existe déjà pour ce geste" in page) == (422, True)
    assert Motif.objects.filter(libelle=DOUBLON["libelle"]).count() == 1


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"libelle": "\0"}, "Écrivez le motif"),
        ({"libelle": "x" * 1_000_000}, "trop long"),
        ({"geste": "magie"}, "Sélectionnez un choix valide"),
        ({"ordre": "99999999999999999999"}, "inférieure ou égale à 999"),
        ({"ordre": "\u202e"}, "nombre entier"),
    ],
)
def test_a_refused_reason_changes_nothing(admin, champs, phrase):
    avant = Motif.objects.count()

    reponse = admin.post(f"{URL}nouveau/", DOUBLON | champs)

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    assert (Motif.objects.count(), Modification.objects.count()) == (avant, 0)
    assert admin.get(f"{URL}999999999/").status_code == 404
