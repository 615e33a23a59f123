"""The entry: three ways out, one demande per form, nothing typed is ever lost."""

import re
import threading
import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from demandes.etats import Etat
from demandes.models import Contact, Demande, EntreeJournal, Message, RegleOrientation
from demandes.recherche.fiches import index_des_fiches
from demandes.vitrine import oublier
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import Voie
from guichet.pieces.models import Piece
from tests import factories
from usagers.models import Usager

SAISIE = "/agent/saisie/"
TEXTE = "Un trou de vingt centimètres <script>alert(1)</script> devant l'école."


@pytest.fixture(autouse=True)
def _fresh_catalogue(monkeypatch):
    """Both indexes are read once a test, even over the turn of a minute."""
    for module in ("vitrine", "recherche.fiches"):
        monkeypatch.setattr(f"demandes.{module}.FRAICHEUR_INDEX", 10**12)
    oublier()
    index_des_fiches.cache_clear()
    yield
    oublier()
    index_des_fiches.cache_clear()


def client_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


@pytest.fixture
def bureau(ville) -> Client:
    return client_de(ville.agent_accueil)


def saisie(ville, **champs) -> dict:
    """A complete entry by phone, about a hole in the road, from somebody new."""
    return {
        "cle": uuid.uuid4().hex,
        "canal": "telephone",
        "point_accueil": ville.accueil.pk,
        "prenom": "Anne",
        "nom": "Roux",
        "telephone": "06 39 98 12 34",
        "texte": TEXTE,
        "type": ville.type_voirie.code,
        "f-nature": "trou",
    } | champs


def texte(reponse) -> str:
    return reponse.content.decode()


def photo() -> SimpleUploadedFile:
    contenu = BytesIO()
    Image.new("RGB", (40, 30), "grey").save(contenu, "JPEG")
    return SimpleUploadedFile("trou.jpg", contenu.getvalue(), "image/jpeg")


# -- the three ways out --------------------------------------------------------------------------------


def test_answer_at_once_with_a_fiche(ville, bureau):
    fiche = factories.creer_fiche(ville.type_voirie)

    reponse = bureau.post(
        SAISIE, saisie(ville, issue="repondre", fiche=fiche.code, reponse="Passage prévu jeudi.", nom="")
    )

    demande = Demande.objects.get()
    assert reponse.url == reverse("agent_saisie_faite", args=[demande.numero])
    assert (demande.etat, demande.resolue_au_premier_contact) == (Etat.TRAITEE, True)
    assert (demande.type, demande.point_accueil, demande.canal) == (
        ville.type_voirie,
        ville.accueil,
        "telephone",
    )
    assert [(m.sens, m.corps, m.fiche) for m in demande.messages.all()] == [
        (Message.Sens.ENTRANT, TEXTE, None),
        (Message.Sens.SORTANT, "Passage prévu jeudi.", fiche),
    ]
    assert [e.geste for e in demande.journal.order_by("rang")] == ["enregistrer", "repondre_immediatement"]
    assert {e.compte for e in demande.journal.all()} == {ville.agent_accueil}


def test_what_is_answered_on_the_spot_is_asked_nothing_more(ville, bureau):
    donnees = saisie(ville, issue="repondre", reponse="Dit de vive voix.", est_anonyme="on")
    donnees.pop("f-nature")
    ville.type_voirie.niveau = 1
    ville.type_voirie.acces = "contact"
    ville.type_voirie.save()

    bureau.post(SAISIE, donnees)

    demande = Demande.objects.get()
    assert (demande.etat, demande.est_anonyme, demande.usager) == (Etat.TRAITEE, True, None)


def test_route_as_the_rules_propose(ville, bureau):
    RegleOrientation.objects.create(
        ordre=1,
        libelle="Bordures",
        type=ville.type_voirie,
        reponses=[{"champ": "nature", "vaut": "bordure"}],
        direction=ville.proprete,
        raison="Les bordures sont à la propreté",
    )
    proposee = bureau.post(SAISIE, saisie(ville, **{"f-nature": "bordure"}))
    assert "Les bordures sont à la propreté" in texte(proposee)

    bureau.post(SAISIE, saisie(ville, issue="orienter", **{"f-nature": "bordure"}))

    demande = Demande.objects.get()
    assert (demande.etat, demande.direction) == (Etat.ORIENTEE, ville.proprete)
    assert demande.raison_orientation == "Les bordures sont à la propreté"
    assert demande.reponses == {"nature": "bordure"}
    assert [e.geste for e in demande.journal.order_by("rang")] == ["enregistrer", "qualifier", "orienter"]


