"""From the bytes of a mail to what was said: faithful when it can be, and never stopped."""

import base64
import time
from datetime import UTC, datetime

import pytest

from guichet.canaux.canal import Canal
from guichet.canaux.courriel.enveloppe import cle
from guichet.canaux.message import ContenuIllisible, Expediteur
from tests.canaux.courriel.lettres import RECU, courriel, decoder, parties

PHRASE = "Le réverbère du 12, rue de l'Église est éteint : merci."
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256))


def test_a_plain_mail_says_who_wrote_what_and_when():
    message = decoder(courriel())

    assert (message.canal, message.cle_externe) == (Canal.COURRIEL, "<1@courriel.example>")
    assert message.expediteur == Expediteur(
        nom="Martin", prenom="Jeanne", courriel="jeanne.martin@courriel.example"
    )
    assert message.objet == "Un réverbère éteint"
    assert message.texte == "Bonjour,\nUn réverbère est éteint."
    assert message.recu_le == RECU
    assert message.envoye_le == datetime(2026, 3, 12, 9, 12, tzinfo=UTC)
    assert [a.courriel for a in message.destinataires] == ["guichet@ville.example"]
    assert (message.pieces, message.html, message.est_automatique) == ((), "", False)


# -- words: charsets and transfer encodings that lie


@pytest.mark.parametrize(
    ("annonce", "octets"),
    [
        ("utf-8", PHRASE.encode()),
        ("iso-8859-1", PHRASE.encode("latin-1")),
        ("iso-8859-1", PHRASE.encode()),  # says Latin-1, is UTF-8
        ("utf-8", PHRASE.encode("cp1252")),  # says UTF-8, is not
        ("us-ascii", PHRASE.encode("cp1252")),
        ("x-unknown", PHRASE.encode()),
        ("rot13", PHRASE.encode()),
        ("punycode", PHRASE.encode()),
        ("'windows-1252'", PHRASE.encode("cp1252")),
        ("utf-16", PHRASE.encode("utf-16")),
        ('"', PHRASE.encode()),
    ],
)
def test_the_words_are_read_whatever_the_charset_claims(annonce, octets):
    brut = base64.encodebytes(octets)
    message = decoder(
        courriel(brut, Content_Type=f"text/plain; charset={annonce}", Content_Transfer_Encoding="base64")
    )
    assert message.texte == PHRASE


@pytest.mark.parametrize("codage", ["8bit", "7bit", "binary", "inconnu", "base64", ""])
def test_a_transfer_encoding_the_content_contradicts_changes_nothing(codage):
    assert decoder(courriel(PHRASE, Content_Transfer_Encoding=codage)).texte == PHRASE


def test_quoted_printable_cut_anywhere_is_read():
    corps = b"Le r=C3=A9verb=\r\n=C3=A8re=20est=20=C3=A9teint =3D fin=3"
    message = decoder(courriel(corps, Content_Transfer_Encoding="quoted-printable"))
    assert message.texte == "Le réverbère est éteint = fin=3"


def test_a_utf8_text_with_a_broken_letter_loses_that_letter_only():
    assert decoder(courriel("Éteint depuis été ".encode() + b"\xc3")).texte == "Éteint depuis été �"


def test_control_characters_never_reach_the_database():
    message = decoder(courriel("a\x00b\x07c", Subject="nul\x00 ici"))
    assert (message.texte, message.objet) == ("abc", "nul ici")


@pytest.mark.parametrize(
    ("brut", "lu"),
    [
        ("=?utf-8?B?" + base64.b64encode("Réverbère".encode()).decode() + "?=", "Réverbère"),
        ("=?iso-8859-1?Q?R=E9verb=E8re?= =?iso-8859-1?Q?_=E9teint?=", "Réverbère éteint"),
        # One letter cut between two words.
        ("=?utf-8?q?R=C3?= =?utf-8?q?=A9verb=C3=A8re?=", "Réverbère"),
        ("=?utf-8?q?R=C3=A9verb=C3=A8re?=\r\n =?utf-8?q?_=C3=A9teint?=", "Réverbère éteint"),
        ("Re: =?utf-8?q?=C3=A9teint?= rue Foch", "Re: éteint rue Foch"),
        ("=?inconnu?q?R=E9verb=E8re?=", "Réverbère"),
        ("=?utf-8?b?###?=", ""),
        ("Réverbère brut", "Réverbère brut"),
        ("=?utf-8?q?jamais fini", "=?utf-8?q?jamais fini"),
    ],
)
def test_subjects_are_read_as_they_are_written(brut, lu):
    assert decoder(courriel(Subject=brut)).objet == lu


