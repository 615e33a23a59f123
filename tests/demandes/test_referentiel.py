"""The settings a deposit reads are kept in the process, and are never those of before."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from demandes import delais, orientation, referentiel
from demandes.migrations._referentiel import TABLES
from guichet.organisation.models import JourFerme
from tests import factories


@pytest.fixture
def settings_of_each_kind(ville):
    factories.creer_regle(ville)
    JourFerme.objects.create(jour="2026-05-15", libelle="Pont")
    return ville


def ailleurs(appel):
    """What another connection answers, as another request would."""

    def et_fermer():
        try:
            return appel()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as fil:
        return fil.submit(et_fermer).result()


def test_the_second_reading_asks_for_the_number_alone(ville, django_assert_num_queries):
    premiere = delais.calendrier_de(ville.voirie)

    with django_assert_num_queries(1):
        assert delais.calendrier_de(ville.voirie) is premiere


def test_one_gesture_asks_for_the_number_once(ville, django_assert_num_queries):
    delais.calendrier_de(ville.voirie)

    with django_assert_num_queries(1), referentiel.fixe():
        delais.calendrier_de(ville.voirie)
        delais.calendrier_de(ville.voirie)


@pytest.mark.parametrize("table", [*TABLES, "demandes_vuegardee"])
@pytest.mark.parametrize("ordre", ["UPDATE {} SET id = id", "INSERT INTO {0} SELECT * FROM {0} WHERE false"])
def test_every_write_of_these_tables_gives_another_number(settings_of_each_kind, table, ordre):
    avant = referentiel.courant()

    with connection.cursor() as curseur:
        curseur.execute(ordre.format(table))

    assert referentiel.courant() is not avant


def test_a_rule_decides_as_soon_as_it_is_written(ville):
    type = ville.type_voirie
    assert orientation.proposer(type, None, {}).direction == ville.voirie

    regle = factories.creer_regle(ville, reponses=[])
    assert orientation.proposer(type, None, {}).regle_id == regle.pk

    regle.delete()
    assert orientation.proposer(type, None, {}).regle_id is None


@pytest.mark.django_db(transaction=True)
def test_others_see_a_change_with_its_commit_and_not_before():
    ville = factories.creer_ville()

    def numero():
        return ailleurs(lambda: referentiel.courant().marque)

    avant = numero()
    with transaction.atomic():
        ville.voirie.save()
        assert referentiel.courant().marque != avant
        assert numero() == avant
    apres = numero()

    assert apres != avant
    assert referentiel.courant().marque == apres


@pytest.mark.django_db(transaction=True)
def test_a_change_given_up_leaves_what_was_read_before():
    ville = factories.creer_ville()
    avant = delais.calendrier_de(ville.voirie)
    marque = referentiel.courant().marque

    with transaction.atomic():
        JourFerme.objects.create(jour="2026-05-15", libelle="Pont")
        assert delais.calendrier_de(ville.voirie) != avant
        transaction.set_rollback(True)

    assert delais.calendrier_de(ville.voirie) == avant
    assert referentiel.courant().marque == marque
