"""Mailboxes of a real IMAP server: stored here before anything is marked there, and read once."""

import re
import threading
import time
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from demandes import reception
from demandes.models import BoiteCourriel, Demande, Reception
from demandes.releve import boite as lecture
from demandes.releve import boucle
from demandes.releve.boite import ranger
from demandes.releve.boucle import relever_une_fois
from demandes.releve.session import Pli, Session
from guichet.envois.models import Envoi
from tests import factories
from tests.canaux.courriel.lettres import courriel
from tests.courriels import mandataire
from tests.courriels.conftest import creer_boite

SEEN = b"\\Seen"


def lettre(rang: int, corps: str = "Un réverbère est éteint.", **en_tetes: str) -> bytes:
    return courriel(corps, Message_ID=f"<{rang}@courriel.example>", **en_tetes)


def relever() -> list[int | None]:
    return [pris for _, pris in relever_une_fois()]


def test_a_mail_in_the_mailbox_is_stored_whole_then_marked_and_becomes_a_demande(ville, dovecot):
    boite = creer_boite(dovecot)
    relever()
    dovecot.deposer(lettre(1), boite.identifiant)

    assert relever() == [1]

    (gardee,) = Reception.objects.all()
    assert bytes(gardee.contenu) == lettre(1)
    assert (gardee.etat, gardee.adresses, gardee.sans_accuse) == (
        "a_traiter",
        ["contact@ville.example"],
        False,
    )
    assert [SEEN in drapeaux for drapeaux in dovecot.contenu(boite.identifiant).values()] == [True]
    boite.refresh_from_db()
    assert boite.erreur == ""
    assert timezone.now() - boite.relevee_le < timedelta(minutes=1)

    demande = reception.traiter(gardee.pk)
    assert demande is not None
    assert demande.recue_le == gardee.recue_le
    assert Envoi.objects.get().nature == Envoi.Nature.ACCUSE


def test_a_second_reading_and_a_restart_fetch_nothing_again(ville, dovecot, monkeypatch):
    boite = creer_boite(dovecot)
    for rang in range(3):
        dovecot.deposer(lettre(rang), boite.identifiant)
    assert relever() == [3]

    def interdit(*_args, **_options):
        raise AssertionError("fetched again")

    monkeypatch.setattr(Session, "prendre", interdit)
    assert relever() == [0]
    assert Reception.objects.count() == 3


def test_a_mail_that_somebody_already_read_is_taken_in_all_the_same(ville, dovecot):
    boite = creer_boite(dovecot)
    relever()
    with dovecot.ouvrir(boite.identifiant) as client:
        client.append("INBOX", lettre(1), flags=[SEEN])
    assert relever() == [1]


def test_read_mails_go_to_the_folder_that_is_named(ville, dovecot):
    boite = creer_boite(dovecot, dossier_lus="Guichet")
    dovecot.deposer_plusieurs([lettre(1), lettre(2)], boite.identifiant)
    assert relever() == [2]
    assert dovecot.contenu(boite.identifiant) == {}
    assert len(dovecot.contenu(boite.identifiant, "Guichet")) == 2
    assert relever() == [0]


def test_a_full_mailbox_is_imported_from_the_chosen_day_and_nobody_is_answered(ville, dovecot):
    boite = creer_boite(dovecot, importer_depuis=date(2026, 9, 1))
    dovecot.deposer(lettre(1, "Vieux"), boite.identifiant, arrive_le=datetime(2016, 5, 4, tzinfo=UTC))
    ancien = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
    dovecot.deposer(lettre(2, "Ancien"), boite.identifiant, arrive_le=ancien)

    assert relever() == [1]
    dovecot.deposer(lettre(3, "Nouveau"), boite.identifiant)
    assert relever() == [1]
    assert reception.balayer() == 2

    importee = Demande.objects.get(messages__corps="Ancien")
    nouvelle = Demande.objects.get(messages__corps="Nouveau")
    assert Demande.objects.count() == 2
    assert importee.recue_le == ancien, "it was received when it reached the mailbox"
    assert list(Envoi.objects.values_list("reference", flat=True)) == [f"demande:{nouvelle.numero}"]
    boite.refresh_from_db()
    assert (boite.importes, boite.importee_le is not None) == (1, True)


