"""Pictures of posts become files of their message, once; what cannot be kept leaves its address and why."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from demandes import actions, images_reseaux, reseaux
from demandes.actions import images
from demandes.droits import SYSTEME, Auteur
from demandes.models import Demande, EntreeJournal, ImagePubliee, Reception
from guichet.canaux import medias, x
from guichet.canaux.reseau import ReseauInjoignable, ReseauRefuse
from guichet.pieces.models import Piece
from tests import factories
from tests.api_de_x import CLES, NOUS
from tests.demandes.gestes import relire, session
from tests.demandes.test_facebook import commentaire
from tests.demandes.test_facebook import prive as prive_de_messenger
from tests.demandes.test_publications_saisies import publication
from tests.demandes.test_x import prive as prive_de_x
from tests.demandes.test_x import publie as publie_sur_x
from tests.graphe import PAGE
from tests.medias import faux_medias

pytestmark = pytest.mark.usefixtures("accueil_des_reseaux")

PHOTO, AUTRE = factories.photo(40), factories.photo(60)
MEGAOCTET = 1024**2


def recevoir(canal: str, dit: dict) -> Demande:
    """What a network told, read as the worker does."""
    reception = Reception.objects.create(
        canal=canal,
        source=canal,
        cle_externe=str(Reception.objects.count()),
        contenu=json.dumps(dit).encode(),
        empreinte="0" * 64,
    )
    demande = reseaux.traiter(reception).demande
    assert demande is not None
    return demande


def sur_facebook(**entree) -> Demande:
    entree = {"id": PAGE, "time": int(timezone.now().timestamp()), **entree}
    return recevoir("facebook", {"object": "page", "entry": [entree]})


def par_messenger(rang: int, *adresses: str, **message) -> Demande:
    pieces = [{"type": "image", "payload": {"url": adresse}} for adresse in adresses]
    return sur_facebook(messaging=[prive_de_messenger(rang, attachments=pieces, **message)])


def pieces_de(demande: Demande) -> list[str]:
    messages = demande.messages.values("pk")
    pieces = Piece.objects.filter(proprietaire_genre="message", proprietaire_id__in=messages)
    return [piece.nom_original for piece in pieces.order_by("nom_original")]


def dits(demande: Demande) -> list[str]:
    return list(demande.messages.filter(sens="entrant").order_by("pk").values_list("corps", flat=True))


def notes(demande: Demande) -> list[str]:
    return list(demande.messages.filter(sens="interne").order_by("pk").values_list("corps", flat=True))


# -- kept -------------------------------------------------------------------------------------------------


def test_the_pictures_of_a_post_are_files_of_its_message_like_those_of_a_mail(ville, serveur):
    statut = {
        "id": "101",
        "created_at": timezone.now().isoformat(),
        "visibility": "public",
        "content": "<p>Un trou</p>",
        "account": {"id": "42", "acct": "awa@social.example", "display_name": "Awa"},
        "media_attachments": [
            {"url": serveur.garder("/1.jpg", PHOTO), "description": "Un trou large"},
            {"url": serveur.garder("/2.jpg", AUTRE), "description": None},
        ],
    }
    demande = recevoir("mastodon", statut)
    assert pieces_de(demande) == []
    assert dits(demande) == [
        f"Un trou\n[Image : Un trou large] {serveur.adresse}/1.jpg\n"
        f"[Image : sans description] {serveur.adresse}/2.jpg"
    ]

    assert images_reseaux.balayer() == 2
    assert images_reseaux.balayer() == 0

    assert pieces_de(demande) == ["mastodon-1.jpg", "mastodon-2.jpg"]
    assert dits(demande) == ["Un trou\n[Image : Un trou large]\n[Image : sans description]"]
    assert [chemin for chemin, _ in serveur.demandes] == ["/1.jpg", "/2.jpg"]
    page = session(ville.agent_accueil).get(reverse("agent_demande", args=[demande.numero])).content.decode()
    for piece in Piece.objects.all():
        assert reverse("piece_vignette", args=[piece.pk]) in page
        # Written again: nothing of what came with the pixels.
        assert piece.etat == Piece.Etat.SAINE


def test_photos_sent_at_once_by_messenger_are_one_demande_with_all_of_them(ville, serveur):
    adresses = [serveur.garder(f"/{n}.jpg", factories.photo(30 + n)) for n in range(4)]
    par_messenger(1, text="Regardez")
    par_messenger(2, *adresses[:2])
    par_messenger(3, *adresses[2:])

    assert images_reseaux.balayer() == 4

    assert pieces_de(Demande.objects.get()) == ["facebook-1.jpg"] * 2 + ["facebook-2.jpg"] * 2


@pytest.mark.parametrize(
    ("champs", "combien"),
    [
        ({"item": "photo", "link": "/1.jpg"}, 1),
        ({"item": "status", "photos": ["/1.jpg", "/2.jpg"]}, 2),
        ({"item": "comment", "photo": "/1.jpg"}, 1),
        ({"item": "link", "link": "/1.jpg"}, 0),
    ],
    ids=["photo", "status", "comment", "a shared link"],
)
def test_facebook_tells_its_photos_in_three_ways(ville, serveur, champs, combien):
    serveur.garder("/1.jpg", PHOTO)
    serveur.garder("/2.jpg", AUTRE)
    if "photos" in champs:
        champs = champs | {"photos": [serveur.adresse + chemin for chemin in champs["photos"]]}
    for nom in {"link", "photo"} & champs.keys():
        champs = champs | {nom: serveur.adresse + champs[nom]}
    demande = sur_facebook(changes=[commentaire("Un trou", **champs)])

    assert images_reseaux.balayer() == combien
    assert len(pieces_de(demande)) == combien


def test_a_page_shared_by_messenger_is_a_link_and_nobody_fetches_it(ville, serveur):
    partage = {"type": "fallback", "payload": {"url": serveur.garder("/page", PHOTO), "title": "Un article"}}
    demande = sur_facebook(messaging=[prive_de_messenger(1, text="Lisez", attachments=[partage])])

    assert images_reseaux.balayer() == 0

    assert dits(demande) == [f"Lisez\n{serveur.adresse}/page"]
    assert serveur.demandes == []


def test_x_is_asked_in_the_account_s_name_for_what_was_sent_in_private_only(
    ville, serveur, settings, monkeypatch
):
    settings.GUICHET_SECRETS = {"x": (CLES.secret,)}
    settings.GUICHET_X_CLE, settings.GUICHET_X_JETON = CLES.application, CLES.jeton
    settings.GUICHET_X_JETON_SECRET = CLES.secret_du_jeton
    monkeypatch.setattr(x, "MEDIAS_PRIVES", (f"{serveur.adresse}/ton/",))
    media = {"media_url_https": serveur.garder("/media/1.jpg", PHOTO)}
    recevoir(
        "x",
        {
            "for_user_id": NOUS,
            "tweet_create_events": [publie_sur_x("Un trou", extended_entities={"media": [media]})],
        },
    )
    ecrit = prive_de_x("Ma rue")
    ecrit["direct_message_events"][0]["message_create"]["message_data"]["attachment"] = {
        "type": "media",
        "media": {"media_url_https": serveur.garder("/ton/2.jpg", AUTRE)},
    }
    recevoir("x", {"for_user_id": NOUS, **ecrit})

    assert images_reseaux.balayer() == 2

    (publique, rien), (privee, signature) = serveur.demandes
    assert (publique, rien, privee) == ("/media/1.jpg", "", "/ton/2.jpg")
    assert signature.startswith("OAuth ")
    assert f'oauth_token="{CLES.jeton}"' in signature
    assert [pieces_de(d) for d in Demande.objects.order_by("pk")] == [["x-1.jpg"]] * 2


def test_an_edited_post_brings_only_what_it_did_not_show_before(ville, serveur):
    ici = serveur.adresse
    serveur.garder("/1.jpg", PHOTO)
    serveur.garder("/2.jpg", AUTRE)
    demande = sur_facebook(changes=[commentaire("Un trou", photos=[f"{ici}/1.jpg?sig=a"])])
    assert images_reseaux.balayer() == 1
    # Facebook signs the address of the same picture anew.
    suite = commentaire("Un trou large", verbe="edited", photos=[f"{ici}/1.jpg?sig=b", f"{ici}/2.jpg"])
    assert sur_facebook(changes=[suite]) == demande

    assert images_reseaux.balayer() == 2

    assert pieces_de(demande) == ["facebook-1.jpg", "facebook-2.jpg"]
    assert dits(demande)[1].endswith("[Image : sans description]\n[Image : sans description]")


def test_a_post_copied_by_hand_gets_the_pictures_that_its_network_tells(ville, serveur):
    champs = publication(ville, canal="x", lien="https://x.com/awa_n/status/1850001", compte="@awa_n")
    session(ville.agent_accueil).post("/agent/saisie/", champs)
    demande = Demande.objects.get()
    media = {"media_url_https": serveur.garder("/1.jpg", PHOTO)}
    post = publie_sur_x("Un trou", extended_entities={"media": [media]})
    assert recevoir("x", {"for_user_id": NOUS, "tweet_create_events": [post]}) == demande

    assert images_reseaux.balayer() == 1

    assert pieces_de(demande) == ["x-1.jpg"]


def test_words_carried_to_another_demande_take_with_them_the_pictures_still_to_fetch(ville, serveur):
    avant = sur_facebook(changes=[commentaire("Un trou", auteur="70", comment_id="1_0")])
    apres = sur_facebook(changes=[commentaire("Photo", photo=serveur.garder("/1.jpg", PHOTO))])
    actions.mettre_a_rapprocher(apres, auteur=SYSTEME, raisons=["demandes"], citees=[avant])
    agent = Auteur.agent(ville.agent_accueil)
    actions.joindre_a_la_demande(relire(apres), auteur=agent, principale=avant)

    assert images_reseaux.balayer() == 1

    assert (pieces_de(avant), pieces_de(apres)) == (["facebook-1.jpg"], [])


def fichiers() -> set[str]:
    """What the attachments' storage holds."""
    racine = Path(Piece._meta.get_field("fichier").storage.path(""))
    return {str(fichier) for fichier in racine.rglob("*") if fichier.is_file()}