def test_route_elsewhere_with_a_note(ville, bureau):
    bureau.post(
        SAISIE,
        saisie(ville, issue="orienter", direction=ville.proprete.pk, note="Voir avec Yanis."),
    )

    demande = Demande.objects.get()
    assert (demande.direction, demande.raison_orientation) == (ville.proprete, "Choix de l'agent d'accueil")
    assert demande.messages.get(sens="interne").corps == "Voir avec Yanis."


def test_keep_without_routing(ville, bureau):
    bureau.post(SAISIE, saisie(ville, issue="enregistrer", type=""))

    demande = Demande.objects.get()
    assert (demande.etat, demande.type, demande.direction) == (Etat.NOUVELLE, None, None)


def test_the_receipt_page_says_what_to_tell_the_person(ville, bureau):
    reponse = bureau.post(SAISIE, saisie(ville, issue="orienter"), follow=True)

    demande = Demande.objects.get()
    page = texte(reponse)
    assert demande.numero in page
    assert f"{demande.code_suivi[:4]} {demande.code_suivi[4:]}" in page
    assert "Orientée vers Voirie" in page
    recu = bureau.get(reverse("agent_recu", args=[demande.numero]))
    assert recu["Content-Type"] == "application/pdf"
    assert recu.content.startswith(b"%PDF")
    assert client_de(ville.agent_autre_accueil).get(reponse.redirect_chain[0][0]).status_code == 200
    assert client_de(ville.agent_voirie).get(reponse.redirect_chain[0][0]).status_code == 404


# -- who ----------------------------------------------------------------------------------------------


def test_a_person_is_created_at_the_very_end_only(ville, bureau):
    bureau.post(SAISIE, saisie(ville))
    bureau.post(SAISIE, saisie(ville, issue="orienter", texte=""))
    assert not Usager.objects.exists()

    bureau.post(SAISIE, saisie(ville, issue="orienter", courriel="anne@courriel.example"))

    usager = Usager.objects.get()
    assert (str(usager), usager.telephone, usager.courriel) == (
        "Anne Roux",
        "+33639981234",
        "anne@courriel.example",
    )
    assert Demande.objects.get().rapprochement == "nouveau"
    assert Envoi.objects.get().destinataire == "anne@courriel.example"


def test_a_known_person_is_chosen_and_their_open_demandes_shown(ville, bureau):
    usager = factories.creer_usager("Anne", "Roux")
    factories.deposer(ville, usager=usager, objet="Déjà signalé hier")

    trouvee = bureau.post(SAISIE, saisie(ville, usager_q="roux anne", nom="", prenom="", telephone=""))
    assert f'name="choisir_usager" value="{usager.pk}"' in texte(trouvee)
    choisie = bureau.post(SAISIE, saisie(ville, choisir_usager=usager.pk))
    assert "Déjà signalé hier" in texte(choisie)
    assert f'name="usager" value="{usager.pk}"' in texte(choisie)
    bureau.post(SAISIE, saisie(ville, issue="orienter", usager=usager.pk))

    assert Usager.objects.get() == usager
    assert Demande.objects.latest("pk").rapprochement == "choisi"


def test_somebody_already_known_is_proposed_while_typing(ville, bureau):
    factories.creer_usager("Anne", "Roux", telephone="06 39 98 12 34")

    page = texte(bureau.post(SAISIE, saisie(ville, prenom="Annie")))

    assert "Peut-être déjà connue" in page
    assert "même téléphone" in page


def test_nobody_is_named_when_they_do_not_wish_to_be(ville, bureau):
    bureau.post(SAISIE, saisie(ville, issue="orienter", est_anonyme="on"))

    assert not Usager.objects.exists()
    assert Demande.objects.get().est_anonyme


