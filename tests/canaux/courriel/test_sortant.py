import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from guichet.canaux import courriel
from guichet.canaux.message import MessageSortant, PieceJointe

MESSAGE = MessageSortant(
    expediteur="Guichet de la ville <ne-pas-repondre@ville.example>",
    destinataire="ginette@boite.example",
    objet="Votre demande 2026-0000012",
    texte="Bonjour,\n\nNous avons bien reçu votre demande.\n",
    html="<p>Nous avons bien reçu votre demande.</p>",
    message_id="<abc@ville.example>",
    date=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
)
OBJET_LONG = (
    "Votre réclamation à propos de l'éclairage défectueux de l'école élémentaire « Élisabeth-Vigée-Le-Brun » "
    "– à compléter avant le 1ᵉʳ décembre, c'est-à-dire très bientôt : œuvrez-y dès aujourd'hui"
)


def relire(message):
    return email.message_from_bytes(courriel.composer(message), policy=email.policy.default)


def corps(lu, genre="plain"):
    return lu.get_body((genre,)).get_content().replace("\r\n", "\n")


def test_a_mail_carries_what_a_reader_and_a_robot_need():
    lu = relire(MESSAGE)

    assert lu["From"] == "Guichet de la ville <ne-pas-repondre@ville.example>"
    assert lu["To"] == "ginette@boite.example"
    assert lu["Subject"] == "Votre demande 2026-0000012"
    assert lu["Date"] == "Mon, 02 Mar 2026 10:30:00 +0100"
    assert lu["Message-ID"] == "<abc@ville.example>"
    assert lu.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in lu.iter_parts()] == ["text/plain", "text/html"]
    assert corps(lu) == MESSAGE.texte
    assert corps(lu, "html").strip() == MESSAGE.html
    assert not lu.defects


def test_a_picture_of_the_html_part_travels_inside_it_and_beside_no_document():
    logo = PieceJointe("logo.png", "image/png", b"\x89PNG\r\n\x1a\n-des-points")
    document = PieceJointe("arrete.pdf", "application/pdf", b"%PDF-1.7")
    lu = relire(replace(MESSAGE, images={"logo@guichet": logo}, pieces=(document,)))

    assert lu.get_content_type() == "multipart/mixed"
    assert [p.get_content_type() for p in lu.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    image = next(p for p in lu.walk() if p.get_content_type() == "image/png")
    assert (image["Content-ID"], image.get_content_disposition()) == ("<logo@guichet>", "inline")
    assert image.get_content() == logo.contenu
    assert [p.get_filename() for p in lu.iter_attachments()] == ["arrete.pdf"]
    assert (corps(lu), corps(lu, "html").strip()) == (MESSAGE.texte, MESSAGE.html)
    assert not any(p.defects for p in lu.walk())


@pytest.mark.parametrize(
    ("est_automatique", "auto_submitted", "suppress"),
    [(True, "auto-generated", "All"), (False, "no", "OOF, AutoReply")],
)
def test_every_mail_says_whether_a_person_wrote_it(est_automatique, auto_submitted, suppress):
    lu = relire(replace(MESSAGE, est_automatique=est_automatique))

    assert lu["Auto-Submitted"] == auto_submitted
    assert lu["X-Auto-Response-Suppress"] == suppress


def test_composing_twice_gives_the_same_message():
    message = replace(MESSAGE, pieces=(PieceJointe("plan.pdf", "application/pdf", b"%PDF"),))

    assert courriel.composer(message) == courriel.composer(message)


@pytest.mark.parametrize("longueur", range(1, len(OBJET_LONG) + 1))
def test_a_french_subject_comes_back_whole_whatever_its_length(longueur):
    objet = " ".join(OBJET_LONG[:longueur].split())

    brut = courriel.composer(replace(MESSAGE, objet=objet))

    assert relire(replace(MESSAGE, objet=objet))["Subject"] == objet
    assert brut.isascii()
    assert max(map(len, brut.split(b"\r\n"))) <= 78


SAUTS = ["\r\n", "\n", "\r", "\x00", "\r\n ", "\u2028", "\x85", "\x0b"]


@pytest.mark.parametrize("saut", SAUTS)
@pytest.mark.parametrize("champ", ["objet", "message_id", "en_tetes", "pieces"])
def test_nothing_can_add_a_header(champ, saut):
    poison = f"a{saut}Bcc: victime@tiers.example{saut}{saut}corps"
    valeurs = {
        "objet": poison,
        "message_id": f"<{poison}>",
        "en_tetes": {"X-Guichet": poison},
        "pieces": (PieceJointe(poison, "image/jpeg", b"x"),),
    }

    brut = courriel.composer(replace(MESSAGE, **{champ: valeurs[champ]}))

    lu = email.message_from_bytes(brut, policy=email.policy.default)
    assert set(lu.keys()) == {*MESSAGE_EN_TETES, *(["X-Guichet"] if champ == "en_tetes" else [])}
    assert corps(lu) == MESSAGE.texte
    assert not any(ligne.lower().startswith(b"bcc") for ligne in brut.splitlines())


@pytest.mark.parametrize("saut", SAUTS)
@pytest.mark.parametrize("champ", ["expediteur", "destinataire"])
def test_an_address_that_hides_another_is_refused(champ, saut):
    poison = f"ginette@boite.example{saut}Bcc: victime@tiers.example"

    with pytest.raises(ValueError, match="not an address"):
        courriel.composer(replace(MESSAGE, **{champ: poison}))


MESSAGE_EN_TETES = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
}


@pytest.mark.parametrize(
    "nom", ["Bcc", "to", "Subject", "Content-Type", "Auto-Submitted", "X\r\nBcc", "X Y", "", "É", "Resent-To"]
)
def test_a_caller_cannot_write_the_headers_of_the_house(nom):
    with pytest.raises(ValueError, match="forbidden header"):
        courriel.composer(replace(MESSAGE, en_tetes={nom: "x"}))


def test_a_reply_keeps_its_thread():
    lu = relire(
        replace(MESSAGE, en_tetes={"In-Reply-To": "<q@boite.example>", "Reply-To": "d@ville.example"})
    )

    assert (lu["In-Reply-To"], lu["Reply-To"]) == ("<q@boite.example>", "d@ville.example")


def test_long_identifiers_are_written_as_they_are():
    longs = [f"<{rang}{'A' * 90}@courriel.example>" for rang in range(3)]
    brut = courriel.composer(
        replace(MESSAGE, en_tetes={"In-Reply-To": longs[2], "References": " ".join(longs)})
    )

    assert f"In-Reply-To: {longs[2]}\r\n".encode() in brut
    assert f"References: {longs[0]}\r\n {longs[1]}\r\n {longs[2]}\r\n".encode() in brut


def test_attachments_come_back_byte_for_byte():
    contenu = bytes(range(256)) * 10
    lu = relire(replace(MESSAGE, pieces=(PieceJointe("arrêté n° 12.pdf", "application/pdf", contenu),)))

    (piece,) = lu.iter_attachments()
    assert (piece.get_filename(), piece.get_content_type()) == ("arrêté n° 12.pdf", "application/pdf")
    assert piece.get_content() == contenu


@pytest.mark.parametrize(
    "adresse", ["", "sans-arobase", "a@b@c", "a b@c.example", "a@[::1", "a, b@c.example"]
)
def test_what_is_not_one_address_is_refused(adresse):
    with pytest.raises(ValueError, match="not an address"):
        courriel.composer(replace(MESSAGE, destinataire=adresse))
