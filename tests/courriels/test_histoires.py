"""From a resident's mail to the answer they read, and back, between real servers."""

import os
import smtplib
import socket
from email.message import EmailMessage

import pytest

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, EntreeJournal, Message, Reception
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from tests import factories
from tests.canaux.courriel.lettres import courriel
from tests.courriels import equipe, exim
from tests.courriels.conftest import creer_boite
from tests.parcours.conftest import MOT_DE_PASSE
from tests.parcours.maison import ouvrir_le_web
from tests.parcours.visiteur import Visiteur

JEANNE = "jeanne.martin@courriel.example"
CONTACT = "contact@ville.example"
REPONSE = "reponse@ville.example"


@pytest.fixture
def ville(transactional_db: None) -> factories.Ville:
    return factories.creer_ville()


def poster(port: int, message: EmailMessage | bytes, de: str, a: str) -> None:
    """What a resident's own program does."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        brut = message if isinstance(message, bytes) else message.as_bytes()
        client.sendmail(de, [a], brut)


def entrer(adresse: str, compte) -> Visiteur:
    compte.set_password(MOT_DE_PASSE)
    compte.save(update_fields=["password"])
    visiteur = Visiteur(adresse)
    porte = visiteur.ouvrir("/agent/connexion/")
    page = porte.envoyer("Se connecter", username=compte.courriel, password=MOT_DE_PASSE)
    assert page.statut == 200
    return visiteur


@pytest.fixture
def debian() -> None:
    """Exim, that a city's server may be. In CI its absence is a failure that names the package."""
    if not exim.est_possible():
        if os.environ.get("CI") == "true":
            pytest.fail(exim.ABSENT)
        pytest.skip(exim.ABSENT)


def test_a_mail_is_answered_over_the_web_and_the_reply_joins_its_thread(ville, dovecot, debian, monkeypatch):
    boite = creer_boite(dovecot, adresses=[CONTACT])
    retours = creer_boite(dovecot, nom="Réponses", adresses=[REPONSE], ordre=2)
    monkeypatch.setenv("GUICHET_COURRIEL_REPONSE", REPONSE)
    vers_dovecot = {CONTACT: boite.identifiant, REPONSE: retours.identifiant}
    with (
        exim.ouvrir(dovecot, vers_dovecot) as poste,
        equipe.ouvrir(
            workers=1, GUICHET_COURRIEL="smtp", SMTP_HOTE="127.0.0.1", SMTP_PORT=str(poste.port)
        ) as troupe,
        ouvrir_le_web(troupe.adresse) as web,
    ):
        troupe.attendre(
            lambda: set(type(boite).objects.values_list("connectee_le", flat=True)) & {None} == set(),
            60,
            "les boîtes ouvertes",
        )
        # She writes; the city acknowledges on the thread of her mail.
        poster(poste.port, courriel(To=CONTACT), JEANNE, CONTACT)
        troupe.attendre(lambda: len(poste.pour(JEANNE)) == 1, 60, "l'accusé")
        demande = Demande.objects.get()
        (accuse,) = poste.pour(JEANNE)
        assert demande.numero in accuse["Subject"]
        assert accuse["In-Reply-To"] == "<1@courriel.example>"
        assert accuse["Auto-Submitted"] == "auto-generated"

        # An agent reads it in the browser, and answers there.
        salimata = entrer(web.adresse, ville.agent_accueil)
        page = salimata.ouvrir(f"/agent/demandes/{demande.numero}/")
        assert "Un réverbère est éteint." in page
        assert "ecrire_a_l_usager" in page.gestes
        page = salimata.ouvrir(f"/agent/demandes/{demande.numero}/gestes/ecrire_a_l_usager/")
        assert page.envoyer(page.bouton_principal, texte="Dans quelle rue est-ce ?").statut == 200
        troupe.attendre(lambda: len(poste.pour(JEANNE)) == 2, 60, "la question de l'agent")
        question = poste.pour(JEANNE)[1]
        assert "Dans quelle rue est-ce ?" in question.get_body(("plain",)).get_content()
        assert question["Auto-Submitted"] == "no"

        # She answers from another address: the signed one proves by itself.
        signee = question["Reply-To"].addresses[0].addr_spec
        assert signee.startswith(f"reponse+{demande.numero}-")
        suite = EmailMessage()
        suite["From"], suite["To"] = "Jeanne <jeanne@travail.example>", signee
        suite["Subject"], suite["Message-ID"] = f"Re: {question['Subject']}", "<2@travail.example>"
        suite["In-Reply-To"] = question["Message-ID"]
        suite.set_content("Rue des Tisserands, devant le 12.")
        poster(poste.port, suite, "jeanne@travail.example", signee)
        troupe.attendre(
            lambda: Message.objects.filter(sens=Message.Sens.ENTRANT).count() == 2, 60, "la réponse au fil"
        )

        page = salimata.ouvrir(f"/agent/demandes/{demande.numero}/")
        assert "Rue des Tisserands, devant le 12." in page
        salimata.fermer()
        # What would come back comes back to its demande, and a reply is not acknowledged as a new one.
        assert [courriel["Return-Path"] for courriel in poste.remis()] == [f"<{signee}>"] * 2
    assert Demande.objects.get().etat == Etat.NOUVELLE
    assert [e.geste for e in EntreeJournal.objects.order_by("pk")] == [
        "enregistrer",
        "ecrire_a_l_usager",
        "ecrire_a_la_ville",
    ]
    assert set(Reception.objects.values_list("demande", flat=True)) == {demande.pk}


