"""A mail goes where its address leads, once, and says why; what a blind copy hides, its mailbox tells."""

import pytest

from demandes import adresses_de_reponse, courriels, reception
from demandes.etats import Etat
from demandes.models import ARapprocher, Demande, EntreeJournal, Message, Reception
from guichet.envois.models import Envoi
from tests import factories
from tests.canaux.courriel.lettres import courriel


@pytest.fixture
def boites(ville):
    """The city's first address, then Voirie's and Propreté's own."""
    contact = factories.creer_boite(point_accueil=ville.autre_accueil, ordre=9)
    de_voirie = {"direction": ville.voirie, "type": ville.type_voirie}
    voirie = factories.creer_boite(nom="Voirie", adresses=["voirie@ville.example"], ordre=1, **de_voirie)
    proprete = factories.creer_boite(
        nom="Propreté",
        adresses=["proprete@ville.example"],
        ordre=2,
        direction=ville.proprete,
        type=ville.type_voirie,
    )
    return contact, voirie, proprete


def arriver(brut: bytes, *adresses: str) -> Demande | None:
    return reception.traiter(courriels.recevoir(brut, adresses=adresses).pk)


def notes(demande: Demande) -> list[str]:
    return list(demande.messages.filter(sens=Message.Sens.INTERNE).values_list("corps", flat=True))


def test_a_mail_to_a_direction_is_oriented_to_it_and_stays_under_the_desk(ville, boites):
    demande = arriver(courriel(To="Voirie <VOIRIE@ville.example>"))
    assert demande is not None
    assert (demande.etat, demande.direction, demande.type) == (Etat.ORIENTEE, ville.voirie, ville.type_voirie)
    assert demande.point_accueil == ville.accueil
    lignes = EntreeJournal.objects.filter(demande=demande).order_by("pk")
    assert [ligne.geste for ligne in lignes] == ["enregistrer", "qualifier", "orienter"]
    assert demande.raison_orientation == "Courriel écrit à « Voirie » (voirie@ville.example)"
    (accuse,) = Envoi.objects.all()
    assert accuse.nature == Envoi.Nature.ACCUSE
    assert ville.voirie.nom_public in accuse.corps


def test_a_mail_to_a_desk_waits_there_to_be_qualified(ville, boites):
    demande = arriver(courriel(To="contact@ville.example"))
    assert demande is not None
    assert (demande.etat, demande.point_accueil, demande.type) == (Etat.NOUVELLE, ville.autre_accueil, None)


def test_an_address_nobody_set_up_goes_to_the_desk_of_mails(ville, boites):
    demande = arriver(courriel(To="inconnue@ville.example"))
    assert demande is not None
    assert (demande.etat, demande.point_accueil, notes(demande)) == (Etat.NOUVELLE, ville.accueil, [])


def test_r4_one_mail_to_two_directions_is_one_demande_for_the_first_of_the_list(ville, boites):
    brut = courriel(To="proprete@ville.example, voirie@ville.example", Cc="contact@ville.example")
    demande = arriver(b"Delivered-To: proprete@ville.example\r\n" + brut, "proprete@ville.example")
    copie = arriver(b"Delivered-To: voirie@ville.example\r\n" + brut, "voirie@ville.example")

    assert demande == copie == Demande.objects.get()
    assert demande.direction == ville.voirie
    assert notes(demande) == [
        "Ce courriel a été envoyé aussi à « Propreté » (proprete@ville.example → Propreté), « Contact » "
        "(contact@ville.example → Mairie du 3e arrondissement). Il n'ouvre qu'une demande : "
        "prévenez qui doit l'être."
    ]
    assert Envoi.objects.count() == 1


def test_r4_a_blind_copy_come_by_another_mailbox_is_noted_once(ville, boites):
    brut = courriel(To="voirie@ville.example")
    demande = arriver(brut, "voirie@ville.example")
    for serveur in (b"a", b"b"):
        assert arriver(b"Received: by " + serveur + b"\r\n" + brut, "proprete@ville.example") == demande
    assert [note.partition(" (")[0] for note in notes(demande)] == [
        "Ce courriel a été envoyé aussi à « Propreté »"
    ]
    assert Reception.objects.count() == 3


def test_r4_the_same_bytes_by_two_mailboxes_are_kept_once_with_both_addresses(ville, boites):
    for adresse in ("voirie@ville.example", "proprete@ville.example"):
        courriels.recevoir(courriel(), adresses=(adresse,))
    assert Reception.objects.get().adresses == ["proprete@ville.example", "voirie@ville.example"]


def test_the_signed_address_of_a_blind_copy_joins_its_demande(ville, boites, settings):
    settings.GUICHET_COURRIEL_REPONSE = "reponse@ville.example"
    demande = arriver(courriel())
    signee = adresses_de_reponse.adresse(demande.numero)
    reponse = courriel("Il clignote.", Message_ID="<2@x.example>", From="autre@x.example", To="moi@x.example")
    assert arriver(reponse, signee) == demande


def test_a_direction_out_of_service_leaves_the_mail_at_the_desk_and_says_so(ville, boites):
    ville.type_voirie.publie_le = None
    ville.type_voirie.save()
    demande = arriver(courriel(To="voirie@ville.example"))
    assert demande is not None
    assert (demande.etat, demande.type, demande.direction) == (Etat.NOUVELLE, None, None)
    assert notes(demande)[0].startswith("Il était écrit à « Voirie », mais sa direction ou sa démarche")


def test_what_an_imported_mail_opens_tells_nobody(ville, boites):
    gardee = courriels.recevoir(courriel(To="voirie@ville.example"), sans_accuse=True)
    demande = reception.traiter(gardee.pk)
    assert demande is not None
    assert demande.etat == Etat.ORIENTEE
    assert not Envoi.objects.exists()


def test_r6_a_mail_from_one_of_our_addresses_is_filed_and_never_acknowledged(ville, boites):
    demande = arriver(courriel(From="Voirie <voirie@ville.example>", To="contact@ville.example"))
    assert demande is not None
    assert not Envoi.objects.exists()


def test_a_mail_to_a_direction_that_cites_somebody_else_s_demande_goes_there_and_waits_in_the_tray(
    ville, boites
):
    demande = arriver(courriel())
    autre = courriel(
        "Il clignote.",
        From="Voisin <voisin@autre.example>",
        To="voirie@ville.example",
        Subject=f"Re: {demande.numero}",
        Message_ID="<9@autre.example>",
    )
    nouvelle = arriver(autre)
    assert nouvelle not in (None, demande)
    assert (nouvelle.etat, nouvelle.direction) == (Etat.ORIENTEE, ville.voirie)
    attente = ARapprocher.objects.get()
    assert (attente.demande, list(attente.citees.all())) == (nouvelle, [demande])