def test_flowed_lines_are_joined_and_the_signature_stays_apart():
    corps = "Le réverbère \r\nest éteint.\r\n> cité \r\n> encore\r\n-- \r\nJeanne\r\n"
    message = decoder(courriel(corps, Content_Type="text/plain; charset=utf-8; format=flowed"))
    assert message.texte == "Le réverbère est éteint.\n> cité encore\n-- \nJeanne"


# -- words: HTML


def test_html_alone_is_said_in_text_and_kept_clean():
    html = (
        "<html><head><style>p{}</style></head><body><p onclick='x()'>Bonjour,</p>"
        "<p>Un <b>trou</b><br>rue Foch</p><script>alert(1)</script>"
        "<img src='http://pisteur.example/1.gif' alt='logo'><a href='javascript:x()'>ici</a>"
        "<blockquote>Ancien</blockquote></body></html>"
    )
    message = decoder(courriel(html, Content_Type="text/html; charset=utf-8"))

    assert message.texte == "Bonjour,\n\nUn trou\nrue Foch\n\n[logo]ici\n\n> Ancien"
    for interdit in ("script", "style", "onclick", "pisteur", "javascript"):
        assert interdit not in message.html
    assert "<b>trou</b>" in message.html


def test_a_link_that_hides_where_it_goes_says_it():
    html = '<a href="https://autre.example/x">https://banque.example</a> '
    html += '<a href="mailto:a@b.example">a@b.example</a>'
    message = decoder(courriel(html, Content_Type="text/html"))
    assert message.texte == "https://banque.example (https://autre.example/x) a@b.example"


def test_of_two_versions_of_the_words_the_text_is_read_and_the_html_kept():
    message = decoder(
        parties(
            "Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour en texte",
            "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Bonjour en HTML</p>",
            genre="alternative",
        )
    )
    assert (message.texte, message.html, message.pieces) == ("Bonjour en texte", "<p>Bonjour en HTML</p>", ())


def test_an_empty_text_version_gives_way_to_the_html():
    message = decoder(
        parties(
            "Content-Type: text/plain\r\n\r\n \r\n",
            "Content-Type: text/html\r\n\r\n<p>Bonjour</p>",
            genre="alternative",
        )
    )
    assert message.texte == "Bonjour"


def test_an_image_within_the_html_is_tied_to_it():
    message = decoder(
        parties(
            'Content-Type: text/html\r\n\r\n<p>Voici<img src="cid:photo1@x"></p>',
            b"Content-Type: image/png; name=trou.png\r\nContent-ID: <photo1@x>\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(PNG),
            genre="related",
        )
    )
    assert 'src="cid:photo1@x"' in message.html
    (piece,) = message.pieces
    assert (piece.nom, piece.identifiant, piece.contenu) == ("trou.png", "photo1@x", PNG)


# -- shapes


def test_words_before_and_after_a_file_are_all_kept():
    message = decoder(
        parties(
            "Content-Type: text/plain\r\n\r\nAvant",
            "Content-Type: application/pdf; name=plan.pdf\r\n\r\n%PDF",
            "Content-Type: text/plain\r\n\r\nApres",
        )
    )
    assert message.texte == "Avant\n\nApres"
    assert [p.nom for p in message.pieces] == ["plan.pdf"]


def test_a_forwarded_message_stays_one_file_byte_for_byte():
    interieur = b"Subject: Ancien\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n\r\nPerdu\r\n"
    message = decoder(
        parties(
            "Content-Type: text/plain\r\n\r\nVoir ci-joint",
            b"Content-Type: message/rfc822\r\n\r\n" + interieur,
        )
    )
    (piece,) = message.pieces
    assert (piece.nom, piece.type_mime, piece.contenu) == ("Ancien.eml", "message/rfc822", interieur)
    assert message.texte == "Voir ci-joint"


def test_an_invitation_alone_is_a_file_and_no_words():
    message = decoder(courriel("BEGIN:VCALENDAR\r\n", Content_Type="text/calendar; method=REQUEST"))
    assert message.texte == ""
    assert [p.nom for p in message.pieces] == ["invitation.ics"]


def test_a_multipart_without_its_boundary_still_says_its_words():
    assert decoder(courriel("Bonjour", Content_Type="multipart/mixed")).texte == "Bonjour"
    assert decoder(courriel("Bonjour", Content_Type="multipart/mixed; boundary=absente")).texte == "Bonjour"


def test_words_given_a_name_are_still_the_words():
    assert decoder(courriel("Bonjour", Content_Type="text/plain; name=corps.txt")).texte == "Bonjour"


