"""Editors are told which links of their pages lead nowhere, why and since when; no reader waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from django.test import Client
from wagtail.models import Page

from portal import garnir, liens
from portal.models import LienDePage, PageAccueil, PageLibre
from portal.tasks import relever_les_liens, verifier_les_liens
from tests.factories import Ville
from tests.portal.conftest import texte_de

LUNDI, MARDI = datetime(2026, 11, 30, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)


class Ailleurs(BaseHTTPRequestHandler):
    """Another site: what it answers is in the address."""

    recues: list[str] = []

    def do_HEAD(self) -> None:
        self.repondre("HEAD")

    def do_GET(self) -> None:
        self.repondre("GET")

    def repondre(self, methode: str) -> None:
        type(self).recues.append(f"{methode} {self.path}")
        statut = {"/bien": 200, "/sans-tete": 405 if methode == "HEAD" else 200, "/boucle": 302}.get(
            self.path, 404
        )
        self.send_response(302 if self.path == "/detour" else statut)
        if self.path in ("/detour", "/boucle"):
            self.send_header("Location", "/bien" if self.path == "/detour" else "/boucle")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def ailleurs(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of ours stands for the outside; it is let through by its name alone."""
    monkeypatch.setattr(liens, "est_public", lambda hote: hote == "127.0.0.1")
    monkeypatch.setattr(liens, "ECART", 0)
    Ailleurs.recues.clear()
    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Ailleurs)
    fil = threading.Thread(target=serveur.serve_forever, kwargs={"poll_interval": 0.05})
    fil.start()
    yield f"http://127.0.0.1:{serveur.server_port}"
    serveur.shutdown()
    serveur.server_close()
    fil.join()


@pytest.fixture
def libre(ville: Ville) -> PageLibre:
    garnir.garnir()
    return garnir.ajouter(PageAccueil.objects.get(), PageLibre(title="Le marché", corps=[]))


def ecrire(page: PageLibre, html: str) -> None:
    page.corps = [("encadre", {"ton": "info", "titre": "À savoir", "texte": html})]
    page.save_revision().publish()


def casses() -> dict[str, str]:
    return dict(LienDePage.objects.casses().values_list("adresse", "raison"))


def test_links_to_our_own_pages_are_known_broken_as_soon_as_they_are(libre: PageLibre) -> None:
    visee = garnir.ajouter(PageAccueil.objects.get(), PageLibre(title="Les halles", corps=[]))
    ecrire(
        libre,
        f'<p><a linktype="page" id="{visee.pk}">Les halles</a>, <a linktype="document" id="999">un plan</a>, '
        '<a href="/le-marche/">ici</a>, <a href="/deposer/VOI-TROU/">un trou</a>, '
        '<a href="/deposer/VOI-RIEN/">retirée</a>, <a href="mailto:a@ville.example">écrire</a></p>',
    )
    relever_les_liens()
    assert casses() == {
        "document:999": "Ce document n'existe plus",
        "/deposer/VOI-RIEN/": "Démarche retirée",
    }

    visee.unpublish()
    relever_les_liens()
    assert casses()[f"page:{visee.pk}"] == "Cette page n'est pas publiée"
    Page.objects.get(pk=visee.pk).delete()
    relever_les_liens()
    assert casses()[f"page:{visee.pk}"] == "Cette page n'existe plus"

    ecrire(libre, "<p>Plus aucun lien.</p>")
    relever_les_liens()
    assert not LienDePage.objects.exists()


def test_other_sites_are_asked_headers_first_and_seldom(libre: PageLibre, ailleurs: str) -> None:
    noms = ("bien", "sans-tete", "detour", "boucle", "perdu")
    ecrire(libre, "".join(f'<p><a href="{ailleurs}/{nom}">{nom}</a></p>' for nom in noms))
    with time_machine.travel(LUNDI, tick=False):
        relever_les_liens()
        assert liens.verifier_ceux_des_autres(ecart=0) == 5
        assert casses() == {
            f"{ailleurs}/boucle": "Redirigé sans fin",
            f"{ailleurs}/perdu": "Page introuvable",
        }
        assert Ailleurs.recues.count("HEAD /bien") == 2
        assert [r for r in Ailleurs.recues if r.endswith("/sans-tete")] == [
            "HEAD /sans-tete",
            "GET /sans-tete",
        ]
        assert liens.verifier_ceux_des_autres(ecart=0) == 0

    # The next day, only what failed; it is broken since the first.
    with time_machine.travel(MARDI, tick=False):
        assert liens.verifier_ceux_des_autres(ecart=0) == 2
    assert set(LienDePage.objects.casses().values_list("casse_depuis", flat=True)) == {LUNDI}


def test_a_run_asks_no_more_than_it_may(libre: PageLibre, ailleurs: str) -> None:
    ecrire(libre, "".join(f'<p><a href="{ailleurs}/perdu?{rang}">{rang}</a></p>' for rang in range(5)))
    relever_les_liens()
    assert liens.verifier_ceux_des_autres(combien=2, ecart=0) == 2
    assert LienDePage.objects.filter(verifie_le__isnull=True).count() == 3


@pytest.mark.parametrize("hote", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1"])
def test_an_editor_s_link_never_asks_the_house_s_own_machines(hote: str) -> None:
    assert liens.est_public(hote) is False
    assert liens.demander(f"http://[{hote}]/" if ":" in hote else f"http://{hote}/") == "Ce site n'existe pas"


def test_the_owner_sees_the_broken_links_of_their_pages(libre: PageLibre, ville: Ville) -> None:
    administratrice = Client()
    administratrice.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    ecrire(libre, '<p><a linktype="page" id="999999">Les halles</a></p>')
    PageLibre.objects.filter(pk=libre.pk).update(owner=ville.administrateur)
    relever_les_liens()

    rapport = texte_de(administratrice.get("/gestion/rapports/liens/"))
    assert "Le marché" in rapport
    assert "Une page supprimée" in rapport
    assert f"/gestion/pages/{libre.pk}/edit/" in rapport
    assert "Liens cassés sur vos pages (1)" in texte_de(administratrice.get("/gestion/"))
    assert administratrice.get("/gestion/rapports/liens/?export=csv").status_code == 200


def test_a_reader_and_an_agent_without_that_role_do_not(libre: PageLibre, ville: Ville) -> None:
    assert Client().get("/gestion/rapports/liens/").status_code == 302
    agent = Client()
    agent.force_login(ville.agent_accueil, backend="guichet.organisation.portes.PorteBackend")
    assert agent.get("/gestion/rapports/liens/").status_code == 403


def test_the_worker_s_run_asks_nothing_when_there_is_nothing(db: None) -> None:
    verifier_les_liens()
    assert not LienDePage.objects.exists()
