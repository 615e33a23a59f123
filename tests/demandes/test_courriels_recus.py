"""Mails come in once, join a demande only with proof, and a machine's mail starts nothing."""

import io
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import parseaddr
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from demandes import actions, adresses_de_reponse, courriels, reception
from demandes.etats import Etat
from demandes.models import Demande, Message, Reception
from guichet.canaux.canal import Canal
from guichet.canaux.courriel.bornes import LecteurIndisponible
from guichet.canaux.courriel.enveloppe import essence
from guichet.envois import livraison
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from tests import factories
from tests.canaux.courriel.lettres import courriel, parties
from usagers.models import Usager

JEANNE = "jeanne.martin@courriel.example"
REPONSE = "reponse@ville.example"


@pytest.fixture(autouse=True)
def _adresse_de_reponse(settings):
    settings.GUICHET_COURRIEL_REPONSE = REPONSE


def arriver(brut: bytes) -> Demande | None:
    return reception.traiter(courriels.recevoir(brut).pk)


@pytest.fixture
def demande(ville) -> Demande:
    """Jeanne wrote, and was acknowledged."""
    demande = arriver(courriel())
    assert demande is not None
    return demande


def entrants(demande: Demande) -> list[str]:
    return list(demande.messages.filter(sens=Message.Sens.ENTRANT).values_list("corps", flat=True))


def notes(demande: Demande) -> list[str]:
    return list(demande.messages.filter(sens=Message.Sens.INTERNE).values_list("corps", flat=True))


# -- a demande of its own


def test_a_mail_becomes_a_demande_to_qualify_acknowledged_on_its_own_thread(demande, ville):
    assert (demande.etat, demande.canal, demande.type) == (Etat.NOUVELLE, Canal.COURRIEL, None)
    assert demande.objet == "Un réverbère éteint"
    assert entrants(demande) == ["Bonjour,\nUn réverbère est éteint."]
    assert (demande.usager.prenom, demande.usager.nom, demande.usager.courriel) == (
        "Jeanne",
        "Martin",
        JEANNE,
    )
    assert demande.provenance.expediteur == JEANNE
    assert demande.point_accueil == ville.accueil
    assert bytes(Reception.objects.get(demande=demande).contenu) == courriel()

    accuse = Envoi.objects.get()
    assert (accuse.destinataire, accuse.nature) == (JEANNE, Envoi.Nature.ACCUSE)
    assert accuse.en_tetes == {
        "X-Guichet-Demande": demande.numero,
        "Reply-To": adresses_de_reponse.adresse(demande.numero),
        "In-Reply-To": "<1@courriel.example>",
        "References": "<1@courriel.example>",
    }


def test_files_come_byte_for_byte_and_what_could_run_waits(ville):
    brut = parties(
        "Content-Type: text/plain\r\n\r\nVoir",
        b"Content-Type: application/zip; name=plans.zip\r\n\r\nPK\x00\xff\r\nfin",
        "Content-Type: text/html; name=page.html\r\n\r\n<script>",
    )
    demande = arriver(brut)
    plans, page = Piece.objects.order_by("nom_original").reverse()
    message = demande.messages.get(sens=Message.Sens.ENTRANT)

    assert (plans.nom_original, plans.type_mime, plans.est_saine) == (
        "plans.zip",
        "application/octet-stream",
        True,
    )
    with plans.fichier.open() as garde:
        assert garde.read() == b"PK\x00\xff\r\nfin"
    assert (page.nom_original, page.est_saine) == ("page.html", False)
    assert {(p.proprietaire_genre, p.proprietaire_id) for p in (plans, page)} == {("message", message.pk)}


def test_a_text_longer_than_a_message_goes_on_in_a_file(ville):
    long = "Un trou rue Foch. " * 2_000
    demande = arriver(courriel(long))
    assert len(entrants(demande)[0]) <= 20_000
    assert entrants(demande)[0].endswith("[La suite est dans « message-complet.txt ».]")
    piece = Piece.objects.get()
    with piece.fichier.open() as garde:
        assert garde.read().decode() == long.strip()