def test_a_mail_without_message_id_sender_nor_date_is_read():
    message = decoder(courriel(sans=("From", "Date", "Message-ID", "Subject", "To", "MIME-Version")))
    assert (message.cle_externe, message.expediteur, message.objet) == ("", Expediteur(), "")
    assert message.envoye_le is None
    assert message.texte == "Bonjour,\nUn réverbère est éteint."


@pytest.mark.parametrize(
    "date", ["Thu, 01 Jan 1970 00:00:00 +0000", "Tue, 19 Jan 2038 03:14:08 +0000", "hier", "9" * 500]
)
def test_a_date_that_cannot_be_is_not_believed(date):
    assert decoder(courriel(Date=date)).envoye_le is None


def test_references_come_with_the_answered_message_first():
    message = decoder(
        courriel(
            plus="In-Reply-To: <c@x>\r\nReferences: <a@x>\r\n <b@x> <c@x>\r\nX-Original-To: g+1@ville.example"
        )
    )
    assert message.references == ("<c@x>", "<b@x>", "<a@x>")
    assert "g+1@ville.example" in [a.courriel for a in message.destinataires]


@pytest.mark.parametrize(
    ("de", "nom", "prenom"),
    [
        ("MARTIN Jeanne", "MARTIN", "Jeanne"),
        ("LE GOFF-ROUX Jean Loïc", "LE GOFF-ROUX", "Jean Loïc"),
        ('"Martin, Jeanne"', "Martin", "Jeanne"),
        ("Mme Jeanne Martin", "Martin", "Jeanne"),
        ("Association des Amis du Parc", "Association des Amis du Parc", ""),
        ("jeanne@autre.example", "", ""),
        ("", "", ""),
    ],
)
def test_a_name_is_cut_only_where_it_says_so(de, nom, prenom):
    assert decoder(courriel(From=f"{de} <j@courriel.example>")).expediteur == Expediteur(
        nom=nom, prenom=prenom, courriel="j@courriel.example"
    )


# -- forged by chance or by hand


@pytest.mark.parametrize("charset", ["\x00", "utf\udcff-8", "utf-8; charset*=a'b'c", "a\ud800"])
def test_eight_bits_under_a_charset_that_is_none_are_read(charset):
    genre = f"text/plain; charset={charset}".encode("utf-8", "surrogatepass").decode(
        "utf-8", "surrogateescape"
    )
    assert decoder(courriel("Été".encode(), Content_Type=genre)).texte == "Été"


def test_identifiers_are_plain_letters_and_the_same_as_the_key():
    brut = courriel(Message_ID="<1\x00\udcff@x>", plus="References: <a\udce9@x> <b\x07@x>")
    message = decoder(brut)
    assert (message.message_id, message.references) == ("<1@x>", ("<b@x>", "<a@x>"))
    assert cle(brut) == message.cle_externe


def test_a_name_in_capitals_without_end_is_read_at_once():
    debut = time.process_time()
    decoder(courriel(From="A'" * 240 + "é <a@x.example>"))
    assert time.process_time() - debut < 0.5


# -- excess


def illisible(brut: bytes) -> str:
    with pytest.raises(ContenuIllisible) as refus:
        decoder(brut)
    return str(refus.value)


def test_what_is_no_mail_or_too_much_of_one_is_refused_with_its_reason():
    assert "vide" in illisible(b" \r\n")
    assert "aucun en-tête" in illisible(b"\r\nBonjour")
    assert "256 Ko" in illisible(courriel(References="<a@x> " * 50_000))
    assert "256 Ko" in illisible(b"A: " + b"x" * 300_000)
    assert "256 Ko" in illisible(parties(*["X-A: " + "a" * 900 + "\r\n\r\nx"] * 400))
    assert "parties" in illisible(parties(*["\r\n\r\nx"] * 3_000))


def imbriquer(profondeur: int) -> bytes:
    brut = courriel("", Content_Type="multipart/mixed; boundary=b0")
    for rang in range(profondeur):
        brut += f"--b{rang}\r\nContent-Type: multipart/mixed; boundary=b{rang + 1}\r\n\r\n".encode()
    return brut + f"--b{profondeur}\r\n\r\nAu fond\r\n".encode()


def test_a_nest_of_parts_is_read_or_refused_and_never_crashes():
    assert decoder(imbriquer(100)).texte == "Au fond"
    assert "profondément" in illisible(imbriquer(1_500))


@pytest.mark.parametrize("genre", ["text/plain; " + "; " * 14_000, "text/plain; a=" + '"' * 30_000])
def test_a_monstrous_content_type_costs_nothing(genre):
    debut = time.process_time()
    assert decoder(courriel("Bonjour", Content_Type=genre)).texte == "Bonjour"
    assert time.process_time() - debut < 0.5