def test_a_type_that_needs_a_contact_says_so_beside_the_name(ville, bureau):
    ville.type_voirie.acces = "contact"
    ville.type_voirie.save()

    reponse = bureau.post(SAISIE, saisie(ville, issue="orienter", est_anonyme="on"))

    assert reponse.status_code == 422
    assert "moyen de vous répondre" in texte(reponse)
    assert not Demande.objects.exists()


# -- what and where --------------------------------------------------------------------------------------


def test_a_type_is_found_with_the_words_of_the_person(ville, bureau):
    page = texte(bureau.post(SAISIE, saisie(ville, type="", type_q="trou dans la rue")))

    assert f'name="choisir_type" value="{ville.type_voirie.code}"' in page
    page = texte(bureau.post(SAISIE, saisie(ville, type="", choisir_type=ville.type_voirie.code)))
    assert "Que faut-il réparer ?" in page
    assert TEXTE.split(" <")[0] in page


def test_danger_is_said_on_top(ville, bureau):
    ville.type_voirie.est_urgent = True
    ville.type_voirie.urgence_consigne = "Appelez d'abord le 112."
    ville.type_voirie.save()

    page = texte(bureau.get(SAISIE, {"type": ville.type_voirie.code}))

    assert page.index("Appelez d&#x27;abord le 112.") < page.index("Qui demande ?")
    bureau.post(SAISIE, saisie(ville, issue="orienter"))
    assert Demande.objects.get().est_urgente


def test_what_to_tell_the_person_stands_beside_the_form_of_who_speaks(ville, bureau):
    ville.type_voirie.pieces = [
        {"code": "plan", "libelle": "Un plan", "obligatoire": True},
        {"code": "photo", "libelle": "Une photo", "obligatoire": False},
    ]
    ville.type_voirie.save()
    page = texte(bureau.get(SAISIE, {"type": ville.type_voirie.code, "canal": "telephone"}))
    assert "« Il nous faudra : Un plan. »" in page
    suite = f"« Je transmets à : {ville.voirie}. La réponse viendra sous 5 jours ouvrés. »"
    assert suite in page

    assert "À dire à la personne" not in texte(bureau.get(SAISIE, {"canal": "telephone"}))
    lettre = bureau.get(SAISIE, {"type": ville.type_voirie.code, "canal": "courrier"})
    assert "À dire à la personne" not in texte(lettre)


def test_the_district_is_deduced_else_asked(ville, bureau):
    Voie.objects.create(nom="rue des Tisserands", territoire=ville.territoire)
    assert str(ville.territoire) in texte(bureau.post(SAISIE, saisie(ville, adresse="12 rue des Tisserands")))

    refus = bureau.post(SAISIE, saisie(ville, issue="orienter", adresse="12 rue de Nulle-Part"))
    assert refus.status_code == 422
    assert "choisissez-le" in texte(refus)
    assert not Demande.objects.exists()

    for adresse, dit, attendu in [
        ("12 rue des Tisserands", "", ville.territoire),
        ("12 rue de Nulle-Part", str(ville.territoire.pk), ville.territoire),
        ("Hors de la ville", "inconnu", None),
        ("", "", None),
    ]:
        bureau.post(SAISIE, saisie(ville, issue="orienter", adresse=adresse, territoire=dit))
        demande = Demande.objects.latest("pk")
        assert (demande.adresse, demande.territoire) == (adresse, attendu)


def test_the_place_asked_by_the_type_is_the_place_of_the_demande(ville, bureau):
    lieu = {"nom": "adresse", "libelle": "Où ?", "type": "adresse", "obligatoire": True, "aide": None}
    type = factories.creer_type("VOI-LIEU", ville.voirie, champs=[lieu])
    Voie.objects.create(nom="rue des Tisserands", territoire=ville.territoire)

    assert 'name="adresse"' not in texte(bureau.get(SAISIE, {"type": type.code}))
    bureau.post(
        SAISIE, saisie(ville, issue="orienter", type=type.code, **{"f-adresse": "3 rue des Tisserands"})
    )

    demande = Demande.objects.get()
    assert (demande.adresse, demande.territoire) == ("3 rue des Tisserands", ville.territoire)


