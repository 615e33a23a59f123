"""The city answers on its page: below a comment, or by Messenger while it may; once, whatever is lost."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from demandes import actions, releve_reseaux, reseaux
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Publication, Reception, ReleveReseau, Remise
from demandes.moyens import Moyen, moyen_de
from demandes.sondes import sonder_reseaux
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.envois.sondes import sonder_envois
from tests.demandes.gestes import relire, session
from tests.demandes.sorties import publier
from tests.demandes.test_facebook import commentaire, prive
from tests.graphe import APPLICATION, JETON, PAGE, SECRET, erreur, faux_graphe

A_REMETTRE = reverse("agent_a_remettre")


@pytest.fixture
def page(ville, settings):
    settings.GUICHET_SECRETS = {"facebook": (SECRET,)}
    settings.GUICHET_FACEBOOK_PAGE, settings.GUICHET_FACEBOOK_JETON = PAGE, JETON
    settings.GUICHET_FACEBOOK_APPLICATION = APPLICATION
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()
    with faux_graphe() as page:
        settings.GUICHET_FACEBOOK_ADRESSE = page.adresse
        yield page


def recevoir(**entree) -> Demande:
    """What Meta's webhook told, read as the worker does."""
    evenement = {"object": "page", "entry": [{"id": PAGE, "time": int(timezone.now().timestamp()), **entree}]}
    contenu = json.dumps(evenement).encode()
    reception = Reception.objects.create(
        canal="facebook",
        source="facebook",
        cle_externe=str(Reception.objects.count()),
        contenu=contenu,
        empreinte="0" * 64,
    )
    demande = reseaux.traiter(reception).demande
    assert demande is not None
    return demande


def repondre_en_public(ville, demande, texte="Merci, nous venons jeudi.") -> None:
    actions.rediger_une_publication(
        demande, auteur=Auteur.agent(ville.agent_accueil), texte=texte, portee="publique"
    )
    actions.publier(relire(demande), auteur=Auteur.agent(ville.responsable_accueil))


def ecrire(ville, demande, texte="Quelle rue ?") -> None:
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte=texte)


def remettre_en_route() -> None:
    """The outbox does not know what became of the attempt: it tries again."""
    Envoi.objects.filter(canal=Canal.FACEBOOK).update(prochain_essai_le=timezone.now())


def test_a_public_answer_is_a_comment_below_theirs(ville, page):
    demande = recevoir(changes=[commentaire("Un trou")])
    repondre_en_public(ville, demande)

    assert publier() == 1

    assert page.commentaires == {
        "1_2": [{"id": "1_2_1", "from": {"id": PAGE}, "message": "Merci, nous venons jeudi."}]
    }
    notre = Publication.objects.get(etat=Publication.Etat.PUBLIEE)
    assert (notre.identifiant, notre.lien) == ("1_2_1", "https://www.facebook.com/1_2_1")
    # They answer ours: it goes on with the same demande.
    suite = recevoir(changes=[commentaire("Merci !", comment_id="1_3", parent_id="1_2_1")])
    assert suite == demande


def test_an_answer_to_a_private_message_leaves_by_messenger(ville, page):
    demande = recevoir(messaging=[prive(1, text="Ma poubelle")])
    assert moyen_de(demande) == Moyen(Canal.FACEBOOK, "Messenger 88")
    ecrire(ville, demande)

    assert publier() == 1

    (message,) = page.messages
    assert message["recipient"] == {"id": "88"}
    assert (message["messaging_type"], message["message"]) == ("RESPONSE", {"text": "Quelle rue ?"})


def test_an_ordinary_answer_to_a_comment_is_private(ville, page):
    ecrire(ville, recevoir(changes=[commentaire("Un trou")]))
    publier()
    assert [m["recipient"] for m in page.messages] == [{"comment_id": "1_2"}]
    assert page.commentaires == {}


@pytest.mark.parametrize("genre", ["public", "messenger", "prive_d_un_commentaire"])
def test_an_attempt_whose_answer_was_lost_is_not_said_twice(ville, page, genre):
    if genre == "messenger":
        ecrire(ville, recevoir(messaging=[prive(1, text="Ma poubelle")]))
    else:
        demande = recevoir(changes=[commentaire("Un trou")])
        (repondre_en_public if genre == "public" else ecrire)(ville, demande)
    page.perd_la_reponse = True

    assert publier() == 0
    assert Envoi.objects.get(canal=Canal.FACEBOOK).erreur == "Facebook répond 503."
    remettre_en_route()
    assert publier() == 1

    assert sum(map(len, page.commentaires.values())) + len(page.messages) == 1
    assert Envoi.objects.get(canal=Canal.FACEBOOK).etat == Envoi.Etat.ENVOYE


@pytest.mark.parametrize(
    ("recue", "heures", "raison"),
    [
        ("prive", 25, "Messenger n'accepte plus de message 24 heures"),
        ("commentaire", 24 * 8, "Facebook n'accepte plus de message privé 7 jours"),
    ],
)
def test_too_late_to_write_in_private_it_waits_for_a_hand_and_the_composer_says_so(
    ville, page, recue, heures, raison
):
    demande = (
        recevoir(messaging=[prive(1, text="Ma poubelle")])
        if recue == "prive"
        else recevoir(changes=[commentaire("Un trou")])
    )
    Publication.objects.update(publiee_le=timezone.now() - timedelta(hours=heures))
    accueil = session(ville.agent_accueil)
    lue = accueil.get(reverse("agent_demande", args=[demande.numero])).content.decode()
    assert "à envoyer vous-même en privé sur Facebook" in lue

    ecrire(ville, demande)

    assert publier() == 0
    assert page.messages == []
    assert Remise.objects.get().raison.startswith(raison)
    assert raison.replace("'", "&#x27;") in accueil.get(A_REMETTRE).content.decode()


