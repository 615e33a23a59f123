"""The address that rate limits count by: right behind a trusted proxy, never what the client wrote."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory

from guichet.socle.mandataires import MandatairesMiddleware, adresse_du_client, lire_les_reseaux

NGINX = lire_les_reseaux(["127.0.0.1", "10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("voisin", "transmis", "client"),
    [
        ("203.0.113.7", "", "203.0.113.7"),  # nobody in front of us
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # a stranger pretends to be a proxy
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the client began the list
        ("127.0.0.1", "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),  # two proxies
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "n'importe quoi", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, \x00", "127.0.0.1"),
        ("::1", "2001:DB8::7", "2001:db8::7"),
        ("", "203.0.113.7", ""),  # a Unix socket says nothing
    ],
)
def test_the_last_address_no_proxy_of_ours_has(voisin, transmis, client):
    assert adresse_du_client(voisin, transmis, NGINX) == client


def test_without_a_setting_the_header_is_ignored():
    assert adresse_du_client("127.0.0.1", "203.0.113.7", ()) == "127.0.0.1"


def test_a_wrong_setting_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="GUICHET_MANDATAIRES"):
        lire_les_reseaux(["nginx"])


def test_every_view_reads_the_client_s_address(settings):
    settings.GUICHET_MANDATAIRES = ["127.0.0.1"]
    middleware = MandatairesMiddleware(lambda request: HttpResponse(request.META["REMOTE_ADDR"]))
    entrees = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 203.0.113.7"}

    assert middleware(RequestFactory().get("/", **entrees)).content == b"203.0.113.7"
    assert settings.MIDDLEWARE[0] == "guichet.socle.mandataires.MandatairesMiddleware"
