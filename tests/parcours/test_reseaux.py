"""The stories of Facebook, Messenger and X over HTTP: a signed webhook, an answer by the API, its echo."""

import hashlib
import hmac
from collections.abc import Iterator

import pytest
import requests

from demandes.models import Demande, Publication, Reception
from guichet.pieces.models import Piece
from tests import graphe
from tests.api_de_x import CLES, NOUS, FauxX, faux_x
from tests.demandes.test_facebook import commentaire, prive
from tests.demandes.test_x import prive as prive_sur_x
from tests.demandes.test_x import publie as publie_sur_x
from tests.demandes.test_x import signer
from tests.graphe import PAGE, FauxGraphe, faux_graphe
from tests.medias import FauxMedias, faux_medias
from tests.parcours.gestes import photo
from tests.parcours.maison import Maison, ouvrir
from tests.webhooks import corps_de

MERCI = "Merci, une équipe passe jeudi."


@pytest.fixture(scope="module")
def page() -> Iterator[FauxGraphe]:
    with faux_graphe() as serveur:
        yield serveur


@pytest.fixture(scope="module")
def compte() -> Iterator[FauxX]:
    with faux_x() as serveur:
        yield serveur


@pytest.fixture(scope="module")
def medias() -> Iterator[FauxMedias]:
    with faux_medias() as serveur:
        yield serveur


@pytest.fixture(scope="module")
def maison_ouverte(
    django_db_setup: None, django_db_blocker, page: FauxGraphe, compte: FauxX, medias: FauxMedias
) -> Iterator[Maison]:
    """A house with the keys of both networks, that may fetch their pictures here."""
    reglages = {
        "GUICHET_SECRET_FACEBOOK": graphe.SECRET,
        "GUICHET_FACEBOOK_PAGE": PAGE,
        "GUICHET_FACEBOOK_JETON": graphe.JETON,
        "GUICHET_FACEBOOK_ADRESSE": page.adresse,
        "GUICHET_SECRET_X": CLES.secret,
        "GUICHET_X_CLE": CLES.application,
        "GUICHET_X_JETON": CLES.jeton,
        "GUICHET_X_JETON_SECRET": CLES.secret_du_jeton,
        "GUICHET_X_ADRESSE": compte.adresse,
        "GUICHET_MEDIAS_INTERNES": medias.adresse,
    }
    with django_db_blocker.unblock(), ouvrir("reseaux", **reglages) as maison:
        yield maison


@pytest.fixture
def ville(ville):
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()
    return ville


# -- what the networks post -------------------------------------------------------------------------------


def poster_comme_meta(maison: Maison, **entree) -> int:
    corps = corps_de({"object": "page", "entry": [{"id": PAGE, "time": 1, **entree}]})
    signature = "sha256=" + hmac.new(graphe.SECRET.encode(), corps, hashlib.sha256).hexdigest()
    return poster(maison, "facebook", corps, {"X-Hub-Signature-256": signature})


def poster_comme_x(maison: Maison, **evenements) -> int:
    corps = corps_de({"for_user_id": NOUS, **evenements})
    return poster(maison, "x", corps, {"x-twitter-webhooks-signature": signer(corps, CLES.secret)})


def poster(maison: Maison, source: str, corps: bytes, signature: dict[str, str]) -> int:
    en_tetes = {"Content-Type": "application/json", **signature}
    adresse = f"{maison.adresse}/api/webhooks/{source}"
    return requests.post(adresse, data=corps, headers=en_tetes, timeout=10).status_code


def la_demande(maison: Maison, mots: str) -> Demande:
    return maison.attendre(lambda: Demande.objects.filter(objet__contains=mots).first(), mots)


def images_de(maison: Maison, demande: Demande) -> list[str]:
    """What the worker kept of the pictures, once it has looked."""
    maison.sonner("demandes.tasks.garder_les_images")
    maison.se_calmer()
    messages = demande.messages.values("pk")
    pieces = Piece.objects.filter(proprietaire_genre="message", proprietaire_id__in=messages)
    return [piece.nom_original for piece in pieces.order_by("nom_original")]


def repondre_en_public(maison: Maison, ville, agit, demande: Demande) -> Publication:
    """One agent writes, the head of the desk publishes, the outbox posts it; swept again, it says no more."""
    agit(ville.agent_accueil, demande.numero, "rediger_une_publication", texte=MERCI, portee="publique")
    maison.vider_la_boite()
    assert demande.publications.get(etat="a_confirmer")
    vue = agit(ville.responsable_accueil, demande.numero, "publier")
    assert MERCI in vue
    for _ in range(2):
        maison.vider_la_boite()
        maison.sonner("demandes.tasks.relever_les_reseaux")
    maison.se_calmer()
    return demande.publications.get(etat=Publication.Etat.PUBLIEE)


def est_un_echo(maison: Maison, nombre: int) -> bool:
    """The last webhook was read, and nothing was made of it."""
    maison.attendre(lambda: not Reception.objects.filter(etat="a_traiter").exists(), "la lecture de l'écho")
    return Reception.objects.latest("pk").demande is None and Demande.objects.count() == nombre


# -- the stories ------------------------------------------------------------------------------------------


