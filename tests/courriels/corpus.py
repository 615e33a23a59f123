"""Mails of our own making, always the same: good ones whose content is known, hostile ones, damaged ones."""

import base64
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from urllib.parse import quote

GUICHET = "contact@ville.example"

# (first name, name, subject, words, charset they can be written in)
PERSONNES = (
    ("Jeanne", "Martin", "Un réverbère éteint", "Bonjour,\n\nLe réverbère du 12 est éteint.", "utf-8"),
    (
        "Loïc",
        "Le Goff",
        "Déchets à l'angle du quai",
        "Des sacs traînent ici depuis trois jours.",
        "iso-8859-1",
    ),
    (
        "Zoé",
        "Lefèvre",
        "Place en crèche – dossier n° 12",
        "Où en est mon dossier ? C'est « urgent ».",
        "cp1252",
    ),
    ("Œdipe", "Cœur", "Cantine : 4 € de trop", "J'ai payé 4 € de trop.", "iso-8859-15"),
    ("Yuki", "Tanaka", "住民票について", "こんにちは。住民票が必要です。", "iso-2022-jp"),
    ("Wei", "Zhang", "关于停车证", "您好，我想申请停车证。", "gb18030"),
    ("Olga", "Petrova", "Справка о рождении", "Здравствуйте, мне нужна справка.", "koi8-r"),
    ("Giorgos", "Papas", "Πιστοποιητικό γέννησης", "Καλημέρα, χρειάζομαι πιστοποιητικό.", "iso-8859-7"),
    ("Şule", "Yılmaz", "Okul kaydı", "Merhaba, çocuğumun okul kaydı için yazıyorum.", "iso-8859-9"),
    ("Łukasz", "Żak", "Hałas w nocy", "Dzień dobry, hałas jest nie do zniesienia.", "iso-8859-2"),
    ("محمد", "الحسن", "طلب شهادة", "السلام عليكم، أحتاج إلى شهادة.", "utf-8"),
    ("Nguyễn", "Thị Hoa", "Giấy khai sinh", "Xin chào, tôi cần giấy khai sinh.", "utf-8"),
)
NOMS_DE_FICHIERS = (
    "plan.pdf",
    "photo du trou.jpg",
    "pièce d'identité (recto).png",
    "Été 2026 – relevé n°3.xlsx",
    "見積書.pdf",
    "документ.docx",
    "a;b=c.txt",
    "sans extension",
    "très " * 20 + "long.txt",
)


@dataclass(frozen=True)
class Attendu:
    """One good mail, and what a faithful reading of it finds."""

    brut: bytes
    courriel: str
    objet: str
    texte: str
    pieces: tuple[tuple[str, bytes], ...]


def bons(nombre: int, graine: int = 1) -> Iterator[Attendu]:
    """Good mails, written in the many ways that real programs have."""
    hasard = random.Random(graine)
    for rang in range(nombre):
        prenom, nom, objet, mots, charset = PERSONNES[rang % len(PERSONNES)]
        adresse = f"habitant{rang}@courriel.example"
        objet = f"{objet} {rang}"
        pieces = tuple(
            (nom_du_fichier, hasard.randbytes(hasard.choice((0, 1, 57, 58, 1_000, 20_000))))
            for nom_du_fichier in hasard.sample(NOMS_DE_FICHIERS, hasard.choice((0, 0, 0, 1, 1, 2, 3)))
        )
        yield Attendu(
            _ecrire(hasard, rang, f"{prenom} {nom}", adresse, objet, mots, charset, pieces),
            adresse,
            objet,
            mots,
            pieces,
        )


def _ecrire(hasard, rang, nom, adresse, objet, mots, charset, pieces) -> bytes:
    tete = [
        f"From: {_nom(hasard, nom, charset)} <{adresse}>",
        f"To: {GUICHET}",
        f"Subject: {_mot_encode(objet, hasard.choice((charset, 'utf-8')))}",
        "Date: Thu, 12 Nov 2026 10:12:00 +0100",
        f"Message-ID: <bon-{rang}@courriel.example>",
        "MIME-Version: 1.0",
    ]
    corps = _texte(hasard, mots, charset)
    if pieces:
        frontiere = f"=_{rang}_frontiere"
        tete.append(f'Content-Type: multipart/mixed; boundary="{frontiere}"')
        morceaux = [corps, *(_piece(hasard, nom_du_fichier, octets) for nom_du_fichier, octets in pieces)]
        separateur = f"--{frontiere}\r\n".encode()
        corps = (
            b"\r\n" + b"".join(separateur + m + b"\r\n" for m in morceaux) + f"--{frontiere}--\r\n".encode()
        )
        return "\r\n".join(tete).encode() + b"\r\n" + corps
    return "\r\n".join(tete).encode() + b"\r\n" + corps


def _nom(hasard, nom: str, charset: str) -> str:
    """Encoded, quoted or bare, as the charset of the name allows."""
    if nom.isascii():
        return hasard.choice((nom, f'"{nom}"'))
    return _mot_encode(nom, hasard.choice((charset, "utf-8")))