# -- when ---------------------------------------------------------------------------------------------


def test_a_letter_bears_its_date_of_arrival(ville, bureau):
    avant_hier = timezone.localdate() - timedelta(days=2)
    lettre = saisie(ville, issue="orienter", canal="courrier")
    lettre.pop("f-nature")
    assert "date d&#x27;arrivée du courrier" in texte(bureau.post(SAISIE, lettre))
    assert not Demande.objects.exists()

    bureau.post(SAISIE, lettre | {"recue_le": avant_hier.isoformat()})

    demande = Demande.objects.get()
    assert timezone.localdate(demande.recue_le) == avant_hier
    assert (demande.canal, demande.reponses) == (Canal.COURRIER, {})


@pytest.mark.parametrize("recue_le", ["demain", "2999-01-01", "31/02/2026"])
def test_nothing_is_received_in_the_future_nor_on_no_day(ville, bureau, recue_le):
    reponse = bureau.post(SAISIE, saisie(ville, issue="orienter", recue_le=recue_le))

    assert reponse.status_code == 422
    assert not Demande.objects.exists()


def test_today_is_now(ville, bureau):
    bureau.post(SAISIE, saisie(ville, issue="orienter", recue_le=timezone.localdate().isoformat()))

    assert timezone.now() - Demande.objects.get().recue_le < timedelta(minutes=1)


# -- walled secteurs --------------------------------------------------------------------------------------


def test_an_agent_who_is_not_cleared_registers_and_routes_then_sees_only_the_number(ville, bureau):
    page = texte(bureau.get(SAISIE, {"type": ville.type_social.code}))
    assert "Secteur réservé" in page
    assert 'value="repondre"' not in page
    assert 'value="enregistrer"' not in page

    reponse = bureau.post(
        SAISIE,
        saisie(
            ville, issue="orienter", type=ville.type_social.code, direction=ville.proprete.pk, objet="Impayé"
        ),
        follow=True,
    )

    demande = Demande.objects.get()
    assert (demande.etat, demande.direction) == (Etat.ORIENTEE, ville.ccas)
    assert demande.numero in texte(reponse)
    assert "Impayé" not in texte(reponse)
    assert bureau.get(reverse("agent_recu", args=[demande.numero])).status_code == 200
    collegue = client_de(factories.creer_agent("Léa", "Voisine", "agent_accueil", ville.accueil))
    assert collegue.get(reverse("agent_recu", args=[demande.numero])).status_code == 404
    assert collegue.get(reverse("agent_saisie_faite", args=[demande.numero])).status_code == 404


@pytest.mark.parametrize("issue", ["repondre", "enregistrer"])
def test_the_other_ways_out_are_refused_without_clearance(ville, bureau, issue):
    fiche = factories.creer_fiche(ville.type_social)

    reponse = bureau.post(
        SAISIE,
        saisie(ville, issue=issue, type=ville.type_social.code, fiche=fiche.code, reponse="Voici."),
    )

    assert reponse.status_code == 422
    assert not Demande.objects.exists()
    assert not EntreeJournal.objects.exists()
    assert not Usager.objects.exists()


# -- nothing twice, nothing lost ----------------------------------------------------------------------------


def test_the_same_form_sent_again_changes_nothing(ville, bureau):
    donnees = saisie(ville, issue="orienter")
    premiere = bureau.post(SAISIE, donnees)

    encore = bureau.post(
        SAISIE, donnees | {"texte": "Autre chose", "issue": "repondre", "reponse": "Oui"}, follow=True
    )

    assert encore.redirect_chain == [(premiere.url, 302)]
    assert "déjà enregistrée" in texte(encore)
    assert Demande.objects.get().etat == Etat.ORIENTEE


