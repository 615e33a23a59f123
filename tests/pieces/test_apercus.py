"""The first pages of a PDF as pictures: drawn once, by a bounded process, for whoever may read the file."""

import io
import signal

import pytest
from django.urls import reverse
from PIL import Image

from guichet.pieces import apercus, rendu_pdf, tasks
from guichet.pieces.depot import copier, deposer, effacer
from guichet.pieces.models import PageDePiece, Piece
from tests.pieces.fichiers import envoi, image, sous_bornes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stockage")]


def pdf(pages: int = 2, taille=(600, 800)) -> bytes:
    """A PDF whose first page is red and the others blue."""
    feuilles = [Image.new("RGB", taille, "red" if not rang else "blue") for rang in range(pages)]
    sortie = io.BytesIO()
    feuilles[0].save(sortie, "PDF", save_all=True, append_images=feuilles[1:])
    return sortie.getvalue()


def deposee(contenu: bytes, nom: str = "plan.pdf") -> Piece:
    return deposer(envoi(contenu, nom), proprietaire_genre="message", proprietaire_id=1)


def relue(piece: Piece) -> Piece:
    return Piece.objects.get(pk=piece.pk)


def lire_page(client, piece: Piece, rang: int):
    reponse = client.get(reverse("piece_page", args=[piece.pk, rang]))
    octets = b"".join(reponse.streaming_content) if reponse.streaming else b""
    reponse.close()
    return reponse, octets


@pytest.fixture
def lecteur(client, settings):
    settings.GUICHET_DROITS_PIECES = ["tests.pieces.test_views.proprietaire_1"]
    return client


@pytest.mark.django_db(transaction=True)  # an answer that is read to its end closes its connection
def test_the_worker_draws_the_pages_and_the_agent_reads_them_in_place(lecteur, fichiers):
    piece = deposee(pdf(2))
    assert (piece.pages, lire_page(lecteur, piece, 1)[0].status_code) == (None, 404)

    tasks.dessiner_les_pages()
    tasks.dessiner_les_pages()

    assert relue(piece).pages == 2
    assert list(relue(piece).rangs_dessines) == [1, 2]
    assert len(fichiers()) == 3
    couleurs = []
    for rang in (1, 2):
        reponse, octets = lire_page(lecteur, piece, rang)
        assert (reponse.status_code, reponse["Content-Type"]) == (200, "image/webp")
        assert reponse["Content-Security-Policy"] == "default-src 'none'; sandbox"
        dessin = Image.open(io.BytesIO(octets))
        assert dessin.size == (1050, 1400)
        couleurs.append(max(range(3), key=lambda c: dessin.getpixel((500, 700))[c]))
    assert couleurs == [0, 2]
    assert lire_page(lecteur, piece, 3)[0].status_code == 404
    assert lire_page(lecteur, piece, 10**9)[0].status_code == 404


def test_a_long_document_shows_its_first_pages_and_says_how_many_it_has():
    piece = deposee(pdf(rendu_pdf.PAGES_MONTREES + 3))

    assert apercus.balayer() == 1

    assert relue(piece).pages == rendu_pdf.PAGES_MONTREES + 3
    assert piece.pages_dessinees.count() == rendu_pdf.PAGES_MONTREES


def test_who_may_not_read_the_file_sees_no_page_of_it(client, settings):
    settings.GUICHET_DROITS_PIECES = ["tests.pieces.test_views.jamais"]
    piece = deposee(pdf())
    apercus.balayer()

    assert client.get(reverse("piece_page", args=[piece.pk, 1])).status_code == 404


def test_its_pictures_go_with_it_and_a_copy_has_its_own(fichiers, django_capture_on_commit_callbacks):
    piece = deposee(pdf())
    apercus.balayer()
    copie = copier(relue(piece))
    apercus.balayer()
    assert len(fichiers()) == 6

    with django_capture_on_commit_callbacks(execute=True):
        effacer([relue(piece)])

    assert len(fichiers()) == 3
    assert relue(copie).pages_dessinees.count() == 2


@pytest.mark.parametrize(
    "contenu",
    [b"%PDF-1.7\n" + b"\0" * 500, pdf()[:300], b"%PDF-1.4\n%%EOF\n"],
    ids=["bruit", "coupé", "vide"],
)
def test_what_cannot_be_read_is_only_downloaded_and_stops_nobody(contenu):
    illisible, lisible = deposee(contenu, "a.pdf"), deposee(pdf(), "b.pdf")

    assert apercus.balayer() == 2

    assert (relue(illisible).pages, relue(lisible).pages) == (0, 2)
    assert set(PageDePiece.objects.values_list("piece", flat=True)) == {lisible.pk}
    assert apercus.balayer() == 0


def test_pictures_and_quarantined_files_are_left_alone(monkeypatch):
    deposee(image(), "photo.jpg")
    suspecte = deposee(pdf(), "virus.pdf")
    Piece.objects.filter(pk=suspecte.pk).update(etat="quarantaine", motif="EICAR")
    monkeypatch.setattr(apercus, "dessiner", lambda piece: pytest.fail(f"{piece} was opened"))

    assert apercus.balayer() == 0


def test_no_document_takes_more_than_its_share_of_the_processor():
    """The bounds are the kernel's: whatever the document makes the program do."""
    bornee = sous_bornes("rendu_pdf", "while True: pass", secondes=1)

    # The soft bound and the hard one are the same second: the kernel may use either signal.
    assert bornee.returncode in {-signal.SIGXCPU, -signal.SIGKILL}


def test_no_document_takes_more_than_its_share_of_the_memory():
    # With seconds to spare: on a slow machine, telling the error takes more than one.
    bornee = sous_bornes("rendu_pdf", "'x' * 2**31", secondes=60)

    assert bornee.returncode == 1
    assert b"MemoryError" in bornee.stderr


def test_a_crash_in_the_middle_leaves_no_picture_behind(fichiers, monkeypatch):
    piece = deposee(pdf())
    monkeypatch.setattr(apercus, "dessiner", lambda _: (2, [b"une", b"deux"]))
    monkeypatch.setattr(Piece, "save", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        apercus.preparer(piece.pk)

    assert len(fichiers()) == 1
    assert not PageDePiece.objects.exists()
