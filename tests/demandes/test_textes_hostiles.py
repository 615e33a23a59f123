"""A text written to be long to read costs no more than another as long, and is not read for ever (R3)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from demandes.models import Suggestion
from demandes.suggestion import texte, travail
from demandes.suggestion.danger import danger
from demandes.suggestion.sujets import sujets
from guichet.canaux.canal import Canal
from tests import factories
from tests.croissance import est_lineaire

TROU = "Il y a un gros trou dans la chaussée rue des Tisserands, mon vélo a failli y rester."
MOTIFS = {
    "newlines": "\n",
    "returns": "\r\n",
    "spaces": " ",
    "quotes": "\n > \n",
    "digits": "1 ",
    "letters": "e",
    "dots": "a.",
    "signatures": "-- \n",
    "closings": "cordialement\n",
    "lines": "a\n",
    "sentences": "a. ",
    "streets": "Rue A ",
    "traps": "lame ",
}


class Sourd:
    """Knows nothing: what is measured is the reading."""

    codes = ("RIEN",)

    def noter(self, comptes):
        return [0.0]


class Tuee(BaseException):
    """What ends a worker leaves no time to catch anything."""


@pytest.mark.parametrize("motif", MOTIFS.values(), ids=MOTIFS.keys())
@pytest.mark.parametrize(
    "lire",
    [texte.sans_bruit, texte.fin_du_propos, danger, lambda lu: sujets(Sourd(), lu)],
    ids=["sans_bruit", "fin_du_propos", "danger", "sujets"],
)
def test_r3_one_bad_text_costs_what_its_length_costs(lire, motif):
    assert est_lineaire(lire, motif)


def test_subjects_are_looked_for_in_what_is_read_and_no_further(monkeypatch):
    lus = []
    monkeypatch.setattr("demandes.suggestion.sujets.fin_du_propos", lambda lu: lus.append(len(lu)) or len(lu))

    assert sujets(Sourd(), "a" * 20_000) == ()
    assert lus == [texte.LONGUEUR_PARCOURUE]


def test_blank_lines_before_a_closing_formula_or_a_quote_change_nothing():
    ecrit = f"{TROU}\n\n\n  Cordialement,\nMarie\n\n > Votre acte de naissance est prêt."

    propre = texte.sans_bruit(ecrit)

    assert "chaussée" in propre
    assert "Marie" not in propre
    assert "naissance" not in propre


# -- a text that ends its worker --------------------------------------------------------------------------


@pytest.fixture
def demande(ville):
    ville.type_voirie.mots_du_quotidien = ["un trou dans la route"]
    ville.type_voirie.save()
    return factories.deposer(ville, texte=TROU, type=None, canal=Canal.COURRIEL)


@pytest.fixture
def lectures(monkeypatch):
    """The texts whose reading began; each one ends its worker."""
    lues = []

    def donner(index, objet, texte, *, ponderer=None):
        lues.append(texte)
        raise Tuee

    monkeypatch.setattr(travail.avis, "donner", donner)
    return lues


def balayer_et_mourir():
    try:
        return travail.balayer()
    except Tuee:
        return "tuée"


def laisser_passer(duree=travail.PAUSE):
    Suggestion.objects.update(faite_le=timezone.now() - duree - timedelta(seconds=1))


def test_r3_a_text_that_ends_its_worker_is_tried_a_few_times_and_left(demande, lectures):
    assert balayer_et_mourir() == "tuée"
    # Tried again at the next mail, it would hold every worker, one after the other.
    assert balayer_et_mourir() == 0

    fins = []
    for _ in range(5):
        laisser_passer()
        fins.append(balayer_et_mourir())

    assert fins == ["tuée", "tuée", 0, 0, 0]
    assert lectures == [TROU] * travail.ESSAIS
    laissee = Suggestion.objects.get(demande=demande)
    assert (laissee.essais, laissee.propositions, laissee.choix) == (3, [], None)


def test_r3_the_next_message_is_read_beside_one_that_ends_its_worker(ville, demande, monkeypatch):
    vrai = travail.avis.donner

    def donner(index, objet, lu, **options):
        if lu == TROU:
            raise Tuee
        return vrai(index, objet, lu, **options)

    monkeypatch.setattr(travail.avis, "donner", donner)
    assert balayer_et_mourir() == "tuée"
    suivante = factories.deposer(ville, texte="Encore un trou dans la route", type=None, canal=Canal.COURRIEL)

    assert balayer_et_mourir() == 1
    assert Suggestion.objects.get(demande=suivante).codes[0] == ville.type_voirie.code


def test_r3_a_reading_cut_short_by_a_restart_is_made_again(ville, demande, monkeypatch):
    with monkeypatch.context() as pendant:
        pendant.setattr(travail, "savoir", lambda: (_ for _ in ()).throw(Tuee()))
        assert balayer_et_mourir() == "tuée"
    assert travail.balayer() == 0
    laisser_passer()

    assert travail.balayer() == 1

    suggestion = Suggestion.objects.get(demande=demande)
    assert (suggestion.essais, suggestion.codes[0]) == (0, ville.type_voirie.code)
    assert travail.balayer() == 0