# -- once, whatever happens -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_workers_that_sweep_together_fetch_each_picture_once(ville, serveur):
    adresses = [serveur.garder(f"/{n}.jpg", factories.photo(30 + n)) for n in range(6)]
    demande = par_messenger(1, *adresses)

    def balayer(_: int) -> int:
        try:
            return images_reseaux.balayer()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as equipe:
        assert sum(equipe.map(balayer, range(4))) == 6

    assert len(serveur.demandes) == 6
    assert pieces_de(demande) == [f"facebook-{n}.jpg" for n in range(1, 7)]


def test_a_worker_that_dies_with_a_picture_leaves_it_to_another_later_and_nothing_twice(
    ville, serveur, monkeypatch
):
    demande = par_messenger(1, serveur.garder("/1.jpg", PHOTO))
    avant = fichiers()

    def mourir(*args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(images, "joindre", mourir)
        with pytest.raises(SystemExit):
            images_reseaux.balayer()
    assert not Piece.objects.exists()
    assert fichiers() == avant
    # It is still held by the one that died.
    assert images_reseaux.balayer() == 0
    passer_le_temps(images_reseaux.BAIL)

    assert images_reseaux.balayer() == 1

    assert pieces_de(demande) == ["facebook-1.jpg"]
    images.garder_l_image(ImagePubliee.objects.get().pk, PHOTO)
    assert pieces_de(demande) == ["facebook-1.jpg"]


def test_a_network_that_is_down_is_asked_again_then_given_up_with_a_note(ville, serveur):
    demande = par_messenger(1, serveur.garder("/1.jpg", PHOTO), text="Ma rue")
    serveur.panne = 503
    for pause in images_reseaux.PAUSES:
        assert images_reseaux.balayer() == 0
        assert images_reseaux.balayer() == 0
        passer_le_temps(pause)
    assert notes(demande) == []

    assert images_reseaux.balayer() == 1

    assert len(serveur.demandes) == images_reseaux.ESSAIS
    assert notes(demande) == [
        "Une image du message n'a pas pu être gardée : le réseau demande d'attendre (503), en 5 essais. "
        "Son adresse reste dans le fil."
    ]
    assert dits(demande) == [f"Ma rue\n[Image : sans description] {serveur.adresse}/1.jpg"]


def test_one_that_comes_back_in_time_is_kept(ville, serveur):
    demande = par_messenger(1, serveur.garder("/1.jpg", PHOTO))
    serveur.promet = 10
    assert images_reseaux.balayer() == 0
    assert ImagePubliee.objects.get().erreur == "le réseau ne répond pas"
    serveur.promet = 0
    passer_le_temps(images_reseaux.PAUSES[0])
    assert images_reseaux.balayer() == 1
    assert pieces_de(demande) == ["facebook-1.jpg"]
    assert ImagePubliee.objects.get().erreur == ""


def passer_le_temps(duree: timedelta) -> None:
    for image in ImagePubliee.objects.all():
        ImagePubliee.objects.filter(pk=image.pk).update(prochain_essai_le=image.prochain_essai_le - duree)


def test_what_its_author_took_away_is_not_fetched(ville, serveur):
    demande = sur_facebook(changes=[commentaire("Un trou", photo=serveur.garder("/1.jpg", PHOTO))])
    sur_facebook(changes=[commentaire("", verbe="remove")])

    assert images_reseaux.balayer() == 0

    assert serveur.demandes == []
    assert notes(demande) == ["La personne a supprimé sa publication sur le réseau."]


# -- not kept ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contenu", "type_mime", "raison"),
    [
        (b"<html>", "text/html; charset=utf-8", "c'est une vidéo, un son ou une page"),
        (b"GIF89a" + b"\0" * 50, "image/gif", "ce n'est pas un fichier que Guichet accepte"),
        (PHOTO[:100], "image/jpeg", "ce n'est pas un fichier que Guichet accepte"),
        (b"\0" * 100, "video/mp4", "c'est une vidéo, un son ou une page"),
        (b"\xff" * (10 * MEGAOCTET + 1), "image/jpeg", "elle dépasse 10 Mo"),
        (b"", "image/jpeg", "le réseau ne la donne plus (404)"),
    ],
    ids=["a page", "an animation", "a broken picture", "a film", "too heavy", "gone"],
)
def test_one_that_cannot_be_kept_leaves_its_address_and_one_sentence(
    ville, serveur, contenu, type_mime, raison
):
    adresse = serveur.garder("/1.jpg", contenu, type_mime)
    demande = par_messenger(1, adresse, adresse + "?2", text="Ma rue")
    lignes = EntreeJournal.objects.filter(demande=demande).count()

    assert images_reseaux.balayer() == 2

    assert pieces_de(demande) == []
    assert not Piece.objects.exists()
    assert dits(demande) == ["\n[Image : sans description] ".join(["Ma rue", adresse, adresse + "?2"])]
    phrase = f"Une image du message n'a pas pu être gardée : {raison}. Son adresse reste dans le fil."
    assert notes(demande) == [phrase]
    assert EntreeJournal.objects.filter(demande=demande).count() == lignes + 1
    assert relire(demande).est_ouverte


