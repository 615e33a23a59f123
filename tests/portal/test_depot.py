"""Filing a demande on the web, from the start page to the receipt."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from demandes.models import Brouillon, Demande, EntreeJournal, Message
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from tests import factories
from tests.portal.conftest import REPONSES, TEXTE, brouillon_de, photo


def texte_de(reponse) -> str:
    return " ".join(reponse.content.decode().split())


# -- before starting


def test_the_start_page_says_what_to_know_first(client, ville):
    ville.type_voirie.urgence_consigne = "Route effondrée : appelez le 18."
    ville.type_voirie.save()

    page = texte_de(client.get("/deposer/VOI-TROU/"))

    assert page.index("Route effondrée") < page.index("Commencer")
    assert '<a class="urgence" href="tel:18">18</a>' in page
    assert "Photo du trou" in page
    assert "Par téléphone au 04 65 71 00 00." in page
    assert "5 jours ouvrés" in page


def test_an_unknown_or_unpublished_type_is_a_404(client, ville):
    ville.type_voirie.publie_le = None
    ville.type_voirie.save()

    assert client.get("/deposer/VOI-TROU/").status_code == 404
    assert client.post("/deposer/VOI-TROU/").status_code == 404
    assert client.get("/deposer/RIEN/").status_code == 404
    assert not Brouillon.objects.exists()


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"sve_autorisee": False}, "ne se fait pas en ligne"),
        (
            {"teleservice_dedie_url": "https://permis.villeneuve.example/"},
            "https://permis.villeneuve.example/",
        ),
    ],
)
def test_a_type_that_cannot_be_filed_here_explains_and_starts_nothing(client, ville, champs, phrase):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(**champs)

    page = texte_de(client.get("/deposer/VOI-TROU/"))

    assert phrase in page
    assert "Par téléphone au 04 65 71 00 00." in page
    assert "Commencer" not in page
    assert client.post("/deposer/VOI-TROU/").status_code == 200
    assert not Brouillon.objects.exists()


# -- the whole way


def test_an_anonymous_deposit_becomes_one_demande(client, ville, remplir):
    base = remplir(client)
    recapitulatif = texte_de(client.get(f"{base}recapitulatif/"))
    assert TEXTE.replace("'", "&#x27;") in recapitulatif
    assert "Vous restez anonyme" in recapitulatif
    assert "Réparer la rue." in recapitulatif  # purpose of the processing (RGPD, art. 13)

    reponse = client.post(f"{base}recapitulatif/")

    assert reponse.url == f"{base}recu/"
    demande = Demande.objects.get()
    assert (demande.canal, demande.usager, demande.est_anonyme) == ("portail", None, True)
    assert demande.reponses == {
        "nature": "trou",
        "adresse": "12 rue des Tisserands, 69983 Villeneuve-sur-Saône",
    }
    assert demande.territoire == ville.territoire
    assert demande.messages.get().corps == TEXTE
    assert demande.journal.filter(geste="enregistrer").count() == 1
    brouillon = brouillon_de(base)
    assert brouillon.demande == demande
    assert brouillon.saisie == {}


def test_with_contact_details_the_person_and_the_receipt_exist(client, ville, remplir):
    base = remplir(
        client,
        coordonnees={
            "vous-anonyme": "non",
            "vous-prenom": "Marie-Antoinette",
            "vous-nom": "de La Rochefoucauld-Montbel",
            "vous-courriel": "marie@courriel.example",
            "vous-telephone": "06 39 98 12 34",
            "vous-canal_prefere": "telephone",
        },
    )
    client.post(f"{base}recapitulatif/")

    demande = Demande.objects.get()
    assert str(demande.usager) == "Marie-Antoinette de La Rochefoucauld-Montbel"
    assert demande.usager.telephone == "+33639981234"
    assert demande.usager.canal_prefere == "telephone"
    assert Envoi.objects.get(nature=Envoi.Nature.ACCUSE).destinataire == "marie@courriel.example"


def test_the_receipt_says_what_the_law_asks(client, ville, remplir):
    base = remplir(client)
    client.post(f"{base}recapitulatif/")
    demande = Demande.objects.get()

    page = texte_de(client.get(f"{base}recu/"))

    assert demande.numero in page
    assert demande.code_suivi in page
    assert f"/suivi/{demande.numero}/{demande.jeton_suivi}/" in page
    assert "sera refusée ce jour-là" in page
    assert "Photo du trou" in page  # awaited document (CRPA, art. L114-5)
    assert "Mairie centrale" in page


def test_documents_are_listed_in_the_message_and_follow_the_demande(client, ville, remplir):
    base = remplir(client, pieces={"pieces-photo": [photo()], "pieces-photos": [photo("rue.jpg")]})
    client.post(f"{base}recapitulatif/")

    message = Message.objects.get()
    assert message.corps == f"{TEXTE}\n\nDocuments joints :\n– Photo du trou : trou.jpg"
    assert set(Piece.objects.values_list("proprietaire_genre", "proprietaire_id")) == {
        ("message", message.pk)
    }
    assert Piece.objects.count() == 2


# -- nothing twice (fiabilite.md R15)


def test_after_sending_every_page_leads_to_the_receipt(client, ville, remplir):
    base = remplir(client)
    client.post(f"{base}recapitulatif/")

    for page in ("demande", "lieu", "pieces", "coordonnees", "recapitulatif"):
        assert client.get(f"{base}{page}/").url == f"{base}recu/"
        assert client.post(f"{base}{page}/", REPONSES.get(page, {})).url == f"{base}recu/"
    assert Demande.objects.count() == 1
    assert EntreeJournal.objects.filter(geste="enregistrer").count() == 1


def test_two_tabs_keep_each_others_pages(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}demande/", REPONSES["demande"])
    client.post(f"{base}lieu/", REPONSES["lieu"])
    client.post(f"{base}demande/", {"recit-texte": "Autre texte", "q-nature": "bordure"})

    saisie = brouillon_de(base).saisie
    assert saisie["demande"]["texte"] == "Autre texte"
    assert saisie["lieu"]["adresse"].startswith("12 rue")


# -- errors keep what was typed


def test_a_refused_page_says_why_and_keeps_the_words(client, ville, commencer):
    base = commencer(client)

    reponse = client.post(f"{base}demande/", {"recit-texte": "Gros trou", "q-nature": ""})

    assert reponse.status_code == 422
    page = texte_de(reponse)
    assert "data-resume-erreurs" in page
    assert "Choisissez une réponse." in page
    assert "Gros trou" in page
    assert brouillon_de(base).saisie == {}


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        ("a" * 1_000_000, "Ce texte est trop long"),
        ("", "Décrivez en quelques mots"),
        ("\0\u202e", "Décrivez en quelques mots"),
    ],
)
def test_hostile_words_get_a_sentence(client, ville, commencer, texte, phrase):
    base = commencer(client)

    reponse = client.post(f"{base}demande/", {"recit-texte": texte, "q-nature": "trou"})

    assert reponse.status_code == 422
    assert phrase in texte_de(reponse)


def test_control_and_bidi_signs_are_removed(client, ville, commencer):
    base = commencer(client)

    client.post(f"{base}demande/", {"recit-texte": "trou\0 gpj\u202e.exe", "q-nature": "trou"})

    assert brouillon_de(base).saisie["demande"]["texte"] == "trou gpj.exe"


@pytest.mark.parametrize("valeur", ["inconnue", "trou\0", "../../etc"])
def test_a_forged_choice_is_refused(client, ville, commencer, valeur):
    base = commencer(client)

    reponse = client.post(f"{base}demande/", {"recit-texte": TEXTE, "q-nature": valeur})

    assert reponse.status_code == 422
    assert "n&#x27;est pas dans la liste" in texte_de(reponse)


@pytest.mark.parametrize("jeton", ["x", "%00", "a" * 500])
def test_a_forged_link_is_a_404(client, ville, jeton):
    for page in ("demande", "recapitulatif", "recu"):
        assert client.get(f"/deposer/VOI-TROU/{jeton}/{page}/").status_code == 404


def test_an_unknown_page_of_a_draft_is_a_404(client, ville, commencer):
    base = commencer(client)

    assert client.get(f"{base}ailleurs/").status_code == 404
    assert client.get(base.replace("VOI-TROU", "VOI-AMEN") + "demande/").status_code == 404


def test_the_summary_cannot_be_reached_by_its_address_alone(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}demande/", REPONSES["demande"])

    assert client.get(f"{base}recapitulatif/").url == f"{base}lieu/"
    assert client.post(f"{base}recapitulatif/").url == f"{base}lieu/"
    assert not Demande.objects.exists()


# -- the place


def test_a_known_address_gives_its_district_without_a_question(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}demande/", REPONSES["demande"])

    assert "Dans quel arrondissement" not in texte_de(client.get(f"{base}lieu/"))
    client.post(f"{base}lieu/", REPONSES["lieu"])

    assert brouillon_de(base).saisie["lieu"]["territoire"] == ville.territoire.pk


def test_an_unknown_address_asks_for_the_district_once(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}demande/", REPONSES["demande"])

    refus = client.post(f"{base}lieu/", {"lieu-adresse": "derrière le supermarché"})
    assert refus.status_code == 422
    assert "Dans quel arrondissement" in texte_de(refus)
    assert "derrière le supermarché" in texte_de(refus)

    client.post(f"{base}lieu/", {"lieu-adresse": "derrière le supermarché", "lieu-territoire": "inconnu"})
    assert brouillon_de(base).saisie["lieu"] == {"adresse": "derrière le supermarché", "territoire": None}


def test_a_forged_district_is_refused(client, ville, commencer):
    base = commencer(client)

    reponse = client.post(f"{base}lieu/", {"lieu-adresse": "derrière", "lieu-territoire": "999999"})

    assert reponse.status_code == 422


# -- documents


def test_files_are_added_shown_and_removed(client, ville, commencer):
    base = commencer(client)

    client.post(f"{base}pieces/", {"pieces-photo": [photo()], "ajouter": "oui"})
    page = texte_de(client.get(f"{base}pieces/"))
    piece = Piece.objects.get()
    assert "trou.jpg" in page
    vignette = client.get(f"/pieces/{piece.pk}/vignette/")
    assert vignette.status_code == 200
    assert b"".join(vignette.streaming_content).startswith(b"RIFF")

    client.post(f"{base}pieces/", {"retirer": str(piece.pk)})
    assert not Piece.objects.exists()
    assert brouillon_de(base).saisie["pieces"] == {"photo": [], "photos": []}


def test_a_refused_file_does_not_lose_the_good_ones(client, ville, commencer):
    base = commencer(client)
    mauvais = SimpleUploadedFile("virus.exe", b"MZ" + bytes(300))

    reponse = client.post(f"{base}pieces/", {"pieces-photo": [photo(), mauvais]})

    assert reponse.status_code == 422
    page = texte_de(reponse)
    assert "Le fichier « virus.exe » n&#x27;est pas accepté." in page
    assert "trou.jpg" in page
    assert Piece.objects.get().nom_original == "trou.jpg"


def test_no_more_than_five_files_for_one_document(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}pieces/", {"pieces-photo": [photo(f"{n}.jpg") for n in range(4)], "ajouter": "oui"})

    reponse = client.post(
        f"{base}pieces/", {"pieces-photo": [photo("5.jpg"), photo("6.jpg")], "ajouter": "oui"}
    )

    assert reponse.status_code == 422
    assert Piece.objects.count() == 5


def test_another_drafts_file_cannot_be_removed(client, ville, commencer):
    une, autre = commencer(client), commencer(Client())
    client.post(f"{une}pieces/", {"pieces-photo": [photo()], "ajouter": "oui"})
    piece = Piece.objects.get()

    for pk in (str(piece.pk), "pas-un-identifiant", "\0"):
        client.post(f"{autre}pieces/", {"retirer": pk})

    assert Piece.objects.get() == piece


def test_a_strangers_session_does_not_see_the_files(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}pieces/", {"pieces-photo": [photo()], "ajouter": "oui"})
    client.get(f"{base}pieces/")

    assert Client().get(f"/pieces/{Piece.objects.get().pk}/").status_code == 404


def test_a_missing_document_is_said_and_does_not_stop_the_sending(client, ville, remplir):
    base = remplir(client)

    assert "Il manque un document" in texte_de(client.get(f"{base}recapitulatif/"))
    assert client.post(f"{base}recapitulatif/").url == f"{base}recu/"


# -- who asks


def test_contact_asks_for_a_name_and_one_way_to_answer(client, ville, commencer):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="contact")
    base = commencer(client)

    sans_rien = client.post(f"{base}coordonnees/", {"vous-nom": "Martin", "vous-prenom": "Jeanne"})
    assert sans_rien.status_code == 422
    assert "au moins un moyen de vous répondre" in texte_de(sans_rien)

    par_courrier = client.post(
        f"{base}coordonnees/",
        {
            "vous-nom": "Martin",
            "vous-prenom": "Jeanne",
            "vous-telephone": "0639981234",
            "vous-canal_prefere": "courrier",
        },
    )
    assert "Indiquez l&#x27;adresse où vous écrire." in texte_de(par_courrier)


def test_anonymity_cannot_be_forged_where_a_name_is_needed(client, ville, remplir):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="contact")
    base = remplir(
        client,
        coordonnees={"vous-nom": "Martin", "vous-prenom": "Jeanne", "vous-telephone": "0639981234"},
    )
    brouillon = brouillon_de(base)
    brouillon.saisie["coordonnees"] = {"anonyme": True}
    brouillon.save()

    assert client.post(f"{base}recapitulatif/").url == f"{base}coordonnees/"
    assert not Demande.objects.exists()


def test_anonymity_forgets_what_was_typed(client, ville, commencer):
    base = commencer(client)

    client.post(
        f"{base}coordonnees/", {"vous-anonyme": "oui", "vous-nom": "Martin", "vous-courriel": "pas bon"}
    )

    assert brouillon_de(base).saisie["coordonnees"] == {"anonyme": True}


def test_an_account_type_goes_through_the_door_and_back(client, ville, usager, commencer):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="compte")

    reponse = client.post("/deposer/VOI-TROU/")
    suite = f"/deposer/VOI-TROU/{Brouillon.objects.get().jeton}/demande/"
    assert reponse.url == f"/connexion/?next={suite}"
    client.force_login(usager.compte, backend="guichet.organisation.portes.PorteBackend")
    client.post(suite, REPONSES["demande"])

    assert Brouillon.objects.get().compte == usager.compte


def test_without_an_account_the_other_pages_lead_to_the_door(client, ville, usager):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="compte")
    client.post("/deposer/VOI-TROU/")
    base = f"/deposer/VOI-TROU/{Brouillon.objects.get().jeton}/"

    assert client.post(f"{base}demande/", REPONSES["demande"]).url == f"{base}lieu/"
    assert client.get(f"{base}lieu/").url == f"/connexion/?next={base}lieu/"
    assert brouillon_de(base).saisie["demande"]["texte"] == TEXTE


def test_an_account_holder_is_not_asked_who_they_are(connecte, usager, ville, commencer):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="compte")
    base = commencer(connecte)
    for page in ("demande", "lieu", "pieces"):
        connecte.post(f"{base}{page}/", REPONSES[page])

    page = texte_de(connecte.get(f"{base}recapitulatif/"))
    assert "Élodie Garnier" in page
    assert "Étape 4 sur 4" in page
    connecte.post(f"{base}recapitulatif/")
    assert Demande.objects.get().usager == usager


def test_an_account_holder_may_stay_anonymous(connecte, usager, ville, remplir):
    base = remplir(connecte)
    connecte.post(f"{base}recapitulatif/")

    demande = Demande.objects.get()
    assert demande.usager is None
    assert demande.messages.get().auteur_usager is None
    assert demande.journal.filter(compte__isnull=False).count() == 0


def test_identity_is_proved_once_at_a_desk(connecte, usager, ville, commencer):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="identite_verifiee")
    base = commencer(connecte)
    for page in ("demande", "lieu", "pieces"):
        connecte.post(f"{base}{page}/", REPONSES[page])

    page = texte_de(connecte.get(f"{base}coordonnees/"))
    assert "Votre identité doit être vérifiée" in page
    assert "elodie.garnier@courriel.example" in page
    assert "Par téléphone au 04 65 71 00 00." in page
    assert connecte.post(f"{base}recapitulatif/").url == f"{base}coordonnees/"
    assert not Demande.objects.exists()

    usager.identite_verifiee_le = timezone.now()
    usager.identite_verifiee_par = ville.agent_accueil
    usager.save()
    assert connecte.post(f"{base}recapitulatif/").url == f"{base}recu/"


def test_answers_may_call_for_a_stronger_access(client, ville, usager, commencer):
    conditions = [{"si": {"champ": "nature", "vaut": "bordure"}, "acces": "identite_verifiee"}]
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces_conditionnels=conditions)
    base = commencer(client)

    client.post(f"{base}demande/", {"recit-texte": TEXTE, "q-nature": "bordure"})

    assert client.get(f"{base}lieu/").url == f"/connexion/?next={base}lieu/"


def test_a_business_gives_its_name_and_number(client, ville, remplir):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(acces="entreprise")
    base = remplir(
        client,
        coordonnees={
            "vous-raison_sociale": "Boulangerie du Port",
            "vous-siret": "732 829 320 00074",
            "vous-nom": "Roux",
            "vous-prenom": "Yanis",
            "vous-courriel": "boulangerie@courriel.example",
        },
    )
    assert "Boulangerie du Port" in texte_de(client.get(f"{base}recapitulatif/"))
    client.post(f"{base}recapitulatif/")

    usager = Demande.objects.get().usager
    assert (usager.genre, usager.siret) == ("entreprise", "73282932000074")


# -- drafts


def test_a_draft_is_found_again_by_its_link_from_another_device(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}demande/", REPONSES["demande"])

    assert TEXTE.replace("'", "&#x27;") in texte_de(Client().get(f"{base}demande/"))


def test_a_draft_dies_after_thirty_days(client, ville, commencer):
    base = commencer(client)
    Brouillon.objects.update(modifie_le=timezone.now() - timedelta(days=31))

    assert client.get(f"{base}demande/").status_code == 404


def test_an_accounts_draft_needs_that_account(connecte, client, ville, commencer):
    base = commencer(connecte)
    connecte.post(f"{base}demande/", REPONSES["demande"])

    anonyme = client.get(f"{base}demande/")
    assert anonyme.url == f"/connexion/?next={base}demande/"
    autre = factories.creer_usager("Paul", "Durand")
    client.force_login(
        factories.creer_compte_usager(autre), backend="guichet.organisation.portes.PorteBackend"
    )
    assert client.get(f"{base}demande/").status_code == 404
    assert client.post(f"{base}recapitulatif/").status_code == 404


def test_an_expired_session_loses_nothing_typed(connecte, client, ville, commencer):
    base = commencer(connecte)

    reponse = client.post(f"{base}demande/", REPONSES["demande"])

    assert reponse.url == f"/connexion/?next={base}lieu/"
    assert brouillon_de(base).saisie["demande"]["texte"] == TEXTE


def test_an_expired_session_shows_nothing_of_the_draft(connecte, client, ville, commencer):
    base = commencer(connecte)
    connecte.post(f"{base}demande/", REPONSES["demande"])

    reponse = client.post(f"{base}demande/", {"recit-texte": "", "q-nature": "trou"})

    assert reponse.status_code == 422
    assert TEXTE[:20] not in texte_de(reponse)
    assert client.post(f"{base}recapitulatif/").status_code == 302
    assert not Demande.objects.exists()


def test_a_draft_can_be_thrown_away_with_its_files(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}pieces/", {"pieces-photo": [photo()], "ajouter": "oui"})

    client.post(f"{base}abandonner/")

    assert not Brouillon.objects.exists()
    assert not Piece.objects.exists()


def test_a_draft_keeps_the_form_it_began_with(client, ville, remplir):
    base = remplir(client)
    version = ville.type_voirie.formulaire
    type(version).objects.create(type=ville.type_voirie, numero=2, champs=[])

    client.post(f"{base}recapitulatif/")

    assert Demande.objects.get().formulaire == version


def test_pages_of_a_deposit_are_private(client, ville, remplir):
    base = remplir(client)
    reponse = client.get(f"{base}recapitulatif/")

    assert reponse.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert reponse.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in reponse.headers["Cache-Control"]


def test_too_many_deposits_from_one_address_get_a_sentence(client, ville):
    for _ in range(60):
        client.post("/deposer/VOI-TROU/")

    reponse = client.post("/deposer/VOI-TROU/")

    assert reponse.status_code == 429
    assert "Un peu de patience" in texte_de(reponse)
    assert Brouillon.objects.count() == 60
