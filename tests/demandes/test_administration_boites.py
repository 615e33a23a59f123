"""The city's addresses, set up on a screen: no secret comes in, an address leads to one place."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from demandes import attaches
from demandes.administration.boites import etat_de, signaler
from demandes.models import BoiteCourriel
from demandes.sondes import sonder_boites
from guichet.organisation.models import Modification
from tests import factories

URL = "/agent/administration/boites/"
BOITE = {
    "nom": "Contact",
    "adresses": "Contact@Ville.example\nmairie@ville.example",
    "ordre": "1",
    "est_active": "on",
    "serveur": "imap.ville.example",
    "port": "993",
    "securite": "tls",
    "identifiant": "contact",
    "variable": "guichet_boite_contact",
    "dossier": "INBOX",
    "importer_depuis": "2026-11-01",
}


@pytest.fixture
def admin(ville) -> Client:
    client = Client()
    client.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    return client


def texte(reponse) -> str:
    return reponse.content.decode().replace("&#x27;", "'")


def test_a_mailbox_is_set_up_and_written_in_the_register(ville, admin):
    assert admin.post(f"{URL}nouvelle/", BOITE)["Location"] == URL
    boite = BoiteCourriel.objects.get()
    assert boite.adresses == ["contact@ville.example", "mairie@ville.example"]
    assert (boite.variable, boite.importer_depuis) == ("GUICHET_BOITE_CONTACT", date(2026, 11, 1))
    ligne = Modification.objects.get()
    assert (ligne.action, ligne.objet_libelle, ligne.compte) == ("creation", "Contact", ville.administrateur)
    assert ligne.apres["variable"] == "GUICHET_BOITE_CONTACT"
    page = texte(admin.get(URL))
    assert "contact@ville.example, mairie@ville.example" in page
    assert "L'accueil qui reçoit les courriels" in page
    assert "Sans mot de passe" in page


@pytest.mark.parametrize(
    ("champs", "erreur"),
    [
        ({"variable": "SECRET_KEY"}, "Le nom commence par GUICHET_BOITE_"),
        ({"variable": ""}, "Nommez la variable qui porte le mot de passe."),
        ({"identifiant": ""}, "Indiquez l'identifiant de la boîte."),
        ({"adresses": "pas une adresse"}, "pas une adresse"),
        ({"adresses": " "}, "Indiquez au moins une adresse."),
        ({"adresses": "pris@ville.example"}, "est déjà une adresse de « Voirie »"),
        ({"serveur": "imap.ville.example:993"}, "Écrivez seulement le nom du serveur"),
        ({"importer_depuis": "20226-01-01"}, "Écrivez une date complète"),
        ({"port": "70000"}, "65535"),
    ],
)
def test_what_cannot_work_is_refused_and_nothing_is_written(ville, admin, champs, erreur):
    factories.creer_boite(nom="Voirie", adresses=["pris@ville.example"])
    reponse = admin.post(f"{URL}nouvelle/", BOITE | champs)
    assert reponse.status_code == 422
    assert erreur in texte(reponse)
    assert (BoiteCourriel.objects.count(), Modification.objects.count()) == (1, 0)


def test_a_direction_comes_with_the_type_of_its_mails(ville, admin):
    reponse = admin.post(f"{URL}nouvelle/", BOITE | {"direction": str(ville.voirie.pk)})
    assert "Choisissez la démarche sous laquelle la direction reçoit ces courriels." in texte(reponse)
    complet = BOITE | {"direction": str(ville.voirie.pk), "type": str(ville.type_voirie.pk)}
    assert admin.post(f"{URL}nouvelle/", complet).status_code == 302
    assert BoiteCourriel.objects.get().direction == ville.voirie
    (attache,) = attaches.attaches_du_lieu(ville.voirie)[:1]
    assert str(attache.texte) == "1 boîte de courriel en service"


def test_another_mailbox_or_one_put_back_in_service_is_connected_anew(ville, admin):
    admin.post(f"{URL}nouvelle/", BOITE)
    boite = BoiteCourriel.objects.get()
    lue = {"connectee_le": timezone.now(), "dernier_uid": 12, "uidvalidity": 3, "importes": 4}
    BoiteCourriel.objects.update(**lue)

    admin.post(f"{URL}{boite.pk}/", BOITE | {"nom": "Mairie"})
    boite.refresh_from_db()
    assert (boite.nom, boite.dernier_uid, boite.connectee_le) == ("Mairie", 12, lue["connectee_le"])

    admin.post(f"{URL}{boite.pk}/", {k: v for k, v in BOITE.items() if k != "est_active"})
    admin.post(f"{URL}{boite.pk}/", BOITE)
    boite.refresh_from_db()
    assert (boite.dernier_uid, boite.connectee_le) == (12, None), "who wrote meanwhile is not answered"

    admin.post(f"{URL}{boite.pk}/", BOITE | {"identifiant": "autre"})
    boite.refresh_from_db()
    assert (boite.dernier_uid, boite.uidvalidity, boite.importes) == (0, None, 0)


def test_two_administrators_do_not_overwrite_each_other(ville, admin):
    admin.post(f"{URL}nouvelle/", BOITE)
    boite = BoiteCourriel.objects.get()
    admin.post(f"{URL}{boite.pk}/", BOITE | {"nom": "Mairie"})
    reponse = admin.post(f"{URL}{boite.pk}/", BOITE | {"nom": "Accueil", "version": "0"})
    assert reponse.status_code == 409
    assert "Ce qui a changé entre-temps" in texte(reponse)
    assert BoiteCourriel.objects.get().nom == "Mairie"


def test_a_silent_mailbox_turns_the_health_red_and_is_shown_to_the_administrator(ville, settings):
    settings.GUICHET_BOITES = {"GUICHET_BOITE_CONTACT": "x"}
    maintenant = timezone.now()
    factories.creer_boite(nom="Remise")
    assert sonder_boites().detail == "Aucune boîte à relever."
    lecture = {"serveur": "imap.ville.example", "identifiant": "c", "variable": "GUICHET_BOITE_CONTACT"}
    boite = factories.creer_boite(adresses=["a@ville.example"], **lecture)
    assert sonder_boites().est_verte
    assert etat_de(boite).mot == "En attente"

    boite.modifiee_le = maintenant - timedelta(minutes=11)
    boite.save()
    assert not sonder_boites().est_verte
    assert [attention.genre for attention in signaler()] == ["Boîtes de courriel non lues"]

    boite.relevee_le = maintenant
    boite.save()
    assert (etat_de(boite).mot, sonder_boites().est_verte) == ("Import en cours", True)
    boite.importee_le = maintenant
    boite.erreur, boite.erreur_le = "Le serveur ne répond pas.", maintenant
    boite.save()
    assert (etat_de(boite).mot, etat_de(boite).phrase) == ("En erreur", "Le serveur ne répond pas.")
    boite.est_active = False
    boite.save()
    assert (etat_de(boite).mot, sonder_boites().est_verte, signaler()) == ("Hors service", True, [])
