"""The pages of a letter beside its entry: parted there, and what does not draw is said before it is typed."""

import pypdfium2 as pdfium
from django.urls import reverse
from django.utils import timezone

from demandes.courrier import corrections, lecture
from demandes.courrier import saisie as lettres
from demandes.courrier.arrivee import deposer
from demandes.droits import Auteur
from demandes.models import LettreRecue, PageNumerisee
from guichet.canaux.courrier import bornes
from tests.courrier import papier


def test_the_letter_one_types_is_cut_where_another_begins(ville, bureau, pile):
    (lettre,) = pile("LLL")
    lettres.prendre(lettre.numero, auteur=Auteur.agent(ville.agent_accueil))
    saisie = f"{reverse('agent_saisie')}?lettre={lettre.numero}"
    page = bureau.get(saisie).content.decode()
    assert page.count('value="couper"') == 2  # its first page begins it already
    assert "Couper ici : une lettre commence à la page 3" in page

    tierce = lettre.pages.get(rang=3)
    reponse = bureau.post(
        reverse("agent_courrier_page", args=[tierce.pk]), {"geste": "couper", "retour": "saisie"}
    )

    assert reponse.headers["Location"] == saisie
    nouvelle = LettreRecue.objects.exclude(pk=lettre.pk).get()
    assert list(lettre.pages.values_list("rang", flat=True)) == [1, 2]
    assert list(nouvelle.pages.values_list("rang", flat=True)) == [3]
    lettre.refresh_from_db()
    assert lettre.prise_par == ville.agent_accueil
    page = bureau.get(saisie).content.decode()
    assert page.count('value="couper"') == 1
    assert "Une nouvelle lettre commence à cette page. Relisez ce qui est rempli" in page


def test_a_cut_that_is_refused_says_why_beside_the_pages(ville, bureau, pile):
    (lettre,) = pile("LL")
    lettres.prendre(lettre.numero, auteur=Auteur.agent(ville.responsable_accueil))
    seconde = lettre.pages.get(rang=2)
    adresse = reverse("agent_courrier_page", args=[seconde.pk])

    reponse = bureau.post(adresse, {"geste": "couper", "retour": "saisie"}, follow=True)

    assert "saisit cette lettre" in reponse.content.decode()
    assert lettre.pages.count() == 2
    assert LettreRecue.objects.count() == 1


def test_a_page_that_does_not_draw_is_said_above_the_pages_with_where_it_is(ville, bureau, pile):
    (lettre,) = pile("LL")
    lettre.pages.filter(rang=1).update(image="une-image.jpg")
    fichier = lettre.pages.get(rang=2).fichier

    page = bureau.get(reverse("agent_lettre_recue", args=[lettre.numero])).content.decode()

    assert page.count(f"La page 2 est dans le fichier {fichier.nom}, page 2.") == 1
    assert page.count("Une page ne se dessine pas") == 1
    assert f'<a href="{reverse("agent_courrier_lot", args=[fichier.lot_id])}">la page du lot</a>' in page


def test_a_letter_made_from_pictures_says_where_the_page_without_one_is(ville, travailler, monkeypatch):
    """An original that cannot be taken, with a page that does not draw: the letter keeps its two pages."""
    pages = [papier.feuille(papier.LETTRE), papier.feuille("La suite")]
    deposer([("scan.pdf", papier.pdf(pages))], point_accueil=ville.accueil, recu_le=timezone.localdate())
    travailler()
    PageNumerisee.objects.filter(rang=2).update(image="")
    plans, assembler = [], bornes.assembler

    def resister(plan):
        plans.append(plan)
        if len(plans) == 1:
            raise bornes.ProcessusPerdu
        return assembler(plan)

    monkeypatch.setattr(bornes, "assembler", resister)
    corrections.tourner(PageNumerisee.objects.get(rang=1).pk, par=ville.agent_accueil)
    travailler()

    lettre = LettreRecue.objects.get()
    assert len(plans) == 2
    with lettre.piece.fichier.open("rb") as fichier:
        document = pdfium.PdfDocument(fichier.read())
    assert len(document) == 2
    # Mostly white, and not empty: its sentence.
    gris = document[1].render(scale=0.5).to_pil().convert("L").histogram()
    assert sum(gris[200:]) > 0.95 * sum(gris)
    assert sum(gris[:100]) > 100


def test_each_of_the_files_in_a_row_that_cannot_be_read_is_said_beside_its_neighbours(ville, bureau):
    """Of three, the one in the middle is next to no page."""
    bonne = papier.pdf([papier.feuille("Une lettre")])
    fichiers = [("1.pdf", bonne), *((f"{n}.pdf", b"%PDF-1.7 " + bytes([n])) for n in (2, 3, 4))]
    lot = deposer(fichiers, point_accueil=ville.accueil, recu_le=timezone.localdate()).lot
    premier, *abimes = lot.fichiers.order_by("rang")
    PageNumerisee.objects.create(fichier=premier, rang=1, genre="lettre")
    lot.fichiers.filter(pk=premier.pk).update(etat="lu", nombre_de_pages=1)
    lot.fichiers.exclude(pk=premier.pk).update(etat="illisible", motif="Ce PDF est abîmé.")
    lecture.classer_les_lots()

    lettre = lot.lettres.get()
    assert lettre.illisibles_autour() == abimes
    page = bureau.get(reverse("agent_lettre_recue", args=[lettre.numero])).content.decode()
    assert page.count("numérisé juste à côté de ces pages, ne se lit pas.") == 3
