"""Who wrote: headers as people and robots really write them."""

import pytest

from guichet.canaux.courriel.adresses import Adresse, lire, premiere
from tests.croissance import est_lineaire


@pytest.mark.parametrize(
    ("en_tete", "nom", "courriel"),
    [
        ("jeanne@courriel.example", "", "jeanne@courriel.example"),
        ("Jeanne Martin <jeanne@courriel.example>", "Jeanne Martin", "jeanne@courriel.example"),
        ("<jeanne@courriel.example>", "", "jeanne@courriel.example"),
        ('"Martin, Jeanne" <j@courriel.example>', "Martin, Jeanne", "j@courriel.example"),
        ("jeanne@courriel.example (Jeanne Martin)", "Jeanne Martin", "jeanne@courriel.example"),
        ("Jeanne <jeanne@courriel.example", "Jeanne", "jeanne@courriel.example"),
        ("Jeanne < jeanne @ courriel.example >", "Jeanne", "jeanne@courriel.example"),
        ("jeanne @ courriel.example", "", "jeanne@courriel.example"),
        ("j@Église.example", "", "j@xn--glise-9ra.example"),
        ("=?utf-8?q?Ren=C3=A9=2C_Roux?= <r@courriel.example>", "René, Roux", "r@courriel.example"),
        # An « @ » in the name is not the address.
        ('"maire@ville.example" <pirate@autre.example>', "", "pirate@autre.example"),
        ("=?utf-8?q?maire=40ville=2Eexample?= <pirate@autre.example>", "", "pirate@autre.example"),
        ("maire@ville.example <pirate@autre.example>", "", "pirate@autre.example"),
        (
            "=?utf-8?q?=3Cmaire=40ville=2Eexample=3E?= <pirate@autre.example>",
            "",
            "pirate@autre.example",
        ),
        # Nothing that can be written to.
        ("Jeanne Martin", "Jeanne Martin", ""),
        ("jeanne@", "", ""),
        ("alice@a.example)b@c.example", "", ""),
        ("a@b.example c@d.example", "a@b.example c@d.example", ""),
        ("undisclosed-recipients:;", "", ""),
        ("", "", ""),
    ],
)
def test_one_mailbox(en_tete, nom, courriel):
    assert premiere(en_tete) == Adresse(nom, courriel)


def test_several_mailboxes_groups_and_quotes_left_open():
    assert [a.courriel for a in lire("amis: a@x.example, B <b@x.example>;, c@x.example")] == [
        "a@x.example",
        "b@x.example",
        "c@x.example",
    ]
    assert [a.courriel for a in lire('"ouvert <a@x.example>, b@x.example')] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize("motif", ['"', "(", "<", "\\", '"\\', "a@", ",", "(\\", ":", "(a@:", "(:"])
def test_a_forged_header_costs_what_its_length_costs(motif):
    assert est_lineaire(lire, motif, longueur=50_000)
