"""The watched folder: whole files, once, put away after they are kept; and long files within bounds."""

import os
import subprocess
import sys
import time
from datetime import timedelta

import pypdfium2 as pdfium
import pytest
from django.utils import timezone

from demandes.courrier import arrivee, dossier, lecture, sonnette
from demandes.models import FichierNumerise, LettreRecue, PageNumerisee, TravailDuCourrier
from guichet.canaux.courrier import bornes
from guichet.pieces.models import Piece
from tests.courrier import papier

PAGE = papier.pdf([papier.feuille("Une lettre au maire")])


@pytest.fixture
def surveille(tmp_path, settings, ville):
    settings.GUICHET_COURRIER_DOSSIER = str(tmp_path)
    return tmp_path


def poser(chemin, contenu: bytes, *, age: float = 60):
    chemin.write_bytes(contenu)
    alors = time.time() - age
    os.utime(chemin, (alors, alors))
    return chemin


def noms(chemin) -> list[str]:
    return sorted(p.name for p in chemin.iterdir()) if chemin.is_dir() else []


def test_a_whole_file_is_taken_and_put_away(surveille):
    poser(surveille / "scan-1.pdf", PAGE)

    assert dossier.relever() == 1

    fichier = FichierNumerise.objects.get()
    assert (fichier.nom, fichier.lot.depose_par, fichier.lot.recu_le) == (
        "scan-1.pdf",
        None,
        timezone.localdate(timezone.now() - timedelta(seconds=60)),
    )
    with fichier.piece.fichier.open("rb") as garde:
        assert garde.read() == PAGE
    assert (noms(surveille), noms(surveille / "pris")) == (["pris"], ["scan-1.pdf"])


def test_a_file_still_being_written_waits(surveille):
    poser(surveille / "en-cours.pdf", PAGE, age=2)
    poser(surveille / "coupe.pdf", PAGE[:-200], age=60)
    poser(surveille / ".scan.pdf", PAGE)
    poser(surveille / "scan.pdf.part", PAGE)
    (surveille / "lien.pdf").symlink_to(surveille / "en-cours.pdf")

    assert dossier.relever() == 0

    assert (FichierNumerise.objects.count(), Piece.objects.count()) == (0, 0)
    assert noms(surveille) == [".scan.pdf", "coupe.pdf", "en-cours.pdf", "lien.pdf", "scan.pdf.part"]


def test_a_file_never_finished_is_taken_in_the_end_and_says_why_it_is_not_read(surveille):
    poser(surveille / "coupe.pdf", PAGE[:4_000], age=1_000)

    dossier.relever()
    lecture.lire_les_feuilles()

    fichier = FichierNumerise.objects.get()
    assert (fichier.etat, fichier.motif[:20]) == ("illisible", "Ce PDF est abîmé, ou")


@pytest.mark.parametrize("nom", ["recommandés", "recommande\u0301s", "Recommandes"])
def test_what_is_put_with_registered_mail_is_registered_mail(surveille, nom):
    (surveille / nom).mkdir()
    poser(surveille / nom / "scan.pdf", papier.pdf([papier.feuille("Un recommandé")]))
    poser(surveille / nom / "vide.pdf", b"", age=1_000)
    poser(surveille / "scan.pdf", PAGE)

    assert dossier.relever() == 2
    while lecture.lire_les_feuilles():
        pass

    lots = {fichier.lot.sont_recommandees for fichier in FichierNumerise.objects.select_related("lot")}
    assert lots == {True, False}
    recommandee, ordinaire = LettreRecue.objects.order_by("-est_recommandee")
    assert (recommandee.est_recommandee, recommandee.lot.sont_recommandees) == (True, True)
    assert (ordinaire.est_recommandee, ordinaire.lot.sont_recommandees) == (False, False)
    assert noms(surveille / nom) == ["pris", "refusé"]
    assert noms(surveille / nom / "pris") == ["scan.pdf"]
    assert noms(surveille / nom / "refusé") == ["vide.pdf", "vide.pdf.txt"]


def test_a_link_named_like_the_folder_of_registered_mail_leads_nowhere(surveille, tmp_path_factory):
    ailleurs = tmp_path_factory.mktemp("ailleurs")
    poser(ailleurs / "scan.pdf", PAGE)
    (surveille / "recommandés").symlink_to(ailleurs)

    assert dossier.relever() == 0

    assert FichierNumerise.objects.count() == 0
    assert noms(ailleurs) == ["scan.pdf"]


def test_what_cannot_be_kept_goes_aside_with_its_reason(surveille, settings):
    settings.GUICHET_COURRIER_TAILLE_MAX = 1024**2
    poser(surveille / "vide.pdf", b"", age=1_000)
    poser(surveille / "lourd.tif", b"x" * (1024**2 + 1))

    dossier.relever()

    assert noms(surveille / "refusé") == ["lourd.tif", "lourd.tif.txt", "vide.pdf", "vide.pdf.txt"]
    motif = (surveille / "refusé" / "lourd.tif.txt").read_text()
    assert motif == "Ce fichier est trop lourd : 1 Mo au plus.\n"