def test_an_answer_that_a_server_sends_back_marks_the_address_and_tells_the_desk(
    ville, dovecot, debian, monkeypatch
):
    retours = creer_boite(dovecot, nom="Réponses", adresses=[REPONSE])
    monkeypatch.setenv("GUICHET_COURRIEL_REPONSE", REPONSE)
    jeanne = factories.creer_usager(courriel=f"jeanne@{exim.SANS_PERSONNE}")
    demande = factories.deposer(ville, usager=jeanne, canal=Canal.COURRIEL, sans_accuse=True)
    with (
        exim.ouvrir(dovecot, {REPONSE: retours.identifiant}) as poste,
        equipe.ouvrir(
            workers=1, GUICHET_COURRIEL="smtp", SMTP_HOTE="127.0.0.1", SMTP_PORT=str(poste.port)
        ) as troupe,
    ):
        connectee = type(retours).objects.exclude(connectee_le=None)
        troupe.attendre(connectee.exists, 60, "la boîte ouverte")
        actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Où est-ce ?")
        signale = demande.journal.filter(geste="rappeler", details__rappel="retour")
        troupe.attendre(signale.exists, 60, "le retour")

    envoi = Envoi.objects.get(destinataire=jeanne.courriel)
    assert (envoi.etat, envoi.erreur[:36]) == (Envoi.Etat.ECHEC, "Revenu : cette adresse n'existe pas ")
    assert demande.usager.coordonnees.get(genre="courriel").en_echec_le is not None
    assert Demande.objects.count() == 1


def test_a_mail_handed_over_in_lmtp_reaches_the_direction_it_was_written_to(ville, dovecot):
    factories.creer_boite(
        nom="Voirie", adresses=["voirie@ville.example"], direction=ville.voirie, type=ville.type_voirie
    )
    with socket.create_server(("127.0.0.1", 0)) as prise:
        port = prise.getsockname()[1]
    autres = {"écoute": f"manage.py ecouter_courriels --port {port}"}
    with equipe.ouvrir(workers=1, autres=autres) as troupe:
        troupe.attendre(lambda: exim.ecoute(port), 60, "l'écoute")
        with smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
            client.sendmail(
                "jeanne@courriel.example", ["voirie@ville.example"], courriel(To="voirie@ville.example")
            )
            assert Reception.objects.count() == 1, "stored before it was accepted"
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("jeanne@courriel.example", ["ailleurs@autre.example"], courriel("Autre"))
        troupe.attendre(Demande.objects.exists, 60, "la demande")
    demande = Demande.objects.get()
    assert (demande.etat, demande.direction) == (Etat.ORIENTEE, ville.voirie)
