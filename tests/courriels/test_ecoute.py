"""A mail server hands mails over: accepted once committed, put off when they cannot be, or refused."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.db import OperationalError

from demandes import adresses_de_reponse, courriels, ecoute, reception
from demandes.models import Demande, Reception
from tests import factories
from tests.canaux.courriel.lettres import courriel

NOUS = "contact@ville.example"


class Ecoute(Controller):
    """The listener in a thread of its own; the command itself is in `test_histoires`."""

    def __init__(self, protocole: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as prise:
            port = prise.getsockname()[1]
        super().__init__(ecoute.Accueil(), hostname="127.0.0.1", port=port)
        self.protocole = protocole

    def factory(self) -> SMTP:
        return ecoute.parler(self.protocole, self.handler, self.loop)


@contextmanager
def ecouter(protocole: str) -> Iterator[int]:
    serveur = Ecoute(protocole)
    serveur.start()
    try:
        yield serveur.port
    finally:
        serveur.stop()
        serveur.handler.fermer()


@pytest.fixture
def ville(transactional_db: None) -> factories.Ville:
    return factories.creer_ville()


class Remise:
    """One conversation with the listener, word by word: the standard library does not speak all of LMTP."""

    def __init__(self, protocole: str, port: int) -> None:
        self.protocole = protocole
        self._prise = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._flux = self._prise.makefile("rwb")
        self.lire()
        self.annonces = self.dire(f"{'LHLO' if protocole == 'lmtp' else 'EHLO'} serveur.example")

    def lire(self) -> list[str]:
        lignes = [self._flux.readline().decode()]
        while lignes[-1][3:4] == "-":
            lignes.append(self._flux.readline().decode())
        return lignes

    def dire(self, ordre: str) -> list[str]:
        self._flux.write(ordre.encode() + b"\r\n")
        self._flux.flush()
        return self.lire()

    def remettre(self, brut: bytes, *destinataires: str) -> list[str]:
        """The code for each recipient, then for the data: one for each that was taken, in LMTP."""
        assert self.dire("MAIL FROM:<jeanne@courriel.example> BODY=8BITMIME")[0][:3] == "250"
        codes = [self.dire(f"RCPT TO:<{adresse}>")[0][:3] for adresse in destinataires]
        if not (pris := codes.count("250")):
            return codes
        assert self.dire("DATA")[0][:3] == "354"
        brut += b"" if brut.endswith(b"\r\n") else b"\r\n"
        self._flux.write(re.sub(rb"^\.", b"..", brut, flags=re.MULTILINE) + b".\r\n")
        self._flux.flush()
        codes += [self.lire()[0][:3] for _ in range(pris if self.protocole == "lmtp" else 1)]
        # Nothing more was said: the next answer is that of the next order.
        assert self.dire("NOOP")[0][:3] == "250"
        return codes

    def fermer(self) -> None:
        self.dire("QUIT")
        self.couper()

    def couper(self) -> None:
        self._flux.close()
        self._prise.close()


@pytest.fixture(params=["lmtp", "smtp"])
def remise(request, ville) -> Iterator[Callable[[], Remise]]:
    with ecouter(request.param) as port:
        ouvertes: list[Remise] = []

        def ouvrir() -> Remise:
            ouvertes.append(Remise(request.param, port))
            return ouvertes[-1]

        yield ouvrir
        for ouverte in ouvertes:
            # Closed by its test, or by a failure in the middle.
            if not ouverte._flux.closed:
                ouverte.fermer()


def donnees(remise: Remise, code: str, nombre: int) -> list[str]:
    return [code] * (nombre if remise.protocole == "lmtp" else 1)


def test_a_mail_is_stored_byte_for_byte_with_whom_it_was_for(remise):
    brut = courriel(b"Ligne\r\n.\r\n..point\r\n\xe9" + b"x" * 5_000 + b"\r\n", plus="X-Long: " + "y" * 3_000)
    serveur = remise()
    assert serveur.remettre(brut, NOUS, "voirie@ville.example") == ["250", "250", *donnees(serveur, "250", 2)]
    gardee = Reception.objects.get()
    assert bytes(gardee.contenu) == brut
    assert gardee.adresses == [NOUS, "voirie@ville.example"]
    assert serveur.remettre(brut, NOUS) == ["250", "250"]
    assert Reception.objects.count() == 1
    assert reception.traiter(gardee.pk) == Demande.objects.get()


def test_nobody_is_told_yes_while_the_database_says_no(remise, monkeypatch):
    def tomber(*_args, **_options):
        raise OperationalError("the database is gone")

    serveur = remise()
    with monkeypatch.context() as patch:
        patch.setattr(courriels, "recevoir", tomber)
        refuses = serveur.remettre(courriel(), NOUS, "voirie@ville.example")
        assert refuses == ["250", "250", *donnees(serveur, "451", 2)]
    with monkeypatch.context() as patch:
        patch.setattr(ecoute, "est_a_nous", tomber)
        assert serveur.remettre(courriel(), NOUS) == ["451"]
    assert not Reception.objects.exists()
    serveur.dire("RSET")
    assert serveur.remettre(courriel(), NOUS) == ["250", "250"]


def test_an_address_that_is_not_the_city_s_is_refused_once_hers_are_set_up(remise):
    serveur = remise()
    assert serveur.remettre(courriel(), "nimporte@ailleurs.example") == ["250", "250"]
    factories.creer_boite(adresses=[NOUS])
    signee = adresses_de_reponse.adresse("2026-0000001")
    assert serveur.remettre(courriel("Autre"), "nimporte@ailleurs.example") == ["550"]
    serveur.dire("RSET")
    codes = serveur.remettre(courriel("Encore"), NOUS.upper(), "personne@ville.example", signee)
    assert codes == ["250", "550", "250", *donnees(serveur, "250", 2)]
    assert Reception.objects.latest("pk").adresses == sorted([NOUS, signee])
    assert Reception.objects.count() == 2


def test_the_size_is_announced_and_what_is_larger_is_refused_for_good(remise, monkeypatch):
    monkeypatch.setattr(ecoute, "TAILLE_MAX", 10_000)
    serveur = remise()
    assert any("SIZE 10000" in ligne for ligne in serveur.annonces)
    assert serveur.dire("MAIL FROM:<jeanne@courriel.example> SIZE=20000")[0][:3] == "552"
    # A client that does not say it is told after the data.
    trop = courriel("x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 300)
    assert serveur.remettre(trop, NOUS, "b@ville.example") == ["250", "250", *donnees(serveur, "552", 2)]
    assert not Reception.objects.exists()


def test_a_conversation_that_breaks_in_the_middle_keeps_nothing(remise):
    serveur = remise()
    for ordre in ("MAIL FROM:<jeanne@courriel.example>", f"RCPT TO:<{NOUS}>", "DATA"):
        serveur.dire(ordre)
    serveur._flux.write(courriel()[:100])
    serveur._flux.flush()
    serveur.couper()
    autre = remise()
    assert autre.remettre(courriel(), NOUS) == ["250", "250"]
    assert bytes(Reception.objects.get().contenu) == courriel()