def test_mails_numbered_again_by_the_server_are_not_doubled(ville, dovecot):
    boite = creer_boite(dovecot)
    dovecot.deposer_plusieurs([lettre(1), lettre(2)], boite.identifiant)
    relever()
    reception.balayer()
    BoiteCourriel.objects.update(uidvalidity=1)

    assert relever() == [2], "all is read again"
    assert Reception.objects.count() == Demande.objects.count() == 2
    assert reception.balayer() == 0


@pytest.mark.parametrize(
    ("champs", "erreur"),
    [
        ({"variable": "GUICHET_BOITE_OUBLIEE"}, "La variable « GUICHET_BOITE_OUBLIEE » n'est pas définie"),
        ({"port": 1}, "Le serveur ne répond pas."),
        ({"dossier": "Nulle part"}, "Le dossier « Nulle part » ne s'ouvre pas."),
        ({"serveur": "192.0.2.1"}, "Sans chiffrement, seul un serveur de cette machine peut être lu."),
        ({"securite": "starttls"}, "Le serveur ne chiffre pas la connexion, ou son certificat"),
    ],
)
def test_what_keeps_a_mailbox_closed_is_said_and_the_others_are_read(ville, dovecot, champs, erreur):
    creer_boite(dovecot, **champs)
    autre = creer_boite(dovecot, nom="Voirie", adresses=["voirie@ville.example"])
    dovecot.deposer(lettre(1), autre.identifiant)
    assert relever() == [None, 1]
    fermee = BoiteCourriel.objects.first()
    assert fermee.erreur.startswith(erreur)
    assert fermee.relevee_le is None


def test_a_wrong_password_is_said_without_it(ville, dovecot, settings):
    settings.GUICHET_BOITES = {"GUICHET_BOITE_TEST": "autre-mot"}
    creer_boite(dovecot)
    assert relever() == [None]
    assert BoiteCourriel.objects.get().erreur == "Le serveur refuse l'identifiant ou le mot de passe."


@pytest.mark.parametrize("securite", ["tls", "starttls"])
def test_a_server_is_believed_on_its_certificate_alone(ville, dovecot, monkeypatch, securite):
    boite = creer_boite(
        dovecot, securite=securite, port=dovecot.port_tls if securite == "tls" else dovecot.port
    )
    dovecot.deposer(lettre(1), boite.identifiant)
    assert relever() == [None]
    assert "certificat" in BoiteCourriel.objects.get().erreur
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificat))
    assert relever() == [1]
    # The same certificate, for a name that it does not prove.
    BoiteCourriel.objects.update(serveur="localhost")
    assert relever() == [None]
    assert "certificat" in BoiteCourriel.objects.get().erreur


def test_the_command_tells_what_it_read_and_fails_when_a_mailbox_did(ville, dovecot):
    sortie = StringIO()
    call_command("relever_courriels", "--une-fois", stdout=sortie)
    assert "Aucune boîte à relever" in sortie.getvalue()
    boite = creer_boite(dovecot)
    dovecot.deposer(lettre(1), boite.identifiant)
    call_command("relever_courriels", "--une-fois", stdout=sortie)
    assert "Contact : 1 courriel\n" in sortie.getvalue()
    creer_boite(dovecot, nom="Fermée", port=1)
    erreurs = StringIO()
    with pytest.raises(CommandError):
        call_command("relever_courriels", "--une-fois", stdout=sortie, stderr=erreurs)
    assert "Fermée : Le serveur ne répond pas." in erreurs.getvalue()


def test_a_heavy_mail_stays_in_its_mailbox_and_is_shown(ville, dovecot, monkeypatch):
    monkeypatch.setattr(lecture, "TAILLE_MAX", 5_000)
    boite = creer_boite(dovecot)
    dovecot.deposer_plusieurs([lettre(1), lettre(2, "x" * 6_000), lettre(3)], boite.identifiant)
    assert relever() == [2]
    assert relever() == [0]
    (montre,) = Reception.objects.en_quarantaine()
    assert montre.motif == "Ce courriel n'a pas pu être lu dans « Contact » : il pèse 0 Mo. Il y est encore."
    assert sorted(SEEN in d for d in dovecot.contenu(boite.identifiant).values()) == [False, True, True]


