"""The benchmark's city is a real one: its guards hold, and its pages cost the statements promised."""

import gzip
from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test import Client

from benchmarks import courrier, portail
from benchmarks.chargement import JOURNAL_DU_LONG_FIL, MESSAGES_DU_LONG_FIL, remplir
from benchmarks.mesures import Mesure, en_texte, les_mesures_du_portail, tableau
from demandes.etats import NON_FINAUX
from demandes.models import Demande, Theme, TypeDemande
from portal.models import Actualite, Evenement, PageFiche, Segment
from tests import factories
from usagers.models import Coordonnee, Usager

DEMANDES, USAGERS = 400, 60


@pytest.mark.django_db
def test_the_loader_makes_a_city_whose_journal_and_constraints_hold():
    factories.creer_ville()
    lignes = []

    long_fil = remplir(DEMANDES, USAGERS, dire=lignes.append)

    # The guards that wait for the commit.
    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
    sortie = StringIO()
    call_command("verifier_journal", stdout=sortie)
    assert f"{DEMANDES} demandes" in sortie.getvalue()
    assert (Usager.objects.count(), Coordonnee.objects.count()) == (USAGERS, 2 * USAGERS)
    assert Demande.objects.count() == DEMANDES
    assert 0.02 < Demande.objects.filter(etat__in=NON_FINAUX).count() / DEMANDES < 0.14
    longue = Demande.objects.get(numero=long_fil)
    assert longue.messages.count() == MESSAGES_DU_LONG_FIL
    assert longue.journal.count() == longue.version == JOURNAL_DU_LONG_FIL
    plus_fidele = Demande.objects.values("usager").annotate(n=Count("pk")).order_by("-n")[0]
    assert plus_fidele["n"] > DEMANDES / USAGERS, "some persons ask again and again"
    assert lignes[-1].strip().startswith(f"{DEMANDES} demandes sur {DEMANDES}")


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_city():
    factories.creer_ville()
    remplir(30, 10, dire=str)
    premiers = list(Demande.objects.order_by("pk").values_list("objet", "etat", "canal")[:30])

    remplir(30, 10, dire=str)

    assert list(Demande.objects.order_by("pk").values_list("objet", "etat", "canal")[30:]) == premiers


@pytest.mark.django_db
def test_a_new_demande_takes_the_number_after_the_loaded_ones():
    ville = factories.creer_ville()
    remplir(30, 10, dire=str)
    dernier = max(
        int(numero.partition("-")[2]) for numero in Demande.objects.values_list("numero", flat=True)
    )

    assert int(factories.deposer(ville).numero.partition("-")[2]) > dernier


@pytest.mark.django_db
def test_the_portal_has_its_pages_its_segments_and_somebody_who_chose_a_profile():
    factories.creer_ville()
    # Theirs is the shelf of the démarches.
    Theme.objects.create(code="rue", libelle="Rue", icone="traffic-cone").types.set(TypeDemande.objects.all())

    portail.peupler(20, 30)
    cibles = portail.cibles()

    genres = (PageFiche, Actualite, Evenement, Segment)
    assert [genre.objects.count() for genre in genres] == [12, 6, 2, 30]
    assert PageFiche.objects.filter(segments__len=3).count() == 1
    mesures = les_mesures_du_portail(cibles)
    assert [mesure.nom for mesure in mesures if "gardée" in mesure.nom] == [
        f"portail : {nom}, gardée" for nom in ("accueil", "fiche", "démarche")
    ]
    entetes = mesures[0].ordre["en_tetes"] | {"Cookie": mesures[0].ordre["cookie"]}
    vues = [Client(headers=entetes).get(mesure.ordre["chemins"][0]) for mesure in mesures]
    assert {vue.status_code for vue in vues} == {200}
    assert {vue.headers["Content-Encoding"] for vue in vues} == {"gzip"}
    assert "Pour vous</h2>" in gzip.decompress(vues[0].content).decode()


def test_the_letters_of_the_hour_are_all_different_and_some_are_written_by_hand():
    soixante = courrier.lettres(60)

    assert len({lettre.qui for lettre in soixante}) == 60
    assert len({lettre.feuillets for lettre in soixante}) == 60
    assert Counter(lettre.genre.name for lettre in soixante) == {
        "IMPRIMEE": 36,
        "DEUX_PAGES": 12,
        "MANUSCRITE": 6,
        "PUBLICITE": 6,
    }
    assert [len(pages) for pages in courrier.scannees(5)] == [1, 1, 2, 1, 1]


def test_the_table_says_what_is_met_and_what_is_not():
    nu = Mesure("nu", "temoin", {}, durees=[0.01] * 100, secondes=1.0, requetes=3)
    tenue = Mesure("tenue", "guichet", {}, "nu", au_moins=0.5, requetes_au_plus=8)
    tenue.durees, tenue.secondes, tenue.requetes = [0.02] * 50, 1.0, 8
    lente = Mesure("lente", "guichet", {}, "tenue", p95_au_plus=3.0)
    lente.durees, lente.secondes = [0.1] * 10, 1.0

    lignes = tableau([nu, tenue, lente])

    assert [(li["mesure"], li["rapport"], li["tenu"]) for li in lignes] == [
        ("nu", None, None),
        ("tenue", 0.5, True),
        ("lente", 5.0, False),
    ]
    assert "NON" in en_texte(lignes).splitlines()[-1]
