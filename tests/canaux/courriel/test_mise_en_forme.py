"""A mail as its sender laid it out: what is shown is ours, says where it goes, and fetches nothing."""

from html.parser import HTMLParser

import pytest

from guichet.canaux.courriel.html import nettoyer
from guichet.canaux.courriel.mise_en_forme import (
    IMAGE_ABSENTE,
    IMAGE_DISTANTE,
    LONGUEUR,
    Image,
    destination,
    est_mis_en_forme,
    rendre,
)
from tests.croissance import PLANCHER, duree

LOGO = {"logo@x": Image("/pieces/1/vignette/", "/pieces/1/")}
ATTRIBUTS = {
    "a": {"href", "rel", "target"},
    "img": {"src", "alt", "loading"},
    "td": {"colspan", "rowspan"},
    "div": {"class"},
    "span": {"class"},
}


def montrer(html: str, images=LOGO) -> str:
    return rendre(nettoyer(html), images)


class Lecteur(HTMLParser):
    """What a browser would be given: every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.profondeur = self.plus_profond = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("br", "hr", "img"):
            self.profondeur += 1
            self.plus_profond = max(self.plus_profond, self.profondeur)

    def handle_endtag(self, tag):
        self.profondeur -= 1


# -- what stays


def test_what_a_person_writes_keeps_its_shape():
    html = "<h1>Bonjour</h1><p>Un <b>trou</b><br>ici :</p><ul><li>un</li><li>deux</li></ul><hr>"
    assert montrer(html) == (
        '<div class="mise-en-forme__titre">Bonjour</div><p>Un <b>trou</b><br>ici :</p>'
        "<ul><li>un</li><li>deux</li></ul><hr>"
    )


def test_a_table_keeps_its_cells_and_a_stray_item_is_a_block():
    assert montrer("<table><tr><th colspan=2 onclick=x>A</th></tr></table>") == (
        '<table><tbody><tr><td colspan="2">A</td></tr></tbody></table>'
    )
    assert montrer("<li>seul</li>") == "<div>seul</div>"


def test_only_more_than_lines_is_a_layout():
    assert not est_mis_en_forme("<div><p>Bonjour,<br>Un <span>trou</span>.</p></div>")
    assert not est_mis_en_forme("")
    assert est_mis_en_forme("<p>Un <b>trou</b></p>")
    assert est_mis_en_forme('<img alt="">')


# -- images


def test_a_remote_image_is_a_sentence_and_one_that_counts_readers_is_nothing():
    assert montrer('<img src="https://pub.example/a.png" alt="Promo">') == (
        f'<span class="mise-en-forme__image">[{IMAGE_DISTANTE} : Promo]</span>'
    )
    assert montrer('a<img src="https://pub.example/?qui=1" width=1 height=1>b') == "ab"
    for source in ("//pub.example/a", "data:image/png;base64,AA", "file:///etc/passwd", "javascript:x"):
        assert montrer(f'<img src="{source}">') == (
            f'<span class="mise-en-forme__image">[{IMAGE_DISTANTE}]</span>'
        )


def test_an_image_that_came_with_the_mail_is_our_thumbnail():
    assert montrer('<img src="cid:logo%40x" width=400>') == (
        '<a href="/pieces/1/"><img src="/pieces/1/vignette/" alt="Image du courriel" loading="lazy"></a>'
    )
    assert IMAGE_ABSENTE in montrer('<img src="cid:autre@x">')


# -- links


@pytest.mark.parametrize(
    ("adresse", "ou"),
    [
        ("https://ville.example/avis?n=1", "ville.example/avis?n=1"),
        ("https://banque.example@autre.example/", "autre.example"),
        ("https://bànque.example/x", "xn--bnque-rqa.example/x"),
        ("https://VILLE.example/" + "a" * 100, "ville.example/" + "a" * 59 + "…"),
        ("mailto:a@b.example", "a@b.example"),
        ("tel:+33199000000", "+33199000000"),
        ("https://[", ""),
        ("https:///rien", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_where_a_link_goes_is_its_server_first(adresse, ou):
    assert destination(adresse) == ou


def test_a_link_whose_words_lie_says_where_it_goes():
    debut = '<a href="https://autre.example/x" rel="noopener noreferrer nofollow" target="_blank">'
    assert montrer('<a href="https://autre.example/x">https://banque.example</a>') == (
        f'{debut}https://banque.example</a> <span class="mise-en-forme__ou">(autre.example/x)</span>'
    )
    assert montrer('<a href="https://autre.example/x">autre.example/x</a>') == f"{debut}autre.example/x</a>"
    assert montrer('<a href="https://autre.example/x"></a>') == f"{debut}autre.example/x</a>"


# -- hostile


HOSTILES = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    '<img src="cid:logo@x" onload="alert(1)" style="position:fixed">',
    "<img src=`javascript:alert(1)`>",
    '<img src="cid:logo@x&quot; onerror=&quot;alert(1)">',
    '<img alt="&quot;><script>alert(1)</script>" src="https://x.example">',
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math href='javascript:alert(1)'>x</math>",
    "<iframe src='javascript:alert(1)'></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='https://x.example/a.swf'>",
    "<form action='https://x.example'><input name=mot><button formaction=javascript:x>Ok</form>",
    "<a href='javascript:alert(1)'>x</a><a href=' &#106;avascript:x'>x</a><a href='java\tscript:x'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a><a href='vbscript:x'>x</a>",
    "<a href='https://x.example/\"onmouseover=\"alert(1)'>x</a>",
    "<a href='/agent/deconnexion/'>x</a><a href='#contenu'>y</a><a href='?decision=joindre'>z</a>",
    "<a href='https://x.example' target='_self' id='contenu' name='contenu' ping='https://y.example'>x</a>",
    "<base href='https://x.example/'><link rel=stylesheet href='https://x.example/a.css'>",
    "<meta http-equiv=refresh content='0;url=https://x.example'>",
    "<style>@import 'https://x.example/a.css'; body{display:none}</style>",
    "<div style='position:fixed;inset:0;background:url(https://x.example/a)'>x</div>",
    "<p style=\"background:url('javascript:alert(1)')\" class='message message--danger' id='contenu'>x</p>",
    "<div hx-get='/agent/deconnexion/' hx-trigger='load' data-ouvre='aide-clavier'>x</div>",
    "<input autofocus onfocus=alert(1)><details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video poster='https://x.example/a' src='https://x.example/b' onerror=alert(1)></video><audio autoplay>",
    "<picture><source srcset='https://x.example/a'><img srcset='https://x.example/b 2x'></picture>",
    "<table background='https://x.example/a'><td background='https://x.example/b' colspan='9999999999'>x",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><img src=x onerror=alert(1)></textarea><title><img src=x onerror=alert(1)></title>",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp>",
    "<!--><img src=x onerror=alert(1)>--><!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]><?xml <script>alert(1)</script>?>",
    "&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;script&amp;gt;",
    "</div></div></main><script>alert(1)</script>",
    "<a href='https://x.example'><img src='cid:logo@x'></a>",
    "<dialog open>x</dialog><marquee onstart=alert(1)>x</marquee><portal src='https://x.example'>",
    "\x00<img\x00src=x onerror=alert(1)>",
    "<p>\u202eelbatpeccani\u202c</p>",
]


@pytest.mark.parametrize("html", HOSTILES)
def test_nothing_of_a_hostile_mail_acts(html):
    for lu in (montrer(html), rendre(html, LOGO)):
        for tag, attributs in Lecteur(lu).elements:
            assert set(attributs) <= ATTRIBUTS.get(tag, set()), (tag, attributs)
            assert (attributs.get("class") or "mise-en-forme__").startswith("mise-en-forme__")
            href = attributs.get("href") or "https://"
            assert href.startswith(("https://", "http://", "mailto:", "tel:", "/pieces/1/"))
            assert tag != "a" or "rel" in attributs or href == "/pieces/1/"
            assert (attributs.get("src") or "/pieces/1/vignette/") == "/pieces/1/vignette/"
        interdits = {"script", "style", "form", "input", "iframe", "object", "embed", "svg", "math", "base"}
        assert not interdits & {tag for tag, _ in Lecteur(lu).elements}


def cout(html: str) -> float:
    return duree(lambda html: rendre(html, LOGO), html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 5_000 + "x",
        "<blockquote>" * 5_000 + "x" + "</blockquote>" * 5_000,
        "<table><tr><td>" * 3_000 + "x",
        "<b><i><u>" * 20_000 + "x",
        '<a href="https://x.example">' * 10_000 + "x",
        "<li>" * 50_000 + "x",
        "<" * 200_000 + "x",
        "&" * 200_000 + "x",
        "<p " + "a=b " * 100_000 + ">x</p>",
        "<!--" * 50_000 + "x",
        "<img src='" + "cid:" * 50_000 + "'>x",
    ],
)
def test_what_has_no_end_is_bounded(html):
    propre, court = nettoyer(html), nettoyer(html[: len(html) // 4])
    lu = rendre(propre, LOGO)
    assert cout(propre) < 8 * max(cout(court), PLANCHER)
    assert Lecteur(lu).plus_profond <= 62
    assert len(lu) <= 40 * LONGUEUR


@pytest.mark.parametrize(
    "motif",
    [("<b></b>", "<i>"), ("</u>", "<i>"), ("</i>", "<i>"), ('<a href="https://x.example">x</a>', "<p>")],
    ids=["closed", "never opened", "nested", "links"],
)
def test_r3_nested_tags_cost_what_their_number_costs(motif):
    """The page of the demande draws it again for each person who opens it."""
    suite, debut = motif
    court, long = (debut * n + suite * n for n in (2_000, 8_000))

    assert cout(long) < 8 * max(cout(court), PLANCHER)


def test_a_tag_closes_what_it_opened_and_nothing_else():
    assert rendre("<b>un</i> deux</b> trois</b>", {}) == "<b>un deux</b> trois"
    assert rendre("<b><i>un</b> deux</i>", {}) == "<b><i>un</i></b> deux"
