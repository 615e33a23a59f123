"""The configuration on screen: taken away, tried, loaded exactly as tried, refused with its lines."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from demandes.administration import configuration
from demandes.chargement.export import en_octets, exporter
from demandes.models import Motif
from guichet.organisation.models import Modification
from tests import factories

URL = "/agent/administration/configuration/"


@pytest.fixture
def admin(db: None, settings, tmp_path: Path) -> Client:
    settings.GUICHET_DONNEES = tmp_path
    ville = factories.creer_ville()
    client = Client()
    client.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    return client


def envoyer(client: Client, octets: bytes) -> HttpResponse:
    return client.post(URL, {"fichier": SimpleUploadedFile("ville.json", octets)})


def avec_un_motif_change() -> tuple[bytes, str]:
    """An export with other words for one reason, and these words."""
    contenu = exporter()
    contenu["politiques"]["motifs"][0]["libelle"] = "Des mots tout neufs"
    return en_octets(contenu), "Des mots tout neufs"


def test_the_file_taken_away_is_the_export_and_changes_nothing(admin):
    reponse = admin.get(f"{URL}export/")

    assert reponse.content == en_octets(exporter())
    assert reponse["Content-Disposition"].startswith('attachment; filename="configuration-')
    page = envoyer(admin, reponse.content)
    assert (page.status_code, "Ce fichier ne change rien" in page.content.decode()) == (200, True)
    assert "Charger ce fichier" not in page.content.decode()


def test_a_file_is_tried_then_loaded_in_the_name_of_the_administrator(admin):
    octets, mots = avec_un_motif_change()

    page = envoyer(admin, octets)
    assert mots in page.content.decode()
    assert not Motif.objects.filter(libelle=mots).exists()
    assert not Modification.objects.exists()

    empreinte = page.context["empreinte"]
    assert admin.post(f"{URL}charger/", {"empreinte": empreinte})["Location"] == URL
    assert "La configuration est chargée : 1 modifiés, " in admin.get(URL).content.decode()
    assert Motif.objects.filter(libelle=mots).count() == 1
    ligne = Modification.objects.get()
    assert (str(ligne.compte_id), ligne.apres) == (admin.session["_auth_user_id"], {"libelle": mots})

    reponse = admin.post(f"{URL}charger/", {"empreinte": empreinte})
    assert reponse.status_code == 422
    assert "Ce fichier n&#x27;attend plus. Envoyez-le de nouveau." in reponse.content.decode()
    assert Modification.objects.count() == 1


@pytest.mark.parametrize("empreinte", ["", "0" * 64, "../../../etc/passwd", "\x00", "é" * 1000])
def test_only_the_file_that_was_tried_is_loaded(admin, empreinte):
    octets, mots = avec_un_motif_change()
    envoyer(admin, octets)

    assert admin.post(f"{URL}charger/", {"empreinte": empreinte}).status_code == 422
    assert not Motif.objects.filter(libelle=mots).exists()


def test_a_file_altered_while_it_waits_is_not_loaded(admin):
    octets, _ = avec_un_motif_change()
    empreinte = envoyer(admin, octets).context["empreinte"]
    configuration.chemin_de(empreinte).write_bytes(octets.replace(b"neufs", b"vieux"))

    assert admin.post(f"{URL}charger/", {"empreinte": empreinte}).status_code == 422
    assert not Modification.objects.exists()


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "Ce fichier est vide."),
        (b"\x00" * 100, "Ligne 1, colonne 1 : on attend une valeur."),
        (b"\xff\xfe", "pas du texte en UTF-8"),
        (b"[" * 50_000, "trop de crochets"),
        (b'{"version": 1,\n"version": 1}', "Ligne 2, version : cette clé est déjà ligne 1."),
        (b" " * (10 * 1024 * 1024 + 1), "plus de 10 Mo"),
        (json.dumps({"version": 1}).encode(), "il manque « catalogue », « politiques », « fiches »."),
    ],
)
def test_a_hostile_file_is_answered_by_a_sentence(admin, octets, phrase):
    avant = exporter()

    reponse = envoyer(admin, octets)

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    assert exporter() == avant
    assert not Modification.objects.exists()


def test_without_a_file_it_asks_for_one(admin):
    reponse = admin.post(URL)

    assert (reponse.status_code, "Choisissez un fichier." in reponse.content.decode()) == (422, True)
