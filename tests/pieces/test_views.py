import uuid

import pytest
from django.urls import reverse

from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from tests.pieces.fichiers import PDF, envoi, image

pytestmark = pytest.mark.django_db

ICI = "tests.pieces.test_views."


def jamais(piece, request) -> bool:
    return False


def proprietaire_1(piece, request) -> bool:
    return piece.proprietaire_id == 1 and request.method in ("GET", "HEAD")


@pytest.fixture(autouse=True)
def _droits(settings, stockage):
    settings.GUICHET_DROITS_PIECES = [ICI + "jamais", ICI + "proprietaire_1"]


def une_piece(contenu: bytes = PDF, nom: str = "a.pdf", proprietaire: int = 1) -> Piece:
    return deposer(envoi(contenu, nom), proprietaire_genre="message", proprietaire_id=proprietaire)


def corps(reponse) -> bytes:
    recu = b"".join(reponse.streaming_content)
    reponse.close()
    return recu


@pytest.mark.parametrize(
    ("nom", "disposition"),
    [
        ("facture.pdf", 'attachment; filename="facture.pdf"'),
        ("été à l'école.pdf", "attachment; filename*=utf-8''%C3%A9t%C3%A9%20%C3%A0%20l%27%C3%A9cole.pdf"),
        ('x"; filename="y.pdf', 'attachment; filename="x\\"; filename=\\"y.pdf"'),
    ],
)
def test_a_file_is_an_attachment_that_no_browser_runs(client, nom, disposition):
    piece = une_piece(nom=nom)
    reponse = client.get(piece.get_absolute_url())
    assert reponse.status_code == 200
    assert corps(reponse) == PDF
    assert reponse["Content-Disposition"] == disposition
    assert reponse["Content-Type"] == "application/pdf"
    assert reponse["X-Content-Type-Options"] == "nosniff"
    assert reponse["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reponse["Cache-Control"] == "private, no-store"
    assert reponse["Content-Length"] == str(len(PDF))


def test_a_thumbnail_is_shown_in_the_page(client):
    piece = une_piece(image(), "photo.jpg")
    reponse = client.get(reverse("piece_vignette", args=[piece.pk]))
    assert corps(reponse).startswith(b"RIFF")
    assert reponse["Content-Type"] == "image/webp"
    assert "attachment" not in reponse.get("Content-Disposition", "")
    assert reponse["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reponse["Content-Security-Policy"]


@pytest.mark.parametrize("vue", ["piece", "piece_vignette"])
def test_unknown_forbidden_and_quarantined_are_the_same_404(client, vue):
    interdite = une_piece(image(), "photo.jpg", proprietaire=2)
    retenue = une_piece(image(), "photo.jpg")
    Piece.objects.filter(pk=retenue.pk).update(etat="quarantaine", motif="Programme malveillant : X")
    pages = [client.get(reverse(vue, args=[pk])) for pk in (uuid.uuid4(), interdite.pk, retenue.pk)]
    assert [page.status_code for page in pages] == [404, 404, 404]


def test_a_document_has_no_thumbnail(client):
    assert client.get(reverse("piece_vignette", args=[une_piece().pk])).status_code == 404


def test_a_file_missing_from_the_disk_is_a_404_and_an_error_in_the_logs(client, stockage, caplog):
    piece = une_piece()
    (stockage / piece.fichier.name).unlink()
    assert client.get(piece.get_absolute_url()).status_code == 404
    assert piece.fichier.name in caplog.text


@pytest.mark.parametrize("methode", ["post", "put", "delete"])
def test_only_reading_is_allowed(client, methode):
    assert getattr(client, methode)(une_piece().get_absolute_url()).status_code == 405


def test_nobody_reads_anything_when_no_right_is_registered(client, settings):
    settings.GUICHET_DROITS_PIECES = []
    assert client.get(une_piece().get_absolute_url()).status_code == 404