def test_a_mail_without_subject_is_named_by_its_new_words(ville):
    demande = arriver(
        courriel("Le banc est cassé.\n\nLe 1 mars 2026 à 10:12, X a écrit :\n> Autre", sans=("Subject",))
    )
    assert demande.objet == "Le banc est cassé."
    assert "> Autre" in entrants(demande)[0]


def test_what_a_mail_repeats_is_folded_on_the_page_and_not_lost(ville):
    demande = arriver(
        courriel("Merci <b>.\n\nLe 1 mars 2026 à 10:12, X <x@y.example> a écrit :\n> Autre <i>")
    )
    client = Client()
    client.force_login(ville.agent_accueil, backend="guichet.organisation.portes.PorteBackend")
    page = client.get(f"/agent/demandes/{demande.numero}/").content.decode()
    avant, _, replie = page.partition("Texte cité ou signature")
    assert '<p class="texte-brut">Merci &lt;b&gt;.</p>' in avant
    assert "&gt; Autre &lt;i&gt;</p>" in replie
    assert "Autre" not in avant


def test_a_failure_leaves_neither_row_nor_file(ville, monkeypatch):
    brut = parties(
        "Content-Type: text/plain\r\n\r\nVoir", "Content-Type: application/pdf; name=a.pdf\r\n\r\nx"
    )

    def tomber(*_args, **_options):
        raise ZeroDivisionError

    dossier = Path(Piece._meta.get_field("fichier").storage.location)
    avant = {p for p in dossier.rglob("*") if p.is_file()}

    monkeypatch.setattr(actions, "enregistrer_seul", tomber)

    assert arriver(brut) is None
    assert Reception.objects.get().essais == 1
    assert not Piece.objects.exists()
    assert {p for p in dossier.rglob("*") if p.is_file()} == avant


# -- once and only once (fiabilite.md R4)


def test_r4_the_same_mail_twice_is_one_demande(demande):
    assert courriels.recevoir(courriel()).pk == Reception.objects.get().pk
    assert reception.balayer() == 0
    assert Demande.objects.count() == 1


def test_r4_a_copy_come_by_another_way_is_the_same_mail(demande):
    copie = b"Received: from b by c\r\nDelivered-To: voirie@ville.example\r\n" + courriel()

    assert arriver(copie) == demande
    assert Reception.objects.latest("pk").motif == "Copie d'un courriel déjà reçu."
    assert Demande.objects.count() == Envoi.objects.count() == 1
    assert len(entrants(demande)) == 1


def test_r4_the_same_message_id_with_another_body_is_another_mail(demande):
    autre = arriver(courriel("Et le banc est cassé."))
    assert autre not in (None, demande)
    assert entrants(demande) == ["Bonjour,\nUn réverbère est éteint."]


def test_r3_many_mails_of_one_message_id_are_told_apart_without_being_read_again(demande):
    for rang in range(3):
        assert arriver(courriel(f"Une autre chose, la {rang}.")) is not None
    copie = courriels.recevoir(b"Received: from b by c\r\n" + courriel())

    with CaptureQueriesContext(connection) as requetes:
        assert reception.traiter(copie.pk) == demande

    # The raw bytes read are those of the mail itself, once.
    lues = [r["sql"] for r in requetes if r["sql"].startswith("SELECT") and '"contenu"' in r["sql"]]
    assert len(lues) == 1
    assert Reception.objects.filter(essence=essence(courriel())).count() == 2
    assert Demande.objects.count() == 4


