import email
import email.policy
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from guichet.envois import livraison, tasks
from guichet.envois.livraison import DELAIS
from guichet.envois.models import Envoi

GINETTE = "ginette@boite.example"


def relu(envoi):
    return Envoi.objects.get(pk=envoi.pk)


def passer(time_machine, delai):
    time_machine.shift(delai + timedelta(seconds=1))


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to("2026-03-02 10:00:00+01:00", tick=False)


# -- one message


def test_a_message_is_sent_once_with_its_own_identity(deposer, serveur):
    envoi = deposer(en_tetes={"Reply-To": "demande@ville.example"})

    livraison.livrer(envoi.pk)
    livraison.livrer(envoi.pk)
    livraison.balayer()

    (brut,) = serveur.messages()
    lu = email.message_from_bytes(brut, policy=email.policy.default)
    assert lu["Message-ID"] == envoi.message_id
    assert lu["To"] == GINETTE
    assert lu["Reply-To"] == "demande@ville.example"
    # What comes back comes back where it is answered.
    assert serveur.recus[0].mail_from == "demande@ville.example"
    envoi = relu(envoi)
    assert (envoi.etat, envoi.essais, envoi.erreur) == ("envoye", 1, "")
    assert (envoi.envoye_le, envoi.prochain_essai_le) == (timezone.now(), None)


def test_the_html_part_is_the_text_with_its_links_and_nothing_more(deposer, serveur):
    deposer(corps="Bonjour <script>alert(1)</script> & vous,\n\nhttps://ville.example/suivi/abc")

    livraison.balayer()

    lu = email.message_from_bytes(serveur.messages()[0], policy=email.policy.default)
    html = lu.get_body(("html",)).get_content()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; vous" in html
    assert "<script>" not in html
    assert '<a href="https://ville.example/suivi/abc"' in html
    assert "Villeneuve-sur-Saône" in html


# -- failures


def test_greylisting_is_waited_for(deposer, serveur, time_machine):
    serveur.reponses[GINETTE] = ["451 4.7.1 revenez plus tard"]
    envoi = deposer()

    livraison.balayer()
    apres_refus = relu(envoi)
    livraison.balayer()
    passer(time_machine, DELAIS[0])
    livraison.balayer()

    assert (apres_refus.etat, apres_refus.essais) == ("a_envoyer", 1)
    assert apres_refus.prochain_essai_le == apres_refus.cree_le + DELAIS[0]
    assert apres_refus.erreur == "Le serveur a répondu 451 : 4.7.1 revenez plus tard"
    assert len(serveur.messages()) == 1
    assert (relu(envoi).etat, relu(envoi).essais) == ("envoye", 2)
    assert serveur.essais[GINETTE] == 2


@pytest.mark.parametrize("reponse", ["550 5.1.1 adresse inconnue", "554 refusé"])
def test_a_final_refusal_is_shown_at_once(deposer, serveur, time_machine, reponse):
    serveur.reponses[GINETTE] = [reponse]
    envoi = deposer()

    livraison.balayer()
    passer(time_machine, timedelta(days=3))
    livraison.balayer()

    envoi = relu(envoi)
    assert (envoi.etat, envoi.essais, envoi.prochain_essai_le) == ("echec", 1, None)
    assert envoi.erreur == f"Le serveur a répondu {reponse[:3]} : {reponse[4:]}"
    assert serveur.messages() == []


def test_waits_grow_for_two_days_then_it_fails(deposer, serveur, time_machine):
    serveur.reponses[GINETTE] = ["452 boîte pleine"] * 20
    envoi = deposer()
    debut = timezone.now()

    for delai in DELAIS:
        livraison.balayer()
        assert relu(envoi).prochain_essai_le == timezone.now() + delai
        passer(time_machine, delai)
    livraison.balayer()

    assert (relu(envoi).etat, relu(envoi).essais) == ("echec", len(DELAIS) + 1)
    assert timedelta(days=2) < timezone.now() - debut < timedelta(days=2, hours=2)


@pytest.mark.parametrize("adresse", ["pas une adresse", "a@b\r\nBcc: c@d.example", "é@boite.example", ""])
def test_an_address_that_cannot_work_fails_without_the_network(deposer, serveur, adresse):
    envoi = deposer(destinataire=adresse)

    livraison.balayer()

    assert (relu(envoi).etat, relu(envoi).erreur) == ("echec", "L'adresse électronique est mal écrite.")
    assert serveur.essais == {}


def test_one_slow_address_does_not_delay_the_others(deposer, serveur):
    serveur.lenteur["lent@boite.example"] = 3
    lent = deposer(destinataire="lent@boite.example")
    autres = [deposer(destinataire=f"a{rang}@boite.example") for rang in range(5)]

    livraison.balayer()

    assert {relu(envoi).etat for envoi in autres} == {"envoye"}
    assert (relu(lent).etat, relu(lent).essais) == ("a_envoyer", 1)
    assert relu(lent).prochain_essai_le == timezone.now() + DELAIS[0]