def test_a_comment_on_the_page_is_answered_below_it_once(maison, ville, agit, page, medias):
    page.commentaires.clear()
    page.messages.clear()
    trou = commentaire("Un trou rue Neuve 🚧", photo=medias.garder("/trou.jpg", photo()))
    assert [poster_comme_meta(maison, changes=[trou]) for _ in range(3)] == [200] * 3
    demande = la_demande(maison, "Un trou rue Neuve")
    assert images_de(maison, demande) == ["facebook-1.jpg"]

    notre = repondre_en_public(maison, ville, agit, demande)

    assert page.commentaires == {"1_2": [{"id": "1_2_1", "from": {"id": PAGE}, "message": MERCI}]}
    assert (notre.identifiant, notre.portee) == ("1_2_1", "publique")
    echo = commentaire(MERCI, auteur=PAGE, comment_id="1_2_1", parent_id="1_2")
    assert poster_comme_meta(maison, changes=[echo]) == 200
    assert est_un_echo(maison, 1)
    # They answer ours: the same demande goes on.
    suite = commentaire("Merci à vous", comment_id="1_3", parent_id="1_2_1")
    assert poster_comme_meta(maison, changes=[suite]) == 200
    maison.attendre(lambda: demande.messages.filter(corps="Merci à vous").exists(), "leur réponse")
    assert Demande.objects.count() == 1
    assert page.messages == []


def test_a_private_message_is_answered_by_messenger_once(maison, ville, agit, page, medias):
    page.messages.clear()
    piece = {"type": "image", "payload": {"url": medias.garder("/bac.jpg", photo("green"))}}
    ecrit = prive(1, text="Mon bac est cassé", attachments=[piece])
    assert [poster_comme_meta(maison, messaging=[ecrit]) for _ in range(2)] == [200] * 2
    demande = la_demande(maison, "Mon bac est cassé")
    assert images_de(maison, demande) == ["facebook-1.jpg"]

    agit(ville.agent_accueil, demande.numero, "ecrire_a_l_usager", texte="Quel est le numéro ?")
    maison.vider_la_boite()
    maison.vider_la_boite()

    (parti,) = page.messages
    assert (parti["recipient"], parti["message"]) == ({"id": "88"}, {"text": "Quel est le numéro ?"})
    echo = prive(2, auteur=PAGE, text="Quel est le numéro ?", is_echo=True)
    assert poster_comme_meta(maison, messaging=[echo]) == 200
    assert est_un_echo(maison, 1)
    assert poster_comme_meta(maison, messaging=[prive(3, text="Le 12")]) == 200
    maison.attendre(lambda: demande.messages.filter(corps="Le 12").exists(), "leur réponse")
    assert Demande.objects.count() == 1


def test_a_post_on_x_is_answered_below_it_once(maison, ville, agit, compte, medias):
    compte.poses.clear()
    media = {"media_url_https": medias.garder("/banc.jpg", photo("blue")), "ext_alt_text": "Un banc en deux"}
    post = publie_sur_x("@ville Un banc cassé 🪑", extended_entities={"media": [media]})
    assert [poster_comme_x(maison, tweet_create_events=[post]) for _ in range(3)] == [200] * 3
    demande = la_demande(maison, "Un banc cassé")
    assert images_de(maison, demande) == ["x-1.jpg"]
    assert demande.messages.get(sens="entrant").corps.endswith("[Image : Un banc en deux]")

    notre = repondre_en_public(maison, ville, agit, demande)

    (pose,) = compte.poses
    assert pose["referenced_tweets"] == [{"type": "replied_to", "id": post["id_str"]}]
    assert pose["text"].endswith(MERCI)
    assert notre.identifiant == pose["id"]
    echo = publie_sur_x(pose["text"], auteur=NOUS, identifiant=pose["id"])
    assert poster_comme_x(maison, tweet_create_events=[echo]) == 200
    assert est_un_echo(maison, 1)
    suite = publie_sur_x("@ville Merci", identifiant="1850009", in_reply_to_status_id_str=pose["id"])
    assert poster_comme_x(maison, tweet_create_events=[suite]) == 200
    maison.attendre(lambda: demande.messages.filter(corps="Merci").exists(), "leur réponse")
    assert Demande.objects.count() == 1


def test_a_private_message_on_x_is_answered_in_private_once(maison, ville, agit, compte):
    compte.ecrits.clear()
    assert [poster_comme_x(maison, **prive_sur_x("Ma rue est noire")) for _ in range(2)] == [200] * 2
    demande = la_demande(maison, "Ma rue est noire")

    agit(ville.agent_accueil, demande.numero, "ecrire_a_l_usager", texte="Quelle rue ?")
    maison.vider_la_boite()
    maison.vider_la_boite()

    (parti,) = compte.ecrits
    assert (parti["compte"], parti["text"]) == ("88", "Quelle rue ?")
    echo = prive_sur_x("Quelle rue ?", auteur=NOUS, identifiant=parti["id"])
    assert poster_comme_x(maison, **echo) == 200
    assert est_un_echo(maison, 1)
    assert compte.poses == [] or all("Quelle rue" not in pose["text"] for pose in compte.poses)


@pytest.mark.parametrize("source", ["facebook", "x"])
def test_what_is_not_signed_by_the_network_makes_nothing(maison, ville, source):
    signature = {"X-Hub-Signature-256": "sha256=00", "x-twitter-webhooks-signature": "sha256=00"}
    assert poster(maison, source, b'{"object": "page", "for_user_id": "1"}', signature) == 403
    maison.se_calmer()
    assert (Reception.objects.count(), Demande.objects.count()) == (0, 0)
