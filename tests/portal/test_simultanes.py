"""Twenty clicks at once on « Envoyer » make one demande (fiabilite.md R15)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from demandes.models import Demande, EntreeJournal, Message
from tests import factories
from tests.portal.conftest import preparer

CLICS = 20


@pytest.mark.django_db(transaction=True)
def test_r15_twenty_parallel_sendings_make_one_demande(remplir):
    preparer(factories.creer_ville())
    base = remplir(Client())

    def envoyer(_: int) -> str:
        try:
            return Client().post(f"{base}recapitulatif/").url
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=CLICS) as bassin:
        adresses = list(bassin.map(envoyer, range(CLICS)))

    assert adresses == [f"{base}recu/"] * CLICS
    assert Demande.objects.count() == 1
    assert Message.objects.count() == 1
    assert EntreeJournal.objects.filter(geste="enregistrer").count() == 1