@pytest.mark.django_db(transaction=True)
def test_twenty_sendings_at_once_make_one_demande():
    ville = factories.creer_ville()
    fiche = factories.creer_fiche(ville.type_voirie)
    donnees = saisie(ville, issue="repondre", fiche=fiche.code, reponse="Jeudi.")
    clients = [client_de(ville.agent_accueil) for _ in range(20)]
    statuts = []
    depart = threading.Barrier(20)

    def envoyer(client):
        depart.wait()
        try:
            statuts.append(client.post(SAISIE, donnees | {"pieces": photo()}).status_code)
        finally:
            connections.close_all()

    fils = [threading.Thread(target=envoyer, args=(client,)) for client in clients]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(60)

    assert statuts == [302] * 20
    demande = Demande.objects.get()
    assert (demande.etat, Usager.objects.count(), demande.messages.count()) == (Etat.TRAITEE, 1, 2)
    assert demande.journal.count() == 2
    assert Piece.objects.count() == 1


def test_an_error_keeps_everything_typed_and_attached(ville, bureau):
    donnees = saisie(
        ville,
        issue="orienter",
        telephone="12",
        objet="Mon objet",
        adresse_personne="4 quai de la Farine",
        note="Ma note",
        reponse="Ma réponse",
        est_urgente="on",
        **{"f-nature": "", "f-precision": "Ma précision"},
    )

    refus = bureau.post(SAISIE, donnees | {"pieces": photo()})

    page = texte(refus)
    assert refus.status_code == 422
    assert "Ce numéro de téléphone n&#x27;est pas reconnu" in page
    assert "Choisissez une réponse." in page
    for tape in (
        "Anne",
        "Mon objet",
        "4 quai de la Farine",
        "Ma note",
        "Ma réponse",
        "Ma précision",
        'value="12"',
    ):
        assert tape in page, tape
    assert re.search(r'name="est_urgente"[^>]* checked', page)
    [gardee] = re.findall(r'name="gardee" value="([^"]+)" checked', page)

    bureau.post(SAISIE, donnees | {"telephone": "", "f-nature": "trou", "gardee": gardee})

    piece = Piece.objects.get()
    assert (piece.proprietaire_genre, piece.proprietaire_id) == (
        "message",
        Message.objects.get(sens="entrant").pk,
    )


def test_a_file_unticked_is_left_out_and_another_s_cannot_be_taken(ville, bureau):
    page = texte(client_de(ville.responsable_accueil).post(SAISIE, saisie(ville) | {"pieces": photo()}))
    [cle] = re.findall(r'name="gardee" value="([^"]+)" checked', page)

    bureau.post(SAISIE, saisie(ville, issue="orienter", gardee=[cle, "pas-une-cle"]))

    assert Piece.objects.get().proprietaire_genre == ""


def test_a_bad_file_is_said_on_its_field(ville, bureau):
    faux = SimpleUploadedFile("photo.jpg", b"<html><script>alert(1)</script>", "image/jpeg")

    reponse = bureau.post(SAISIE, saisie(ville, issue="orienter") | {"pieces": faux})

    assert reponse.status_code == 422
    assert 'id="id_pieces_error"' in texte(reponse)
    assert not Demande.objects.exists()


def test_words_of_people_are_never_markup(ville, bureau):
    page = texte(
        bureau.post(SAISIE, saisie(ville, nom="<img src=x onerror=alert(1)>", type_q="<b>", usager_q="<i>"))
    )

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    "champs",
    [
        {"usager": "9" * 30, "type": "X" * 400, "fiche": "\x00", "territoire": "99999999999999999999"},
        {"canal": "portail", "point_accueil": "0", "cle": ""},
        {"gardee": ["x"] * 50, "direction": "abc", "choisir_fiche": "n'existe pas"},
        {"texte": "\x00\x01", "nom": "a\x00b"},
    ],
)
@pytest.mark.parametrize("issue", ["", "orienter"])
def test_no_value_breaks_the_form(ville, bureau, champs, issue):
    reponse = bureau.post(SAISIE, saisie(ville, issue=issue) | champs)

    assert reponse.status_code in (200, 302, 422)


@pytest.mark.parametrize(
    "requete", ["?usager=abc&type=%00&fiche=x&canal=portail&q=%00", "?usager=-1", "?canal=x"]
)
def test_no_address_breaks_the_form(bureau, requete):
    assert bureau.get(SAISIE + requete).status_code == 200


# -- fiches and contacts -------------------------------------------------------------------------------------