def mourir(*_):
    raise OSError("killed")


def test_a_worker_killed_between_the_commit_and_the_move_doubles_nothing(surveille, monkeypatch):
    poser(surveille / "scan.pdf", PAGE)
    with monkeypatch.context() as coupe:
        coupe.setattr(dossier, "_ranger", mourir)
        with pytest.raises(OSError, match="killed"):
            dossier.relever()
    assert noms(surveille) == ["scan.pdf"]

    assert dossier.relever() == 0

    assert FichierNumerise.objects.count() == 1
    assert noms(surveille / "pris") == ["scan.pdf"]


def test_a_name_used_twice_keeps_both(surveille):
    for texte in ("Une", "Deux"):
        poser(surveille / "scan.pdf", papier.pdf([papier.feuille(texte)]))
        dossier.relever()

    assert noms(surveille / "pris") == ["scan-1.pdf", "scan.pdf"]


def test_no_folder_is_watched_unless_it_is_said(settings, ville):
    settings.GUICHET_COURRIER_DOSSIER = ""

    assert dossier.relever() == 0


# -- the worker


def test_one_process_at_a_time_and_a_killed_one_leaves_its_place(ville, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    with sonnette.seul("feuilles") as premier, sonnette.seul("feuilles") as second:
        assert (premier, second) == (True, False)
    with sonnette.seul("feuilles") as ensuite:
        assert ensuite
    TravailDuCourrier.objects.update(tenu_jusqu_au=timezone.now() + sonnette.BAIL)
    time_machine.shift(sonnette.BAIL + timedelta(seconds=1))
    with sonnette.seul("feuilles") as apres_la_mort:
        assert apres_la_mort


def test_reading_goes_on_where_it_stopped(ville, monkeypatch):
    pages = [papier.feuille(f"Page {rang} de la lettre") for rang in range(4)]
    arrivee.deposer([("a.pdf", papier.pdf(pages))], point_accueil=ville.accueil, recu_le=timezone.localdate())
    ranger = lecture._ranger

    def mourir(fichier, page):
        if page.rang == 3 and not PageNumerisee.objects.filter(rang=3).exists():
            monkeypatch.setattr(lecture, "_ranger", ranger)
            raise KeyboardInterrupt
        ranger(fichier, page)

    monkeypatch.setattr(lecture, "_ranger", mourir)
    with pytest.raises(KeyboardInterrupt):
        lecture.lire_les_feuilles()
    assert LettreRecue.objects.count() == 0

    lecture.lire_les_feuilles()

    assert list(PageNumerisee.objects.values_list("rang", flat=True)) == [1, 2, 3, 4]
    assert LettreRecue.objects.get().pages.count() == 4


def test_a_page_that_ends_its_process_stays_a_page(ville, monkeypatch):
    pages = [papier.feuille("Une"), papier.feuille("Deux"), papier.feuille("Trois")]
    arrivee.deposer([("a.pdf", papier.pdf(pages))], point_accueil=ville.accueil, recu_le=timezone.localdate())
    lire = bornes.lire

    def trebucher(fichier, premiere, derniere):
        for page in lire(fichier, premiere, derniere):
            if page.rang == 2:
                raise bornes.ProcessusPerdu
            yield page

    monkeypatch.setattr(bornes, "lire", trebucher)
    lecture.lire_les_feuilles()

    lues = PageNumerisee.objects.values_list("rang", "genre", "image")
    assert [(rang, genre, bool(image)) for rang, genre, image in lues] == [
        (1, "lettre", True),
        (2, "lettre", False),
        (3, "lettre", True),
    ]
    assert LettreRecue.objects.get().pages.count() == 3


LIRE_TOUT = """
import resource, sys
from guichet.canaux.courrier import bornes
with open(sys.argv[1], "rb") as fichier:
    vues = bornes.compter(fichier)
    lues = sum(1 for debut in range(1, vues, 10) for _ in bornes.lire(fichier, debut, debut + 9))
qui = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
print(vues, lues, *(resource.getrusage(x).ru_maxrss // 1024 for x in qui))
"""


def test_two_hundred_pages_take_no_more_memory_than_ten(tmp_path):
    feuille = pdfium.PdfDocument(papier.pdf([papier.feuille(papier.LETTRE, bruit=200).resize((700, 990))]))
    mesures = {}
    for nombre in (10, 200):
        chemin = tmp_path / f"{nombre}.pdf"
        with pdfium.PdfDocument.new() as document:
            for _ in range(nombre):
                document.import_pages(feuille)
            document.save(chemin)
        sortie = subprocess.run(
            [sys.executable, "-c", LIRE_TOUT, str(chemin)], capture_output=True, text=True, check=True
        )
        vues, lues, soi, enfants = map(int, sortie.stdout.split())
        assert (vues, lues) == (nombre, nombre)
        mesures[nombre] = (soi, enfants)

    feuille.close()
    # A process begins with the size of who started it: what is compared is what 190 pages more take.
    assert mesures[200][0] < mesures[10][0] + 30, mesures
    assert mesures[200][1] < mesures[10][1] + 60, mesures
