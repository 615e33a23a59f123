"""Who files: anonymous, with a contact, an account, a proved identity, a business; and whose draft it is."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from demandes.models import Brouillon, Demande
from guichet.pieces.models import Piece
from tests import factories
from tests.portal.conftest import REPONSES, TEXTE, brouillon_de, photo, texte_de

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


def test_what_somebody_known_types_anew_is_told_to_agents_and_changes_no_card(client, ville, remplir):
    lucie = factories.creer_usager("Lucie", "Perrin", courriel="lucie@courriel.example")
    dit = {"prenom": "Lucie", "nom": "Perrin", "courriel": "lucie@courriel.example"}
    dit |= {"telephone": "06 39 98 00 15", "canal_prefere": "telephone", "anonyme": "non"}
    base = remplir(client, coordonnees={f"vous-{nom}": valeur for nom, valeur in dit.items()})

    client.post(f"{base}recapitulatif/")

    demande = Demande.objects.get()
    assert (demande.usager, demande.usager.telephone, demande.usager.canal_prefere) == (lucie, "", "")
    assert demande.provenance.reponse_souhaitee == "telephone"
    assert "06 39 98 00 15" in demande.messages.get(sens="interne").corps


def test_an_sms_is_offered_where_the_city_sends_some_and_wants_a_mobile(client, ville, commencer, settings):
    base = commencer(client)
    dit = {"vous-prenom": "Lucie", "vous-nom": "Perrin", "vous-telephone": "04 65 71 12 34"}
    dit |= {"vous-canal_prefere": "sms"}
    assert "Par SMS" not in texte_de(client.get(f"{base}coordonnees/"))

    settings.GUICHET_SMS = "dossier"

    assert "Par SMS" in texte_de(client.get(f"{base}coordonnees/"))
    reponse = client.post(f"{base}coordonnees/", dit)
    assert reponse.status_code == 422
    assert "arrive que sur un mobile" in texte_de(reponse)