def test_quoting_a_fiche_never_writes_over_the_agent_s_words(ville, bureau):
    premiere = factories.creer_fiche(ville.type_voirie, reponse="Première réponse.")
    seconde = factories.creer_fiche(ville.type_voirie, "autre", reponse="Seconde réponse.")

    page = texte(bureau.post(SAISIE, saisie(ville, choisir_fiche=premiere.code)))
    assert ">\nPremière réponse.</textarea>" in page
    page = texte(
        bureau.post(
            SAISIE,
            saisie(ville, fiche=premiere.code, reponse="Première réponse.", choisir_fiche=seconde.code),
        )
    )
    assert ">\nSeconde réponse.</textarea>" in page
    page = texte(
        bureau.post(
            SAISIE, saisie(ville, fiche=premiere.code, reponse="Mes mots.", choisir_fiche=seconde.code)
        )
    )
    assert ">\nMes mots.</textarea>" in page


def test_a_fiche_brings_its_type(ville, bureau):
    fiche = factories.creer_fiche(ville.type_voirie, notes_agents="Pour nous seulement.")

    page = texte(bureau.get(SAISIE, {"fiche": fiche.code}))

    assert ville.type_voirie.libelle in page
    assert f">\n{fiche.reponse}</textarea>" in page
    assert "Pour nous seulement." in page


@pytest.mark.parametrize(
    ("issue", "resultat"),
    [
        ("repondre", Contact.Resultat.REPONDU),
        ("orienter", Contact.Resultat.DEMANDE),
        ("enregistrer", Contact.Resultat.DEMANDE),
    ],
)
def test_the_call_keeps_what_was_done_and_ends_with_it(ville, bureau, issue, resultat):
    fiche = factories.creer_fiche(ville.type_voirie)
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})
    assert "Appel en cours" in texte(bureau.get(SAISIE))

    page = texte(
        bureau.post(SAISIE, saisie(ville, issue=issue, fiche=fiche.code, reponse="Jeudi."), follow=True)
    )

    contact, demande = Contact.objects.get(), Demande.objects.get()
    assert (contact.resultat, contact.usager) == (Contact.Resultat.EN_COURS, demande.usager)
    assert [s.demande for s in contact.sujets.all()] == [demande]
    assert "Terminer l&#x27;appel" in page or "Terminer l'appel" in page

    bureau.post(reverse("agent_contact_terminer"))
    contact = Contact.objects.get()
    assert (contact.resultat, contact.est_resolu) == (resultat, resultat == Contact.Resultat.REPONDU)
    assert contact.fin is not None


def test_a_letter_typed_during_a_call_does_not_end_it(ville, bureau):
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})

    bureau.post(
        SAISIE, saisie(ville, issue="orienter", canal="courrier", recue_le=timezone.localdate().isoformat())
    )

    assert Contact.objects.get().resultat == Contact.Resultat.EN_COURS


def test_a_refused_entry_leaves_the_call_open(ville, bureau):
    bureau.post(reverse("agent_contact"), {"canal": "telephone"})

    bureau.post(SAISIE, saisie(ville, issue="repondre", reponse=""))

    assert Contact.objects.get().resultat == Contact.Resultat.EN_COURS
    assert not Demande.objects.exists()


# -- cost ----------------------------------------------------------------------------------------------


def test_thirty_open_demandes_and_fiches_cost_what_three_do(ville, bureau):
    usager = factories.creer_usager("Anne", "Roux")

    def peupler(nombre):
        for _ in range(nombre):
            factories.deposer(ville, usager=usager)
            factories.creer_usager("Anne", "Roux")
            factories.creer_fiche(ville.type_voirie, f"fiche-{uuid.uuid4().hex[:8]}")

    def requetes():
        nombres = []
        for envoyer in (
            lambda: bureau.get(SAISIE, {"usager": usager.pk, "type": ville.type_voirie.code}),
            lambda: bureau.post(SAISIE, saisie(ville, usager_q="roux", type="", type_q="trou")),
        ):
            envoyer()
            with CaptureQueriesContext(connection) as captees:
                envoyer()
            nombres.append(len(captees))
        return nombres

    peupler(3)
    trois = requetes()
    peupler(27)

    assert requetes() == trois
    assert max(trois) <= 25
