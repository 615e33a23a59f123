"""Facebook posts what people write on the page and by Messenger: signed, in its real shapes, read once."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from django.test import Client

from demandes import reception
from demandes.actions.publications import derniere_recue
from demandes.models import Demande, Publication, Reception
from demandes.moyens import Moyen, moyen_de
from guichet.canaux import facebook
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from tests.demandes.gestes import relire
from usagers.fiche import ajouter_coordonnee

SECRET, MOT = "secret-de-l-application", "mot-convenu"
PAGE = "100200300"
ADRESSE = "/api/webhooks/facebook"
MAINTENANT = int(time.time())


@pytest.fixture(autouse=True)
def page(ville, settings, monkeypatch):
    settings.GUICHET_SECRETS = {"facebook": (SECRET,), "facebook_verification": (MOT,)}
    monkeypatch.setattr(reception.sonnette, "sonner", lambda pk: None)
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()


def commentaire(texte: str, *, verbe: str = "add", auteur: str = "77", **champs: Any) -> dict[str, Any]:
    valeur = {
        "item": "comment",
        "verb": verbe,
        "from": {"id": auteur, "name": "Awa Ndiaye"},
        "post_id": f"{PAGE}_1",
        "comment_id": "1_2",
        "parent_id": f"{PAGE}_1",
        "created_time": MAINTENANT,
        "message": texte,
        "post": {"permalink_url": "https://www.facebook.example/villeneuve/posts/1"},
    }
    return {"field": "feed", "value": valeur | champs}


def prive(rang: int = 1, *, auteur: str = "88", **message: Any) -> dict[str, Any]:
    return {
        "sender": {"id": auteur},
        "recipient": {"id": PAGE},
        "timestamp": (MAINTENANT + rang) * 1000,
        "message": {"mid": f"m_{rang}", **message},
    }


def poster(*, secret: str = SECRET, temps: int = MAINTENANT, **entree: Any) -> int:
    evenement = {"object": "page", "entry": [{"id": PAGE, "time": temps, **entree}]}
    corps = json.dumps(evenement, ensure_ascii=False).encode()
    signature = "sha256=" + hmac.new(secret.encode(), corps, hashlib.sha256).hexdigest()
    reponse = Client().post(
        ADRESSE, corps, content_type="application/json", headers={"X-Hub-Signature-256": signature}
    )
    reception.balayer()
    return reponse.status_code


pytestmark = pytest.mark.django_db(transaction=True)


def test_the_subscription_is_checked_with_the_word_agreed_on():
    defi = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    bon = Client().get(ADRESSE, defi | {"hub.verify_token": MOT})
    assert (bon.status_code, bon.content) == (200, b"1158201444")
    assert Client().get(ADRESSE, defi | {"hub.verify_token": "autre"}).status_code == 403


@pytest.mark.parametrize("secret", ["autre", MOT])
def test_a_forged_event_is_refused_and_nothing_is_kept(secret):
    assert poster(secret=secret, changes=[commentaire("Un trou 🚧")]) == 403
    assert not Reception.objects.exists()


def test_a_comment_is_a_public_demande_once_then_edited_then_removed():
    for _ in range(2):
        assert poster(changes=[commentaire("Un trou 🚧 rue des Tisserands")]) == 200
    demande = Demande.objects.get()
    assert (demande.canal, demande.usager.nom) == ("facebook", "Awa Ndiaye")
    publication = demande.publications.get()
    assert (publication.identifiant, publication.portee) == ("1_2", "publique")
    assert publication.lien == "https://www.facebook.example/villeneuve/posts/1"

    poster(changes=[commentaire("Un trou rue Neuve", verbe="edited")], temps=MAINTENANT + 60)
    poster(changes=[commentaire("", verbe="remove")], temps=MAINTENANT + 120)

    assert list(demande.messages.filter(sens="entrant").order_by("pk").values_list("corps", flat=True)) == [
        "Un trou 🚧 rue des Tisserands",
        "[Publication modifiée par son auteur]\nUn trou rue Neuve",
    ]
    assert Publication.objects.get().supprimee_le is not None


def test_words_whose_author_meta_does_not_name_are_kept_each_as_somebody_else_s():
    for rang in (1, 2):
        poster(changes=[commentaire(f"Un trou n° {rang}", **{"from": None, "comment_id": f"1_{rang}"})])
    assert [demande.usager.nom for demande in Demande.objects.order_by("pk")] == ["Auteur non communiqué"] * 2


def test_photos_sent_at_once_by_messenger_make_one_private_demande():
    photos = [
        {"type": "image", "payload": {"url": f"https://cdn.facebook.example/{n}.jpg"}} for n in range(3)
    ]
    poster(messaging=[prive(1, text="Regardez"), prive(2, attachments=photos)])
    demande = Demande.objects.get()
    assert [p.portee for p in demande.publications.all()] == ["privee", "privee"]
    assert demande.messages.filter(sens="entrant").latest("pk").corps.count("https://cdn") == 3


def edition(rang: int, texte: str, *, mid: str = "m_1", auteur: str = "88") -> dict[str, Any]:
    """As the webhook « message_edits » tells it."""
    evenement = prive(rang, auteur=auteur) | {"message_edit": {"mid": mid, "text": texte, "num_edit": rang}}
    del evenement["message"]
    return evenement


def test_a_private_message_edited_then_taken_back_is_followed_in_any_order():
    poster(messaging=[prive(1, text="Un trou rue Neuve")])
    demande = Demande.objects.get()
    for _ in range(2):
        poster(messaging=[edition(3, "Un trou rue Vieille")])
    poster(messaging=[edition(2, "Un trou rue Haute")])
    # The city's own edits come back too.
    poster(messaging=[edition(4, "Bonjour !", mid="m_9", auteur=PAGE)])

    textes = list(demande.messages.filter(sens="entrant").order_by("pk").values_list("corps", flat=True))
    assert textes == ["Un trou rue Neuve", "[Publication modifiée par son auteur]\nUn trou rue Vieille"]
    publication = Publication.objects.get()
    assert int(publication.modifiee_le.timestamp()) == MAINTENANT + 3
    assert publication.supprimee_le is None

    poster(messaging=[prive(1, is_deleted=True)])
    assert Publication.objects.get().supprimee_le is not None
    assert Demande.objects.count() == 1


def test_an_edit_of_what_was_never_told_is_heard_as_it_is_now():
    poster(messaging=[edition(1, "Un trou rue Vieille")])
    assert Demande.objects.get().messages.get(sens="entrant").corps == "Un trou rue Vieille"


def test_a_batch_of_two_people_makes_two_demandes():
    poster(changes=[commentaire("Un trou")], messaging=[prive(1, text="Ma poubelle")])
    assert Demande.objects.count() == 2
    assert Reception.objects.get().etat == Reception.Etat.TRAITEE


def test_a_button_pressed_is_read_as_its_words():
    bouton = {"sender": {"id": "88"}, "recipient": {"id": PAGE}, "timestamp": MAINTENANT * 1000}
    poster(messaging=[bouton | {"postback": {"title": "Signaler un problème", "payload": "SIGNALER"}}])
    assert Demande.objects.get().messages.get(sens="entrant").corps == "Signaler un problème"


def test_our_own_words_receipts_and_reactions_open_nothing():
    recu = {"sender": {"id": "88"}, "recipient": {"id": PAGE}, "timestamp": 1, "read": {"watermark": 1}}
    reaction = {"field": "feed", "value": {"item": "reaction", "verb": "add", "from": {"id": "7"}}}
    echo = prive(3, auteur=PAGE, text="Bonjour", is_echo=True)
    poster(changes=[commentaire("Merci", auteur=PAGE), reaction], messaging=[recu, echo])
    assert not Demande.objects.exists()
    assert Reception.objects.get().etat == Reception.Etat.TRAITEE


def test_without_a_key_an_agent_copies_the_answer_unless_it_can_leave_by_itself():
    poster(changes=[commentaire("Un trou")])
    demande = Demande.objects.get()
    assert derniere_recue(demande).identifiant == "1_2"
    assert moyen_de(demande) == Moyen(Canal.FACEBOOK, "Awa Ndiaye", est_a_recopier=True)
    ajouter_coordonnee(demande.usager, "awa@ndiaye.example")
    assert moyen_de(relire(demande)) == Moyen(Canal.COURRIEL, "awa@ndiaye.example")


@pytest.mark.parametrize("brut", [b"", b"[]", b'{"object": "user"}', b'{"object": "page"}', b"\xff"])
def test_what_is_no_event_is_said_so(brut):
    with pytest.raises(ContenuIllisible):
        facebook.lire(brut)
