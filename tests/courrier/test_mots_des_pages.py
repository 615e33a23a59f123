"""The words of pages: those that make a letter ready first, the others behind, each read once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from demandes.courrier import corrections, lecture
from demandes.courrier.arrivee import deposer
from demandes.models import LettreRecue, PageNumerisee
from guichet.canaux.courrier.decoupe import Genre
from tests.courrier import papier


@pytest.fixture
def machine(monkeypatch) -> list[int]:
    """Stands in for tesseract: the ranks of the pages it was given, in their order."""
    donnees: list[int] = []

    def lire(contenu: bytes) -> str:
        donnees.append(int(contenu))
        return f"Mots de la page {int(contenu)}"

    monkeypatch.setattr(lecture.images, "lire", lambda page, **_: str(page.rang).encode())
    monkeypatch.setattr(lecture.machine, "est_possible", lambda: True)
    monkeypatch.setattr(lecture.machine, "tour_a_faire", lambda _: 0)
    monkeypatch.setattr(lecture.machine, "lire", lire)
    return donnees


@pytest.fixture
def deux_lettres(ville, machine) -> tuple[LettreRecue, LettreRecue]:
    """One of five pages, and one of one, drawn and parted, that nobody has read."""
    lot = deposer(
        [("a.pdf", papier.pdf([papier.feuille("Une lettre")]))],
        point_accueil=ville.accueil,
        recu_le=timezone.localdate(),
    ).lot
    fichier = lot.fichiers.get()
    PageNumerisee.objects.bulk_create(
        PageNumerisee(fichier=fichier, rang=rang, genre=Genre.SEPARATEUR if rang == 6 else Genre.LETTRE)
        for rang in range(1, 8)
    )
    lot.fichiers.update(etat="lu", nombre_de_pages=7)
    lecture.classer_les_lots()
    longue, courte = lot.lettres.order_by("pk")
    return longue, courte


def lues() -> list[int]:
    return list(PageNumerisee.objects.filter(lue_le__isnull=False).values_list("rang", flat=True))


def test_each_letter_is_ready_before_the_long_one_is_read_in_whole(deux_lettres, machine):
    assert lecture.lire_les_lettres() > 0

    assert machine == [1, 2, 3, 7, 4, 5]
    longue, courte = LettreRecue.objects.order_by("pk")
    assert longue.texte == "\n\n".join(f"Mots de la page {rang}" for rang in (1, 2, 3))
    assert longue.pages.get(rang=5).texte == "Mots de la page 5"
    assert courte.texte == "Mots de la page 7"
    assert longue.lue_en_entier_le is not None
    assert courte.lue_en_entier_le is not None
    assert lecture.lire_les_lettres() == 0


def test_the_length_of_what_is_read_is_bounded_and_the_page_says_it(
    deux_lettres, machine, bureau, monkeypatch
):
    monkeypatch.setattr(lecture, "PAGES_AU_PLUS", 4)

    lecture.lire_les_lettres()

    assert (machine, lues()) == ([1, 2, 3, 7, 4], [1, 2, 3, 4, 7])
    assert lecture.lire_les_lettres() == 0
    page = bureau.get(reverse("agent_lettre_recue", args=[deux_lettres[0].numero])).content.decode()
    assert page.count("La machine s'arrête avant cette page") == 1
    assert page.count("Texte lu<span") == 4


def test_the_lot_says_how_far_it_is(deux_lettres, machine, bureau):
    longue, _ = deux_lettres
    adresse = reverse("agent_courrier_lot", args=[longue.lot_id])
    lecture.lire_la_lettre(longue)

    page = bureau.get(adresse).content.decode()
    assert "Les mots de 2 lettres se lisent encore : 3 pages sur 6." in page
    page = bureau.get(reverse("agent_lettre_recue", args=[longue.numero])).content.decode()
    assert page.count("La machine n'a pas encore lu cette page.") == 2

    lecture.lire_les_lettres()
    assert "se lisent encore" not in bureau.get(adresse).content.decode()


def test_a_worker_that_dies_reads_no_page_twice(deux_lettres, machine, monkeypatch):
    lire = lecture.machine.lire

    def mourir(contenu: bytes) -> str:
        if contenu == b"2":
            raise MemoryError
        return lire(contenu)

    with monkeypatch.context() as fragile:
        fragile.setattr(lecture.machine, "lire", mourir)
        with pytest.raises(MemoryError):
            lecture.lire_les_lettres()
    assert LettreRecue.objects.filter(lue_le__isnull=False).count() == 0

    lecture.lire_les_lettres()

    assert machine == [1, 2, 3, 7, 4, 5]


def test_a_page_that_changes_letter_keeps_its_words_and_one_that_is_turned_is_read_again(
    ville, deux_lettres, machine
):
    longue, _ = deux_lettres
    lecture.lire_les_lettres()
    machine.clear()

    nouvelle = corrections.couper_ici(longue.pages.get(rang=4).pk, par=ville.agent_accueil)
    lecture.lire_les_lettres()
    nouvelle.refresh_from_db()
    assert (machine, nouvelle.texte) == ([], "Mots de la page 4\n\nMots de la page 5")
    assert nouvelle.lue_en_entier_le is not None

    corrections.tourner(nouvelle.pages.get(rang=5).pk, par=ville.agent_accueil)
    assert lues() == [1, 2, 3, 4, 7]
    lecture.lire_les_lettres()
    assert (machine, lues()) == ([5], [1, 2, 3, 4, 5, 7])


def test_a_page_turned_while_it_is_read_is_read_again(ville, deux_lettres, machine, monkeypatch):
    _, courte = deux_lettres
    page = courte.pages.get()
    lire = lecture.machine.lire

    def pendant_qu_on_tourne(contenu: bytes) -> str:
        if contenu == b"7" and machine.count(7) == 0:
            corrections.tourner(page.pk, par=ville.agent_accueil)
        return lire(contenu)

    monkeypatch.setattr(lecture.machine, "lire", pendant_qu_on_tourne)
    lecture.lire_la_lettre(courte)
    courte.refresh_from_db()
    assert (courte.lue_le, lues()) == (None, [])

    lecture.lire_les_lettres()

    courte.refresh_from_db()
    assert courte.lue_le is not None
    assert machine.count(7) == 2


def test_without_tesseract_letters_are_ready_and_no_page_is_waited_for(
    deux_lettres, machine, bureau, monkeypatch
):
    monkeypatch.setattr(lecture.machine, "est_possible", lambda: False)

    lecture.lire_les_lettres()

    assert (machine, lues()) == ([], [])
    assert LettreRecue.objects.filter(lue_le=None).count() == 0
    assert LettreRecue.objects.filter(lue_en_entier_le=None).count() == 0
    page = bureau.get(reverse("agent_lettre_recue", args=[deux_lettres[0].numero])).content.decode()
    assert "La machine" not in page
