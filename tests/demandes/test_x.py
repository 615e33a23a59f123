"""X posts what people write to the city's account: signed, in its real shapes, read once."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from demandes import actions, reception
from demandes.droits import Auteur
from demandes.models import Demande, Publication, Reception, Remise
from demandes.moyens import Moyen, moyen_de
from guichet.canaux import x
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.envois.models import Envoi
from guichet.envois.sondes import sonder_envois
from guichet.socle.erreurs import DonneeInvalide
from tests.api_de_x import CLES, NOUS, faux_x
from tests.demandes.gestes import relire
from tests.demandes.sorties import publier

SECRET, ADRESSE = CLES.secret, "/api/webhooks/x"
MAINTENANT = int(time.time())


@pytest.fixture(autouse=True)
def compte(ville, settings, monkeypatch):
    settings.GUICHET_SECRETS = {"x": (SECRET,)}
    monkeypatch.setattr(reception.sonnette, "sonner", lambda pk: None)
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()


def signer(corps: bytes, secret: str = SECRET) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), corps, hashlib.sha256).digest()).decode()


def envoyer(corps: bytes, signature: str) -> int:
    reponse = Client().post(
        ADRESSE, corps, content_type="application/json", headers={"x-twitter-webhooks-signature": signature}
    )
    reception.balayer()
    return reponse.status_code


def poster(*, secret: str = SECRET, **evenements) -> int:
    corps = json.dumps({"for_user_id": NOUS, **evenements}, ensure_ascii=False).encode()
    return envoyer(corps, signer(corps, secret))


def publie(texte: str, *, auteur: str = "77", identifiant: str = "1850001", **champs) -> dict:
    return {
        "created_at": datetime.fromtimestamp(MAINTENANT, UTC).strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": int(identifiant),
        "id_str": identifiant,
        "text": texte,
        "truncated": False,
        "in_reply_to_status_id_str": None,
        "in_reply_to_user_id_str": NOUS,
        "user": {"id_str": auteur, "name": "Awa Ndiaye", "screen_name": "awa_n"},
        "entities": {"user_mentions": [{"screen_name": "ville", "id_str": NOUS}]},
    } | champs


def prive(texte: str, *, auteur: str = "88", identifiant: str = "954491830116155396") -> dict:
    evenement = {
        "type": "message_create",
        "id": identifiant,
        "created_timestamp": str(MAINTENANT * 1000),
        "message_create": {
            "target": {"recipient_id": NOUS},
            "sender_id": auteur,
            "message_data": {"text": texte, "entities": {"urls": []}},
        },
    }
    comptes = {auteur: {"id": auteur, "name": "Paul Durand", "screen_name": "pauld"}}
    return {"direct_message_events": [evenement], "users": comptes}


pytestmark = pytest.mark.django_db(transaction=True)


def test_the_hourly_challenge_is_answered_with_the_secret():
    reponse = Client().get(ADRESSE, {"crc_token": "MjAyNi0xMS0yNw==", "nonce": "abc"})
    assert (reponse.status_code, reponse["Content-Type"]) == (200, "application/json")
    assert reponse.json() == {"response_token": signer(b"MjAyNi0xMS0yNw==")}


@pytest.mark.parametrize(
    "jeton", ["", '{"for_user_id": "1"}', "a" * 201, "a b"], ids=["vide", "un corps", "long", "espace"]
)
def test_a_challenge_that_would_sign_a_body_is_refused(jeton):
    assert Client().get(ADRESSE, {"crc_token": jeton}).status_code == 403


@pytest.mark.parametrize(("signature", "statut"), [("sha256=AAAA", 403), ("", 401)])
def test_a_forged_event_is_refused_and_nothing_is_kept(signature, statut):
    assert envoyer(b'{"for_user_id": "1"}', signature) == statut
    assert not Reception.objects.exists()


def test_a_post_is_a_public_demande_once_with_its_link_then_taken_away():
    for _ in range(2):
        assert poster(tweet_create_events=[publie("@ville Un trou 🚧 rue Neuve &amp; personne")]) == 200
    demande = Demande.objects.get()
    assert (demande.canal, demande.usager.nom) == ("x", "Awa Ndiaye")
    assert demande.messages.get().corps == "Un trou 🚧 rue Neuve & personne"
    recue = demande.publications.get()
    assert (recue.portee, recue.lien) == ("publique", "https://x.com/awa_n/status/1850001")
    assert moyen_de(demande) == Moyen(Canal.X, "@awa_n", est_a_recopier=True)

    retrait = {"status": {"id": "1850001", "user_id": "77"}, "timestamp_ms": str(MAINTENANT * 1000)}
    poster(tweet_delete_events=[retrait])
    assert Publication.objects.get().supprimee_le is not None


def test_a_long_post_is_read_whole_with_its_pictures():
    medias = {"media": [{"media_url_https": "https://pbs.x.example/1.jpg", "ext_alt_text": "Un trou"}]}
    long = {"full_text": "@ville " + "Un trou. " * 40, "extended_entities": medias}
    poster(tweet_create_events=[publie("@ville Un trou…", truncated=True, extended_tweet=long)])
    corps = Demande.objects.get().messages.get().corps
    assert corps.count("Un trou.") == 40
    assert corps.endswith("[Image : Un trou] https://pbs.x.example/1.jpg")


def test_an_edited_post_is_the_same_one_and_the_thread_keeps_both():
    premier, second = "1862000000000000000", "1862000500000000000"
    poster(tweet_create_events=[publie("@ville Un trou", identifiant=premier)])
    editee = publie(
        "@ville Un grand trou",
        identifiant=second,
        edit_history={"initial_tweet_id": premier, "edit_tweet_ids": [premier, second]},
    )
    poster(tweet_create_events=[editee])
    poster(tweet_create_events=[editee], redite=True)

    publication = Publication.objects.get()
    assert publication.identifiant == premier
    assert f"{publication.modifiee_le:%Y-%m-%d %H:%M:%S}" == "2024-11-28 05:08:08"
    corps = list(publication.demande.messages.order_by("pk").values_list("corps", flat=True))
    assert corps == ["Un trou", "[Publication modifiée par son auteur]\nUn grand trou"]


def test_a_private_message_is_private():
    poster(**prive("Ma carte est perdue"))
    demande = Demande.objects.get()
    assert (demande.usager.nom, demande.publications.get().portee) == ("Paul Durand", "privee")


def test_a_private_message_that_answers_the_city_joins_its_demande(ville):
    poster(**prive("Ma carte est perdue"))
    demande = Demande.objects.get()
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Laquelle ?")

    reponse = prive("Celle de la piscine", identifiant="954491830116155397")
    reponse["direct_message_events"][0]["created_timestamp"] = str((MAINTENANT + 660) * 1000)
    poster(**reponse)

    assert list(Demande.objects.get().messages.order_by("pk").values_list("sens", "corps")) == [
        ("entrant", "Ma carte est perdue"),
        ("sortant", "Laquelle ?"),
        ("entrant", "Celle de la piscine"),
    ]


def test_our_own_words_and_reposts_open_nothing():
    poster(tweet_create_events=[publie("C'est réparé", auteur=NOUS)])
    poster(tweet_create_events=[publie("RT @ville", identifiant="1850002", retweeted_status={"id_str": "1"})])
    poster(**prive("Bonjour", auteur=NOUS))
    poster(favorite_events=[{"id": "a"}])
    assert not Demande.objects.exists()
    assert set(Reception.objects.values_list("etat", flat=True)) == {Reception.Etat.TRAITEE}


# -- what leaves


@pytest.fixture
def api(settings):
    settings.GUICHET_X_CLE, settings.GUICHET_X_JETON = CLES.application, CLES.jeton
    settings.GUICHET_X_JETON_SECRET = CLES.secret_du_jeton
    with faux_x() as api:
        settings.GUICHET_X_ADRESSE = api.adresse
        yield api


def recevoir() -> Demande:
    poster(tweet_create_events=[publie("@ville Un trou rue Neuve")])
    return Demande.objects.get()


def repondre(ville, demande: Demande, texte: str = "Merci, nous venons jeudi.") -> None:
    actions.rediger_une_publication(demande, auteur=Auteur.agent(ville.agent_accueil), texte=texte)
    actions.publier(relire(demande), auteur=Auteur.agent(ville.responsable_accueil))


def test_a_public_answer_leaves_below_their_post_and_its_echo_opens_nothing(ville, api):
    demande = recevoir()
    repondre(ville, demande)

    assert publier() == 1

    (pose,) = api.poses
    assert (pose["text"], pose["referenced_tweets"][0]["id"]) == (
        "@awa_n Merci, nous venons jeudi.",
        "1850001",
    )
    notre = Publication.objects.get(etat=Publication.Etat.PUBLIEE)
    assert (notre.identifiant, notre.lien) == ("190", "https://x.com/i/status/190")
    assert not Remise.objects.exists()
    poster(tweet_create_events=[publie(pose["text"], auteur=NOUS, identifiant="190")])
    # They answer ours: it goes on with the same demande.
    poster(tweet_create_events=[publie("Merci", identifiant="1850009", in_reply_to_status_id_str="190")])
    assert [m.corps for m in Demande.objects.get().messages.filter(sens="entrant").order_by("pk")] == [
        "Un trou rue Neuve",
        "Merci",
    ]


@pytest.mark.parametrize(("lit", "identifiant"), [(True, "190"), (False, "")], ids=["read", "unread"])
def test_an_attempt_whose_answer_was_lost_is_not_said_twice(ville, api, lit, identifiant):
    repondre(ville, recevoir())
    api.perd_la_reponse, api.lit = True, lit
    assert publier() == 0
    Envoi.objects.filter(canal="x").update(prochain_essai_le=timezone.now())

    assert publier() == 1

    assert len(api.poses) == 1
    assert Publication.objects.get(etat=Publication.Etat.PUBLIEE).identifiant == identifiant


def test_a_refused_key_keeps_the_answer_waiting_and_a_refusal_gives_it_to_a_hand(ville, api, settings):
    repondre(ville, recevoir())
    settings.GUICHET_X_JETON_SECRET = "autre"
    assert publier() == 0
    assert sonder_envois().detail == "X ne répond pas."
    settings.GUICHET_X_JETON_SECRET, api.panne = CLES.secret_du_jeton, 403
    Envoi.objects.filter(canal="x").update(prochain_essai_le=timezone.now())

    assert publier() == 1

    assert Remise.objects.get().raison == "X a répondu 403 : You are not permitted to do this."


def test_who_wrote_in_private_is_answered_in_private(ville, api):
    poster(**prive("Ma carte est perdue"))
    demande = Demande.objects.get()
    assert moyen_de(demande) == Moyen(Canal.X, "@pauld")
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Laquelle ?")

    assert publier() == 1

    assert [(ecrit["compte"], ecrit["text"]) for ecrit in api.ecrits] == [("88", "Laquelle ?")]
    notre = Publication.objects.get(etat=Publication.Etat.PUBLIEE)
    assert (notre.identifiant, notre.lien, notre.portee) == ("dm-200", "", "privee")
    assert api.poses == []
    assert not Remise.objects.exists()


def test_a_private_attempt_whose_answer_was_lost_is_not_said_twice(ville, api):
    poster(**prive("Ma carte est perdue"))
    auteur = Auteur.agent(ville.agent_accueil)
    actions.ecrire_a_l_usager(Demande.objects.get(), auteur=auteur, texte="Laquelle ?")
    api.perd_la_reponse = True
    assert publier() == 0
    Envoi.objects.filter(canal="x").update(prochain_essai_le=timezone.now())

    assert publier() == 1

    assert len(api.ecrits) == 1
    assert Publication.objects.get(etat=Publication.Etat.PUBLIEE).identifiant == "dm-200"


def test_a_private_attempt_that_cannot_be_looked_for_is_given_to_a_hand(ville, api):
    poster(**prive("Ma carte est perdue"))
    auteur = Auteur.agent(ville.agent_accueil)
    actions.ecrire_a_l_usager(Demande.objects.get(), auteur=auteur, texte="Laquelle ?")
    api.perd_la_reponse, api.lit = True, False
    assert publier() == 0
    Envoi.objects.filter(canal="x").update(prochain_essai_le=timezone.now())

    assert publier() == 1

    assert len(api.ecrits) == 1
    raison = "X ne dit pas si ce message est parti : regardez-y avant de le redire."
    assert Remise.objects.get().raison == raison


def test_who_wrote_in_public_is_answered_in_private_by_hand_and_it_says_why(ville, api):
    demande = recevoir()
    assert moyen_de(demande) == Moyen(Canal.X, "@awa_n", est_a_recopier=True)
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Quelle rue ?")
    assert Remise.objects.get().raison.startswith("X ne laisse écrire en privé qu'à qui")
    assert publier() == 0
    assert api.poses == []


def test_a_post_is_measured_as_x_does(ville):
    assert [x.mesurer(t) for t in ("« Été »", "🚧", "Voir https://ville.example/" + "a" * 90)] == [7, 2, 28]
    demande = recevoir()
    with pytest.raises(DonneeInvalide, match="282 signes avec le nom, 280 au plus"):
        repondre(ville, demande, "🚧" * 141)


@pytest.mark.parametrize(
    "brut", [b"", b"[]", b"{}", b'{"for_user_id": "1", "tweet_create_events": [{"user": 1}]}', b"\xff"]
)
def test_what_is_no_event_is_said_so(brut):
    with pytest.raises(ContenuIllisible):
        x.lire(brut)