def test_a_suspect_picture_is_kept_in_quarantine_as_any_file(ville, serveur, monkeypatch):
    monkeypatch.setattr("guichet.pieces.depot.soupcon", lambda contenu: "Programme malveillant : Eicar")
    demande = par_messenger(1, serveur.garder("/1.jpg", PHOTO))
    images_reseaux.balayer()
    piece = Piece.objects.get()
    assert (piece.etat, piece.motif) == (Piece.Etat.QUARANTAINE, "Programme malveillant : Eicar")
    agent = session(ville.agent_accueil)
    assert agent.get(piece.get_absolute_url()).status_code == 404
    assert "mis en quarantaine" in agent.get(reverse("agent_demande", args=[demande.numero])).content.decode()


# -- never inside -----------------------------------------------------------------------------------------


@pytest.fixture
def ecoute():
    """Counts who connects to a port of the house."""
    with socket.create_server(("127.0.0.1", 0)) as prise:
        prise.settimeout(0.2)
        yield prise


def visites(prise: socket.socket) -> int:
    recues = 0
    while True:
        try:
            prise.accept()[0].close()
        except TimeoutError:
            return recues
        recues += 1


@pytest.mark.parametrize(
    "hote",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1", "127.1"],
)
def test_an_address_inside_the_house_is_never_asked(ville, ecoute, hote):
    port = ecoute.getsockname()[1]
    with pytest.raises(ReseauRefuse, match="pas celle d'un site public"):
        medias.prendre(f"https://{hote}:{port}/", taille_max=MEGAOCTET)
    assert visites(ecoute) == 0


