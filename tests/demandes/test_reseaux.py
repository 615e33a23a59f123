"""Posts come in from a network, one person's make one demande, and the city answers after a second look."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import actions, reception, releve_reseaux
from demandes.droits import Auteur
from demandes.models import (
    Demande,
    EntreeJournal,
    Message,
    ProfilReseau,
    Publication,
    Reception,
    ReleveReseau,
    Remise,
)
from demandes.sondes import sonder_reseaux
from guichet.canaux import mastodon
from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.reseau import Portee
from guichet.envois import boite
from guichet.envois.models import Envoi
from guichet.socle.erreurs import DonneeInvalide, Refus
from tests import factories
from tests.demandes.sorties import publier
from tests.mastodon import JETON, NOTRE_COMPTE, FauxMastodon, faux_mastodon
from usagers.models import Usager

# `make endurance` runs 200.
TOURS = int(os.environ.get("GUICHET_TOURS", "1"))


@pytest.fixture
def serveur(settings):
    with faux_mastodon() as serveur:
        settings.GUICHET_MASTODON_ADRESSE, settings.GUICHET_MASTODON_JETON = serveur.adresse, JETON
        yield serveur


@pytest.fixture
def reseau(ville, serveur, monkeypatch):
    """The network, read up to now; what comes next is read at once, without a broker."""
    monkeypatch.setattr(reception, "sonner", lambda pk: None)
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()
    releve_reseaux.relever()
    return serveur


def relever() -> None:
    releve_reseaux.relever()
    reception.balayer()


# -- what comes in ----------------------------------------------------------------------------------------


def test_a_mention_becomes_a_demande_with_its_words_its_person_and_who_can_read_it(ville, reseau):
    reseau.mentionner("Il y a un trou<br>rue des Tisserands &amp; personne ne vient")

    relever()

    demande = Demande.objects.get()
    assert (demande.canal, demande.usager.nom) == (Canal.MASTODON, "Awa 42")
    assert demande.messages.get().corps == "Il y a un trou\nrue des Tisserands & personne ne vient"
    publication = demande.publications.get()
    assert (publication.portee, publication.profil.adresse) == (Portee.PUBLIQUE, "@awa42@social.example")
    assert demande.provenance.lien == publication.lien == "https://social.example/@awa/101"


def test_what_was_said_before_the_connection_is_not_answered_late(ville, serveur):
    serveur.mentionner("Ancien message")
    releve_reseaux.relever()
    assert not Reception.objects.exists()
    assert ReleveReseau.objects.get().compte == NOTRE_COMPTE


def test_a_reading_told_twice_makes_one_demande(ville, reseau):
    reseau.mentionner("Un trou")
    relever()
    ReleveReseau.objects.update(curseur="0")
    relever()
    assert Demande.objects.count() == Reception.objects.count() == 1


def test_more_than_a_page_is_read_in_order(ville, reseau):
    for rang in range(mastodon.PAR_PAGE + 5):
        reseau.mentionner(f"Message {rang}", compte=str(rang + 1000))
    relever()
    assert Demande.objects.count() == mastodon.PAR_PAGE + 5
    cles = list(Reception.objects.order_by("pk").values_list("cle_externe", flat=True))
    assert cles == sorted(cles, key=int)


def test_an_answer_of_the_same_person_joins_and_of_somebody_else_does_not(ville, reseau):
    premier = reseau.mentionner("Un trou")
    relever()
    reseau.mentionner("Il s'agrandit", in_reply_to_id=premier["id"], created_at="2026-11-27T18:00:00.000Z")
    reseau.mentionner("Chez moi aussi", compte="43", in_reply_to_id=premier["id"])

    relever()

    demandes = list(Demande.objects.order_by("pk"))
    assert [d.messages.count() for d in demandes] == [2, 1]
    assert demandes[0].usager != demandes[1].usager


def test_who_writes_under_a_grouped_post_is_read_where_it_goes_on(ville, reseau):
    premier = reseau.mentionner("Un trou", created_at="2026-11-27T09:00:00.000Z")
    reseau.mentionner("Toujours ce trou", created_at="2026-11-27T12:00:00.000Z")
    relever()
    groupee, principale = Demande.objects.order_by("pk")
    actions.fusionner(groupee, auteur=Auteur.agent(ville.agent_accueil), principale=principale)
    avant = groupee.messages.count()

    reseau.mentionner("Il s'agrandit", in_reply_to_id=premier["id"], created_at="2026-11-27T18:00:00.000Z")
    relever()

    assert principale.messages.filter(sens="entrant").latest("pk").corps == "Il s'agrandit"
    assert groupee.messages.count() == avant
    assert Demande.objects.count() == 2


def test_what_is_said_in_private_stays_apart_from_what_is_public(ville, reseau):
    reseau.mentionner("Un trou")
    reseau.mentionner("Je suis au 4 rue des Tisserands", visibility="direct")
    relever()
    assert sorted(Publication.objects.values_list("portee", flat=True)) == ["privee", "publique"]
    assert Demande.objects.count() == 2


def test_our_own_post_is_an_echo(ville, reseau):
    reseau.mentionner("Bonjour, c'est réparé", compte=NOTRE_COMPTE)
    relever()
    assert not Demande.objects.exists()
    assert Reception.objects.get().motif == "Écho d'une publication de la ville."


def test_pictures_are_told_with_what_they_show(ville, reseau):
    image = {"url": "https://social.example/media/1.jpg", "description": "Un trou large"}
    reseau.mentionner("", media_attachments=[image, {"url": "javascript:alert(1)"}])
    relever()
    assert Message.objects.get().corps == "[Image : Un trou large] https://social.example/media/1.jpg"


def test_an_edit_is_followed_with_both_texts_and_a_deletion_is_told(ville, reseau):
    statut = reseau.mentionner("Un trou rue Neuve")
    Publication.objects.all().update(publiee_le=timezone.now())
    relever()
    Publication.objects.update(publiee_le=timezone.now())
    statut |= {"content": "<p>Un trou rue Vieille</p>", "edited_at": "2026-11-27T09:00:00.000Z"}

    assert releve_reseaux.relire() == 1
    assert releve_reseaux.relire() == 0

    demande = Demande.objects.get()
    textes = list(demande.messages.order_by("pk").values_list("corps", flat=True))
    assert textes == ["Un trou rue Neuve", "[Publication modifiée par son auteur]\nUn trou rue Vieille"]
    del reseau.statuts[statut["id"]]
    assert releve_reseaux.relire() == 1
    assert Publication.objects.get().supprimee_le is not None
    assert demande.messages.filter(sens="interne").get().corps.startswith("La personne a supprimé")
    assert releve_reseaux.relire() == 0


@pytest.mark.parametrize(
    "brut", [b"", b"[]", b"{}", b'{"id": 1}', b"\xff", b"[" * 5000, b'{"account": null, "id": "1"}']
)
def test_what_is_no_post_is_said_so(brut):
    with pytest.raises(ContenuIllisible):
        mastodon.lire(brut)


@pytest.mark.django_db(transaction=True)
def test_r11_ten_posts_at_once_make_one_person_one_demande_ten_messages(monkeypatch):
    """fiabilite.md R11: a person sends ten photos, each in its own post, received in parallel.

    Another person each round.
    """
    ville = factories.creer_ville()
    ville.accueil.canaux = [*ville.accueil.canaux, "reseaux_sociaux"]
    ville.accueil.save()
    faux = FauxMastodon()

    def lire(pk: int) -> None:
        try:
            reception.traiter(pk)
        finally:
            connections.close_all()

    for tour in range(TOURS):
        statuts = [faux.mentionner(f"Photo {rang}", compte=f"4{tour:03}") for rang in range(10)]
        pks = [
            reception.recevoir(Canal.MASTODON, "mastodon", statut["id"], json.dumps(statut).encode()).pk
            for statut in statuts
        ]

        with ThreadPoolExecutor(10) as ensemble:
            list(ensemble.map(lire, pks))

        demande = Demande.objects.latest("pk")
        recus = sorted(demande.messages.values_list("corps", flat=True))
        assert recus == [f"Photo {rang}" for rang in range(10)]
        assert demande.publications.count() == 10
    assert Reception.objects.filter(etat=Reception.Etat.TRAITEE).count() == 10 * TOURS
    assert Demande.objects.count() == ProfilReseau.objects.count() == Usager.objects.count() == TOURS


# -- what goes out ----------------------------------------------------------------------------------------


@pytest.fixture
def demande(ville, reseau):
    reseau.mentionner("Un trou rue des Tisserands")
    relever()
    return Demande.objects.get()


def test_a_public_answer_is_published_by_somebody_else_and_keeps_its_visibility(ville, reseau, demande):
    auteur = Auteur.agent(ville.agent_accueil)
    actions.rediger_une_publication(demande, auteur=auteur, texte="Merci, une équipe passe demain.")
    demande = Demande.objects.get()
    with pytest.raises(Refus, match="quelqu'un d'autre"):
        actions.publier(demande, auteur=auteur)
    publier()
    assert reseau.poses == {}

    actions.publier(Demande.objects.get(), auteur=Auteur.agent(ville.responsable_accueil))
    assert publier() == 1

    (pose,) = reseau.poses.values()
    assert pose["status"] == "@awa42@social.example Merci, une équipe passe demain."
    assert (pose["visibility"], pose["in_reply_to_id"]) == ("public", "101")
    publication = Publication.objects.get(etat=Publication.Etat.PUBLIEE)
    assert (publication.identifiant, publication.texte) == (pose["id"], "")
    assert publication.message.corps == pose["status"]
    assert publier() == 0
    gestes = EntreeJournal.objects.filter(demande=demande).order_by("rang").values_list("geste", flat=True)
    assert list(gestes)[-2:] == ["rediger_une_publication", "publier"]


def test_a_head_looks_again_at_their_own(ville, reseau, demande):
    chef = Auteur.agent(ville.responsable_accueil)
    actions.rediger_une_publication(demande, auteur=chef, texte="Merci.")
    actions.publier(Demande.objects.get(), auteur=chef)
    assert publier() == 1


def test_a_private_answer_leaves_at_once_and_is_never_made_more_public(ville, reseau):
    reseau.mentionner("Mon numéro est le 06 39 98 12 34", visibility="direct")
    relever()
    demande = Demande.objects.get()
    auteur = Auteur.agent(ville.agent_accueil)
    with pytest.raises(DonneeInvalide, match="plus publiquement"):
        actions.rediger_une_publication(demande, auteur=auteur, texte="Merci", portee=Portee.PUBLIQUE)

    actions.rediger_une_publication(demande, auteur=auteur, texte="Merci")
    publier()

    assert [pose["visibility"] for pose in reseau.poses.values()] == ["direct"]


def test_a_withdrawn_answer_is_read_by_nobody(ville, reseau, demande):
    auteur = Auteur.agent(ville.agent_accueil)
    actions.rediger_une_publication(demande, auteur=auteur, texte="Une bêtise")
    actions.retirer_la_publication(Demande.objects.get(), auteur=auteur)
    with pytest.raises(Refus):
        actions.publier(Demande.objects.get(), auteur=Auteur.agent(ville.responsable_accueil))
    assert Publication.objects.get(etat=Publication.Etat.RETIREE).texte == ""
    assert publier() == 0
    assert not Message.objects.filter(sens="sortant", canal=Canal.MASTODON).exists()


def test_a_lost_answer_is_asked_again_and_posted_once_even_when_the_server_forgot_the_key(
    ville, reseau, demande
):
    chef = Auteur.agent(ville.responsable_accueil)
    actions.rediger_une_publication(demande, auteur=chef, texte="Merci.")
    actions.publier(Demande.objects.get(), auteur=chef)
    reseau.panne = 503
    assert publier() == 0
    attente = Envoi.objects.get(canal=Canal.MASTODON)
    assert (attente.etat, attente.erreur) == (Envoi.Etat.A_ENVOYER, "Mastodon répond 503.")
    reseau.panne = 0
    for garde in ("la clé", "rien"):  # the answer to the first was lost
        if garde == "rien":
            reseau.poses = {"oubliee": next(iter(reseau.poses.values()))}
        Publication.objects.filter(etat=Publication.Etat.PUBLIEE).update(etat=Publication.Etat.A_PUBLIER)
        Envoi.objects.filter(pk=attente.pk).update(
            etat=Envoi.Etat.A_ENVOYER, prochain_essai_le=timezone.now(), envoye_le=None
        )
        assert publier() == 1
    assert len(reseau.poses) == 1
    assert Publication.objects.get(etat=Publication.Etat.PUBLIEE).identifiant == "103"


def test_what_will_never_leave_waits_for_a_hand_with_why(ville, reseau, demande):
    chef = Auteur.agent(ville.responsable_accueil)
    actions.rediger_une_publication(demande, auteur=chef, texte="Merci.")
    actions.publier(Demande.objects.get(), auteur=chef)
    reseau.panne = 422

    assert publier() == 1
    assert publier() == 0

    remise = Remise.objects.get()
    assert remise.raison == "Mastodon a répondu 422 : indisponible"
    client = Client()
    client.force_login(ville.agent_accueil)
    page = client.get(reverse("agent_a_remettre")).content.decode()
    assert "à publier vous-même sur Mastodon, en réponse à @awa42@social.example" in page
    assert remise.raison in page
    # Repaired and sent again by an administrator: nobody has to copy it any more.
    reseau.panne = 0
    boite.relancer(Envoi.objects.get(canal=Canal.MASTODON))
    assert publier() == 1
    assert not Remise.objects.exists()
    assert Publication.objects.filter(etat=Publication.Etat.PUBLIEE).count() == 1


def test_the_page_says_who_can_read_and_offers_to_publish(ville, reseau, demande):
    actions.rediger_une_publication(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Merci.")
    client = Client()
    client.force_login(ville.responsable_accueil)

    page = client.get(reverse("agent_demande", args=[demande.numero])).content.decode()
    geste = client.get(reverse("agent_geste", args=[demande.numero, "publier"])).content.decode()

    assert "Sur le réseau" in page
    assert "Public" in page
    assert "à relire avant publication" in page
    assert "@awa42@social.example Merci." in geste


# -- what goes wrong --------------------------------------------------------------------------------------


def test_a_network_that_is_down_loses_nothing_and_is_told(ville, reseau):
    reseau.mentionner("Un trou")
    reseau.panne = 502
    relever()
    assert ReleveReseau.objects.get().erreur == "Mastodon répond 502."
    assert sonder_reseaux().est_verte
    ReleveReseau.objects.update(en_panne_depuis=timezone.now() - timedelta(minutes=11))
    assert not sonder_reseaux().est_verte
    reseau.panne = 0
    relever()
    assert Demande.objects.count() == 1
    assert sonder_reseaux().est_verte


def test_a_refused_key_is_told_and_one_about_to_end_before_it_does(ville, reseau, settings):
    settings.GUICHET_MASTODON_JETON = "ancienne"
    relever()
    assert "refuse notre clé (401)" in ReleveReseau.objects.get().erreur
    ReleveReseau.objects.update(en_panne_depuis=None)
    settings.GUICHET_MASTODON_JETON_FIN = str(timezone.localdate() + timedelta(days=15))
    assert sonder_reseaux().est_verte
    settings.GUICHET_MASTODON_JETON_FIN = str(timezone.localdate() + timedelta(days=14))
    assert "finit dans 14 jours" in sonder_reseaux().detail
    assert not sonder_reseaux().est_verte
    ReleveReseau.objects.update(en_panne_depuis=timezone.now() - timedelta(minutes=11))
    assert sonder_reseaux().detail == (
        "Un réseau ne se lit plus : mastodon. La clé de Mastodon finit dans 14 jours : renouvelez-la."
    )


def test_without_a_key_nothing_is_asked(ville):
    assert releve_reseaux.relever() == releve_reseaux.relire() == publier() == 0
