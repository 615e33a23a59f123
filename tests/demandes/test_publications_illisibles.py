"""A post that its reader gave up is typed in: the demande is that post's, once, and its network goes on."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import reception, releve_reseaux, reseaux
from demandes.actions import Depot
from demandes.droits import Auteur
from demandes.models import Demande, Publication, Reception, ReleveReseau
from demandes.moyens import Moyen, moyen_de
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from tests.demandes import test_facebook, test_x
from tests.demandes.gestes import session
from tests.mastodon import JETON, FauxMastodon, faux_mastodon
from usagers.models import Usager

TEXTE = "Un trou rue des Tisserands"
NOUS = test_x.NOUS


@pytest.fixture
def accueil(ville, settings) -> Client:
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()
    settings.GUICHET_MASTODON_ADRESSE, settings.GUICHET_MASTODON_JETON = "https://notre.example", JETON
    return session(ville.agent_accueil)


def sans(dit: dict[str, Any], *noms: str) -> dict[str, Any]:
    return {nom: valeur for nom, valeur in dit.items() if nom not in noms}


def sur_mastodon(texte: str = TEXTE, **champs: Any) -> dict[str, Any]:
    return FauxMastodon().mentionner(texte, **champs)


def de_facebook(**entree: Any) -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": test_facebook.PAGE, "time": 1, **entree}]}


def de_x(**evenements: Any) -> dict[str, Any]:
    return {"for_user_id": NOUS, **evenements}


COMMENTAIRE = test_facebook.commentaire(TEXTE)
LISIBLES: dict[str, tuple[str, dict[str, Any]]] = {
    "mastodon": ("mastodon", sur_mastodon()),
    "commentaire": ("facebook", de_facebook(changes=[COMMENTAIRE])),
    "messenger": ("facebook", de_facebook(messaging=[test_facebook.prive(text=TEXTE)])),
    "x": ("x", de_x(tweet_create_events=[test_x.publie(TEXTE)])),
    "x, en privé": ("x", de_x(**test_x.prive(TEXTE))),
}
# The same, of which a part is not as its reader knows it.
ILLISIBLES: dict[str, tuple[str, dict[str, Any]]] = {
    "mastodon": ("mastodon", sans(sur_mastodon(), "content", "created_at")),
    "commentaire": (
        "facebook",
        de_facebook(changes=[COMMENTAIRE | {"value": sans(COMMENTAIRE["value"], "created_time")}]),
    ),
    "messenger": (
        "facebook",
        de_facebook(messaging=[sans(test_facebook.prive(text=TEXTE), "timestamp")]),
    ),
    "x": ("x", de_x(tweet_create_events=[sans(test_x.publie(TEXTE), "text", "created_at")])),
    "x, en privé": (
        "x",
        de_x(**json.loads(json.dumps(test_x.prive(TEXTE)).replace('"created_timestamp"', '"cree_le"'))),
    ),
}
QUI = {
    "mastodon": ("101", "42", "@awa42@social.example", "publique", "https://social.example/@awa/101"),
    "commentaire": ("1_2", "77", "Awa Ndiaye", "publique", COMMENTAIRE["value"]["post"]["permalink_url"]),
    "messenger": ("m_1", "88", "Messenger 88", "privee", ""),
    "x": ("1850001", "77", "@awa_n", "publique", "https://x.com/awa_n/status/1850001"),
    "x, en privé": ("954491830116155396", "88", "@pauld", "privee", ""),
}


def garder(source: str, dit: dict[str, Any], cle: str = "1") -> Reception:
    recue = reception.recevoir(source, source, cle, json.dumps(dit).encode())
    reception.traiter(recue.pk)
    recue.refresh_from_db()
    return recue


def saisir(client: Client, recue: Reception, **champs: str) -> str:
    donnees = {"texte": TEXTE, **champs}
    return client.post(reverse("agent_arrivee", args=[recue.pk]), donnees, follow=True).content.decode()


@pytest.mark.parametrize("cas", ILLISIBLES)
def test_what_is_typed_in_is_the_post_and_told_again_it_makes_no_other(accueil, cas):
    recue = garder(*ILLISIBLES[cas])
    assert recue.etat == Reception.Etat.QUARANTAINE
    page = accueil.get(reverse("agent_arrivee", args=[recue.pk])).content.decode()
    identifiant, auteur, adresse, portee, lien = QUI[cas]
    assert adresse in page
    assert "La demande y sera rattachée." in page
    assert "à publier à la main" not in page

    assert "est enregistrée : qualifiez-la." in saisir(accueil, recue)

    demande = Demande.objects.get()
    publication = demande.publications.get()
    assert publication.profil is not None
    assert (publication.identifiant, publication.profil.identifiant) == (identifiant, auteur)
    assert (publication.profil.adresse, publication.profil.usager) == (adresse, demande.usager)
    assert (publication.portee, publication.lien, publication.saisie_par) == (portee, lien, None)
    assert publication.message.corps == TEXTE
    assert garder(*LISIBLES[cas], cle="2").demande == demande
    assert (Demande.objects.count(), demande.messages.count()) == (1, 1)


def test_the_answer_goes_back_by_the_network_and_a_later_edit_is_followed(accueil, ville):
    saisir(accueil, garder(*ILLISIBLES["mastodon"]))
    demande = Demande.objects.get()
    assert moyen_de(demande) == Moyen(Canal.MASTODON, "@awa42@social.example")
    assert not Envoi.objects.exists()

    garder("mastodon", LISIBLES["mastodon"][1] | {"edited_at": "2026-11-27T09:15:00.000Z"}, cle="2")

    dernier = demande.messages.latest("pk")
    assert dernier.corps.startswith("[Publication modifiée par son auteur]")


def test_who_the_agent_names_is_the_person_of_the_account(accueil):
    saisir(accueil, garder(*ILLISIBLES["x"]), nom="Ndiaye", prenom="Awa", courriel="awa@courriel.example")
    demande = Demande.objects.get()
    assert (demande.usager.nom, demande.usager.courriel) == ("Ndiaye", "awa@courriel.example")

    autre = de_x(tweet_create_events=[sans(test_x.publie("Bosse", identifiant="1850009"), "created_at")])
    page = saisir(accueil, garder("x", autre, cle="2"), texte="Et une bosse", telephone="06 39 98 00 11")

    # Their words of the same moment go on with the demande, as they would have if they had been read.
    assert f"Ces mots sont dans la demande {demande.numero} de cette personne." in page
    assert [m.corps for m in demande.messages.order_by("pk")] == [TEXTE, "Et une bosse"]
    assert Usager.objects.get(pk=demande.usager.pk).telephone == "+33639980011"
    assert Demande.objects.count() == 1


def test_one_that_came_otherwise_since_keeps_its_demande(accueil):
    recue = garder(*ILLISIBLES["x"])
    demande = garder(*LISIBLES["x"], cle="2").demande

    page = saisir(accueil, recue, texte=TEXTE.upper())

    assert f"Ces mots sont dans la demande {demande.numero} de cette personne." in page
    assert (Demande.objects.get(), Publication.objects.count(), demande.messages.count()) == (demande, 1, 1)
    recue.refresh_from_db()
    assert (recue.etat, recue.demande) == (Reception.Etat.TRAITEE, demande)


def test_what_a_fault_of_ours_stopped_keeps_its_pictures(accueil, ville):
    photo = {"type": "image", "url": "https://media.example/trou.jpg", "description": "Un trou"}
    recue = reception.recevoir(
        "mastodon", "mastodon", "1", json.dumps(sur_mastodon(media_attachments=[photo])).encode()
    )
    reception.mettre_en_quarantaine(recue, "Erreur interne répétée.")

    saisir(accueil, recue)

    publication = Publication.objects.get()
    assert [image.adresse for image in publication.images.all()] == ["https://media.example/trou.jpg"]
    assert publication.message.corps == f"{TEXTE}\n[Image : Un trou] https://media.example/trou.jpg"


MUETS = {
    "no author": ("mastodon", {"id": "12", "visibility": "public"}),
    "read by nobody knows whom": ("mastodon", sur_mastodon(visibility="cercle")),
    "two posts": (
        "x",
        de_x(tweet_create_events=[sans(test_x.publie("a"), "text"), test_x.publie("b", identifiant="2")]),
    ),
    "no number": ("facebook", de_facebook(changes=[{"field": "feed", "value": {"item": "comment"}}])),
    "no JSON": ("x", {"for_user_id": NOUS, "tweet_create_events": "rien"}),
}


@pytest.mark.parametrize("cas", MUETS)
def test_of_what_does_not_say_which_post_the_page_says_that_the_answer_is_published_by_hand(accueil, cas):
    recue = garder(*MUETS[cas])
    page = accueil.get(reverse("agent_arrivee", args=[recue.pk])).content.decode()
    assert (
        "Ce message ne dit pas de quelle publication il vient : "
        f"la réponse sera à publier à la main sur {recue.get_canal_display()}." in page
    )

    saisir(accueil, recue, nom="Awa")

    assert (Demande.objects.get().usager.nom, Publication.objects.count()) == ("Awa", 0)


def test_the_citys_own_words_are_no_persons_post(accueil):
    ReleveReseau.objects.create(canal="mastodon", compte="42")
    assert reseaux.reconnaitre(garder(*ILLISIBLES["mastodon"])) is None


def test_one_of_a_reserved_sector_is_said_without_its_number(accueil, ville):
    recue = garder(*ILLISIBLES["x"])
    demande = garder(*LISIBLES["x"], cle="2").demande
    Demande.objects.filter(pk=demande.pk).update(secteur="social", point_accueil=ville.autre_accueil)

    page = saisir(accueil, recue)

    assert "d&#x27;un secteur réservé" in page
    assert demande.numero not in page


def test_typed_in_twice_it_is_one(accueil, ville):
    recue = garder(*ILLISIBLES["messenger"])
    saisir(accueil, recue)
    assert "s&#x27;en est déjà occupé" in saisir(accueil, recue)
    autre = reception.saisir(recue.pk, Depot(canal="", texte="x"), auteur=Auteur.agent(ville.agent_accueil))
    assert (autre, Demande.objects.count()) == (None, 1)


def test_one_whose_network_tells_it_so_again_stops_no_other(accueil, settings):
    with faux_mastodon() as serveur:
        settings.GUICHET_MASTODON_ADRESSE = serveur.adresse
        bonne = serveur.mentionner(TEXTE, compte="43")
        mauvaise = serveur.mentionner(TEXTE)
        garder("mastodon", bonne)
        saisir(accueil, garder("mastodon", sans(mauvaise, "content"), cle="2"))
        bonne["edited_at"] = "2026-11-27T09:15:00.000Z"
        del mauvaise["content"]
        Publication.objects.update(publiee_le=timezone.now())

        assert releve_reseaux.relire() == 1

    assert Publication.objects.get(identifiant=bonne["id"]).modifiee_le is not None
