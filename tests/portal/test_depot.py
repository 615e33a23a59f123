"""Filing a demande on the web, from the start page to the receipt."""

import pytest

from demandes import brouillons
from demandes.models import Brouillon, Demande, EntreeJournal, Message
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from tests.portal.conftest import REPONSES, TEXTE, brouillon_de, photo, texte_de

# -- before starting


def test_the_start_page_says_what_to_know_first(client, ville):
    ville.type_voirie.urgence_consigne = "Route effondrée : appelez le 18."
    ville.type_voirie.save()

    page = texte_de(client.get("/deposer/VOI-TROU/"))

    assert page.index("Route effondrée") < page.index("Commencer")
    assert '<a class="secours__numero" href="tel:18"><strong>18</strong> <span>Pompiers</span></a>' in page
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


def test_r15_going_back_after_sending_leads_to_the_receipt(client, ville, remplir):
    base = remplir(client)
    client.post(f"{base}recapitulatif/")

    for page in ("demande", "lieu", "pieces", "coordonnees", "recapitulatif"):
        assert client.get(f"{base}{page}/").url == f"{base}recu/"
        assert client.post(f"{base}{page}/", REPONSES.get(page, {})).url == f"{base}recu/"
    assert Demande.objects.count() == 1
    assert EntreeJournal.objects.filter(geste="enregistrer").count() == 1


def test_r15_the_second_tab_of_a_form_sends_nothing_more(client, ville, remplir):
    base = remplir(client)
    onglets = [client.get(f"{base}recapitulatif/") for _ in range(2)]
    assert [onglet.status_code for onglet in onglets] == [200, 200]

    envois = [client.post(f"{base}recapitulatif/") for _ in onglets]

    assert [envoi.url for envoi in envois] == [f"{base}recu/"] * 2
    assert Demande.objects.get().messages.filter(sens="entrant").count() == 1
    assert EntreeJournal.objects.filter(geste="enregistrer").count() == 1


def test_two_tabs_keep_each_others_pages(client, ville, commencer):
    base = commencer(client)
    client.post(f"{base}demande/", REPONSES["demande"])
    client.post(f"{base}lieu/", REPONSES["lieu"])
    client.post(f"{base}demande/", {"recit-texte": "Autre texte", "q-nature": "bordure"})

    saisie = brouillon_de(base).saisie
    assert saisie["demande"]["texte"] == "Autre texte"
    assert saisie["lieu"]["adresse"].startswith("12 rue")


def test_what_another_tab_wrote_since_the_draft_was_read_is_what_is_sent(client, ville, remplir):
    lu = brouillon_de(remplir(client))
    brouillons.noter(lu, "demande", lu.saisie["demande"] | {"texte": "Le trou s'est agrandi."})

    demande = brouillons.envoyer(lu, usager=None)

    assert demande == Demande.objects.get()
    assert demande.messages.get(sens="entrant").corps.startswith("Le trou s'est agrandi.")
    vide = Brouillon.objects.get(pk=lu.pk)
    assert (vide.demande_id, vide.saisie) == (demande.pk, {})


def test_a_draft_sent_since_it_was_read_gives_the_demande_it_made(client, ville, remplir):
    base = remplir(client)
    lu = brouillon_de(base)
    client.post(f"{base}recapitulatif/")
    faite = Demande.objects.get()

    # Found by its key; and, when that one had not landed yet, by the draft held behind it.
    assert brouillons.envoyer(lu, usager=None) == faite
    Demande.objects.update(cle_depot=None)
    assert brouillons.envoyer(lu, usager=None) == faite
    assert Demande.objects.count() == EntreeJournal.objects.filter(geste="enregistrer").count() == 1


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