def test_r4_a_mail_without_message_id_is_known_by_its_words(ville):
    sans = courriel(sans=("Message-ID",))
    assert arriver(sans) == arriver(b"Received: x\r\n" + sans)
    assert arriver(courriel("Autre chose", sans=("Message-ID",))) is not None
    assert Demande.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_r4_eight_copies_read_at_once_are_one_demande():
    factories.creer_ville()
    copies = [courriels.recevoir(f"Received: par {rang}\r\n".encode() + courriel()).pk for rang in range(8)]
    depart = threading.Barrier(8)

    def travailler(pk: int) -> None:
        depart.wait()
        try:
            reception.traiter(pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as equipe:
        list(equipe.map(travailler, copies))

    assert Demande.objects.count() == Envoi.objects.count() == Message.objects.count() == 1
    assert set(Reception.objects.values_list("demande", flat=True)) == {Demande.objects.get().pk}


# -- an answer joins with proof, never without (R8)


def repondre(corps="Il clignote.", *, de=JEANNE, **en_tetes) -> bytes:
    return courriel(corps, From=f"Jeanne Martin <{de}>", Message_ID="<2@courriel.example>", **en_tetes)


def test_the_signed_address_proves_by_itself(demande):
    signee = adresses_de_reponse.adresse(demande.numero).upper()

    assert arriver(repondre(To=signee, de="jeanne.au.bureau@travail.example")) == demande
    assert entrants(demande)[1:] == ["Il clignote."]
    demande = Demande.objects.get()
    assert demande.a_message_non_lu
    assert demande.etat == Etat.NOUVELLE
    assert Envoi.objects.count() == 1, "an answer is not acknowledged as a new demande"


def test_references_or_number_prove_with_the_address_of_a_participant(demande):
    accuse = Envoi.objects.get()
    assert arriver(repondre(plus=f"In-Reply-To: {accuse.message_id}")) == demande
    assert arriver(repondre("Encore", plus="References: <1@courriel.example>")) == demande
    assert arriver(repondre("Toujours", Subject=f"Rép : [{demande.numero}] Votre demande")) == demande
    assert entrants(demande)[1:] == ["Il clignote.", "Encore", "Toujours"]
    assert Demande.objects.count() == 1


@pytest.mark.parametrize(
    "indice", ["numero", "references", "adresse_forgee", "sans_expediteur", "dans_le_nom"]
)
def test_r8_a_stranger_never_joins(demande, indice):
    accuse = Envoi.objects.get()
    signee = adresses_de_reponse.adresse(demande.numero)
    forgee = signee.replace(
        demande.numero + "-", demande.numero + "-" + "a" * 26 + "@ville.example ", 1
    ).split()[0]
    brut = {
        "numero": repondre(de="x@autre.example", Subject=f"Re: {demande.numero}"),
        "references": repondre(de="x@autre.example", plus=f"References: {accuse.message_id}"),
        "adresse_forgee": repondre(de="x@autre.example", To=forgee, Subject=f"Re: {demande.numero}"),
        "sans_expediteur": courriel("Il clignote.", sans=("From",), Subject=f"Re: {demande.numero}"),
        "dans_le_nom": courriel("Il clignote.", From=f'"{JEANNE}" <x@autre.example>', Subject=demande.numero),
    }[indice]

    autre = arriver(brut)

    assert autre is not None
    assert autre != demande
    assert entrants(demande) == ["Bonjour,\nUn réverbère est éteint."]
    assert not Demande.objects.get(pk=demande.pk).a_message_non_lu
    (attente,) = autre.rapprochements.all()
    assert (attente.raisons, list(attente.citees.all())) == (["expediteur"], [demande])


def test_a_signature_is_worth_one_demande_and_one_secret(demande, settings):
    signee = adresses_de_reponse.adresse(demande.numero)
    assert adresses_de_reponse.numero(signee) == demande.numero
    assert adresses_de_reponse.numero(signee.replace(demande.numero, "2026-9999999")) == ""
    assert adresses_de_reponse.numero(signee.replace("ville.example", "autre.example")) == ""
    ancienne, settings.SECRET_KEY = settings.SECRET_KEY, "une-autre-cle"
    assert adresses_de_reponse.numero(signee) == ""
    settings.SECRET_KEY_FALLBACKS = [ancienne]
    assert adresses_de_reponse.numero(signee) == demande.numero
    settings.GUICHET_COURRIEL_REPONSE = ""
    assert (adresses_de_reponse.numero(signee), adresses_de_reponse.adresse(demande.numero)) == ("", "")


def test_a_mail_that_names_two_demandes_joins_neither(demande):
    autre = arriver(courriel("Autre", Message_ID="<9@x>"))
    troisieme = arriver(repondre(Subject=f"{demande.numero} et {autre.numero}"))
    assert troisieme not in (demande, autre, None)
    assert troisieme.rapprochements.get().raisons == ["demandes"]


def test_an_awaited_answer_puts_the_demande_back_to_work(ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)

    assert arriver(repondre("Voici.", To=adresses_de_reponse.adresse(demande.numero))) == demande

    assert Demande.objects.get(pk=demande.pk).etat == Etat.PRISE_EN_CHARGE
    assert demande.messages.get(nature=Message.Nature.COMPLEMENT, sens=Message.Sens.ENTRANT).corps == "Voici."


def test_an_answer_reopens_nothing_by_itself(ville):
    demande = factories.demande_dans(Etat.TRAITEE, ville)
    arriver(repondre("Merci !", To=adresses_de_reponse.adresse(demande.numero)))
    demande = Demande.objects.get(pk=demande.pk)
    assert (demande.etat, demande.a_message_non_lu) == (Etat.TRAITEE, True)


def test_what_leaves_can_be_answered_but_alerts_of_agents_cannot(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    assert {e.en_tetes["Reply-To"] for e in Envoi.objects.all()} == {
        adresses_de_reponse.adresse(demande.numero)
    }
    Envoi.objects.all().delete()
    with actions.porte.franchir("rappeler", demande, auteur=courriels.SYSTEME) as passage:
        actions.avis.rappeler(passage, "agent@ville.example", "prise_en_charge")
    assert Envoi.objects.get().en_tetes == {}


# -- machines (R6)


@pytest.mark.parametrize("plus", ["Auto-Submitted: auto-replied", "X-Autoreply: yes"])
def test_r6_an_absence_changes_nothing(ville, plus):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    envois = Envoi.objects.count()

    assert (
        arriver(repondre("Je suis absent.", To=adresses_de_reponse.adresse(demande.numero), plus=plus))
        == demande
    )

    relue = Demande.objects.get(pk=demande.pk)
    assert (relue.etat, relue.a_message_non_lu) == (Etat.ATTENTE_USAGER, False)
    assert "Je suis absent." in notes(demande)[-1]
    assert Envoi.objects.count() == envois


@pytest.mark.parametrize(
    "brut",
    [
        courriel(plus="Auto-Submitted: auto-replied"),
        courriel(From=f"Guichet <{REPONSE}>"),
        courriel(plus="X-Guichet-Demande: 2026-0000001\r\nAuto-Submitted: auto-generated"),
    ],
)
def test_r6_an_echo_without_demande_makes_none(ville, brut):
    assert arriver(brut) is None
    rangee = Reception.objects.get()
    assert (rangee.etat, rangee.demande) == (Reception.Etat.TRAITEE, None)
    assert "aucune demande" in rangee.motif
    assert not (Demande.objects.exists())
    assert not (Envoi.objects.exists())
    assert not (Usager.objects.exists())


@pytest.mark.parametrize(
    "plus", ["List-Id: <x.example>", "Precedence: bulk", "Return-Path: <>", "X-Auto-Response-Suppress: All"]
)
def test_r6_what_may_matter_is_a_demande_that_nobody_acknowledges(ville, plus):
    assert arriver(courriel(plus=plus)) is not None
    assert not Envoi.objects.exists()


# -- what comes back (R7)


def revenir(envoi: Envoi, statut: str = "5.1.1", action: str = "failed") -> bytes:
    return parties(
        "\r\n\r\nNon remis.",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.x\r\n\r\n"
        f"Final-Recipient: rfc822; {envoi.destinataire}\r\nAction: {action}\r\nStatus: {statut}",
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {envoi.message_id}",
        genre="report; report-type=delivery-status",
        plus="Return-Path: <>",
    )


@pytest.fixture
def envoye(demande) -> Envoi:
    envoi = Envoi.objects.get()
    envoi.etat, envoi.envoye_le, envoi.prochain_essai_le = Envoi.Etat.ENVOYE, timezone.now(), None
    envoi.save()
    return envoi


def test_r7_a_dead_address_is_marked_and_its_demande_told_once(demande, envoye):
    assert arriver(revenir(envoye)) == demande
    arriver(b"Received: encore\r\n" + revenir(envoye, "5.1.10"))

    envoye.refresh_from_db()
    assert (envoye.etat, envoye.erreur[:36]) == (Envoi.Etat.ECHEC, "Revenu : cette adresse n'existe pas ")
    demande = Demande.objects.get()
    assert demande.usager.courriel == ""
    assert demande.usager.coordonnees.get().en_echec_le is not None
    assert (demande.etat, demande.a_message_non_lu) == (Etat.NOUVELLE, False)
    (alerte,) = Envoi.objects.exclude(pk=envoye.pk)
    assert (alerte.destinataire, alerte.nature) == (demande.point_accueil.courriel, Envoi.Nature.ALERTE)
    assert "n'est pas arrivé" in alerte.objet
    assert JEANNE not in alerte.corps
    assert demande.journal.filter(geste="rappeler", details__rappel="retour").count() == 1


def sans_citer(a: str, echouee: str) -> bytes:
    """A notice that quotes nothing of the mail, for who sent it."""
    return parties(
        "\r\n\r\nNon remis.",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.x\r\n\r\n"
        f"Final-Recipient: rfc822; {echouee}\r\nAction: failed\r\nStatus: 5.1.1",
        genre="report; report-type=delivery-status",
        plus="Return-Path: <>",
    ).replace(b"To: Guichet <guichet@ville.example>", f"To: {a}".encode())


def test_r7_a_notice_that_quotes_nothing_is_known_by_the_address_the_mail_left_from(
    demande, envoye, monkeypatch
):
    signee = adresses_de_reponse.adresse(demande.numero)
    partis = []
    serveur = Mock(sendmail=lambda de, a, contenu: partis.append(de))
    monkeypatch.setattr(EmailBackend, "open", lambda self: setattr(self, "connection", serveur))
    livraison._expedier_smtp(Envoi(destinataire=JEANNE, en_tetes={"Reply-To": signee}), b"")
    livraison._expedier_smtp(Envoi(destinataire=JEANNE, en_tetes={}), b"")
    assert partis == [signee, parseaddr(settings.GUICHET_COURRIEL_EXPEDITEUR)[1]]

    # Neither a forged address nor that of somebody else proves anything.
    assert arriver(sans_citer(signee[:-20] + "x@ville.example", envoye.destinataire)) is None
    assert arriver(sans_citer(signee, "autre@courriel.example")) is None
    envoye.refresh_from_db()
    assert envoye.etat == Envoi.Etat.ENVOYE

    assert arriver(sans_citer(signee, envoye.destinataire)) == demande
    envoye.refresh_from_db()
    assert (envoye.etat, envoye.erreur[:36]) == (Envoi.Etat.ECHEC, "Revenu : cette adresse n'existe pas ")
    assert demande.journal.filter(geste="rappeler", details__rappel="retour").count() == 1


@pytest.mark.parametrize(
    ("statut", "action", "etat"),
    [
        ("5.2.2", "failed", Envoi.Etat.ECHEC),
        ("4.4.1", "delayed", Envoi.Etat.ENVOYE),
        ("4.2.2", "failed", "envoye"),
    ],
)
def test_r7_a_full_box_or_a_delay_condemns_no_address(demande, envoye, statut, action, etat):
    assert arriver(revenir(envoye, statut, action)) == demande
    envoye.refresh_from_db()
    assert envoye.etat == etat
    assert demande.usager.coordonnees.get().en_echec_le is None


def test_r7_a_return_of_nothing_we_sent_changes_nothing(demande, envoye):
    envoye.message_id = "<invente@ville.example>"
    assert arriver(revenir(envoye)) is None
    assert Envoi.objects.get().etat == Envoi.Etat.ENVOYE
    assert Demande.objects.count() == 1
    assert demande.usager.coordonnees.get().en_echec_le is None


# -- hostile mails (R3)


def test_r3_a_bad_mail_is_set_aside_and_the_next_one_is_read(ville):
    bons = [courriel(f"Bon {rang}", Message_ID=f"<bon{rang}@x>") for rang in range(2)]
    mauvais = courriel(References="<a@x> " * 50_000)
    for brut in (bons[0], mauvais, bons[1]):
        courriels.recevoir(brut)

    assert reception.balayer() == 2

    rangee = Reception.objects.get(etat=Reception.Etat.QUARANTAINE)
    assert rangee.motif == "Les en-têtes de ce courriel dépassent 256 Ko."
    assert bytes(rangee.contenu) == mauvais


def test_a_reader_that_does_not_start_loses_no_mail(ville, monkeypatch):
    rangee = courriels.recevoir(courriel())

    def absent(*_args, **_options):
        raise LecteurIndisponible

    with monkeypatch.context() as panne:
        panne.setattr(courriels.lecteur, "lire", absent)
        assert reception.traiter(rangee.pk) is None
    rangee.refresh_from_db()
    assert (rangee.etat, rangee.essais) == (Reception.Etat.A_TRAITER, 0)
    assert reception.traiter(rangee.pk) is not None


# -- the command any mail server can call


class Entree:
    def __init__(self, contenu: bytes) -> None:
        self.buffer = io.BytesIO(contenu)


@pytest.fixture
def sonneries(monkeypatch) -> list[int]:
    sonnees: list[int] = []
    monkeypatch.setattr(reception, "sonner", sonnees.append)
    return sonnees


def test_the_command_keeps_what_it_is_given_and_rings(ville, monkeypatch, tmp_path, sonneries):
    monkeypatch.setattr(sys, "stdin", Entree(courriel()))
    call_command("recevoir_courriel")
    (tmp_path / "1.eml").write_bytes(courriel())
    (tmp_path / "2.eml").write_bytes(courriel("Autre"))
    call_command("recevoir_courriel", tmp_path / "1.eml", tmp_path / "2.eml")

    rangees = list(Reception.objects.order_by("pk"))
    assert [bytes(r.contenu) for r in rangees] == [courriel(), courriel("Autre")]
    assert sonneries == [rangees[0].pk, rangees[0].pk, rangees[1].pk]


def test_the_command_refuses_to_acknowledge_what_it_did_not_keep(ville, monkeypatch, tmp_path, sonneries):
    def tomber(*_args):
        raise OperationalError("the database is away")

    (tmp_path / "1.eml").write_bytes(courriel())
    with monkeypatch.context() as panne:
        panne.setattr(courriels, "recevoir", tomber)
        with pytest.raises(CommandError) as refus:
            call_command("recevoir_courriel", tmp_path / "1.eml")
    assert refus.value.returncode == os.EX_TEMPFAIL
    for chemins in ([tmp_path / "absent.eml"], [tmp_path / "1.eml", tmp_path / "absent.eml"]):
        with pytest.raises(CommandError) as refus:
            call_command("recevoir_courriel", *chemins)
        assert refus.value.returncode == os.EX_TEMPFAIL
    assert Reception.objects.count() == 1
    assert sonneries == []


@pytest.mark.parametrize("arguments", [[], ["--inconnu"]])
def test_without_a_database_the_mail_server_is_told_to_try_again(arguments):
    fin = subprocess.run(
        [sys.executable, "manage.py", "recevoir_courriel", *arguments],
        cwd=settings.RACINE,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "guichet.settings.test",
            "DATABASE_URL": "postgresql:///guichet?host=/nonexistent",
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        },
        input=courriel(),
        capture_output=True,
        check=False,
    )
    assert fin.returncode == os.EX_TEMPFAIL


# -- whose mail it is


@pytest.mark.parametrize(
    "noms",
    [
        ("Jeanne Martin <{}>", "{}", "jm78 <{}>"),
        ("{}", "jm78 <{}>", "Jeanne Martin <{}>"),
        ("jm78 <{}>", "{}", "Jeanne Martin <{}>"),
        ("Marie Laure Dupont <{}>", "{}", "Marie Laure Dupont <{}>"),
    ],
)
def test_one_sender_with_and_without_a_name_is_one_person(ville, noms):
    avant = Usager.objects.count()
    for rang, nom in enumerate(noms):
        lettre = courriel(f"Lettre {rang}", From=nom.format("moi@courriel.example"), Message_ID=f"<{rang}@x>")
        assert arriver(lettre).usager is not None
    assert Usager.objects.count() == avant + 1
    assert Demande.objects.values("usager").distinct().count() == 1


def test_a_name_said_later_completes_the_card(ville):
    for rang, nom in enumerate(("{}", "Loïc Le Goff <{}>", "LE GOFF Loïc <{}>")):
        arriver(courriel(f"{rang}", From=nom.format("loic@courriel.example"), Message_ID=f"<{rang}@x>"))
    assert {str(d.usager) for d in Demande.objects.all()} == {"Loïc Le Goff"}