def test_a_database_that_fails_marks_nothing(ville, dovecot, monkeypatch):
    boite = creer_boite(dovecot)
    dovecot.deposer(lettre(1), boite.identifiant)

    def tomber(*_args):
        raise lecture.OperationalError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(lecture, "ranger", tomber)
        assert relever() == [None]
    assert [SEEN in d for d in dovecot.contenu(boite.identifiant).values()] == [False]
    assert BoiteCourriel.objects.get().dernier_uid == 0
    assert relever() == [1]


# -- what the server says and nobody understands (fiabilite.md, abuse case 2)


def gater_la_date(octets: bytes) -> bytes:
    """The date of the second mail is none."""
    return re.sub(rb'(\* 2 FETCH \(UID \d+ INTERNALDATE )"[^"]*"', rb'\1"hier, je crois"', octets)


def gater_la_reponse(octets: bytes) -> bytes:
    """The second mail is told with a parenthesis too many, whatever is asked of it but its size."""
    return re.sub(rb"(\* 2 FETCH \()(UID \d+ (?:INTERNALDATE|BODY))", rb"\1)(\2", octets)


def couper_la_reponse(octets: bytes) -> bytes:
    """The connection is lost in the middle of the second mail, each time."""
    if re.search(rb"\* 2 FETCH \(UID \d+ (?:INTERNALDATE|BODY)", octets):
        raise OSError
    return octets


def test_r3_a_date_that_is_none_leaves_the_mail_whole(ville, dovecot):
    with mandataire.ouvrir(dovecot.port, gater_la_date) as port:
        boite = creer_boite(dovecot, port=port)
        dovecot.deposer_plusieurs([lettre(rang) for rang in (1, 2, 3)], boite.identifiant)
        assert relever() == [3]
    gardees = {bytes(r.contenu) for r in Reception.objects.all()}
    assert gardees == {lettre(rang) for rang in (1, 2, 3)}
    assert not Reception.objects.en_quarantaine().exists()


@pytest.mark.parametrize("gater", [gater_la_reponse, couper_la_reponse])
def test_r3_a_mail_that_cannot_be_fetched_is_shown_and_the_others_come(ville, dovecot, gater):
    with mandataire.ouvrir(dovecot.port, gater) as port:
        boite = creer_boite(dovecot, port=port)
        dovecot.deposer_plusieurs([lettre(rang) for rang in (1, 2, 3)], boite.identifiant)
        assert relever() == [2]
        assert relever() == [0], "it is not fetched again"
    (montree,) = Reception.objects.en_quarantaine()
    assert montree.motif.startswith(
        "Ce courriel n'a pas pu être lu dans « Contact » : le serveur ne sait pas"
    )
    assert montree.motif.endswith("Il y est encore.")
    recues = {bytes(r.contenu) for r in Reception.objects.exclude(pk=montree.pk)}
    assert recues == {lettre(1), lettre(3)}
    assert [SEEN in d for d in dovecot.contenu(boite.identifiant).values()] == [True, False, True]
    assert BoiteCourriel.objects.get().erreur == ""


def test_a_server_that_is_lost_for_good_marks_nothing_and_is_read_when_it_is_back(ville, dovecot):
    boite = creer_boite(dovecot)
    relever()
    dovecot.deposer(lettre(1), boite.identifiant)
    BoiteCourriel.objects.update(port=1)
    assert relever() == [None]
    assert not Reception.objects.exists()
    BoiteCourriel.objects.update(port=dovecot.port)
    assert relever() == [1]
    assert BoiteCourriel.objects.get().erreur == ""


# -- the reader that does not end