def test_a_server_that_goes_away_half_way_is_tried_again(deposer, serveur, time_machine):
    serveur.reponses[GINETTE] = ["421 je ferme"]
    envoi = deposer()

    livraison.balayer()
    passer(time_machine, DELAIS[0])
    livraison.balayer()

    assert relu(envoi).etat == "envoye"
    assert len(serveur.messages()) == 1


def test_the_goodbye_of_a_server_is_not_waited_for(deposer, serveur, time_machine):
    """A worker killed before the sending is noted sends again."""
    serveur.lenteur["QUIT"] = 3
    envoi = deposer()

    livraison.balayer()
    assert serveur.adieux == 0
    passer(time_machine, timedelta(hours=1))
    livraison.balayer()

    assert relu(envoi).etat == "envoye"
    assert len(serveur.messages()) == 1


# -- the server itself is down


def test_a_dead_server_costs_one_try_a_minute_and_no_attempt(
    deposer, settings, unused_tcp_port, time_machine
):
    settings.GUICHET_COURRIEL, settings.EMAIL_PORT = "smtp", unused_tcp_port
    envois = [deposer(destinataire=f"a{rang}@boite.example") for rang in range(20)]

    livraison.balayer()
    essayes = [envoi for envoi in map(relu, envois) if envoi.erreur]
    tasks.envoyer(envois[-1].pk)

    assert [envoi.pk for envoi in essayes] == [envois[0].pk]
    assert essayes[0].essais == 0
    assert essayes[0].erreur == "Service de courriel injoignable : ConnectionRefusedError"
    assert relu(envois[-1]).erreur == ""


def test_two_hours_of_outage_lose_and_double_nothing(
    deposer, serveur, settings, unused_tcp_port, time_machine
):
    envois = [deposer(destinataire=f"a{rang}@boite.example") for rang in range(30)]
    settings.EMAIL_PORT = unused_tcp_port + 1 if unused_tcp_port < 65535 else 1
    for _ in range(360):
        livraison.balayer()
        time_machine.shift(20)
    settings.EMAIL_PORT = unused_tcp_port

    for _ in range(6):
        livraison.balayer()
        time_machine.shift(20)

    assert {envoi.etat for envoi in map(relu, envois)} == {"envoye"}
    assert Counter(recu.rcpt_tos[0] for recu in serveur.recus) == Counter(e.destinataire for e in envois)


def test_a_mute_server_is_not_waited_for_beyond_the_time_limit(deposer, settings):
    settings.GUICHET_COURRIEL, settings.EMAIL_TIMEOUT = "smtp", 1
    with socket.socket() as muet:
        muet.bind(("127.0.0.1", 0))
        muet.listen()
        settings.EMAIL_PORT = muet.getsockname()[1]
        envoi = deposer()

        livraison.balayer()

    assert relu(envoi).erreur == "Service de courriel injoignable : SMTPServerDisconnected"


# -- no relay, no loop


def test_a_thousand_automatic_mails_to_one_address_are_three_an_hour(deposer, serveur, time_machine):
    for rang in range(1000):
        deposer(destinataire=GINETTE.upper() if rang % 2 else GINETTE)

    livraison.balayer()
    dans_l_heure = len(serveur.recus)
    time_machine.shift(timedelta(minutes=59))
    livraison.balayer()
    avant_la_fin = len(serveur.recus)
    time_machine.shift(timedelta(minutes=1))
    livraison.balayer()

    assert (dans_l_heure, avant_la_fin, len(serveur.recus)) == (3, 3, 6)
    assert Envoi.objects.filter(etat="a_envoyer").count() == 994


def test_the_limit_counts_any_sixty_minutes(deposer, serveur, time_machine):
    time_machine.move_to("2026-03-02 10:59:00+01:00", tick=False)
    for _ in range(3):
        deposer()
    livraison.balayer()
    time_machine.shift(timedelta(minutes=2))
    deposer()

    livraison.balayer()

    assert len(serveur.recus) == 3


def test_a_held_back_message_leaves_in_its_turn_and_others_are_not_held(deposer, serveur, time_machine):
    for _ in range(4):
        deposer()
    ailleurs = deposer(destinataire="autre@boite.example")
    livraison.balayer()

    assert relu(ailleurs).etat == "envoye"
    passer(time_machine, livraison.FENETRE)
    livraison.balayer()
    assert len(serveur.messages()) == 4
    assert not Envoi.objects.exclude(etat="envoye").exists()


