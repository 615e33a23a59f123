"""An SMS joins a demande only when its number says whose it is; ten sent at once make one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, transaction
from django.utils import timezone

from demandes import actions, reception
from demandes.actions import avis
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Message, Reception
from guichet.canaux.canal import Canal
from guichet.envois import boite, livraison, texto
from guichet.envois.models import Envoi
from guichet.pieces.depot import deposer
from tests import factories
from tests.demandes.gestes import session, url
from tests.webhooks import corps_de

MIDI = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
JEANNE = "+33639980011"
RANGS = iter(range(1, 10_000))


@pytest.fixture(autouse=True)
def _sms(settings, tmp_path, time_machine):
    """A city that sends SMS, at noon."""
    settings.GUICHET_SMS, settings.GUICHET_SMS_DOSSIER = "dossier", tmp_path
    time_machine.move_to(MIDI)


def recevoir(texte: str, *, de: str = JEANNE, **dit) -> Reception:
    """Store one post as the door does, then read it."""
    corps = corps_de({"id": f"s-{next(RANGS)}", "de": de, "texte": texte} | dit)
    with transaction.atomic():
        gardee = reception.recevoir(Canal.SMS, "sms", dit.get("id", f"s-{next(RANGS)}"), corps)
    reception.traiter(gardee.pk)
    return Reception.objects.get(pk=gardee.pk)


def ecrite_par_sms(ville, usager) -> Demande:
    """A demande whose person was just written to by SMS."""
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)
    actions.ecrire_a_l_usager(
        demande, auteur=Auteur.agent(ville.agent_voirie), texte="Quel jour vous convient ?"
    )
    livraison.balayer()
    return Demande.objects.get(pk=demande.pk)


@pytest.fixture
def jeanne(ville):
    return factories.creer_usager("Jeanne", "Martin", telephone=JEANNE, canal_prefere="sms")


def page_de(demande: Demande) -> str:
    return f"/agent/demandes/{demande.numero}/"


def entrants(demande: Demande) -> list[str]:
    return list(
        demande.messages.filter(sens=Message.Sens.ENTRANT).order_by("pk").values_list("corps", flat=True)
    )


# -- in


def test_an_unknown_number_opens_a_demande_and_is_acknowledged_where_it_wrote(ville):
    gardee = recevoir("Un nid-de-poule rue Édouard-Herriot 🚧")

    demande = gardee.demande
    assert (demande.canal, demande.objet) == (Canal.SMS, "Un nid-de-poule rue Édouard-Herriot 🚧")
    assert (demande.usager.telephone, demande.usager.canal_prefere) == (JEANNE, "sms")
    accuse = Envoi.objects.get(canal="sms")
    assert (accuse.destinataire, accuse.nature) == (JEANNE, "accuse")
    assert demande.numero in accuse.corps
    assert "STOP" in accuse.corps


def test_several_sms_in_a_row_make_one_demande_and_a_later_one_another(ville, time_machine):
    premiere = recevoir("Bonjour, il y a un trou").demande
    time_machine.shift(timedelta(minutes=4))
    assert recevoir("devant le 12").demande == premiere
    time_machine.shift(timedelta(minutes=8))
    assert recevoir("de la rue Foch").demande == premiere
    time_machine.shift(timedelta(days=40))

    autre = recevoir("Le tri n'est pas passé").demande

    assert entrants(premiere) == ["Bonjour, il y a un trou", "devant le 12", "de la rue Foch"]
    assert autre != premiere
    assert Envoi.objects.filter(canal="sms", nature="accuse").count() == 2


def test_r11_ten_sms_of_a_new_sender_at_once_make_one_person_and_one_demande(
    transactional_db, django_db_setup
):
    factories.creer_ville()
    gardees = []
    for rang in range(10):
        with transaction.atomic():
            corps = corps_de({"id": f"p-{rang}", "de": JEANNE, "texte": f"Photo {rang}"})
            gardees.append(reception.recevoir(Canal.SMS, "sms", f"p-{rang}", corps).pk)
    depart = threading.Barrier(10)

    def lire(pk: int) -> None:
        try:
            depart.wait()
            reception.traiter(pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as equipe:
        list(equipe.map(lire, gardees))

    demande = Demande.objects.get()
    assert sorted(entrants(demande)) == [f"Photo {rang}" for rang in range(10)]
    assert Envoi.objects.filter(canal="sms").count() == 1


def test_an_answer_joins_the_one_open_demande_the_city_wrote_to(ville, jeanne):
    demande = ecrite_par_sms(ville, jeanne)

    gardee = recevoir("Jeudi matin")

    assert gardee.demande == demande
    assert entrants(demande)[-1] == "Jeudi matin"
    assert Demande.objects.get(pk=demande.pk).a_message_non_lu
    assert Demande.objects.count() == 1


def test_what_was_asked_for_by_sms_unblocks_the_demande(ville, jeanne):
    demande = ecrite_par_sms(ville, jeanne)
    actions.demander_complement(
        demande,
        auteur=Auteur.agent(ville.agent_voirie),
        texte="À quel numéro ?",
        elements=["Le numéro de la rue"],
        delai_jours=15,
        est_indispensable=True,
    )

    recevoir("Au 12")

    assert Demande.objects.get(pk=demande.pk).etat == Etat.PRISE_EN_CHARGE


CAS = ("deux demandes", "une famille", "plus tard", "terminée", "jamais écrit")


@pytest.mark.parametrize("pourquoi", CAS)
def test_a_number_that_says_too_little_opens_a_demande_of_its_own(ville, jeanne, time_machine, pourquoi):
    if pourquoi == "jamais écrit":
        demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=jeanne)
    else:
        demande = ecrite_par_sms(ville, jeanne)
    if pourquoi == "deux demandes":
        ecrite_par_sms(ville, jeanne)
    if pourquoi == "une famille":
        factories.creer_usager("Paul", "Martin", telephone=JEANNE)
    if pourquoi == "plus tard":
        time_machine.shift(timedelta(days=31))
    if pourquoi == "terminée":
        actions.repondre(
            demande, auteur=Auteur.agent(ville.agent_voirie), texte="C'est réparé.", decision="accord"
        )
    avant = entrants(demande)

    gardee = recevoir("Jeudi matin")

    assert gardee.demande != demande
    assert gardee.demande.usager != jeanne
    assert entrants(demande) == avant
    note = gardee.demande.messages.get(sens=Message.Sens.INTERNE)
    assert "Jeanne Martin" in note.corps


def test_the_same_sms_in_other_bytes_is_one(ville):
    for sorte in ({"id": "s-9"}, {"id": "s-9", "operateur": "x"}):
        recevoir("Bonjour", **sorte)

    assert Demande.objects.count() == 1
    assert Reception.objects.filter(motif="Copie d'un SMS déjà reçu.").count() == 1


# -- STOP


def test_stop_is_obeyed_said_and_lifted(ville, jeanne):
    demande = ecrite_par_sms(ville, jeanne)
    partis = Envoi.objects.filter(canal="sms").count()

    gardee = recevoir("Stop")

    assert gardee.motif == "STOP : plus aucun SMS à ce numéro."
    assert gardee.demande == demande
    assert "STOP" in demande.messages.filter(sens=Message.Sens.INTERNE).get().corps
    actions.ecrire_a_l_usager(
        Demande.objects.get(pk=demande.pk),
        auteur=Auteur.agent(ville.agent_voirie),
        texte="Nous venons jeudi.",
    )
    assert demande.messages.filter(sens=Message.Sens.SORTANT).latest("pk").canal == Canal.TELEPHONE
    assert Envoi.objects.filter(canal="sms").count() == partis
    recevoir("START")
    assert not boite.est_oppose(JEANNE)


# -- out


def test_the_answer_leaves_by_sms_when_that_is_what_they_chose(ville, jeanne):
    demande = ecrite_par_sms(ville, jeanne)

    message = demande.messages.filter(sens=Message.Sens.SORTANT).latest("pk")
    assert (message.canal, message.destinataire) == (Canal.SMS, "06 39 98 00 11")
    assert message.corps == "Quel jour vous convient ?"
    assert message.envoi.destinataire == JEANNE
    assert message.envoi.corps == (
        f"Quel jour vous convient ?\nVilleneuve-sur-Saône, demande {demande.numero}"
    )
    assert message.envoi.etat == "envoye"


def test_what_is_long_is_read_behind_a_link(ville, jeanne):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=jeanne)

    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_voirie), texte="Bonjour. " * 100)

    envoi = demande.messages.filter(sens=Message.Sens.SORTANT).latest("pk").envoi
    assert "Votre message se lit ici : http" in envoi.corps
    assert "Bonjour." not in envoi.corps


@pytest.mark.parametrize(
    ("nombre", "phrase"),
    [(1, "Un document vous attend ici : "), (2, "2 documents vous attendent ici : ")],
    ids=["one", "two"],
)
def test_documents_do_not_travel_by_sms_and_the_words_say_where_they_wait(ville, jeanne, nombre, phrase):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=jeanne)
    pieces = tuple(deposer(factories.televerser(f"plan-{rang}.jpg")) for rang in range(nombre))
    dit = "Un document joint ne part pas par SMS : la personne le trouvera derrière son lien de suivi."
    agent = session(ville.agent_voirie)
    for page in (page_de(demande), url(demande, "repondre")):
        assert dit in agent.get(page).content.decode()
    assert dit not in agent.get(url(demande, "rejeter")).content.decode()

    actions.ecrire_a_l_usager(
        demande, auteur=Auteur.agent(ville.agent_voirie), texte="Voici le plan.", pieces=pieces
    )

    message = demande.messages.filter(sens=Message.Sens.SORTANT).latest("pk")
    assert message.corps == "Voici le plan."
    lien = avis.lien_de_suivi(demande)
    fin = f"Villeneuve-sur-Saône, demande {demande.numero}"
    assert message.envoi.corps == f"Voici le plan.\n{phrase}{lien}\n{fin}"


def test_an_e_mail_says_that_a_document_waits(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    auteur, agent = Auteur.agent(ville.agent_voirie), session(ville.agent_voirie)
    dit = "Un document joint ne part pas avec le courriel"
    assert dit in agent.get(url(demande, "ecrire_a_l_usager")).content.decode()
    # Nothing to join there yet.
    assert dit not in agent.get(page_de(demande)).content.decode()
    actions.ecrire_a_l_usager(demande, auteur=auteur, texte="Sans document.")
    piece = deposer(factories.televerser("plan.jpg"))

    actions.ecrire_a_l_usager(demande, auteur=auteur, texte="Voici le plan.", pieces=(piece,))

    sans, avec = demande.messages.filter(sens=Message.Sens.SORTANT).order_by("pk")
    assert "document vous attend" not in sans.envoi.corps
    assert "Un document vous attend sur votre page de suivi" in avec.envoi.corps


def test_a_landline_and_a_city_without_sms_are_called(ville, settings):
    fixe = factories.creer_usager("Paul", "Fixe", telephone="04 65 71 12 34", canal_prefere="sms")
    mobile = factories.creer_usager("Lise", "Mobile", telephone=JEANNE, canal_prefere="sms")
    for usager, moyen in ((fixe, "dossier"), (mobile, "")):
        settings.GUICHET_SMS = moyen
        demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=usager)
        actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_voirie), texte="Nous venons.")
        assert demande.messages.filter(sens=Message.Sens.SORTANT).latest("pk").canal == Canal.TELEPHONE
    assert not Envoi.objects.filter(canal="sms").exists()


def test_what_became_of_it_is_on_the_page_and_a_lost_one_calls_its_holder(ville, jeanne):
    demande = ecrite_par_sms(ville, jeanne)
    envoi = demande.messages.filter(sens=Message.Sens.SORTANT).latest("pk").envoi
    page = session(ville.agent_voirie).get(page_de(demande)).content.decode()
    assert "envoyé à 12" in page

    en_chemin = recevoir("", etat="sent", reference=texto.reference(envoi))
    assert (en_chemin.motif, en_chemin.demande) == ("SMS en chemin.", demande)
    assert not Reception.objects.sans_demande().exists()
    gardee = recevoir("", etat="undelivered", reference=texto.reference(envoi), motif="absent")

    assert (gardee.motif, gardee.demande) == ("SMS non remis.", demande)
    assert Envoi.objects.get(pk=envoi.pk).erreur == "Non remis : absent"
    assert Envoi.objects.filter(nature="alerte", reference=f"demande:{demande.numero}").count() == 1
    page = session(ville.agent_voirie).get(page_de(demande)).content.decode()
    assert "Non remis : absent" in page


def test_the_composer_says_by_which_way_how_long_and_when(ville, jeanne, time_machine):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, usager=jeanne)

    de_jour = session(ville.agent_voirie).get(page_de(demande)).content.decode()
    time_machine.move_to(MIDI.replace(hour=22))
    de_nuit = session(ville.agent_voirie).get(page_de(demande)).content.decode()

    assert "par SMS au 06 39 98 00 11" in de_jour
    assert "data-compte-sms" in de_jour
    assert "par SMS au 06 39 98 00 11, à partir de 8 h" in de_nuit
    assert timezone.localtime().hour == 22
