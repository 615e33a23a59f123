"""The reader is bounded by the kernel: a mail that would take everything takes nothing but itself down."""

import base64
import os
import signal
import sys
import textwrap
import threading
import time

import pytest

from guichet.canaux.courriel import transport
from guichet.canaux.courriel.bornes import Lecteur, LecteurIndisponible
from guichet.canaux.courriel.lecteur import SECONDES
from guichet.canaux.message import ContenuIllisible
from tests.canaux.courriel.lettres import GUICHET, RECU, courriel, decoder, parties
from tests.canaux.courriel.test_retours import rapport

NOUS = frozenset({GUICHET})


@pytest.fixture(scope="module")
def lecteur():
    lecteur = Lecteur()
    yield lecteur
    lecteur.arreter()


def lire(lecteur, brut):
    return lecteur.lire(brut, recu_le=RECU, nos_adresses=NOUS)


def complice(tmp_path, corps: str) -> Lecteur:
    """A reader that does to itself what a mail found a way to do: `piege()` runs at « PIEGE », in 2 s."""
    script = tmp_path / "complice.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, re, signal, sys, time
            sys.path.insert(0, os.getcwd())
            from guichet.canaux.courriel import lecteur
            lecteur.SECONDES = 2
            vrai = lecteur.lire
            def piege(brut, options):
            {corps}
            def lire(brut, **options):
                return piege(brut, options) if b"PIEGE" in brut else vrai(brut, **options)
            lecteur.lire = lire
            sortie = os.fdopen(os.dup(1), "wb")
            lecteur.servir(sys.stdin.buffer, sortie)
            """
        ).format(corps=textwrap.indent(textwrap.dedent(corps), "    "))
    )
    return Lecteur((sys.executable, str(script)), 30)


@pytest.mark.parametrize(
    "brut",
    [
        courriel(),
        courriel(sans=("Date", "From", "Message-ID")),
        courriel("<p>x</p>", Content_Type="text/html"),
        parties(b"Content-Type: image/png; name=a.png\r\nContent-ID: <i@x>\r\n\r\n\xff\n\x00", b"\r\n\r\nxx"),
        rapport("Status: 5.1.1"),
        courriel(
            From="José \ud83d <j@x.example>".encode("utf-8", "surrogatepass").decode(
                "utf-8", "surrogateescape"
            )
        ),
    ],
)
def test_what_comes_back_is_what_was_read(lecteur, brut):
    attendu = decoder(brut)
    assert transport.deballer(transport.emballer(attendu)) == attendu
    assert lire(lecteur, brut) == attendu


def test_a_refused_mail_says_why_and_the_reader_goes_on(lecteur):
    lire(lecteur, courriel())
    pid = lecteur._processus.pid
    with pytest.raises(ContenuIllisible, match="256 Ko"):
        lire(lecteur, courriel(References="<a@x> " * 50_000))
    assert lire(lecteur, courriel()).texte
    assert lecteur._processus.pid == pid


def test_25_megabytes_of_files_are_read_within_the_memory(lecteur):
    octets = os.urandom(18 * 1024 * 1024)
    brut = parties(
        b"Content-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(octets)
    )
    (piece,) = lire(lecteur, brut).pieces
    assert piece.contenu == octets


@pytest.mark.parametrize(
    ("corps", "motif"),
    [
        ("while True: pass", "5 secondes"),
        # In C, where no Python code of ours could stop it.
        ("re.match(r'(a+)+$', 'a' * 60 + 'b')", "5 secondes"),
        ("return [bytes(10**6) for _ in range(10**6)]", "300 Mo"),
        ("return bytes(400 * 10**6)", "300 Mo"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "-11"),
        ("os._exit(0)", "fait tomber"),
        ("os.write(sortie.fileno(), b'lu 99999999999\\n'); time.sleep(60)", "démesuré"),
        ("os.write(sortie.fileno(), b'lu 10\\nabc'); os._exit(0)", "fait tomber"),
        ("raise KeyError('x')", "KeyError"),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_a_mail_that_takes_everything_is_set_aside_and_the_next_one_is_read(tmp_path, corps, motif):
    lecteur = complice(tmp_path, corps)
    try:
        assert lire(lecteur, courriel("Avant")).texte == "Avant"
        with pytest.raises(ContenuIllisible, match=motif):
            lire(lecteur, courriel("PIEGE"))
        assert lire(lecteur, courriel("Après")).texte == "Après"
    finally:
        lecteur.arreter()


def test_a_mail_that_sleeps_or_swallows_signals_is_stopped_by_the_clock(tmp_path):
    lecteur = complice(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)")
    try:
        assert lire(lecteur, courriel("Avant")).texte == "Avant"
        lecteur._delai = 3  # now that it has started, which a busy machine takes longer to do
        with pytest.raises(ContenuIllisible, match="n'en finissait pas"):
            lire(lecteur, courriel("PIEGE"))
        assert lire(lecteur, courriel("Après")).texte == "Après"
    finally:
        lecteur.arreter()


def test_each_mail_has_its_own_five_seconds(tmp_path):
    """Four mails that pass the limit together: it is on a mail, not on a life."""
    assert SECONDES == 5
    lecteur = complice(
        tmp_path,
        "fin = time.process_time() + .6\nwhile time.process_time() < fin: pass\nreturn vrai(brut, **options)",
    )
    try:
        lire(lecteur, courriel())
        pid = lecteur._processus.pid
        for _ in range(4):
            lire(lecteur, courriel("PIEGE"))
        assert lecteur._processus.pid == pid
    finally:
        lecteur.arreter()


def test_a_reader_killed_between_two_mails_is_replaced(lecteur):
    lire(lecteur, courriel())
    os.kill(lecteur._processus.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert lire(lecteur, courriel("Encore")).texte == "Encore"


def test_a_reader_that_cannot_start_blames_no_mail():
    for commande in (("/n/existe/pas",), (sys.executable, "-c", "")):
        with pytest.raises(LecteurIndisponible):
            lire(Lecteur(commande), courriel())


def test_several_threads_never_mix_their_mails(lecteur):
    lus: dict[int, str] = {}

    def un(rang):
        lus[rang] = lire(lecteur, courriel(f"Courriel {rang}")).texte

    fils = [threading.Thread(target=un, args=(rang,)) for rang in range(20)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert lus == {rang: f"Courriel {rang}" for rang in range(20)}


def test_the_reader_knows_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "tres-secret")
    lecteur = complice(tmp_path, "raise type('_'.join(sorted(os.environ)), (Exception,), {})()")
    try:
        with pytest.raises(ContenuIllisible) as refus:
            lire(lecteur, courriel("PIEGE"))
        assert "SECRET" not in str(refus.value)
    finally:
        lecteur.arreter()