@pytest.mark.parametrize(
    "champs",
    [
        {"nature": "reponse"},
        {"nature": "complement"},
        {"nature": "compte"},
        {"nature": "danger"},
        {"est_automatique": False},
    ],
)
def test_what_a_person_waits_for_is_never_held_back(deposer, serveur, champs):
    for _ in range(10):
        deposer(**champs)

    livraison.balayer()

    assert len(serveur.messages()) == 10


def test_subscriptions_and_notices_share_one_count(deposer, serveur):
    for nature in ("abonnement", "avis", "abonnement", "accuse", "avis"):
        deposer(nature=nature)

    livraison.balayer()

    assert len(serveur.messages()) == 3
    assert Envoi.objects.filter(etat="a_envoyer").count() == 2


def test_a_storm_night_reaches_the_desk_s_mailbox_while_a_resident_s_limit_stays(deposer, serveur):
    for _ in range(8):
        deposer(destinataire="voirie@ville.example", nature="alerte")
        deposer(nature="avis")

    livraison.balayer()

    recus = Counter(enveloppe.rcpt_tos[0] for enveloppe in serveur.recus)
    assert recus == {"voirie@ville.example": 8, GINETTE: 3}


def test_a_retry_keeps_its_place(deposer, serveur, time_machine):
    serveur.reponses[GINETTE] = ["451 plus tard"] * 3
    for _ in range(10):
        deposer()
    livraison.balayer()
    passer(time_machine, DELAIS[0])

    livraison.balayer()

    assert len(serveur.messages()) == 3
    assert serveur.essais[GINETTE] == 6


# -- several workers, and workers that die


@pytest.mark.django_db(transaction=True)
def test_four_workers_send_each_message_once(deposer, serveur):
    serveur.lenteur = {f"a{rang}@boite.example": 0.02 for rang in range(40)}
    envois = [deposer(destinataire=f"a{rang}@boite.example") for rang in range(40)]
    depart = threading.Barrier(4)

    def travailler():
        try:
            depart.wait()
            livraison.balayer()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as equipe:
        for tache in [equipe.submit(travailler) for _ in range(4)]:
            tache.result()

    assert Counter(recu.rcpt_tos[0] for recu in serveur.recus) == Counter(e.destinataire for e in envois)
    assert not Envoi.objects.exclude(etat="envoye", essais=1).exists()


@pytest.mark.django_db(transaction=True)
def test_four_workers_hold_the_hourly_limit_together(deposer, serveur):
    serveur.lenteur[GINETTE] = 0.05
    for _ in range(40):
        deposer()
    depart = threading.Barrier(4)

    def travailler():
        try:
            depart.wait()
            livraison.balayer()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as equipe:
        for tache in [equipe.submit(travailler) for _ in range(4)]:
            tache.result()

    assert len(serveur.messages()) == 3


def test_a_worker_killed_while_sending_leaves_a_row_that_comes_back(
    deposer, serveur, time_machine, monkeypatch
):
    envoi = deposer()

    def mourir(*args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setitem(livraison.VOIES, "courriel", livraison.Voie("Service en panne", mourir))
        with pytest.raises(SystemExit):
            livraison.balayer()
    livraison.balayer()
    tout_de_suite = len(serveur.recus)
    passer(time_machine, livraison.BAIL)
    livraison.balayer()

    assert tout_de_suite == 0
    (brut,) = serveur.messages()
    assert envoi.message_id.encode() in brut
    assert (relu(envoi).etat, relu(envoi).essais) == ("envoye", 2)


# -- the demo's folder


def test_folder_mode_writes_one_file_a_message(deposer, settings, tmp_path, monkeypatch):
    settings.GUICHET_COURRIEL, settings.GUICHET_COURRIEL_DOSSIER = "dossier", tmp_path / "courriels"
    envoi = deposer()

    livraison.balayer()
    # A worker killed after writing and before noting it: the retry replaces the file.
    Envoi.objects.filter(pk=envoi.pk).update(
        etat="a_envoyer", prochain_essai_le=timezone.now(), envoye_le=None, essais=0
    )
    livraison.balayer()

    (fichier,) = (tmp_path / "courriels").iterdir()
    assert fichier.name == f"2026-03-02_100000_{envoi.pk:07}.eml"
    lu = email.message_from_bytes(fichier.read_bytes(), policy=email.policy.default)
    assert (lu["To"], lu["Message-ID"]) == (GINETTE, envoi.message_id)
    assert relu(envoi).etat == "envoye"


def test_an_unusable_folder_is_an_outage(deposer, settings, tmp_path):
    (tmp_path / "courriels").write_text("un fichier, pas un dossier")
    settings.GUICHET_COURRIEL, settings.GUICHET_COURRIEL_DOSSIER = "dossier", tmp_path / "courriels"
    envoi = deposer()

    livraison.balayer()

    assert relu(envoi).etat == "a_envoyer"
    assert relu(envoi).erreur.startswith("Service de courriel injoignable")
