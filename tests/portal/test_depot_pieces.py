"""Attaching files to a deposit: added, removed, refused, missing."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guichet.pieces.models import Piece
from tests.portal.conftest import brouillon_de, photo, texte_de

# -- documents


def test_files_are_added_shown_and_removed(client, ville, commencer):
    base = commencer(client)

    client.post(f"{base}pieces/", {"pieces-photo": [photo()], "ajouter": "oui"})
    page = texte_de(client.get(f"{base}pieces/"))
    piece = Piece.objects.get()
    assert "trou.jpg" in page
    vignette = client.get(f"/pieces/{piece.pk}/vignette/")
    assert vignette.status_code == 200
    assert b"".join(vignette.streaming_content).startswith(b"RIFF")

    client.post(f"{base}pieces/", {"retirer": str(piece.pk)})
    assert not Piece.objects.exists()
    assert brouillon_de(base).saisie["pieces"] == {"photo": [], "photos": []}


def test_a_refused_file_does_not_lose_the_good_ones(client, ville, commencer):
    base = commencer(client)
    mauvais = SimpleUploadedFile("virus.exe", b"MZ" + bytes(300))

    reponse = client.post(f"{base}pieces/", {"pieces-photo": [photo(), mauvais]})

    assert reponse.status_code == 422
    page = texte_de(reponse)
    assert "Le fichier « virus.exe » n&#x27;est pas accepté." in page
    assert "trou.jpg" in page
    assert Piece.objects.get().nom_original == "trou.jpg"


def test_no_more_than_five_files_for_one_document(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}pieces/", {"pieces-photo": [photo(f"{n}.jpg") for n in range(4)], "ajouter": "oui"})

    reponse = client.post(
        f"{base}pieces/", {"pieces-photo": [photo("5.jpg"), photo("6.jpg")], "ajouter": "oui"}
    )

    assert reponse.status_code == 422
    assert Piece.objects.count() == 5


def test_another_drafts_file_cannot_be_removed(client, ville, commencer):
    une, autre = commencer(client), commencer(Client())
    client.post(f"{une}pieces/", {"pieces-photo": [photo()], "ajouter": "oui"})
    piece = Piece.objects.get()

    for pk in (str(piece.pk), "pas-un-identifiant", "\0"):
        client.post(f"{autre}pieces/", {"retirer": pk})

    assert Piece.objects.get() == piece


def test_a_strangers_session_does_not_see_the_files(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}pieces/", {"pieces-photo": [photo()], "ajouter": "oui"})
    client.get(f"{base}pieces/")

    assert Client().get(f"/pieces/{Piece.objects.get().pk}/").status_code == 404


def test_a_missing_document_is_said_and_does_not_stop_the_sending(client, ville, remplir):
    base = remplir(client)

    assert "Il manque un document" in texte_de(client.get(f"{base}recapitulatif/"))
    assert client.post(f"{base}recapitulatif/").url == f"{base}recu/"
