"""Objects of others, named in an address or in a form: they read like objects that do not exist."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import brouillons
from demandes.actions.contacts import commencer_contact
from demandes.droits import Auteur
from demandes.models import Demande
from guichet.organisation.models import Delegation
from guichet.pieces.depot import deposer
from guichet.pieces.models import Piece
from tests.parcours.gestes import photo
from tests.test_permissions import BACKEND, demander
from tests.test_permissions import monde as monde  # a fixture: pytest finds it by its name here


def test_another_direction_s_demande_reads_like_one_that_does_not_exist(monde):
    (numero,) = monde.arguments["agent_demande ordinaire"]
    for chemin in ("/agent/demandes/{}/", "/agent/demandes/{}/gestes/repondre/", "/agent/accueil/?q={}"):
        pages = [
            re.sub(rf"{n}|csrf\w*.*?>", "", demander(monde, "A2x", "GET", chemin.format(n)).content.decode())
            for n in (numero, "2026-9999999")
        ]
        assert pages[0] == pages[1], chemin


@pytest.mark.parametrize(("role", "cible"), [("A2x", "ordinaire"), ("A2", "reservee"), ("A1", "reservee")])
def test_a_demande_out_of_sight_cannot_be_named_in_a_form(monde, role, cible):
    """Merging into it: the same sentence as for a number that was never given."""
    sienne = monde.siennes[role]
    (numero,) = monde.arguments[f"agent_demande {cible}"]
    chemin = f"/agent/demandes/{sienne.numero}/gestes/fusionner/"

    refus = [
        demander(
            monde, role, "POST", chemin, {"version": sienne.version, "principale": "autre", "numero": saisi}
        )
        for saisi in (numero, "2026-9999999")
    ]

    assert [reponse.status_code for reponse in refus] == [422, 422]
    assert all("Aucune demande visible ne porte ce numéro" in reponse.content.decode() for reponse in refus)


def test_a_contact_is_not_ended_on_a_demande_out_of_sight(monde):
    commencer_contact(auteur=Auteur.agent(monde.comptes["A1"]), canal="telephone")
    autre = demander(
        monde,
        "A1",
        "POST",
        reverse("agent_contact_terminer"),
        {"resultat": "repondu", "demande": "2026-9999999"},
    )
    assert autre.status_code == 404


def test_a_file_of_somebody_s_draft_is_not_removed_from_another(monde):
    code, jeton, _ = monde.arguments["deposer_etape libre"]
    _, autre_jeton, _ = monde.arguments["deposer_etape d'un compte"]
    brouillon = brouillons.trouver(code, autre_jeton)
    assert brouillon is not None
    piece = deposer(
        ContentFile(photo(), name="a-elle.jpg"),
        proprietaire_genre=brouillons.GENRE_PIECE,
        proprietaire_id=brouillon.pk,
    )
    ouvert = brouillons.trouver(code, jeton)
    assert ouvert is not None
    brouillons.noter(ouvert, "demande", {"texte": "Un trou.", "reponses": {"nature": "trou"}})

    reponse = demander(
        monde,
        "anonyme",
        "POST",
        reverse("deposer_etape", args=[code, jeton, "pieces"]),
        {"retirer": piece.pk},
    )

    assert reponse.status_code == 302
    assert Piece.objects.filter(pk=piece.pk).exists()


def test_a_file_another_agent_sent_is_not_attached(monde):
    """A refused form keeps its files by their id: only those of the agent who sent them."""
    piece = deposer(ContentFile(photo(), name="a-lui.jpg"), depose_par=monde.comptes["A2"])
    (numero,) = monde.arguments["agent_demande ordinaire"]
    demande = Demande.objects.get(numero=numero)
    client = Client()
    client.force_login(monde.comptes["R2"], backend=BACKEND)

    client.post(
        f"/agent/demandes/{numero}/gestes/ecrire_a_l_usager/",
        {"version": demande.version, "texte": "Voici.", "pieces_gardees": str(piece.pk)},
    )

    assert demande.messages.latest("pk").corps == "Voici."
    assert Piece.objects.get(pk=piece.pk).proprietaire_genre == ""


def test_a_deputy_s_right_ends_with_its_dates(monde):
    (numero,) = monde.arguments["agent_demande ordinaire"]
    jour = timezone.localdate()
    delegation = Delegation.objects.create(
        titulaire=monde.comptes["A2"], suppleant=monde.comptes["A2x"], du=jour, au=jour
    )
    assert demander(monde, "A2x", "GET", f"/agent/demandes/{numero}/").status_code == 200

    Delegation.objects.filter(pk=delegation.pk).update(
        du=jour - timedelta(days=9), au=jour - timedelta(days=1)
    )

    assert demander(monde, "A2x", "GET", f"/agent/demandes/{numero}/").status_code == 404
