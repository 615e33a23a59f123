"""Following a demande: what each proof shows, what each lets do."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from demandes import actions, suivi, vitrine
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Lien
from guichet.envois.models import Envoi
from guichet.pieces.models import Piece
from tests import factories
from tests.portal.conftest import photo, texte_de

REPONSE = "Le trou est rebouché."


def lien(demande: Demande) -> str:
    return suivi.chemin_de_suivi(demande)


def relire(demande: Demande) -> Demande:
    return Demande.objects.get(pk=demande.pk)


def ouvrir_par_code(client: Client, demande: Demande) -> str:
    reponse = client.post("/suivi/", {"numero": demande.numero, "code": demande.code_suivi})
    assert reponse.url == f"/suivi/{demande.numero}/"
    return reponse.url


# -- by number and code (fiabilite.md S13)


def test_number_and_code_are_forgiving(client, ville):
    demande = factories.deposer(ville)
    code = demande.code_suivi
    ecrit = f"{code[:4].lower()} {code[4:].lower()}"

    reponse = client.post("/suivi/", {"numero": f" {demande.numero[:5]} {demande.numero[5:]}", "code": ecrit})

    assert reponse.url == f"/suivi/{demande.numero}/"


def test_an_unknown_number_and_a_wrong_code_read_the_same(client, ville):
    demande = factories.deposer(ville)

    faux_code = client.post("/suivi/", {"numero": demande.numero, "code": "BBBBBBBB"})
    inconnu = client.post("/suivi/", {"numero": "2026-9999999", "code": "BBBBBBBB"})

    assert faux_code.status_code == inconnu.status_code == 422
    meme = texte_de(faux_code).replace(demande.numero, "N")
    assert sans_jeton(meme) == sans_jeton(texte_de(inconnu).replace("2026-9999999", "N"))
    assert "ne vont pas ensemble" in meme


def sans_jeton(page: str) -> str:
    """The page without its CSRF tokens, which change at every answer."""
    morceaux = page.split("csrf")
    return "csrf".join([morceaux[0], *(morceau.partition(">")[2] for morceau in morceaux[1:])])


def test_ten_tries_on_one_number_then_a_page_that_says_to_wait(client, ville):
    demande = factories.deposer(ville)
    for _ in range(10):
        assert client.post("/suivi/", {"numero": demande.numero, "code": "BBBBBBBB"}).status_code == 422

    bon = {"numero": demande.numero, "code": demande.code_suivi}
    reponse = client.post("/suivi/", bon)

    assert reponse.status_code == 429
    assert int(reponse.headers["Retry-After"]) > 0
    assert "Trop d&#x27;essais" in texte_de(reponse)


@pytest.mark.parametrize("valeur", ["\0", "' OR 1=1", "a" * 10_000, "2026-0000001\u202e"])
def test_hostile_numbers_get_a_sentence(client, ville, valeur):
    assert client.post("/suivi/", {"numero": valeur, "code": valeur}).status_code == 422


def test_the_code_alone_shows_the_state_and_no_personal_data(client, ville):
    usager = factories.creer_usager("Marie-Antoinette", "de La Rochefoucauld-Montbel")
    demande = factories.demande_dans(Etat.TRAITEE, ville, usager=usager, objet="Trou devant chez Marie")
    page = texte_de(client.get(ouvrir_par_code(client, demande)))

    assert "Réponse apportée" in page
    for secret in (
        "Rochefoucauld",
        usager.courriel,
        "vingt centimètres",
        REPONSE,
        "rue des Tisserands",
        demande.jeton_suivi,
        "chez Marie",
    ):
        assert secret not in page
    assert "Recevoir le lien par courriel" in page


def test_an_anonymous_person_reads_the_answer_with_the_code(client, ville):
    demande = factories.demande_dans(Etat.TRAITEE, ville, est_anonyme=True)

    page = texte_de(client.get(ouvrir_par_code(client, demande)))

    assert REPONSE in page
    assert "vingt centimètres" not in page


def test_in_a_walled_secteur_the_code_shows_no_answer(client, ville):
    demande = factories.demande_dans(Etat.TRAITEE, ville, est_anonyme=True, type=ville.type_social)

    page = texte_de(client.get(ouvrir_par_code(client, demande)))

    assert REPONSE not in page
    assert "Aide financière" not in page


def test_the_code_lets_add_and_nothing_else(client, ville):
    demande = factories.deposer(ville)
    adresse = ouvrir_par_code(client, demande)

    client.post(adresse, {"geste": "ecrire_a_la_ville", "texte": "Il s'est encore élargi."})
    assert relire(demande).a_message_non_lu
    client.post(adresse, {"geste": "annuler", "version": relire(demande).version})

    assert relire(demande).etat == Etat.NOUVELLE


def test_a_message_sent_again_is_written_once_and_other_words_are_another(client, ville):
    """« Envoyer », then « back » and « Envoyer » again: the same page, so the same key."""
    demande = factories.deposer(ville)
    formulaire = client.get(lien(demande)).context["message_ville"]
    envoi = {"geste": "ecrire_a_la_ville", "cle": formulaire["cle"].value(), "texte": "Voici."}

    for texte in ("Voici.", "Voici.", "Et la suite."):
        reponse = client.post(lien(demande), envoi | {"texte": texte, "fichiers": [photo()]})
        assert reponse.url == lien(demande)

    assert list(demande.messages.values_list("corps", flat=True))[1:] == ["Voici.", "Et la suite."]
    assert Piece.objects.count() == 2
    assert client.get(lien(demande)).context["message_ville"]["cle"].value() != envoi["cle"]


def test_the_code_page_is_closed_without_the_code(client, ville):
    demande = factories.deposer(ville)

    assert client.get(f"/suivi/{demande.numero}/").url == "/suivi/"
    assert (
        client.post(f"/suivi/{demande.numero}/", {"geste": "ecrire_a_la_ville", "texte": "x"}).url
        == "/suivi/"
    )
    assert client.post(f"/suivi/{demande.numero}/lien/").url == "/suivi/"
    assert not Envoi.objects.filter(objet__startswith="Le lien").exists()
    assert demande.messages.count() == 1


def test_the_link_is_mailed_once_an_hour_to_the_known_address_only(client, ville):
    usager = factories.creer_usager(courriel="jeanne@courriel.example")
    demande = factories.deposer(ville, usager=usager)
    adresse = ouvrir_par_code(client, demande)

    for _ in range(3):
        page = texte_de(client.post(f"{adresse}lien/", follow=True))
        assert "Si vous avez laissé une adresse électronique" in page

    envoi = Envoi.objects.get(objet__startswith="Le lien")
    assert envoi.destinataire == "jeanne@courriel.example"
    assert lien(demande) in envoi.corps


def test_without_a_known_address_the_answer_is_the_same(client, ville):
    demande = factories.deposer(ville, usager=factories.creer_usager(courriel="", telephone="0639981234"))
    adresse = ouvrir_par_code(client, demande)

    page = texte_de(client.post(f"{adresse}lien/", follow=True))

    assert "Si vous avez laissé une adresse électronique" in page
    assert not Envoi.objects.filter(objet__startswith="Le lien").exists()


# -- by the link


def test_the_link_shows_everything_said_in_public_and_no_note(client, ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    auteur = Auteur.agent(ville.agent_voirie)
    demande = actions.ajouter_une_note(demande, auteur=auteur, texte="Voisin pénible")
    actions.ecrire_a_l_usager(demande, auteur=auteur, texte="Nous venons jeudi.")

    page = texte_de(client.get(lien(demande)))

    assert "vingt centimètres" in page
    assert "Nous venons jeudi." in page
    assert "Karim Belkacem" in page
    assert "Voisin pénible" not in page
    assert "En cours de traitement" in page


def test_the_link_page_is_private(client, ville):
    reponse = client.get(lien(factories.deposer(ville)))

    assert reponse.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert reponse.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in reponse.headers["Cache-Control"]


def test_a_wrong_link_and_an_unknown_number_are_the_same_404(client, ville):
    demande, autre = factories.deposer(ville), factories.deposer(ville)

    for chemin in (
        f"/suivi/{demande.numero}/{autre.jeton_suivi}/",
        f"/suivi/2026-9999999/{demande.jeton_suivi}/",
        f"/suivi/{demande.numero}/{demande.jeton_suivi[:-1]}/",
        f"/suivi/{demande.numero}/{autre.jeton_suivi}/accuse.pdf",
    ):
        assert client.get(chemin).status_code == 404


def test_files_open_for_who_holds_the_link_only(client, ville):
    demande = factories.deposer(ville)
    client.post(lien(demande), {"geste": "ecrire_a_la_ville", "texte": "Voici", "fichiers": [photo()]})
    piece = Piece.objects.get()

    reponse = client.get(piece.get_absolute_url())
    assert reponse.status_code == 200
    assert "attachment" in reponse.headers["Content-Disposition"]
    assert b"".join(reponse.streaming_content).startswith(b"\xff\xd8")
    assert Client().get(piece.get_absolute_url()).status_code == 404


# -- gestures


def test_the_complement_is_answered_with_words_and_files(client, ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    page = texte_de(client.get(lien(demande)))
    assert "Nous avons besoin de vous" in page
    assert page.index("Photo du trou") < page.index("Échanges")

    client.post(
        lien(demande),
        {"geste": "recevoir_complement", "version": demande.version, "texte": "", "fichiers": [photo()]},
    )

    demande = relire(demande)
    assert demande.etat == Etat.PRISE_EN_CHARGE
    assert Piece.objects.get().proprietaire_id == demande.messages.last().pk
    assert demande.journal.last().auteur == "usager"


def test_an_empty_complement_is_refused_with_a_sentence(client, ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)

    reponse = client.post(lien(demande), {"geste": "recevoir_complement", "version": demande.version})

    assert reponse.status_code == 422
    assert "Ajoutez au moins un document ou une information." in texte_de(reponse)
    assert relire(demande).etat == Etat.ATTENTE_USAGER


def test_a_refused_file_keeps_the_words_and_nothing_else(client, ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    reponse = client.post(
        lien(demande),
        {
            "geste": "recevoir_complement",
            "version": demande.version,
            "texte": "Voici la photo demandée",
            "fichiers": [photo(), SimpleUploadedFile("faux.pdf", b"pas un PDF, \x00\x01\x02")],
        },
    )

    assert reponse.status_code == 422
    assert "Voici la photo demandée" in texte_de(reponse)
    assert not Piece.objects.exists()


def test_a_stale_page_gets_a_conflict_that_keeps_the_text(client, ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    ancienne = demande.version
    actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_voirie), texte="Un mot de plus.")

    reponse = client.post(
        lien(demande), {"geste": "recevoir_complement", "version": ancienne, "texte": "Ma longue réponse"}
    )

    assert reponse.status_code == 409
    page = texte_de(reponse)
    assert "Votre demande a avancé" in page
    assert "Ma longue réponse" in page
    assert "Karim Belkacem vient de" not in page
    version = relire(demande).version
    assert f'name="version" value="{version}"' in page
    encore = client.post(
        lien(demande), {"geste": "recevoir_complement", "version": version, "texte": "Ma longue réponse"}
    )
    assert encore.status_code == 302
    assert relire(demande).etat == Etat.PRISE_EN_CHARGE


def test_cancelling_before_anyone_took_it(client, ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    assert "Annuler ma demande" in texte_de(client.get(lien(demande)))

    client.post(lien(demande), {"geste": "annuler", "version": demande.version})

    demande = relire(demande)
    assert (demande.etat, demande.motif) == (Etat.ANNULEE, "usager")


def test_no_cancelling_once_somebody_works_on_it(client, ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    assert "Annuler ma demande" not in texte_de(client.get(lien(demande)))

    client.post(lien(demande), {"geste": "annuler", "version": demande.version})

    assert relire(demande).etat == Etat.PRISE_EN_CHARGE
    assert not demande.journal.filter(geste="annuler").exists()


def test_the_resident_says_it_is_settled(client, ville):
    demande = factories.demande_dans(Etat.TRAITEE, ville)
    page = texte_de(client.get(lien(demande)))
    assert "Oui, c'est réglé" in page
    assert REPONSE in page

    client.post(lien(demande), {"geste": "clore", "version": demande.version})

    assert relire(demande).etat == Etat.CLOSE


def test_the_resident_reopens_with_a_reason(client, ville):
    demande = factories.demande_dans(Etat.CLOSE, ville)

    sans_motif = client.post(lien(demande), {"geste": "rouvrir", "version": demande.version})
    assert sans_motif.status_code == 422
    assert "Choisissez une raison." in texte_de(sans_motif)
    a_expliquer = {"geste": "rouvrir", "version": demande.version, "motif": "desaccord"}
    assert "demande une explication" in texte_de(client.post(lien(demande), a_expliquer))

    client.post(
        lien(demande),
        {
            "geste": "rouvrir",
            "version": demande.version,
            "motif": "reapparu",
            "commentaire": "Il est revenu.",
        },
    )
    demande = relire(demande)
    assert (demande.etat, demande.compteur_reouvertures) == (Etat.ORIENTEE, 1)


def test_no_reopening_after_thirty_days(client, ville):
    demande = factories.demande_dans(Etat.CLOSE, ville)
    il_y_a_longtemps = timezone.now() - timedelta(days=31)
    Demande.objects.filter(pk=demande.pk).update(close_le=il_y_a_longtemps)

    assert "rouvrir" not in texte_de(client.get(lien(demande)))
    client.post(lien(demande), {"geste": "rouvrir", "motif": "reapparu"})

    assert relire(demande).etat == Etat.CLOSE


def test_what_cannot_be_reopened_has_a_following_demande_linked_both_ways(client, ville, remplir):
    demande = factories.demande_dans(Etat.CLOSE, ville)
    assert client.get(lien(demande)).context["suite"] == ""
    Demande.objects.filter(pk=demande.pk).update(close_le=timezone.now() - timedelta(days=31))
    page = client.get(lien(demande))
    assert "Faire une nouvelle demande sur ce sujet" in page.content.decode()

    base = remplir(client, suite=page.context["suite"])
    assert f"liée à votre demande {demande.numero}" in texte_de(client.get(f"{base}demande/"))
    client.post(f"{base}recapitulatif/")

    nouvelle = Demande.objects.latest("pk")
    assert nouvelle.pk != demande.pk
    liens = Lien.objects.values_list("demande", "autre", "nature")
    assert set(liens) == {(nouvelle.pk, demande.pk, "suite"), (demande.pk, nouvelle.pk, "suivie")}
    assert nouvelle.journal.latest("rang").details == {"autre": demande.numero, "nature": "suite"}


@pytest.mark.parametrize("suite", ["", "1", "forgée", "a:b:c"])
def test_a_forged_mark_links_nothing(client, ville, remplir, suite):
    factories.demande_dans(Etat.CLOSE, ville)

    client.post(f"{remplir(client, suite=suite)}recapitulatif/")

    assert Demande.objects.count() == 2
    assert not Lien.objects.exists()


def test_the_code_of_a_walled_demande_does_not_name_its_demarche(client, ville):
    demande = factories.demande_dans(Etat.CLOSE, ville, type=ville.type_social)
    Demande.objects.filter(pk=demande.pk).update(close_le=timezone.now() - timedelta(days=31))

    page = client.get(ouvrir_par_code(client, demande)).content.decode()

    assert ville.type_social.code not in page


@pytest.mark.parametrize("geste", ["rejeter", "prendre_en_charge", "_arreter", "save", "", "\0"])
def test_a_forged_gesture_changes_nothing(client, ville, geste):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    lignes = demande.journal.count()

    reponse = client.post(lien(demande), {"geste": geste, "texte": "x", "motif": "irrecevable"})

    assert reponse.status_code == 302
    assert relire(demande).version == demande.version
    assert demande.journal.count() == lignes


def test_a_grouped_demande_tells_the_main_ones_state_and_nobodys_words(client, ville):
    demande = factories.demande_dans(Etat.FUSIONNEE, ville)
    principale = demande.principale
    actions.ecrire_a_l_usager(principale, auteur=Auteur.agent(ville.agent_voirie), texte="Bonjour Paul.")

    page = texte_de(client.get(lien(demande)))

    assert "En cours de traitement" in page
    assert "Bonjour Paul." not in page
    assert str(principale.usager) == str(demande.usager) or str(principale.usager) not in page
    assert principale.jeton_suivi not in page
    assert "ecrire_a_la_ville" not in page


def test_the_page_tells_how_long_such_demandes_take(client, ville):
    for _ in range(4):
        factories.demande_dans(Etat.TRAITEE, ville)
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    assert "La moitié des demandes" not in texte_de(client.get(lien(demande)))

    factories.demande_dans(Etat.TRAITEE, ville)
    vitrine.oublier()

    assert "ont leur réponse en 1 jour ou moins." in texte_de(client.get(lien(demande)))


def test_a_late_demande_says_so(client, ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    Demande.objects.filter(pk=demande.pk).update(echeance_service=timezone.now() - timedelta(days=1))

    assert "Nous avons du retard" in texte_de(client.get(lien(demande)))


# -- the receipt


def test_the_receipt_is_a_tagged_pdf(client, ville):
    demande = factories.deposer(ville, objet="Trou #set page(fill: red) $x$ *gras*")

    reponse = client.get(f"{lien(demande)}accuse.pdf")

    assert reponse.headers["Content-Type"] == "application/pdf"
    assert reponse.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in reponse.content
    assert f'filename="accuse-{demande.numero}.pdf"' in reponse.headers["Content-Disposition"]