def test_a_window_that_closed_on_the_way_is_final_and_waits_for_a_hand(ville, page):
    ecrire(ville, recevoir(messaging=[prive(1, text="Ma poubelle")]))
    page.erreur = erreur(10, "This message is sent outside of allowed window.", error_subcode=2018278)[
        "error"
    ]

    assert publier() == 1

    assert Remise.objects.get().raison == (
        "Messenger n'accepte plus de message : la personne a écrit il y a trop longtemps."
    )


def test_a_refused_key_keeps_the_answer_and_turns_the_health_page_red(ville, page, settings):
    demande = recevoir(changes=[commentaire("Un trou")])
    repondre_en_public(ville, demande)
    settings.GUICHET_FACEBOOK_JETON = "perimee"

    assert publier() == 0

    envoi = Envoi.objects.get(canal=Canal.FACEBOOK)
    assert (envoi.etat, envoi.essais) == (Envoi.Etat.A_ENVOYER, 0)
    assert "refuse notre clé (190)" in envoi.erreur
    assert sonder_envois().detail == "Facebook ne répond pas."
    settings.GUICHET_FACEBOOK_JETON = JETON
    remettre_en_route()
    assert publier() == 1


def test_a_right_that_one_post_lacks_keeps_no_other_waiting(ville, page):
    repondre_en_public(ville, recevoir(changes=[commentaire("Un trou")]))
    page.erreur = erreur(200, "Permissions error")["error"]
    assert publier() == 1
    assert Remise.objects.get().raison == "Facebook a répondu 200 : Permissions error"
    assert sonder_envois().est_verte


@pytest.mark.parametrize(
    ("jours", "dit"),
    [
        (15, ""),
        (14, "La clé de Facebook finit dans 14 jours : renouvelez-la."),
        (-1, "La clé de Facebook est finie : renouvelez-la."),
    ],
)
@pytest.mark.parametrize("champ", ["expires_at", "data_access_expires_at"])
def test_the_end_of_the_key_is_told_two_weeks_before(ville, page, champ, jours, dit):
    page.cle[champ] = int((timezone.now() + timedelta(days=jours, minutes=1)).timestamp())
    releve_reseaux.verifier_les_cles()
    sonde = sonder_reseaux()
    assert (sonde.est_verte, "" if sonde.est_verte else sonde.detail) == (not dit, dit)


def test_a_key_that_never_ends_is_no_worry_and_a_dead_one_is_told(ville, page):
    releve_reseaux.verifier_les_cles()
    releve = ReleveReseau.objects.get()
    assert (releve.cle_finit_le, releve.erreur) == (None, "")
    page.cle = {"is_valid": False}
    releve_reseaux.verifier_les_cles()
    assert ReleveReseau.objects.get().erreur == "Facebook dit que notre clé n'est plus valable."


def test_without_an_application_nothing_is_asked(ville, page, settings):
    settings.GUICHET_FACEBOOK_APPLICATION = ""
    releve_reseaux.verifier_les_cles()
    assert not ReleveReseau.objects.exists()


# -- what they write in return ------------------------------------------------------------------------------

PLUS_TARD = 660  # eleven minutes: no burst any more


def test_what_was_asked_for_comes_by_messenger_and_the_clock_runs_again(ville, page):
    demande = recevoir(messaging=[prive(1, text="Ma poubelle")])
    actions.demander_complement(
        demande,
        auteur=Auteur.agent(ville.agent_accueil),
        elements=["L'adresse"],
        texte="Dans quelle rue ?",
        delai_jours=20,
        est_indispensable=True,
    )
    assert relire(demande).service_suspendu_le is not None

    suite = recevoir(messaging=[prive(PLUS_TARD, text="4 rue Neuve")])

    demande = relire(demande)
    assert (suite, demande.etat) == (demande, Etat.NOUVELLE)
    assert demande.service_suspendu_le is None
    venu = demande.messages.filter(sens="entrant").latest("pk")
    assert (venu.nature, venu.corps, venu.canal) == ("complement", "4 rue Neuve", "facebook")
    assert demande.complements.get().recu_le is not None
    assert Publication.objects.get(message=venu).identifiant == f"m_{PLUS_TARD}"


def test_private_words_join_the_open_demande_the_city_wrote_to_last(ville, page):
    poubelle = recevoir(messaging=[prive(1, text="Ma poubelle")])
    trou = recevoir(messaging=[prive(PLUS_TARD, text="Et un trou")])
    assert trou != poubelle
    ecrire(ville, trou, "Dans quelle rue ?")
    ecrire(ville, poubelle, "Quelle couleur ?")
    autre = recevoir(messaging=[prive(2 * PLUS_TARD, auteur="99", text="La jaune")])
    assert autre not in (poubelle, trou)

    assert recevoir(messaging=[prive(2 * PLUS_TARD + 1, text="La jaune")]) == poubelle
    actions.annuler(relire(poubelle), auteur=Auteur.agent(ville.agent_accueil), motif="erreur")
    assert recevoir(messaging=[prive(4 * PLUS_TARD, text="Rue Neuve")]) == trou