def _mot_encode(texte: str, charset: str) -> str:
    return texte if texte.isascii() else Header(texte, charset, maxlinelen=70).encode(linesep="\r\n")


def _texte(hasard, mots: str, charset: str) -> bytes:
    """A text part with its headers: 8 bit, quoted-printable, base64, alone or beside HTML."""
    octets = mots.replace("\n", "\r\n").encode(charset)
    codages = {"quoted-printable": quopri.encodestring(octets), "base64": base64.encodebytes(octets)}
    if charset != "iso-2022-jp":
        codages["8bit"] = octets
    codage = hasard.choice(sorted(codages))
    simple = (
        f"Content-Type: text/plain; charset={hasard.choice((charset, charset.upper()))}\r\n"
        f"Content-Transfer-Encoding: {codage}\r\n\r\n"
    ).encode() + codages[codage].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if hasard.random() < 0.6:
        return simple
    html = "<p>" + mots.replace("\n", "<br>") + "</p>"
    frontiere = "=_alternative"
    return (
        f'Content-Type: multipart/alternative; boundary="{frontiere}"\r\n\r\n--{frontiere}\r\n'.encode()
        + simple
        + f"\r\n--{frontiere}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}".encode()
        + f"\r\n--{frontiere}--\r\n".encode()
    )


def _piece(hasard, nom: str, octets: bytes) -> bytes:
    """A file, its name written by RFC 2231, by encoded words, or raw."""
    style = hasard.choice(("rfc2231", "mot", "brut"))
    if style == "rfc2231":
        disposition = f"attachment; filename*=UTF-8''{quote(nom)}"
    elif style == "mot":
        mot = base64.b64encode(nom.encode()).decode()
        disposition = f'attachment; filename="=?utf-8?B?{mot}?="'
    else:
        disposition = f'attachment; filename="{nom}"'
    tete = f"Content-Type: application/octet-stream\r\nContent-Disposition: {disposition}\r\n"
    return tete.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets)


# -- hostile ones ----------------------------------------------------------------------------------------


def _simple(tete: bytes = b"", corps: bytes = b"Bonjour", de: bytes = b"X <x@courriel.example>") -> bytes:
    return b"From: " + de + b"\r\nTo: contact@ville.example\r\n" + tete + b"\r\n" + corps


def _imbrique(profondeur: int) -> bytes:
    ouvre = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(profondeur)
    )
    return _simple(b"MIME-Version: 1.0\r\n" + ouvre + b"Content-Type: text/plain\r\n")