@pytest.mark.parametrize(
    ("adresses", "est_refusee"),
    [
        (["10.0.0.1"], True),
        (["169.254.169.254"], True),
        (["192.168.1.4"], True),
        (["fd00::1"], True),
        # One good address does not save the name.
        (["93.184.216.34", "10.0.0.1"], True),
        ([], False),
    ],
)
def test_a_name_that_leads_inside_is_never_asked(monkeypatch, adresses, est_refusee):
    trouvees = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (adresse, 443)) for adresse in adresses]

    def resoudre(hote, port, **options):
        assert hote == "images.example"
        if not trouvees:
            raise socket.gaierror("unknown")
        return trouvees

    monkeypatch.setattr(medias.socket, "getaddrinfo", resoudre)
    with pytest.raises(ReseauRefuse if est_refusee else ReseauInjoignable):
        medias.prendre("https://images.example/1.jpg", taille_max=MEGAOCTET)


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    """A name that leads outside, then inside, is asked for once."""
    reponses = iter(["93.184.216.34", "127.0.0.1"])
    joints = []

    def joindre(adresse, *args, **options):
        joints.append(adresse)
        raise OSError

    monkeypatch.setattr(
        medias.socket,
        "getaddrinfo",
        lambda *a, **o: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(reponses), 443))],
    )
    monkeypatch.setattr(medias, "create_connection", joindre)
    with pytest.raises(ReseauInjoignable):
        medias.prendre("https://images.example/1.jpg", taille_max=MEGAOCTET)
    assert joints == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    "adresse",
    [
        "http://images.example/1.jpg",
        "ftp://images.example/1",
        "https://ville@images.example/",
        "//x",
        "https://[",
    ],
)
def test_only_https_is_asked(adresse):
    with pytest.raises(ReseauRefuse, match="en https"):
        medias.prendre(adresse, taille_max=MEGAOCTET)


