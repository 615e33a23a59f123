"""The inbox: the same bytes once, the unreadable set aside, nothing lost to a crash, two workers at once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from demandes import reception
from demandes.etats import Etat
from demandes.models import Demande, EntreeJournal, Message, Reception
from demandes.sondes import sonder_receptions
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import Voie
from tests import factories
from usagers.models import Usager

APPEL: dict[str, Any] = {
    "canal": "telephone",
    "id": "appel-1",
    "objet": "Trou devant l'école",
    "texte": "Il y a un trou devant le 12 rue des Tisserands.",
    "type": "VOI-TROU",
    "identite": {
        "nom": "Martin",
        "prenom": "Jeanne",
        "courriel": "jeanne.martin@courriel.example",
        "telephone": "06 39 98 12 34",
        "adresse": "12 rue des Tisserands",
    },
    "reponses": {"nature": "trou"},
}


def brut(**changements: Any) -> bytes:
    return json.dumps(APPEL | changements, ensure_ascii=False).encode()


def arriver(contenu: bytes, cle: str = "appel-1", canal: str = Canal.TELEPHONE) -> Reception:
    """Keep raw bytes the way a channel does."""
    return reception.recevoir(canal, "saisie", cle, contenu)


# -- once and only once


def test_a_call_becomes_a_demande_with_its_person_its_type_and_its_raw_bytes(ville):
    rangee = arriver(brut())

    demande = reception.traiter(rangee.pk)

    assert (demande.etat, demande.canal, demande.type) == (Etat.NOUVELLE, Canal.TELEPHONE, ville.type_voirie)
    assert demande.point_accueil == ville.accueil
    assert demande.usager.courriel == "jeanne.martin@courriel.example"
    assert demande.recue_le == rangee.recue_le
    assert demande.messages.get().corps == APPEL["texte"]
    rangee = Reception.objects.get(pk=rangee.pk)
    assert (rangee.etat, rangee.demande, bytes(rangee.contenu)) == ("traitee", demande, brut())
    assert len(rangee.empreinte) == 64
    assert Envoi.objects.get().destinataire == "jeanne.martin@courriel.example"


def test_the_same_bytes_twice_are_one_demande(ville):
    premiere, seconde = arriver(brut()), arriver(brut())

    assert premiere.pk == seconde.pk
    assert reception.traiter(premiere.pk) is not None
    assert reception.traiter(premiere.pk) is None
    assert reception.balayer() == 0
    assert arriver(brut()).etat == Reception.Etat.TRAITEE
    assert Demande.objects.count() == 1
    assert Envoi.objects.count() == 1


def test_the_same_key_with_other_bytes_is_another_message(ville):
    """Never discard on an identifier alone: senders reuse theirs (fiabilite.md R4)."""
    arriver(brut())
    arriver(brut(texte="Le trou s'est agrandi."))

    assert reception.balayer() == 2
    assert Demande.objects.count() == 2


def test_the_same_bytes_under_another_key_or_channel_are_another_message(ville):
    arriver(brut())
    arriver(brut(), cle="appel-2")
    arriver(brut(), canal=Canal.GUICHET)

    assert Reception.objects.count() == 3


def test_a_key_too_long_to_store_still_tells_messages_apart(ville):
    longue = "x" * 400
    assert arriver(brut(), cle=longue).pk == arriver(brut(), cle=longue).pk
    assert Reception.objects.count() == 1


def test_two_messages_of_one_person_make_two_demandes_and_one_person(ville):
    arriver(brut())
    arriver(brut(texte="Un lampadaire est éteint."))

    reception.balayer()

    assert Usager.objects.count() == 1
    assert {d.rapprochement for d in Demande.objects.all()} == {"nouveau", "retrouve"}


def test_a_demande_without_anybody_is_anonymous(ville):
    reception.traiter(arriver(brut(identite={}, anonyme=True)).pk)

    demande = Demande.objects.get()
    assert demande.est_anonyme
    assert demande.usager is None
    assert Envoi.objects.count() == 0


def test_an_unknown_or_unpublished_type_waits_at_the_desk(ville):
    ville.type_voirie.publie_le = None
    ville.type_voirie.save()

    for cle, code in (("a", "NE-EXISTE"), ("b", "VOI-TROU")):
        demande = reception.traiter(arriver(brut(type=code), cle=cle).pk)
        assert demande.type is None
        assert demande.etat == Etat.NOUVELLE


def test_the_district_comes_from_the_address_alone(ville):
    Voie(nom="rue des Tisserands", territoire=ville.territoire).save()

    assert reception.traiter(arriver(brut()).pk).territoire == ville.territoire


def test_a_message_never_arrives_in_the_future(ville):
    demain = (timezone.now() + timedelta(days=1)).isoformat()

    demande = reception.traiter(arriver(brut(recu_le=demain)).pk)

    assert demande.recue_le <= timezone.now()


# -- what cannot be read


@pytest.mark.parametrize(
    ("contenu", "motif"),
    [
        (b"\xff\xfe pas du texte", "UTF-8"),
        (b"{", "JSON"),
        (b"[]", "objet JSON"),
        (b'{"canal": "telephone", "id": "1"}', "vide"),
        (b'{"canal": "pigeon", "id": "1", "texte": "Bonjour"}', "Canal inconnu"),
        (b'{"canal": "telephone", "texte": "Bonjour"}', "identifiant"),
        (b'{"canal": "telephone", "id": "1", "texte": "nul\\u0000"}', "nul"),
    ],
)
def test_the_unreadable_is_set_aside_with_its_reason_and_stops_nobody(ville, contenu, motif):
    avant, mauvais, apres = arriver(brut(), "1"), arriver(contenu, "2"), arriver(brut(), "3")

    assert reception.balayer() == 2

    mauvais = Reception.objects.get(pk=mauvais.pk)
    assert mauvais.etat == Reception.Etat.QUARANTAINE
    assert motif in mauvais.motif
    assert bytes(mauvais.contenu) == contenu
    assert mauvais.demande is None
    assert {Reception.objects.get(pk=r.pk).etat for r in (avant, apres)} == {"traitee"}


def test_what_the_house_refuses_is_set_aside_with_its_sentence(ville):
    ville.accueil.canaux = [Canal.GUICHET]
    ville.accueil.save()
    rangee = arriver(brut())

    assert reception.traiter(rangee.pk) is None

    assert Reception.objects.get().motif == "Aucun point d'accueil ne reçoit ce canal."
    assert not Demande.objects.exists()
    assert not Usager.objects.exists()


def test_the_quarantine_shows_on_the_health_page(ville):
    arriver(b"{")
    reception.balayer()

    sonde = sonder_receptions()
    assert sonde.valeurs["quarantaine"] == 1
    assert sonde.est_verte


def test_a_reception_that_waits_turns_the_health_page_red(ville):
    arriver(brut())

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        sonde = sonder_receptions()

    assert not sonde.est_verte
    assert sonde.valeurs["retard_s"] >= 660


# -- crashes


def test_a_fault_of_ours_is_tried_again_then_shown_to_an_operator(ville, monkeypatch):
    rangee = arriver(brut())
    autre = arriver(brut(texte="Une autre."), "autre")
    ouvrir = reception.ouvrir

    def tomber(r):
        if r.pk == rangee.pk:
            raise ZeroDivisionError
        return ouvrir(r)

    monkeypatch.setattr(reception, "ouvrir", tomber)

    assert reception.balayer() == 1
    assert Reception.objects.get(pk=rangee.pk).essais == 1
    assert reception.balayer() == 0, "it is left alone for a while"
    for essai in range(2, reception.ESSAIS + 1):
        with time_machine.travel(timezone.now() + reception.PAUSE * essai):
            reception.balayer()

    rangee = Reception.objects.get(pk=rangee.pk)
    assert (rangee.etat, rangee.essais) == (Reception.Etat.QUARANTAINE, reception.ESSAIS)
    assert rangee.motif == "Erreur interne répétée : ZeroDivisionError."
    assert Demande.objects.get().receptions.get() == autre


def test_once_repaired_a_fault_leaves_no_trace(ville, monkeypatch):
    rangee = arriver(brut())
    with monkeypatch.context() as panne:
        panne.setattr(reception, "ouvrir", lambda r: 1 / 0)
        assert reception.traiter(rangee.pk) is None

    demande = reception.traiter(rangee.pk)

    assert Demande.objects.get() == demande
    assert EntreeJournal.objects.filter(demande=demande).count() == 1


@pytest.mark.django_db(transaction=True)
def test_r3_what_ends_its_worker_comes_to_quarantine_and_the_next_is_read(monkeypatch):
    """Each try is committed before it is made: a worker that is killed writes nothing."""
    factories.creer_ville()
    rangee = arriver(brut())
    suivante = arriver(brut(texte="Une autre."), "autre")
    ouvrir, ouvertes = reception.ouvrir, []

    def tuer(r: Reception) -> Demande:
        ouvertes.append(r.pk)
        if r.pk == rangee.pk:
            raise KeyboardInterrupt
        return ouvrir(r)

    monkeypatch.setattr(reception, "ouvrir", tuer)
    with pytest.raises(KeyboardInterrupt):
        reception.balayer()
    assert Reception.objects.get(pk=rangee.pk).essais == 1
    # The one that killed the worker is not the first of the next sweep, even once its pause is over.
    with time_machine.travel(timezone.now() + reception.PAUSE), pytest.raises(KeyboardInterrupt):
        reception.balayer()
    assert Reception.objects.get(pk=suivante.pk).etat == Reception.Etat.TRAITEE
    assert ouvertes == [rangee.pk, suivante.pk, rangee.pk]

    for _ in range(reception.ESSAIS - 2):
        with pytest.raises(KeyboardInterrupt):
            reception.traiter(rangee.pk)
    assert reception.traiter(rangee.pk) is None

    tuante = Reception.objects.get(pk=rangee.pk)
    assert (tuante.etat, tuante.motif) == (Reception.Etat.QUARANTAINE, reception.TROP_D_ESSAIS)
    assert (tuante.essais, bytes(tuante.contenu)) == (reception.ESSAIS, brut())
    assert ouvertes == [rangee.pk, suivante.pk] + [rangee.pk] * (reception.ESSAIS - 1)
    assert Demande.objects.get().receptions.get() == suivante


def test_a_worker_killed_before_its_commit_leaves_the_message_to_the_next(ville, monkeypatch):
    """Everything since the message was stored is undone, and done again once."""
    rangee = arriver(brut())

    garder = Reception.save

    def mourir(self: Reception, **champs: Any) -> None:
        if self.etat == Reception.Etat.TRAITEE:
            raise KeyboardInterrupt
        garder(self, **champs)

    with monkeypatch.context() as mort:
        mort.setattr(Reception, "save", mourir)
        with pytest.raises(KeyboardInterrupt):
            reception.traiter(rangee.pk)

    assert not Demande.objects.exists()
    with time_machine.travel(timezone.now() + reception.PAUSE):
        assert reception.balayer() == 1
    assert Reception.objects.get(pk=rangee.pk).etat == Reception.Etat.TRAITEE
    assert Demande.objects.count() == Message.objects.count() == Envoi.objects.count() == 1


def test_a_processed_row_says_when_and_a_quarantined_one_says_why(ville):
    rangee = arriver(brut())
    for champs in ({"etat": "traitee"}, {"etat": "quarantaine", "traitee_le": timezone.now(), "motif": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reception.objects.filter(pk=rangee.pk).update(**champs)


# -- two workers at once


@pytest.mark.django_db(transaction=True)
def test_eight_workers_on_the_same_messages_file_each_once():
    factories.creer_ville()
    rangees = [arriver(brut(texte=f"Message {n}."), f"appel-{n}") for n in range(12)]
    depart = threading.Barrier(8)

    def travailler(_rang: int) -> int:
        depart.wait()
        try:
            return sum(reception.traiter(rangee.pk) is not None for rangee in rangees)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as equipe:
        faits = list(equipe.map(travailler, range(8)))

    assert sum(faits) == len(rangees)
    assert Demande.objects.count() == len(rangees)
    assert Reception.objects.filter(etat=Reception.Etat.TRAITEE).count() == len(rangees)
    assert Envoi.objects.count() == len(rangees)


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_stored_at_once_make_one_row():
    depart = threading.Barrier(8)

    def ranger(_rang: int) -> int:
        depart.wait()
        try:
            return arriver(brut()).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as equipe:
        pks = set(equipe.map(ranger, range(8)))

    assert len(pks) == Reception.objects.count() == 1


# -- the example messages


def test_the_command_files_messages_by_their_channel_and_not_twice(ville, tmp_path, capsys):
    fichier = tmp_path / "messages.jsonl"
    lignes = [
        brut(id="1"),
        brut(id="2", canal="web"),
        brut(id="3", canal="courrier", type=None),
        brut(id="4", canal="telephone", identite={}, anonyme=True),
    ]
    fichier.write_bytes(b"\n".join(lignes))

    call_command("deposer_exemples", fichier)
    premiere = capsys.readouterr().out
    call_command("deposer_exemples", fichier)

    assert "4 messages : 4 déposés" in premiere
    assert "4 messages : 4 déjà là" in capsys.readouterr().out
    assert sorted(Demande.objects.values_list("canal", flat=True)) == [
        "courrier",
        "portail",
        "telephone",
        "telephone",
    ]


def test_the_command_asks_for_the_catalogue_first(db):
    with pytest.raises(CommandError, match="Chargez d'abord le catalogue"):
        call_command("deposer_exemples")


def test_the_sequence_of_numbers_is_the_database_s(ville):
    """A number is never used twice, even when what it was given to is undone."""
    with transaction.atomic():
        reception.traiter(arriver(brut()).pk)
        premier = Demande.objects.get().numero
        transaction.set_rollback(True)

    reception.traiter(arriver(brut()).pk)

    assert Demande.objects.get().numero > premier
