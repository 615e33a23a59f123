"""Files come byte for byte; their names and types can harm nobody."""

import base64

import pytest

from guichet.canaux.courriel.fichiers import nom_sans_danger, type_sans_danger
from tests.canaux.courriel.lettres import decoder, parties

OCTETS = bytes(range(256)) * 40


def joint(en_tetes: str, contenu: bytes = base64.encodebytes(OCTETS)) -> bytes:
    return parties(
        "Content-Type: text/plain\r\n\r\nVoir la pièce.",
        en_tetes.encode("utf-8", "surrogateescape")
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + contenu,
    )


@pytest.mark.parametrize(
    "contenu",
    [
        base64.encodebytes(OCTETS),
        base64.b64encode(OCTETS),
        base64.encodebytes(OCTETS).replace(b"\n", b"\r\n \t"),
        base64.b64encode(OCTETS).rstrip(b"="),
        base64.b64encode(OCTETS) + b"\r\n\r\n-- \r\nEnvoye par la liste",
    ],
)
def test_a_file_is_the_same_to_the_byte(contenu):
    (piece,) = decoder(joint("Content-Type: application/zip; name=a.zip", contenu)).pieces
    assert piece.contenu[: len(OCTETS)] == OCTETS


@pytest.mark.parametrize("fin", [b"\r\n", b"\n", b"\r"])
def test_a_file_in_eight_bits_keeps_its_line_ends(fin):
    brut = parties(
        b"Content-Type: application/octet-stream; name=x.bin\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        b"\xff\xfe" + fin + b"\x80fin"
    )
    assert decoder(brut).pieces[0].contenu == b"\xff\xfe" + fin + b"\x80fin"


@pytest.mark.parametrize(
    ("disposition", "nom"),
    [
        ('attachment; filename="plan.pdf"', "plan.pdf"),
        ("attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*0*=utf-8''%C3%A9; filename*1*=t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*=iso-8859-1'fr'%E9t%E9.pdf", "été.pdf"),
        ('attachment; filename="=?utf-8?q?=C3=A9t=C3=A9=2Epdf?="', "été.pdf"),
        ('attachment; filename="été.pdf"', "été.pdf"),
        ("attachment; filename*=inconnu''%C3%A9.pdf", "é.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\plan.pdf"', "plan.pdf"),
        ('attachment; filename="photo\u202egpj.exe"', "photogpj.exe"),
        ("attachment; filename*=utf-8''a%0D%0AX-B%3A%201.pdf", "a_X-B_ 1.pdf"),
        ('attachment; filename="..."', "document"),
        ('attachment; filename="aux.txt"', "_aux.txt"),
    ],
)
def test_a_name_is_read_in_every_writing_and_made_safe(disposition, nom):
    (piece,) = decoder(joint(f"Content-Type: application/pdf\r\nContent-Disposition: {disposition}")).pieces
    assert piece.nom == nom


def test_a_name_of_300_letters_keeps_its_extension():
    assert nom_sans_danger("é" * 300 + ".pdf") == "é" * 116 + ".pdf"


def test_two_files_of_one_name_are_two_files():
    partie = b"Content-Type: image/png; name=Photo.png\r\n\r\nx"
    assert [p.nom for p in decoder(parties(partie, partie, partie)).pieces] == [
        "Photo.png",
        "Photo (2).png",
        "Photo (3).png",
    ]


@pytest.mark.parametrize(
    "genre", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "text/xml"]
)
def test_a_type_that_a_browser_runs_is_mere_bytes(genre):
    assert type_sans_danger(genre) == "application/octet-stream"
    (piece,) = decoder(joint(f"Content-Type: {genre}\r\nContent-Disposition: attachment; filename=x")).pieces
    assert (piece.type_mime, piece.contenu) == ("application/octet-stream", OCTETS)


def test_an_encoded_word_is_no_type():
    (piece,) = decoder(joint("Content-Type: =?utf-8?q?text/html?=; name=x.bin")).pieces
    assert piece.type_mime == "application/octet-stream"
