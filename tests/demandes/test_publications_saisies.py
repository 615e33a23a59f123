"""An agent copies a post by its link: one demande, public or private, answered by somebody's hand."""

import hashlib
import json
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from demandes import actions, reseaux
from demandes.actions import avis
from demandes.droits import Auteur
from demandes.models import Demande, EntreeJournal, Message, Publication, Reception, Remise
from demandes.moyens import Moyen, moyen_de
from guichet.canaux.canal import Canal
from guichet.pieces.depot import deposer
from guichet.socle.erreurs import DonneeInvalide, Refus
from tests import factories
from tests.demandes.gestes import relire, session, url
from tests.demandes.test_facebook import commentaire
from tests.demandes.test_x import publie
from tests.mastodon import FauxMastodon
from usagers.models import Usager

SAISIE, A_REMETTRE = "/agent/saisie/", reverse("agent_a_remettre")
LIEN = "https://www.instagram.com/p/trou/"


def publication(ville, **champs) -> dict:
    return {
        "cle": uuid.uuid4().hex,
        "canal": "reseau",
        "issue": "enregistrer",
        "point_accueil": ville.accueil.pk,
        "lien": LIEN,
        "portee": "publique",
        "compte": "@awa",
        "texte": "Un trou rue des Tisserands, personne ne vient !",
    } | champs


def saisir(ville, **champs):
    return session(ville.agent_accueil).post(SAISIE, publication(ville, **champs))


def erreurs(reponse) -> dict:
    return dict(reponse.context["saisie"].form.errors)


def test_a_post_is_a_demande_with_its_link_its_author_and_who_reads_it(ville):
    saisir(ville)

    demande = Demande.objects.get()
    assert (demande.canal, demande.usager.nom) == ("reseau", "@awa")
    assert demande.provenance.lien == LIEN
    recue = demande.publications.get()
    assert (recue.portee, recue.lien, recue.profil.adresse) == ("publique", LIEN, "@awa")
    assert (recue.saisie_par, recue.message.corps) == (
        ville.agent_accueil,
        "Un trou rue des Tisserands, personne ne vient !",
    )
    page = session(ville.agent_accueil).get(reverse("agent_demande", args=[demande.numero])).content.decode()
    assert "Autre réseau" in page
    assert "recopiée par" in page
    assert f'href="{LIEN}"' in page


@pytest.mark.parametrize(
    ("lien", "choisi", "retenu"),
    [
        ("https://x.com/awa/status/12", "reseau", "x"),
        ("https://www.facebook.com/ville/posts/12", "x", "facebook"),
        ("https://social.example/@awa/12", "reseau", "mastodon"),
        ("https://forum.example/sujet/12", "facebook", "reseau"),
    ],
)
def test_the_link_says_the_network_whatever_was_chosen(ville, lien, choisi, retenu):
    saisir(ville, lien=lien, canal=choisi)
    assert (Demande.objects.get().canal, Publication.objects.get().canal) == (retenu, retenu)


