import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guichet.envois import livraison
from guichet.envois.models import Envoi
from guichet.organisation.models import Compte, Espace, Role
from guichet.organisation.models.comptes import ROLES_ACCUEIL, ROLES_DIRECTION
from tests.factories import creer_accueil, creer_agent, creer_direction

LISTE = "/agent/courriels/"


@pytest.fixture
def administratrice(client, db):
    client.force_login(creer_agent("Nour", "Benali", Role.ADMINISTRATEUR))
    return client


@pytest.fixture
def demo(settings):
    settings.GUICHET_DEMO = True


@pytest.fixture
def echec(deposer):
    envoi = deposer(destinataire="pas une adresse")
    livraison.balayer()
    return envoi


@pytest.mark.usefixtures("demo")
def test_the_demo_reads_its_mails(administratrice, deposer):
    envoi = deposer(
        objet="Objet <b>lisible</b>", corps="Bonjour <script>,\n\nhttps://ville.example/suivi/abc"
    )

    liste = administratrice.get(LISTE).content.decode()
    page = administratrice.get(reverse("courriel", args=[envoi.pk])).content.decode()

    assert "Messages de démonstration" in liste
    assert "Objet &lt;b&gt;lisible&lt;/b&gt;" in liste
    assert "ginette@boite.example" in liste
    assert "Bonjour &lt;script&gt;," in page
    assert 'href="https://ville.example/suivi/abc"' in page
    assert f"Message-ID: {envoi.message_id}" in page.replace("&lt;", "<").replace("&gt;", ">")


def test_a_message_says_by_which_channel_it_leaves(administratrice, deposer):
    courriel, texto = deposer(), deposer(canal="sms", destinataire="06 39 98 12 34")

    lignes = administratrice.get(LISTE).content.decode().split("<tr>")[2:]
    assert ["<span>SMS</span>" in ligne for ligne in lignes] == [True, False]
    assert ["<span>Courriel</span>" in ligne for ligne in lignes] == [False, True]
    for envoi, canal in ((courriel, "Courriel"), (texto, "SMS")):
        page = administratrice.get(reverse("courriel", args=[envoi.pk])).content.decode()
        assert f"<span>{canal}</span>" in page
        refus = administratrice.post(reverse("relancer_courriel", args=[envoi.pk]), follow=True)
        assert "Ce message n&#x27;est pas en échec" in refus.content.decode()


def test_elsewhere_only_the_delivery_is_shown(administratrice, deposer):
    envoi = deposer(objet="Objet secret", corps="Corps secret")

    pages = [
        administratrice.get(adresse).content.decode()
        for adresse in (LISTE, reverse("courriel", args=[envoi.pk]))
    ]

    for page in pages:
        assert "secret" not in page
        assert "ginette@boite.example" in page
        assert "démonstration" not in page.lower()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATEUR])
def test_no_other_role_sees_it(client, echec, role):
    lieu = None
    if role in ROLES_ACCUEIL:
        lieu = creer_accueil()
    elif role in (*ROLES_DIRECTION, Role.DIRECTEUR):
        lieu = creer_direction()
    client.force_login(creer_agent("Sam", "Durand", role, lieu))

    reponses = [
        client.get(LISTE),
        client.get(reverse("courriel", args=[echec.pk])),
        client.post(reverse("relancer_courriel", args=[echec.pk])),
    ]

    assert [reponse.status_code for reponse in reponses] == [404, 404, 404]
    assert Envoi.objects.get(pk=echec.pk).etat == "echec"


def test_a_resident_finds_nothing(client, echec):
    client.force_login(Compte.objects.creer(Espace.USAGER, "usager@boite.example"))

    assert client.get(LISTE).status_code == 404


def test_a_failure_is_explained_and_can_be_tried_again_once(administratrice, echec):
    page = administratrice.get(reverse("courriel", args=[echec.pk])).content.decode()
    premiere = administratrice.post(
        reverse("relancer_courriel", args=[echec.pk]), follow=True
    ).content.decode()
    seconde = administratrice.post(
        reverse("relancer_courriel", args=[echec.pk]), follow=True
    ).content.decode()

    assert "adresse électronique est mal écrite" in page
    assert "Relancer" in page
    assert "va repartir" in premiere
    assert "il n&#x27;y a rien à relancer" in seconde
    assert Envoi.objects.get(pk=echec.pk).etat == "a_envoyer"


@pytest.mark.parametrize("nom", ["courriels", "courriel", "relancer_courriel"])
def test_reading_and_retrying_do_not_share_a_method(administratrice, echec, nom):
    adresse = reverse(nom, args=[] if nom == "courriels" else [echec.pk])
    methode = administratrice.get if nom == "relancer_courriel" else administratrice.post

    assert methode(adresse).status_code == 405
    assert Envoi.objects.get(pk=echec.pk).etat == "echec"


def test_pages_go_back_and_forth_and_keep_the_state(administratrice, deposer):
    Envoi.objects.bulk_create(
        Envoi(
            canal="courriel",
            destinataire=f"a{rang:03}@boite.example",
            objet="o",
            corps="c",
            nature="avis",
            reference="r",
            cle=str(rang),
        )
        for rang in range(120)
    )

    def adresses(url):
        return [envoi.destinataire[1:4] for envoi in administratrice.get(LISTE + url).context["envois"]]

    def suite(url, sens):
        return administratrice.get(LISTE + url).context[sens]

    deuxieme = suite("?etat=a_envoyer", "url_suivante")
    troisieme = suite(deuxieme, "url_suivante")

    assert [*adresses("?etat=a_envoyer"), *adresses(deuxieme), *adresses(troisieme)] == [
        f"{rang:03}" for rang in reversed(range(120))
    ]
    assert suite(troisieme, "url_suivante") == suite("", "url_precedente") == ""
    assert adresses(suite(troisieme, "url_precedente")) == adresses(deuxieme)
    assert "etat=a_envoyer" in troisieme
    assert adresses("?etat=echec") == []


@pytest.mark.parametrize("parametres", ["?etat=perdu", "?avant=a", "?apres=1.5"])
def test_a_wrong_address_is_not_found(administratrice, parametres):
    assert administratrice.get(LISTE + parametres).status_code == 404


def test_huge_numbers_find_nothing(administratrice, deposer):
    deposer()

    assert administratrice.get(f"{LISTE}?apres={10**30}").context["envois"] == []


def test_three_rows_and_thirty_cost_the_same(administratrice, deposer):
    def cout(nombre):
        for _ in range(nombre):
            deposer()
        with CaptureQueriesContext(connection) as requetes:
            administratrice.get(LISTE)
        return len(requetes)

    assert cout(3) == cout(27)
