"""A mailbox that fills while its readers are killed: every mail is one message, acknowledged at most once.

A few dozens here; a thousand, with twenty kills, in `make endurance` (GUICHET_COURRIELS, GUICHET_MORTS).
"""

import os
import random
import time

import pytest
from django.conf import settings

from demandes.models import Demande, Message, Reception
from guichet.envois.models import Envoi
from tests import factories
from tests.canaux.courriel.lettres import courriel
from tests.courriels.conftest import creer_boite
from tests.courriels.equipe import ouvrir

COURRIELS = int(os.environ.get("GUICHET_COURRIELS", "60"))
MORTS = int(os.environ.get("GUICHET_MORTS", "3"))
# Seconds between two kills, and to finish once nobody is killed any more.
PERIODE = 2
FIN = 60 + COURRIELS


@pytest.fixture
def ville(transactional_db: None) -> factories.Ville:
    return factories.creer_ville()


def lettres(nombre: int) -> list[bytes]:
    return [
        courriel(
            f"Bonjour,\r\n\r\nLe réverbère numéro {rang} est éteint.\r\n\r\nMerci.\r\n",
            From=f"Jeanne Martin <jeanne{rang}@courriel.example>",
            Message_ID=f"<{rang}@courriel.example>",
            Subject=f"Réverbère {rang}",
        )
        for rang in range(nombre)
    ]


def tout_est_traite(nombre: int) -> bool:
    return Reception.objects.filter(etat=Reception.Etat.TRAITEE).count() == nombre


def tout_est_parti(nombre: int) -> bool:
    return Envoi.objects.filter(etat=Envoi.Etat.ENVOYE).count() == nombre


def verifier(bruts: list[bytes]) -> None:
    """One message each, byte for byte; one acknowledgement each; nothing in quarantine."""
    assert sorted(bytes(r.contenu) for r in Reception.objects.all()) == sorted(bruts)
    assert set(Reception.objects.values_list("etat", flat=True)) == {Reception.Etat.TRAITEE}
    demandes = set(Reception.objects.values_list("demande", flat=True))
    assert len(demandes) == Demande.objects.count() == Message.objects.count() == len(bruts)
    accuses = list(Envoi.objects.values_list("destinataire", flat=True))
    assert len(set(accuses)) == len(accuses) == len(bruts)
    assert len(list(settings.GUICHET_COURRIEL_DOSSIER.glob("*.eml"))) == len(bruts)


def test_r1_every_mail_is_one_message_while_readers_and_workers_are_killed(ville, dovecot):
    boite = creer_boite(dovecot, connectee_le="2026-01-01T00:00:00Z")
    bruts = lettres(COURRIELS)
    hasard = random.Random(78)
    with ouvrir() as troupe:
        # Half before the start, half while it runs.
        dovecot.deposer_plusieurs(bruts[::2], boite.identifiant)
        troupe.attendre(Reception.objects.exists, 60, "un premier courriel")
        dovecot.deposer_plusieurs(bruts[1::2], boite.identifiant)
        for _ in range(MORTS):
            troupe.tuer_un_au_hasard(hasard)
            prochaine = time.monotonic() + PERIODE
            while time.monotonic() < prochaine:
                troupe.battre()
                time.sleep(0.1)
        troupe.attendre(lambda: tout_est_traite(COURRIELS), FIN, "tous les courriels traités")
        # A sending that was killed keeps its lease for five minutes: over, for who cannot wait.
        Envoi.objects.filter(etat=Envoi.Etat.A_ENVOYER).update(prochain_essai_le="2026-01-01T00:00:00Z")
        troupe.attendre(lambda: tout_est_parti(COURRIELS), FIN, "tous les accusés partis")
        assert troupe.tues == MORTS
    verifier(bruts)


def test_r13_mails_are_taken_in_while_the_broker_is_stopped(ville, dovecot):
    boite = creer_boite(dovecot, connectee_le="2026-01-01T00:00:00Z")
    nombre = max(COURRIELS // 4, 10)
    bruts = lettres(nombre)
    with ouvrir(workers=1) as troupe:
        dovecot.deposer(bruts[0], boite.identifiant)
        troupe.attendre(lambda: tout_est_traite(1), 60, "le premier courriel")
        troupe.arreter_le_courtier()
        dovecot.deposer_plusieurs(bruts[1:], boite.identifiant)
        troupe.attendre(lambda: Reception.objects.count() == nombre, 60, "les courriels gardés")
        assert [b"\\Seen" in d for d in dovecot.contenu(boite.identifiant).values()] == [True] * nombre
        assert not tout_est_traite(nombre)
        troupe.rouvrir_le_courtier()
        troupe.attendre(lambda: tout_est_traite(nombre), FIN, "tout est traité au retour")
        troupe.attendre(lambda: tout_est_parti(nombre), FIN, "tous les accusés partis")
    verifier(bruts)