@pytest.mark.parametrize(
    ("champs", "dits"),
    [
        ({"lien": ""}, {"lien": ["Collez le lien de la publication : la réponse s'y écrira."]}),
        (
            {"lien": "javascript:alert(1)"},
            {"lien": ["Collez l'adresse complète de la publication, qui commence par https://."]},
        ),
        ({"compte": ""}, {"compte": ["Écrivez le nom de l'auteur, comme le réseau l'affiche."]}),
    ],
    ids=["sans lien", "pas un lien", "sans auteur"],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(ville, champs, dits):
    reponse = saisir(ville, **champs)
    assert reponse.status_code == 422
    assert erreurs(reponse) == dits
    assert "personne ne vient !" in reponse.content.decode()
    assert not Demande.objects.exists()


def test_a_private_message_has_no_link_and_its_answer_is_private(ville):
    saisir(ville, lien="", portee="privee", canal="x")
    demande = Demande.objects.get()
    assert demande.publications.get().portee == "privee"
    with pytest.raises(DonneeInvalide, match="plus publiquement"):
        actions.rediger_une_publication(
            demande, auteur=Auteur.agent(ville.agent_accueil), texte="Merci", portee="publique"
        )


def test_a_post_copied_twice_leads_to_its_demande(ville):
    saisir(ville)
    demande = Demande.objects.get()

    reponse = saisir(ville, lien="https://instagram.com/p/trou?igsh=abc")

    assert reponse.status_code == 422
    lien = f'<a href="{reverse("agent_demande", args=[demande.numero])}">demande {demande.numero}</a>'
    assert f"Cette publication est déjà enregistrée : {lien}." in reponse.content.decode()
    assert Demande.objects.count() == 1


def test_one_account_is_one_person_but_a_shared_name_is_not(ville):
    saisir(ville, canal="x", lien="https://x.com/awa/status/1")
    saisir(ville, canal="x", lien="https://x.com/awa/status/2", compte="@Awa")
    assert Usager.objects.filter(demandes__isnull=False).distinct().count() == 1
    for rang in (1, 2):
        saisir(ville, lien=f"https://www.facebook.com/ville/posts/{rang}", compte="Marie Martin")
    assert Usager.objects.filter(nom="Marie Martin").count() == 2


def test_a_known_person_chosen_by_the_agent_keeps_their_file(ville):
    lucie = factories.creer_usager("Lucie", "Perrin", courriel="lucie@courriel.example")
    saisir(ville, usager=lucie.pk)
    demande = Demande.objects.get()
    assert (demande.usager, demande.publications.get().profil.usager) == (lucie, lucie)
    # What can leave by itself does.
    assert moyen_de(demande) == Moyen(Canal.COURRIEL, "lucie@courriel.example")


def test_a_public_answer_is_read_again_then_waits_to_be_published_by_hand(ville):
    saisir(ville)
    demande = Demande.objects.get()
    auteur, chef = Auteur.agent(ville.agent_accueil), Auteur.agent(ville.responsable_accueil)
    actions.rediger_une_publication(demande, auteur=auteur, texte="Merci, nous venons jeudi.")
    with pytest.raises(Refus):
        actions.publier(relire(demande), auteur=auteur)
    assert not Remise.objects.exists()

    actions.publier(relire(demande), auteur=chef)

    page = session(ville.agent_accueil).get(A_REMETTRE).content.decode()
    assert "à publier vous-même sur le réseau, en réponse à @awa" in page
    assert f'href="{LIEN}"' in page
    assert "readonly>Merci, nous venons jeudi.</textarea>" in page
    assert "Imprimer la lettre" not in page

    notre = Publication.objects.get(etat=Publication.Etat.A_PUBLIER)
    donnees = {
        "version": relire(demande).version,
        "message": notre.message_id,
        "remise_le": timezone.localdate().isoformat(),
        "suite": A_REMETTRE,
    }
    fait = session(ville.agent_accueil).post(url(demande, "marquer_remise"), donnees)

    assert fait["Location"] == A_REMETTRE
    notre = Publication.objects.get(pk=notre.pk)
    assert (notre.etat, notre.texte) == (Publication.Etat.PUBLIEE, "")
    assert notre.publiee_le is not None
    assert "jeudi" not in session(ville.agent_accueil).get(A_REMETTRE).content.decode()
    gestes = EntreeJournal.objects.filter(demande=demande).order_by("rang").values_list("geste", flat=True)
    assert list(gestes)[-3:] == ["rediger_une_publication", "publier", "marquer_remise"]


def test_an_ordinary_answer_waits_to_be_sent_in_private_and_the_composer_says_so(ville):
    saisir(ville, canal="x", lien="https://x.com/awa/status/12")
    demande = Demande.objects.get()
    page = session(ville.agent_accueil).get(reverse("agent_demande", args=[demande.numero])).content.decode()
    assert "à envoyer vous-même en privé sur X, à @awa" in page
    assert "votre texte attendra dans « À remettre »" in page
    assert "Un document joint ne part pas sur X : la personne le trouvera derrière son lien de suivi." in page

    piece = deposer(factories.televerser("plan.jpg"))
    actions.ecrire_a_l_usager(
        demande, auteur=Auteur.agent(ville.agent_accueil), texte="Quelle rue ?", pieces=(piece,)
    )

    message = Message.objects.get(sens="sortant")
    assert (message.canal, message.destinataire, message.envoi) == ("x", "@awa", None)
    assert Remise.objects.get().message == message
    page = session(ville.agent_accueil).get(A_REMETTRE).content.decode()
    assert "à envoyer vous-même en message privé sur X, à @awa" in page
    assert f"Quelle rue ?\nUn document vous attend ici : {avis.lien_de_suivi(demande)}</textarea>" in page
    assert "C&#x27;est envoyé" in page


def test_rows_to_publish_cost_the_same_statements_one_or_five(ville):
    client = session(ville.agent_accueil)

    def une(rang: int) -> None:
        saisir(ville, lien=f"https://www.instagram.com/p/{rang}/", compte=f"@a{rang}")
        demande = Demande.objects.latest("pk")
        actions.ecrire_a_l_usager(demande, auteur=Auteur.agent(ville.agent_accueil), texte="Où ?")

    une(0)
    client.get(A_REMETTRE)
    with CaptureQueriesContext(connection) as une_ligne:
        client.get(A_REMETTRE)
    for rang in range(1, 5):
        une(rang)
    with CaptureQueriesContext(connection) as cinq_lignes:
        page = client.get(A_REMETTRE)
    assert len(page.context["lignes"]) == 5
    assert len(cinq_lignes) == len(une_ligne)


TEXTE = "Un trou rue des Tisserands, personne ne vient !"


def annoncer(canal: str, dit: dict) -> Demande:
    contenu = json.dumps(dit).encode()
    empreinte = hashlib.sha256(contenu).hexdigest()
    cle = str(Reception.objects.count())
    reception = Reception.objects.create(
        canal=canal, source=canal, cle_externe=cle, contenu=contenu, empreinte=empreinte
    )
    with transaction.atomic():
        return reseaux.traiter(reception).demande


def sur_facebook(texte: str = TEXTE, **champs) -> dict:
    entree = {"id": "100200300", "time": 1, "changes": [commentaire(texte, **champs)]}
    return {"object": "page", "entry": [entree]}


@pytest.mark.parametrize(
    ("canal", "lien", "identifiant"),
    [
        ("mastodon", "https://social.example/users/awa/statuses/101", "101"),
        # As the city's own server shows it.
        ("mastodon", "https://notre.example/@awa@social.example/101", "101"),
        ("x", "https://twitter.com/i/status/1850001?s=20", "1850001"),
        ("facebook", "https://www.facebook.com/ville/posts/pfbid02Ab?comment_id=2", "1_2"),
        ("facebook", "https://www.facebook.com/permalink.php?story_fbid=1&id=9&comment_id=2", "1_2"),
    ],
)
def test_a_post_its_network_tells_later_is_the_same_one(ville, settings, canal, lien, identifiant):
    settings.GUICHET_MASTODON_ADRESSE = "https://notre.example"
    dits = {
        "mastodon": lambda: FauxMastodon().mentionner(TEXTE),
        "x": lambda: {"for_user_id": "9", "tweet_create_events": [publie(TEXTE)]},
        "facebook": sur_facebook,
    }
    saisir(ville, lien=lien, compte="@awa", canal=canal)
    demande = Demande.objects.get()

    assert annoncer(canal, dits[canal]()) == demande

    recue = Publication.objects.get()
    assert (recue.identifiant, recue.saisie_par) == (identifiant, None)
    # Whose account it is, now that it is known: the person of the demande, who is answered there.
    assert recue.profil.usager == demande.usager
    assert demande.messages.count() == 1
    # And entered again, it leads there.
    saisir(ville, lien=lien, canal=canal)
    assert Demande.objects.count() == 1


def test_a_comment_whose_link_hides_its_number_waits_for_an_agent_who_says_it_is_the_same(ville, settings):
    settings.GUICHET_SECRETS = {"facebook": ("secret",)}
    lien = "https://www.facebook.com/ville/posts/pfbid02Ab"
    faite = session(ville.agent_accueil).post(
        SAISIE, publication(ville, lien=lien, compte="Awa Ndiaye", canal="facebook"), follow=True
    )
    assert "Ce lien ne dit pas le numéro de la publication." in faite.content.decode()
    saisie = Demande.objects.get()

    autre = annoncer("facebook", sur_facebook("Bravo pour le marché de Noël", comment_id="1_9"))
    dite = annoncer("facebook", sur_facebook(f"{TEXTE} "))

    assert autre.rapprochements.count() == 0
    attente = dite.rapprochements.get()
    assert (attente.raisons, list(attente.citees.all())) == (["publication"], [saisie])
    page = f"/agent/a-rapprocher/{dite.numero}/"
    accueil = session(ville.agent_accueil)
    assert "Peut-être la même publication" in accueil.get(page).content.decode()

    accueil.post(page, {"decision": "joindre", "principale": saisie.numero, "version": relire(dite).version})

    assert relire(dite).principale == saisie
    # Said once, and answered where it was said.
    assert [m.corps for m in saisie.messages.filter(sens="entrant")] == [TEXTE]
    recue = saisie.publications.get()
    assert (recue.identifiant, recue.saisie_par, recue.profil.usager) == ("1_2", None, saisie.usager)
    annoncer("facebook", sur_facebook("Un trou et une bosse", verbe="edited"))
    assert saisie.messages.filter(sens="entrant").count() == 2
