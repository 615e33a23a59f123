"""What is repeated is folded: nothing is lost, and nothing new is hidden."""

import pytest

from guichet.canaux.courriel.citations import decouper, nouveaux_mots
from tests.croissance import PLANCHER, duree

NOUVEAU = "Merci, le réverbère remarche.\n\nBonne journée"
CITE = "> Bonjour,\n> Nous sommes passés.\n"
INTRODUCTIONS = [
    "Le 12 mars 2026 à 10:12, Guichet <guichet@ville.example> a écrit :",
    "Le jeu. 12 mars 2026 à 10:12, Guichet de la ville\n<guichet@ville.example> a écrit :",
    "Le jeudi 12 mars 2026 à 10 h 12 min 30 s UTC+1, Guichet\n<guichet@ville.example> a écrit\u00a0:",
    "On Thu, Mar 12, 2026 at 10:12 AM Guichet <guichet@ville.example> wrote:",
    "Am 12.03.2026 um 10:12 schrieb Guichet <guichet@ville.example>:",
    "Am 12.03.26 um 10:12 schrieb Guichet:",
    "El jue, 12 mar 2026 a las 10:12, Guichet (<guichet@ville.example>) escribió:",
    "Il giorno gio 12 mar 2026 alle ore 10:12 Guichet <guichet@ville.example> ha scritto:",
    "Em qui., 12 de mar. de 2026 às 10:12, Guichet <guichet@ville.example> escreveu:",
    "Op do 12 mrt 2026 om 10:12 schreef Guichet <guichet@ville.example>:",
]
BLOCS = [
    "-----Message d'origine-----\nDe : Guichet\nEnvoyé : jeudi 12 mars 2026\nObjet : Trou\n\nBonjour\n",
    "________________________________\nDe : Guichet <guichet@ville.example>\nEnvoyé : jeudi 12 mars 2026\n"
    "À : Jeanne\nObjet : Trou\n\nBonjour\n",
    "*De :* Guichet <guichet@ville.example>\n*Envoyé :* jeudi 12 mars\n*À :* Jeanne\n*Objet :* Trou\n\nX\n",
    "From: Guichet\nSent: Thursday\nTo: Jeanne\nSubject: Trou\n\nBonjour\n",
    "Von: Guichet\nGesendet: Donnerstag\nAn: Jeanne\nBetreff: Trou\n\nGuten Tag\n",
    "Début du message réexpédié :\n\nDe: Guichet\nObjet: Trou\n",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_the_line_a_program_writes_folds_with_its_quote(introduction):
    texte = f"{NOUVEAU}\n\n{introduction}\n\n{CITE}"
    assert nouveaux_mots(texte) == NOUVEAU
    assert "".join(s.texte for s in decouper(texte)) == texte


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_a_quote_without_marks_folds_to_the_end(introduction):
    assert nouveaux_mots(f"{NOUVEAU}\n\n{introduction}\n\nBonjour,\n\nNous sommes passés.\n") == NOUVEAU


@pytest.mark.parametrize("bloc", BLOCS)
def test_the_block_of_headers_folds_with_what_follows(bloc):
    assert nouveaux_mots(f"{NOUVEAU}\n\n{bloc}") == NOUVEAU


def test_answers_written_between_the_lines_are_all_shown():
    texte = f"Le 12 mars 2026 à 10:12, Guichet a écrit :\n{CITE}\nOui, hier.\n\n> Quelle rue ?\n\nRue Foch.\n"
    assert nouveaux_mots(texte) == "Oui, hier.\n\n\nRue Foch."
    assert "".join(s.texte for s in decouper(texte)) == texte


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nJeanne Martin\n06 39 98 12 34",
        "--\nJeanne",
        "Envoyé de mon iPhone",
        "Envoyé à partir d’Outlook pour Android",
        "Sent from my Galaxy",
        "Obtenir Outlook pour iOS<https://aka.example>",
        "Envoyé depuis mon mobile Orange",
    ],
)
def test_a_signature_folds(signature):
    assert nouveaux_mots(f"{NOUVEAU}\n\n{signature}\n") == NOUVEAU


@pytest.mark.parametrize(
    "texte",
    [
        "M. Durand m'a écrit le 3 mars :\n\nvenez vite.\nJe vous transmets.",
        "Bonjour\n\nEnvoyé avec accusé de réception le 3 mars.",
        "De : la rue Foch\nje vois un trou.",
        "Objet : trou\n\nBonjour",
        "--\n" + "Une longue suite de mots.\n" * 30,
        "À : qui de droit\nDate : aujourd'hui",
        "Le chien a écrit : ouaf",
    ],
)
def test_what_a_person_says_is_never_folded(texte):
    assert [s.est_replie for s in decouper(texte)] == [False]


@pytest.mark.parametrize("texte", [CITE, BLOCS[0], "-- \nJeanne", "Envoyé de mon iPhone"])
def test_a_mail_that_only_repeats_is_shown_whole(texte):
    assert nouveaux_mots(texte) == texte.strip()


def test_nothing_is_made_of_nothing():
    assert decouper("") == ()


@pytest.mark.parametrize(
    "motif",
    [
        "Le 1 a écrit ",
        "> ",
        "-- \n",
        "De : x\n",
        "a écrit :\n",
        "_" * 30 + "\n",
        "\n",
        "envoyé de " + "x" * 80,
    ],
)
def test_a_long_text_is_cut_entirely_in_a_time_that_grows_as_it_does(motif):
    court, long = (motif * (longueur // len(motif)) for longueur in (100_000, 400_000))
    assert "".join(segment.texte for segment in decouper(long)) == long

    # Four times as long: sixteen times, and minutes on the mail of an enemy, if each line read the others.
    assert duree(decouper, long) < 8 * max(duree(decouper, court), PLANCHER)


@pytest.mark.parametrize(
    ("avant", "motif", "apres"),
    [
        ("> un\n", "\n", "> deux\n"),
        ("> un\n", " \n", "moi"),
        ("Le 1 a écrit :\n", "\n", "> un"),
        ("_" * 30 + "\n", "\n", "> un"),
        ("-- \n", "\n", "> un"),
    ],
    ids=["quotes", "spaces", "introduction", "rule", "signature"],
)
def test_r3_blank_lines_after_a_fold_cost_what_their_number_costs(avant, motif, apres):
    def lire(lignes: str) -> None:
        texte = avant + lignes + apres
        assert "".join(s.texte for s in decouper(texte)) == texte

    courtes, longues = motif * 4_000, motif * 16_000
    assert duree(lire, longues) < 8 * max(duree(lire, courtes), PLANCHER)


@pytest.mark.parametrize(
    ("texte", "replis"),
    [
        ("Moi.\n> un\n\n\n> deux\n", [False, True]),
        ("Moi.\n> un\n\n\nMoi encore.\n", [False, True, False]),
        ("Moi.\n> un\n\n", [False, True, False]),
        ("Moi.\n> un\n\n\n", [False, True, False]),
    ],
)
def test_blank_lines_between_two_quotes_fold_with_them(texte, replis):
    assert [s.est_replie for s in decouper(texte)] == replis