@pytest.mark.django_db(transaction=True)
def test_the_loop_is_told_what_arrives_follows_the_settings_and_stops(dovecot, monkeypatch):
    factories.creer_ville()
    monkeypatch.setattr(boucle, "REGLAGES", 0.5)
    boite = creer_boite(dovecot)
    arret = threading.Event()
    fil = threading.Thread(target=fermer_apres, args=(lambda: boucle.relever_sans_fin(arret),))
    fil.start()
    try:
        attendre(lambda: BoiteCourriel.objects.filter(importee_le__isnull=False).exists())
        # Told by the server: far sooner than the next round.
        dovecot.deposer(lettre(1), boite.identifiant)
        attendre(Reception.objects.exists, secondes=8)
        # Another mailbox is set up, the first one is put out of service.
        autre = creer_boite(dovecot, nom="Voirie", adresses=["voirie@ville.example"])
        dovecot.deposer(lettre(2), autre.identifiant)
        attendre(lambda: Reception.objects.count() == 2)
        BoiteCourriel.objects.filter(pk=boite.pk).update(est_active=False, modifiee_le=timezone.now())
        attendre(lambda: f"boite-{boite.pk}" not in {t.name for t in threading.enumerate()})
        dovecot.deposer(lettre(3), boite.identifiant)
        dovecot.deposer(lettre(4), autre.identifiant)
        attendre(lambda: Reception.objects.count() == 3)
        assert bytes(Reception.objects.latest("pk").contenu) == lettre(4)
    finally:
        arret.set()
        fil.join(30)
    assert not fil.is_alive()


@pytest.mark.django_db(transaction=True)
def test_the_loop_takes_what_arrives_while_it_marks_without_being_told_again(dovecot, monkeypatch):
    """A server tells an arrival once, here in its answer to the marking: nothing comes during the wait."""
    factories.creer_ville()
    boite = creer_boite(dovecot)
    marquer = Session.marquer

    def marquer_tard(session: Session, uids: list[int], dossier: str) -> None:
        if uids == [1]:
            dovecot.deposer(lettre(2), boite.identifiant)
        marquer(session, uids, dossier)

    monkeypatch.setattr(Session, "marquer", marquer_tard)
    dovecot.deposer(lettre(1), boite.identifiant)
    arret = threading.Event()
    fil = threading.Thread(target=fermer_apres, args=(lambda: boucle.relever_sans_fin(arret),))
    fil.start()
    try:
        attendre(lambda: Reception.objects.count() == 2, secondes=15)
    finally:
        arret.set()
        fil.join(30)
    assert not fil.is_alive()
    assert [bytes(r.contenu) for r in Reception.objects.order_by("pk")] == [lettre(1), lettre(2)]


@pytest.mark.django_db(transaction=True)
def test_the_loop_says_what_is_wrong_and_comes_back(dovecot, monkeypatch):
    factories.creer_ville()
    monkeypatch.setattr(boucle, "REGLAGES", 0.5)
    monkeypatch.setattr(boucle, "REPRISE", (0.2, 1))
    boite = creer_boite(dovecot, port=1)
    arret = threading.Event()
    fil = threading.Thread(target=fermer_apres, args=(lambda: boucle.relever_sans_fin(arret),))
    fil.start()
    try:
        attendre(lambda: BoiteCourriel.objects.get().erreur == "Le serveur ne répond pas.")
        dovecot.deposer(lettre(1), boite.identifiant)
        # Nobody touched the settings: the address answers again.
        BoiteCourriel.objects.update(port=dovecot.port)
        attendre(Reception.objects.exists)
        attendre(lambda: BoiteCourriel.objects.get().erreur == "")
    finally:
        arret.set()
        fil.join(30)
    assert not fil.is_alive()


def fermer_apres(faire) -> None:
    try:
        faire()
    finally:
        connections.close_all()


def attendre(quoi, secondes: float = 30) -> None:
    limite = time.monotonic() + secondes
    while not quoi():
        assert time.monotonic() < limite, "attendu en vain"
        time.sleep(0.05)


def test_a_first_import_answers_nobody_even_where_the_day_cannot_be_read(ville):
    """By what the reader stores; the next reading answers as ever."""
    boite = factories.creer_boite(connectee_le=timezone.now())
    demain = timezone.now() + timedelta(days=1)
    illisibles = [Pli(1, lettre(1), None), Pli(2, lettre(2), demain)]

    importees = ranger(boite, illisibles)
    boite.importee_le = timezone.now()
    (nouvelle,) = ranger(boite, [Pli(3, lettre(3), None)])

    assert [Reception.objects.get(pk=pk).sans_accuse for pk in (*importees, nouvelle)] == [True, True, False]
    assert reception.balayer() == 3
    (accuse,) = Envoi.objects.all()
    assert accuse.reference == f"demande:{Reception.objects.get(pk=nouvelle).demande.numero}"
