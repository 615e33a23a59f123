"""Videos, animations and sounds of posts: the thread says which, and keeps their link and still picture."""

import pytest
from django.utils import timezone

from demandes import images_reseaux
from demandes.models import Demande, ImagePubliee
from tests.api_de_x import NOUS
from tests.demandes.gestes import relire
from tests.demandes.test_facebook import commentaire
from tests.demandes.test_facebook import prive as prive_de_messenger
from tests.demandes.test_images_reseaux import (
    AUTRE,
    PHOTO,
    dits,
    notes,
    pieces_de,
    recevoir,
    sur_facebook,
)
from tests.demandes.test_x import publie as publie_sur_x

pytestmark = pytest.mark.usefixtures("accueil_des_reseaux")

RESTE = "Guichet n'en garde que le lien. Regardez avant que le réseau ne le retire."
FILM = "https://media.example/film.mp4"


def sur_mastodon(*medias: dict, texte: str = "<p>Ça déborde</p>") -> Demande:
    statut = {
        "id": "101",
        "created_at": timezone.now().isoformat(),
        "visibility": "public",
        "content": texte,
        "account": {"id": "42", "acct": "awa@social.example", "display_name": "Awa"},
        "media_attachments": medias,
    }
    return recevoir("mastodon", statut)


def sur_x(*medias: dict) -> Demande:
    post = publie_sur_x("Ça déborde", extended_entities={"media": medias})
    return recevoir("x", {"for_user_id": NOUS, "tweet_create_events": [post]})


@pytest.mark.parametrize(
    ("genre", "dit"), [("video", "Vidéo"), ("gifv", "Image animée")], ids=["a video", "an animation"]
)
def test_mastodon_what_moves_keeps_its_still_picture_and_its_link(ville, serveur, genre, dit):
    fixe = serveur.garder("/fixe.jpg", PHOTO)
    demande = sur_mastodon({"type": genre, "url": FILM, "preview_url": fixe, "description": "L'égout"})

    assert images_reseaux.balayer() == 1

    assert dits(demande) == [f"Ça déborde\n[{dit} : L'égout] {FILM}"]
    assert pieces_de(demande) == ["mastodon-1.jpg"]
    assert notes(demande) == [f"{dit} : {RESTE}"]
    assert [chemin for chemin, _ in serveur.demandes] == ["/fixe.jpg"]


def test_mastodon_a_sound_is_heard_where_it_is_and_nothing_is_fetched(ville, serveur):
    demande = sur_mastodon(
        {"type": "audio", "url": "https://media.example/bruit.mp3", "preview_url": None, "description": None},
        texte="",
    )

    assert images_reseaux.balayer() == 0

    assert demande.objet == "Son sans texte"
    assert dits(demande) == ["[Son : sans description] https://media.example/bruit.mp3"]
    assert notes(demande) == [f"Son : {RESTE}"]
    assert not ImagePubliee.objects.exists()


@pytest.mark.parametrize(
    ("genre", "dit"), [("video", "Vidéo"), ("animated_gif", "Image animée")], ids=["a video", "an animation"]
)
def test_x_what_moves_is_linked_at_its_best_and_keeps_its_first_picture(
    ville,
    serveur,
    genre,
    dit,
):
    films = [
        {"content_type": "application/x-mpegURL", "url": "https://video.example/liste.m3u8"},
        {"bitrate": 632000, "content_type": "video/mp4", "url": "https://video.example/petit.mp4"},
        {"bitrate": 2176000, "content_type": "video/mp4", "url": FILM},
    ]
    fixe = serveur.garder("/fixe.jpg", PHOTO)
    demande = sur_x(
        {"type": genre, "media_url_https": fixe, "video_info": {"variants": films}},
        {"type": "photo", "media_url_https": serveur.garder("/2.jpg", AUTRE), "ext_alt_text": "La rue"},
    )

    assert images_reseaux.balayer() == 2

    assert dits(demande) == [f"Ça déborde\n[{dit} : sans description] {FILM}\n[Image : La rue]"]
    assert pieces_de(demande) == ["x-1.jpg", "x-2.jpg"]
    assert notes(demande) == [f"{dit} : {RESTE}"]


def test_x_an_animation_has_one_film_of_no_rate(ville):
    """GIFs are told with a rate of zero."""
    films = [{"bitrate": 0, "content_type": "video/mp4", "url": FILM}]
    demande = sur_x(
        {
            "type": "animated_gif",
            "media_url_https": "https://pbs.example/1.jpg",
            "video_info": {"variants": films},
        }
    )

    assert dits(demande) == [f"Ça déborde\n[Image animée : sans description] {FILM}"]


def test_messenger_says_what_each_file_is_and_fetches_what_can_be_kept(ville, serveur):
    photo = serveur.garder("/1.jpg", PHOTO)
    pieces = [
        {"type": "video", "payload": {"url": FILM}},
        {"type": "audio", "payload": {"url": "https://media.example/voix.aac"}},
        {"type": "file", "payload": {"url": photo}},
    ]
    demande = sur_facebook(messaging=[prive_de_messenger(1, attachments=pieces)])

    assert images_reseaux.balayer() == 1

    assert demande.objet == "Vidéo sans texte"
    assert dits(demande) == [
        f"[Vidéo : sans description] {FILM}\n"
        "[Son : sans description] https://media.example/voix.aac\n"
        "[Fichier : sans description]"
    ]
    assert pieces_de(demande) == ["facebook-3.jpg"]
    assert notes(demande) == [f"Vidéo et son : {RESTE}"]


@pytest.mark.parametrize(
    "champs", [{"item": "video", "link": FILM}, {"video": FILM}], ids=["a video alone", "on a comment"]
)
def test_facebook_tells_its_videos_in_two_ways(ville, champs):
    demande = sur_facebook(changes=[commentaire("Ça déborde", post_id="1_2", **champs)])

    assert dits(demande) == [f"Ça déborde\n[Vidéo : sans description] {FILM}"]
    assert not ImagePubliee.objects.exists()
    assert relire(demande).est_ouverte


def test_an_edit_that_shows_the_same_video_says_it_once(ville):
    demande = sur_facebook(changes=[commentaire("Ça déborde", video=FILM)])
    sur_facebook(changes=[commentaire("Ça déborde encore", verbe="edited", video=FILM)])

    assert [dit.split("\n")[0] for dit in dits(demande)] == [
        "Ça déborde",
        "[Publication modifiée par son auteur]",
    ]
    assert notes(demande) == [f"Vidéo : {RESTE}"]
