"""Two drills on a city that reads a mailbox: its processes killed at random, its broker stopped for a while.

For test_endurance.py and for `python -m benchmarks.courriels --pannes`. Mails leave through a real SMTP
server, which counts what it is given: files in a folder would hide a second sending behind the first.
"""

import random
import time
from dataclasses import dataclass

from demandes.models import BoiteCourriel, Demande, Message, Reception
from guichet.envois.models import Envoi
from tests.canaux.courriel.lettres import courriel
from tests.courriels import facteur
from tests.courriels.conftest import creer_boite
from tests.courriels.dovecot import Dovecot
from tests.courriels.equipe import Troupe, ouvrir
from tests.courriels.facteur import Facteur

# Seconds between two kills.
PERIODE = 2


@dataclass(frozen=True)
class Bilan:
    """What was done and what came of it; seconds count from the first mail to the last one filed."""

    courriels: int
    secondes: float
    doublons: int
    morts: int = 0
    workers_tues: int = 0
    secondes_sans_courtier: float = 0

    def __str__(self) -> str:
        pannes = f"courtier arrêté {self.secondes_sans_courtier:.0f} s"
        if self.morts:
            pannes = f"{self.morts} processus tués, dont {self.workers_tues} workers"
        return (
            f"{self.courriels} courriels, {pannes} : {self.courriels} demandes en {self.secondes:.0f} s, "
            f"0 perdue, 0 double ; {self.courriels + self.doublons} accusés remis, {self.doublons} en double"
        )


def tuer_au_hasard(dovecot: Dovecot, nombre: int, morts: int) -> Bilan:
    """Kill -9 one of two workers and the reader every two seconds, while `nombre` mails go through them.

    A worker sends one mail at a time. Killed once the server has it and before that is noted, it leaves a row
    that is sent again, since not sending again could lose it: at most one duplicate for each worker killed,
    with the same Message-ID.
    """
    boite, bruts, hasard = _boite(dovecot), lettres(nombre), random.Random(78)
    with facteur.ouvrir(None, {}) as poste, ouvrir(**poste.reglages) as troupe:
        # Half before the start, half while it runs.
        dovecot.deposer_plusieurs(bruts[::2], boite.identifiant)
        troupe.attendre(Reception.objects.exists, 60, "un premier courriel")
        debut = time.monotonic()
        dovecot.deposer_plusieurs(bruts[1::2], boite.identifiant)
        victimes = []
        for _ in range(morts):
            victimes.append(troupe.tuer_un_au_hasard(hasard))
            prochaine = time.monotonic() + PERIODE
            while time.monotonic() < prochaine:
                troupe.battre()
                time.sleep(0.1)
        troupe.attendre(lambda: est_traite(nombre), 60 + nombre, "tous les courriels traités")
        secondes = time.monotonic() - debut
        troupe.attendre(lambda: not Envoi.objects.dus().exists(), 60 + nombre, "tous les accusés tentés")
        if not est_parti(nombre):
            victimes += _rendre_les_baux(troupe)
            troupe.attendre(lambda: est_parti(nombre), 60 + nombre, "tous les accusés partis")
    workers_tues = sum(nom.startswith("worker") for nom in victimes)
    doublons = verifier(bruts, poste, au_plus=workers_tues)
    return Bilan(nombre, secondes, doublons, len(victimes), workers_tues)


def _rendre_les_baux(troupe: Troupe) -> list[str]:
    """A sending that was killed keeps its lease for five minutes: over, for who cannot wait.

    The workers are killed first: the lease of one that still sends would be taken from it, and its mail sent
    twice by the drill's own fault.
    """
    workers = [t for t in troupe.travailleurs if t.nom.startswith("worker")]
    for worker in workers:
        worker.tuer()
    Envoi.objects.filter(etat=Envoi.Etat.A_ENVOYER).update(prochain_essai_le="2026-01-01T00:00:00Z")
    for worker in workers:
        worker.lancer()
    return [worker.nom for worker in workers]


def arreter_le_courtier(dovecot: Dovecot, nombre: int) -> Bilan:
    """All the mails but the first come while the broker is stopped: kept, and filed once it is back.

    No worker is killed: each acknowledgement is delivered once, without exception.
    """
    boite, bruts = _boite(dovecot), lettres(nombre)
    with facteur.ouvrir(None, {}) as poste, ouvrir(workers=1, **poste.reglages) as troupe:
        dovecot.deposer(bruts[0], boite.identifiant)
        troupe.attendre(lambda: est_traite(1), 60, "le premier courriel")
        troupe.arreter_le_courtier()
        arret = time.monotonic()
        dovecot.deposer_plusieurs(bruts[1:], boite.identifiant)
        troupe.attendre(lambda: Reception.objects.count() == nombre, 60 + nombre, "les courriels gardés")
        # Kept is committed before marked: the last batch may still be on its way to the server.
        troupe.attendre(lambda: _sont_marques(dovecot, boite, nombre), 60, "les courriels marqués lus")
        assert not est_traite(nombre)
        troupe.rouvrir_le_courtier()
        retour = time.monotonic()
        troupe.attendre(lambda: est_traite(nombre), 60 + nombre, "tout est traité au retour")
        secondes = time.monotonic() - retour
        troupe.attendre(lambda: est_parti(nombre), 60 + nombre, "tous les accusés partis")
    doublons = verifier(bruts, poste, au_plus=0)
    return Bilan(nombre, secondes, doublons, secondes_sans_courtier=retour - arret)


def _boite(dovecot: Dovecot) -> BoiteCourriel:
    """Connected long ago: each of its mails is acknowledged."""
    return creer_boite(dovecot, connectee_le="2026-01-01T00:00:00Z")


def _sont_marques(dovecot: Dovecot, boite: BoiteCourriel, nombre: int) -> bool:
    return [b"\\Seen" in d for d in dovecot.contenu(boite.identifiant).values()] == [True] * nombre


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


def est_traite(nombre: int) -> bool:
    return Reception.objects.filter(etat=Reception.Etat.TRAITEE).count() == nombre


def est_parti(nombre: int) -> bool:
    return Envoi.objects.filter(etat=Envoi.Etat.ENVOYE).count() == nombre


def verifier(bruts: list[bytes], poste: Facteur, *, au_plus: int) -> int:
    """One message each, byte for byte; one acknowledgement each; nothing in quarantine.

    Return how many deliveries repeat a Message-ID already delivered: `au_plus` at most.
    """
    assert sorted(bytes(r.contenu) for r in Reception.objects.all()) == sorted(bruts)
    assert set(Reception.objects.values_list("etat", flat=True)) == {Reception.Etat.TRAITEE}
    demandes = set(Reception.objects.values_list("demande", flat=True))
    assert len(demandes) == Demande.objects.count() == Message.objects.count() == len(bruts)
    accuses = list(Envoi.objects.values_list("destinataire", "message_id"))
    adresses = {adresse for adresse, _ in accuses}
    assert adresses == {f"jeanne{rang}@courriel.example" for rang in range(len(bruts))}
    assert len(accuses) == len(bruts)
    # Nothing but these was delivered, and each was.
    remises = poste.remises()
    assert set(remises) == set(accuses)
    doublons = remises.total() - len(accuses)
    assert doublons <= au_plus, {quoi: fois for quoi, fois in remises.items() if fois > 1}
    return doublons
