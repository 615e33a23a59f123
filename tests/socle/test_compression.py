"""Texts leave compressed; a picture, a piece of a file and a browser that wants none are left alone."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from guichet.socle.compression import CompressionMiddleware

TEXTE = b"<p>Le nid-de-poule de la rue des Tisserands.</p>" * 40


def repondre(genre: str, *, accepte: str = "gzip, br", statut: int = 200) -> HttpResponse:
    demande = RequestFactory(headers={"Accept-Encoding": accepte}).get("/")
    return CompressionMiddleware(lambda _: HttpResponse(TEXTE, content_type=genre, status=statut))(demande)


@pytest.mark.parametrize("genre", ["text/html; charset=utf-8", "text/css", "image/svg+xml"])
def test_texts_are_compressed(genre):
    reponse = repondre(genre)

    assert (reponse["Content-Encoding"], reponse["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(reponse.content) == TEXTE


def test_two_answers_of_one_page_seldom_have_one_length():
    assert len({len(repondre("text/html").content) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("genre", "accepte", "statut"),
    [("image/jpeg", "gzip", 200), ("application/pdf", "gzip", 200), ("text/css", "gzip", 206)],
)
def test_what_gains_nothing_is_left_alone(genre, accepte, statut):
    reponse = repondre(genre, accepte=accepte, statut=statut)

    assert "Content-Encoding" not in reponse
    assert reponse.content == TEXTE


def test_a_browser_that_takes_none_reads_it_plain():
    assert repondre("text/html", accepte="identity").content == TEXTE