def test_without_the_setting_the_local_server_is_refused_and_hears_nothing(ville, serveur, settings):
    settings.GUICHET_MEDIAS_INTERNES = ()
    demande = par_messenger(1, serveur.garder("/1.jpg", PHOTO))
    assert images_reseaux.balayer() == 1
    assert serveur.demandes == []
    assert notes(demande)[0].endswith(
        "son adresse n'est pas celle d'un site en https. Son adresse reste dans le fil."
    )


def test_a_redirection_is_followed_to_where_one_may_go_and_carries_no_key(ecoute):
    with faux_medias() as serveur:
        fichier = serveur.garder("/3.jpg", PHOTO)
        serveur.renvois = {
            "/1.jpg": "/2.jpg",
            "/2.jpg": fichier,
            "/dedans": f"https://127.0.0.1:{ecoute.getsockname()[1]}/",
            "/sans-fin": "/sans-fin",
        }
        options = {"taille_max": MEGAOCTET, "permises": (serveur.adresse,)}
        cle = {"Authorization": "secret"}
        assert medias.prendre(f"{serveur.adresse}/1.jpg", en_tetes=cle, **options) == PHOTO
        assert serveur.demandes == [("/1.jpg", "secret"), ("/2.jpg", ""), ("/3.jpg", "")]
        with pytest.raises(ReseauRefuse, match="site public"):
            medias.prendre(f"{serveur.adresse}/dedans", **options)
        with pytest.raises(ReseauRefuse, match="sans fin"):
            medias.prendre(f"{serveur.adresse}/sans-fin", **options)
    assert visites(ecoute) == 0


def test_one_that_drips_is_left_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(medias, "DUREE", 1)
    with faux_medias() as serveur:
        serveur.lenteur = 0.3
        adresse = serveur.garder("/1.jpg", b"x" * 20)
        with pytest.raises(ReseauInjoignable, match="trop lent"):
            medias.prendre(adresse, taille_max=MEGAOCTET, permises=(serveur.adresse,))


def test_one_that_says_nothing_of_its_size_is_cut_at_the_limit():
    with faux_medias() as serveur:
        serveur.lenteur = 0.0001
        adresse = serveur.garder("/1.jpg", b"x" * 500)
        with pytest.raises(ReseauRefuse, match="dépasse"):
            medias.prendre(adresse, taille_max=100, permises=(serveur.adresse,))