def hostiles() -> Iterator[tuple[str, bytes]]:
    """One of each thing that has stopped a mail system, in the order of the list of abuse cases."""
    yield "vide", b""
    yield "espaces", b" \r\n \r\n"
    yield "pas un courriel", bytes(range(256)) * 40
    for profondeur in (50, 500, 3_000):
        yield f"{profondeur} multiparts imbriqués", _imbrique(profondeur)
    yield "messages imbriqués", _simple() + b"Content-Type: message/rfc822\r\n\r\n" * 2_000
    for charset in (
        b"x-inconnu",
        b"utf-32",
        b"utf-7",
        b"''",
        b"=?utf-8?Q?x?=",
        b"idna",
        b"punycode",
        b"hex",
        b"zlib",
    ):
        yield (
            f"charset {charset.decode()}",
            _simple(b"Content-Type: text/plain; charset=" + charset + b"\r\n", b"\xff\xe9\x00"),
        )
    yield (
        "charset menteur",
        _simple(b"Content-Type: text/plain; charset=us-ascii\r\n", "Été".encode("cp1252")),
    )
    yield "codage inconnu", _simple(b"Content-Transfer-Encoding: x-uuencode-ish\r\n")
    yield "base64 cassé", _simple(b"Content-Transfer-Encoding: base64\r\n", b"SGVsb G8=*===\r\n!!")
    yield (
        "quoted-printable cassé",
        _simple(b"Content-Transfer-Encoding: quoted-printable\r\n", b"=ZZ=\r\n=E9="),
    )
    yield "type en mot encodé", _simple(b"Content-Type: =?utf-8?B?dGV4dC9wbGFpbg==?=\r\n")
    for de in (
        b"<x@courriel.example",
        b"x @ courriel . example",
        b"",
        b"undisclosed:;",
        b'"x@y.example" <z@courriel.example>',
        b"=?utf-8?Q?x=40y.example?= <z@courriel.example>",
        b"a@a.example, b@b.example",
        b"x@\xc3\xa9t\xc3\xa9.example",
        b"\x00\x01\x02",
        b"<" * 5_000,
        b"(" * 5_000,
        b'"' * 5_001,
    ):
        yield f"From {de[:30]!r}", _simple(de=de)
    yield "deux From", _simple(b"From: autre@courriel.example\r\n")
    yield "NUL", _simple(b"Subject: a\x00b\r\n", b"avant\x00apr\xc3\xa8s")
    yield "Content-Type de points-virgules", _simple(b"Content-Type: text/plain" + b"; " * 14_000 + b"\r\n")
    yield "paramètres sans fin", _simple(b"Content-Type: text/plain; " + b"a*0*=x; " * 5_000 + b"\r\n")
    yield "en-têtes sans fin", _simple(b"X-Long: " + b"a" * 300_000 + b"\r\n")
    yield "références sans fin", _simple(b"References: " + b"<a@b.example> " * 30_000 + b"\r\n")
    yield "en-têtes innombrables", _simple(b"X: y\r\n" * 60_000)
    yield (
        "cent mille parties",
        _simple(b'Content-Type: multipart/mixed; boundary="b"\r\n') + b"--b\r\n\r\nx\r\n" * 100_000,
    )
    yield (
        "une ligne de base64 de 5 Mo",
        _simple(b"Content-Transfer-Encoding: base64\r\n", b"QUJD" * 1_250_000),
    )
    yield "un texte de 5 Mo", _simple(corps=b"mot " * 1_250_000)
    yield "une ligne d'un million de chevrons", _simple(corps=b">" * 1_000_000)
    yield "html profond", _simple(b"Content-Type: text/html\r\n", b"<div>" * 100_000)
    yield "html ouvert", _simple(b"Content-Type: text/html\r\n", b"<" * 500_000)
    yield "html d'attributs", _simple(b"Content-Type: text/html\r\n", b"<a " + b"x=y " * 200_000 + b">")
    yield "adresses web", _simple(corps=b"http://" + b"a." * 200_000 + b"example")
    yield "espaces et retours", _simple(corps=b" \r\n" * 300_000)
    for date in (
        b"Thu, 1 Jan 1970 00:00:00 +0000",
        b"Tue, 19 Jan 2038 03:14:08 +0000",
        b"99 Foo 99999",
        b"x" * 9_999,
    ):
        yield f"date {date[:20]!r}", _simple(b"Date: " + date + b"\r\n")
    for nom in (
        b"../../etc/passwd",
        b"a\r\n b.txt",
        b"\xe2\x80\xaegpj.exe",
        b"n" * 3_000,
        b"CON",
        b".",
        b"a\x00b",
    ):
        yield (
            f"fichier {nom[:20]!r}",
            _simple(
                b'Content-Type: application/pdf; name="' + nom + b'"\r\nContent-Disposition: attachment\r\n',
                b"%PDF-",
            ),
        )
    yield (
        "sans fin de partie",
        _simple(b'Content-Type: multipart/mixed; boundary="b"\r\n', b"--b\r\n\r\nBonjour"),
    )
    yield "frontière absente", _simple(b"Content-Type: multipart/mixed\r\n", b"Bonjour")
    yield "frontière vide", _simple(b'Content-Type: multipart/mixed; boundary=""\r\n', b"----\r\n\r\nBonjour")
    yield (
        "winmail.dat",
        _simple(b"Content-Type: application/ms-tnef; name=winmail.dat\r\n", b"\x78\x9f\x3e\x22" * 50),
    )
    yield (
        "signé et chiffré",
        _simple(b'Content-Type: application/pkcs7-mime; name="smime.p7m"\r\n', b"MIIB" * 99),
    )
    yield (
        "invitation",
        _simple(b"Content-Type: text/calendar; method=REQUEST\r\n", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR"),
    )
    yield "retours chariot seuls", _simple().replace(b"\r\n", b"\r")
    yield "utf-16", _simple().decode("ascii").encode("utf-16")
    yield "en-têtes de la maison", _simple(b"X-Guichet-Demande: 2026-0000001\r\nX-Guichet-Etat: close\r\n")


def mutations(nombre: int, graine: int = 7) -> Iterator[tuple[str, bytes]]:
    """Good mails, damaged: bytes changed, runs cut, doubled, moved, headers mixed."""
    hasard = random.Random(graine)
    for rang, bon in enumerate(bons(nombre, graine)):
        brut = bytearray(bon.brut)
        for _ in range(hasard.randint(1, 8)):
            _abimer(hasard, brut)
        yield f"mutation {rang}", bytes(brut)


def _abimer(hasard: random.Random, brut: bytearray) -> None:
    debut = hasard.randrange(len(brut) or 1)
    fin = min(len(brut), debut + hasard.choice((1, 2, 10, 200)))
    geste = hasard.randrange(5)
    if geste == 0:
        brut[debut:fin] = hasard.randbytes(fin - debut)
    elif geste == 1:
        del brut[debut:fin]
    elif geste == 2:
        brut[debut:debut] = brut[debut:fin] * hasard.choice((1, 2, 50))
    elif geste == 3:
        brut[debut:debut] = hasard.choice(
            (b"\x00", b"\r", b"\n", b"\r\n\r\n", b"=?", b"?=", b"--", b'"', b"\xff", b";")
        )
    else:
        ailleurs = hasard.randrange(len(brut) or 1)
        morceau = bytes(brut[debut:fin])
        del brut[debut:fin]
        brut[ailleurs:ailleurs] = morceau
