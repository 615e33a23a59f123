"""A link says which network it comes from, and names one post however it was shared."""

import pytest

from guichet.canaux import liens
from guichet.canaux.canal import Canal
from guichet.socle.erreurs import DonneeInvalide


@pytest.mark.parametrize(
    ("adresse", "canal"),
    [
        ("https://www.facebook.com/ville/posts/12", Canal.FACEBOOK),
        ("https://fb.watch/abc/", Canal.FACEBOOK),
        ("https://x.com/awa/status/12", Canal.X),
        ("https://mobile.twitter.com/awa/status/12", Canal.X),
        ("https://social.example/@awa/112233", Canal.MASTODON),
        ("https://social.example/users/awa/statuses/112233", Canal.MASTODON),
        ("https://www.instagram.com/p/abc/", Canal.RESEAU),
        ("https://www.tiktok.com/@awa/video/12", Canal.RESEAU),
        ("https://forum.example/t/12", None),
        ("https://faux-x.com/awa/status/12", None),
    ],
)
def test_the_site_says_the_network(adresse, canal):
    assert liens.lire(adresse).canal is canal


def test_a_site_nobody_knows_is_the_chosen_network_only_when_its_servers_have_any_name():
    lien = liens.lire("https://social.example/notice/AbC")
    assert [lien.reseau(choisi) for choisi in (Canal.MASTODON, Canal.X, Canal.RESEAU)] == [
        Canal.MASTODON,
        Canal.RESEAU,
        Canal.RESEAU,
    ]


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        ("https://x.com/awa/status/12?s=20&t=zz", "https://twitter.com/i/status/12"),
        ("https://www.facebook.com/ville/posts/12/?fbclid=a", "https://m.facebook.com/ville/posts/12"),
        ("https://instagram.com/p/abc/?utm_source=b#c", "https://www.instagram.com/p/abc"),
    ],
)
def test_one_post_has_one_name(un, autre):
    assert liens.lire(un).identifiant == liens.lire(autre).identifiant


@pytest.mark.parametrize(
    ("lien", "numero"),
    [
        ("https://www.facebook.com/ville/posts/12?comment_id=34", "34"),
        ("https://www.facebook.com/ville/posts/pfbid02Ab/?comment_id=34&__tn__=R", "34"),
        ("https://www.facebook.com/ville/posts/12?comment_id=34&reply_comment_id=56", "56"),
        # « comment:12_34 »
        ("https://www.facebook.com/ville/posts/12?comment_id=Y29tbWVudDoxMl8zNA", "34"),
        ("https://m.facebook.com/story.php?story_fbid=12&id=9", "12"),
        ("https://www.facebook.com/permalink.php?story_fbid=pfbid02Ab&id=9&comment_id=34", "34"),
        ("https://www.facebook.com/photo/?fbid=12&set=a.1", "12"),
        ("https://www.facebook.com/ville/photos/a.1/12/", "12"),
        ("https://www.facebook.com/groups/9/permalink/12", "12"),
        ("https://www.facebook.com/watch/?v=12", "12"),
        ("https://www.facebook.com/ville/posts/un-trou/12", "12"),
        # Nothing there is a number, or it would be another's.
        ("https://www.facebook.com/ville/posts/pfbid02Ab", ""),
        ("https://www.facebook.com/share/p/1AbC/", ""),
        ("https://fb.watch/abc/", ""),
        ("https://www.facebook.com/ville/posts/12?comment_id=abc", ""),
        ("https://www.facebook.com/ville", ""),
    ],
)
def test_a_link_of_facebook_says_the_number_of_its_post_or_comment(lien, numero):
    lu = liens.lire(lien)
    assert (lu.numero, lu.est_muet) == (numero, not numero)


def test_two_posts_have_two():
    un, autre = (
        "https://www.facebook.com/permalink.php?story_fbid=1",
        "https://www.facebook.com/permalink.php",
    )
    assert liens.lire(un).identifiant != liens.lire(autre).identifiant


def test_what_was_copied_without_its_beginning_is_understood():
    assert liens.lire(" x.com/awa/status/12 ").adresse == "https://x.com/awa/status/12"


@pytest.mark.parametrize(
    "saisie",
    [
        "javascript:alert(1)",
        "ftp://social.example/@awa/1",
        "data:text/html,a",
        "pas un lien",
        "https://",
        "https://[",
        "https://localhost/@awa/1",
        "https://ville@social.example/@awa/1",
        "https://social.example/" + "a" * 500,
        "",
    ],
)
def test_what_is_no_link_of_a_post_is_said_so(saisie):
    with pytest.raises(DonneeInvalide):
        liens.lire(saisie)
