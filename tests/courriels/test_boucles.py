"""Mails that answer each other stop: two cities, a robot that shows no sign, a sender who never ends (R6)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from demandes import courriels, reception
from demandes.models import Demande
from guichet.envois import livraison
from guichet.envois.models import Envoi
from guichet.socle.demarrage import RACINE
from tests import factories
from tests.canaux.courriel.lettres import courriel
from tests.parcours.maison import base_de_test

JEANNE = "jeanne.martin@courriel.example"
# A thousand an hour in `make endurance`.
ENVOIS = int(os.environ.get("GUICHET_COURRIELS", "40"))


class Ville:
    """One of two cities, and what she wrote."""

    def __init__(self, nom: str, base: str, dossier: Path) -> None:
        self.adresse = f"guichet@{nom}.example"
        dossier.mkdir()
        self._processus = subprocess.Popen(
            [sys.executable, "-m", "tests.courriels.instance"],
            cwd=RACINE,
            env=os.environ
            | {
                "DATABASE_URL": base,
                "GUICHET_DONNEES": str(dossier),
                "GUICHET_COURRIEL_EXPEDITEUR": f"Guichet de {nom} <{self.adresse}>",
                "GUICHET_COURRIEL_REPONSE": f"reponse@{nom}.example",
                "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._processus.stdout is not None
        assert self._processus.stdout.readline() == "pret\n"

    def faire(self, ordre: str, quoi: str | Path) -> list[Path]:
        """The mails that leave because of it."""
        assert self._processus.stdin is not None
        assert self._processus.stdout is not None
        self._processus.stdin.write(f"{ordre} {quoi}\n")
        self._processus.stdin.flush()
        return [Path(parti) for parti in json.loads(self._processus.stdout.readline())]

    def fermer(self) -> None:
        with suppress(OSError):
            self._processus.stdin.close()
        self._processus.wait(timeout=20)
        self._processus.stdout.close()


@contextmanager
def copie_de_la_base() -> Iterator[str]:
    """A second database like the test's own, city included."""
    ici = urlsplit(base_de_test())
    nom, jumelle = connection.settings_dict["NAME"], f"{connection.settings_dict['NAME']}_jumelle"
    connections.close_all()
    administration = ici._replace(path="/postgres").geturl()
    with psycopg.connect(administration, autocommit=True) as serveur:
        # A thread of an earlier test may have left its connection open: a database in use is not copied.
        serveur.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [nom])
        ordre = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        serveur.execute(ordre.format(sql.Identifier(jumelle), sql.Identifier(nom)))
    try:
        yield ici._replace(path=f"/{jumelle}").geturl()
    finally:
        with psycopg.connect(administration, autocommit=True) as serveur:
            serveur.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(jumelle)))


@pytest.fixture
def villes(transactional_db: None, tmp_path: Path) -> Iterator[tuple[Ville, Ville]]:
    factories.creer_ville()
    with copie_de_la_base() as jumelle:
        ouvertes = Ville("amont", base_de_test(), tmp_path / "a"), Ville("aval", jumelle, tmp_path / "b")
        try:
            yield ouvertes
        finally:
            for ouverte in ouvertes:
                ouverte.fermer()


def echanger(premiere: Ville, seconde: Ville, mails: list[Path]) -> list[str]:
    """Carry every mail to the other city until nobody writes any more; return what was carried."""
    portes: list[str] = []
    a_porter = [(seconde, mail) for mail in mails]
    while a_porter and len(portes) < 10:
        chez, mail = a_porter.pop(0)
        lu = message_from_bytes(mail.read_bytes(), policy=default)
        portes.append(f"{lu['Auto-Submitted']} → {lu['To']}")
        assert lu["X-Auto-Response-Suppress"]
        autre = premiere if chez is seconde else seconde
        a_porter += [(autre, parti) for parti in chez.faire("recevoir", mail)]
    return portes


def test_r6_two_cities_writing_to_each_other_stop_after_two_messages(villes, tmp_path):
    amont, aval = villes
    # An agent of one writes to the other, as to anybody.
    assert echanger(amont, aval, amont.faire("ecrire", aval.adresse)) == [
        f"no → {aval.adresse}",
    ]
    # Somebody writes to one in the name of the other: the acknowledgement is the last word.
    brut = tmp_path / "mail.eml"
    brut.write_bytes(courriel(From="Contact <contact@aval.example>", To=amont.adresse))
    assert echanger(amont, aval, amont.faire("recevoir", brut)) == ["auto-generated → contact@aval.example"]


@pytest.mark.django_db(transaction=True)
def test_r6_a_sender_who_never_ends_gets_three_automatic_mails_an_hour():
    factories.creer_ville()
    for rang in range(ENVOIS):
        brut = courriel(f"Encore {rang}", Message_ID=f"<{rang}@courriel.example>")
        assert reception.traiter(courriels.recevoir(brut).pk) is not None
    livraison.balayer()
    assert Demande.objects.count() == Envoi.objects.count() == ENVOIS
    assert len(list(settings.GUICHET_COURRIEL_DOSSIER.glob("*.eml"))) == 3
    assert Envoi.objects.filter(etat=Envoi.Etat.ENVOYE).count() == 3


@pytest.mark.django_db(transaction=True)
def test_r6_a_robot_that_ignores_every_sign_is_answered_three_times_at_most():
    """It answers each mail as a new person would: no header says what it is."""
    factories.creer_ville()
    brut, tours = courriel(), 0
    while brut is not None and tours < 20:
        tours += 1
        reception.traiter(courriels.recevoir(brut).pk)
        livraison.balayer()
        recus = sorted(settings.GUICHET_COURRIEL_DOSSIER.glob("*.eml"))
        brut = None
        if len(recus) == tours:
            lu = message_from_bytes(recus[-1].read_bytes(), policy=default)
            brut = courriel(
                "Merci de votre message.", Message_ID=f"<robot{tours}@x.example>", To=str(lu["From"])
            )
    assert tours == 4
    assert Envoi.objects.filter(etat=Envoi.Etat.ENVOYE, destinataire=JEANNE).count() == 3
