"""How a channel is named."""

from guichet.canaux.canal import Canal


def test_a_proper_noun_keeps_its_capital_in_a_sentence():
    assert [canal.dans_une_phrase for canal in Canal] == [
        "courrier papier",
        "téléphone",
        "courriel",
        "guichet",
        "portail",
        "SMS",
        "Facebook",
        "X",
        "Mastodon",
        "autre réseau",
    ]
