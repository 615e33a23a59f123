"""Finding a démarche: the search, the themes, the home page, the pages the law asks for."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Site

from demandes import vitrine
from demandes.etats import Etat
from demandes.index_demarches import Index, Texte, index_de
from guichet.organisation.models import Role
from tests import factories
from tests.portal.conftest import texte_de

DONNEES = settings.RACINE / "demandes" / "donnees"


# -- ranking


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(
        {
            "lampe": [
                Texte("Lampadaire éteint ou clignotant", 1.0, True),
                Texte("plus de lumière la nuit", 0.8, True),
            ],
            "trou": [
                Texte("Nid-de-poule ou chaussée dégradée", 1.0, True),
                Texte("trou dans la rue", 0.9, True),
            ],
            "acte": [Texte("Copie d'acte de naissance", 1.0, True), Texte("papier du bébé", 0.8, True)],
            "cantine": [Texte("Restauration scolaire", 1.0, True), Texte("cantine", 0.9, True)],
        }
    )


@pytest.mark.parametrize(
    ("saisie", "attendue"),
    [
        ("lampadaire", "lampe"),
        ("LAMPADAIRES ÉTEINTS", "lampe"),
        ("lampadere", "lampe"),  # by ear
        ("lampadarie", "lampe"),  # two letters swapped
        ("lampad", "lampe"),  # still typing
        ("il y a un trou devant chez moi", "trou"),
        ("nid de poule", "trou"),
        ("l’acte de naissance", "acte"),
        ("le papier pour mon bebe", "acte"),
        ("kantine", "cantine"),
    ],
)
def test_everyday_words_find_the_demarche(index, saisie, attendue):
    assert index.chercher(saisie, limite=3)[0].cle == attendue


def test_the_index_is_built_again_only_when_words_change(ville):
    type = factories.creer_type(
        "ECL", ville.voirie, libelle="Lampadaire", mots_du_quotidien=["plus de lumière"]
    )
    vitrine.chercher_demarches("lumière")
    batis = index_de.cache_info().misses
    vitrine.oublier()  # as each minute does

    assert [trouvee.pk for trouvee in vitrine.chercher_demarches("plus de lumière")] == [type.pk]
    assert index_de.cache_info().misses == batis

    type.mots_du_quotidien = ["la rue est noire"]
    type.save()
    vitrine.oublier()

    assert [trouvee.pk for trouvee in vitrine.chercher_demarches("rue noire")] == [type.pk]
    assert vitrine.chercher_demarches("plus de lumière") == []
    assert index_de.cache_info().misses == batis + 1


@pytest.mark.parametrize("saisie", ["", "   ", "le la les de", "xyzqw", "\0", "?!", "a" * 5000])
def test_words_that_mean_nothing_find_nothing(index, saisie):
    assert index.chercher(saisie, limite=3) == []


def test_an_empty_catalogue_finds_nothing():
    assert Index({}).chercher("lampadaire", limite=3) == []


@pytest.mark.django_db
def test_the_shipped_catalogue_is_found_in_its_residents_words(client):
    """Most example messages lead to their démarche among the first results, and short queries too."""
    call_command("charger_catalogue", DONNEES / "catalogue.json", verbosity=0)
    call_command("charger_catalogue", DONNEES / "politiques.json", publier=True, verbosity=0)
    vitrine.oublier()
    exemples = [
        json.loads(ligne)
        for ligne in (DONNEES / "exemples_messages.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    exemples = [exemple for exemple in exemples if exemple["types_acceptables"] != ["HORS"]]

    trouves = sum(
        any(
            type.code in exemple["types_acceptables"]
            for type in vitrine.chercher_demarches(f"{exemple['objet'] or ''} {exemple['texte']}")
        )
        for exemple in exemples
    )

    assert trouves / len(exemples) > 0.78
    for saisie, code in {
        "lampadere cassé": "ECL-PANN",
        "y a un trou dans la rue": "VOI-NID",
        "inscrire mon fils a la cantine": "EDU-CANT",
        "voiture abandonnee": "PM-EPAV",
        "déchetterie carte": "DEC-DECH",
        "parler au maire": "GEN-ELU",
    }.items():
        assert code in [type.code for type in vitrine.chercher_demarches(saisie, limite=3)], saisie


# -- pages


def test_the_home_page_exists_after_migrate_alone(client, db):
    reponse = client.get("/")

    assert reponse.status_code == 200
    assert "Que pouvons-nous faire pour vous ?" in texte_de(reponse)
    assert Site.objects.get(is_default_site=True).root_page.slug == "accueil"


def test_the_home_page_searches_without_scripts(client, ville):
    page = texte_de(client.get("/", {"q": "trou"}))

    assert "pour « trou »" in page
    assert 'href="/deposer/VOI-TROU/"' in page


def test_results_come_alone_while_typing_and_are_those_of_the_page(client, ville):
    fragment = texte_de(client.get("/deposer/recherche/", {"q": "trou"}, headers={"HX-Request": "true"}))

    liste, _, annonce = fragment.partition('<p id="resultats-annonce"')
    assert liste.startswith("<section")
    assert liste.strip() in texte_de(client.get("/deposer/recherche/", {"q": "trou"}))
    assert "trouvée" in annonce


@pytest.mark.parametrize("q", ["\0", "<script>alert(1)</script>", "' OR 1=1 --", "a" * 10_000, "%", "\u202e"])
def test_any_search_is_answered(client, ville, q):
    for adresse in ("/", "/deposer/", "/deposer/recherche/"):
        reponse = client.get(adresse, {"q": q})
        assert reponse.status_code == 200
        assert "<script>alert" not in reponse.content.decode()


def test_an_unpublished_type_is_nowhere(client, ville):
    type(ville.type_voirie).objects.filter(pk=ville.type_voirie.pk).update(publie_le=None)

    for adresse in ("/?q=trou", "/deposer/?q=trou", "/deposer/theme/rue/"):
        assert "VOI-TROU" not in client.get(adresse).content.decode()


def test_themes_list_their_demarches(client, ville):
    assert 'href="/deposer/theme/rue/"' in texte_de(client.get("/deposer/"))
    assert 'href="/deposer/VOI-TROU/"' in texte_de(client.get("/deposer/theme/rue/"))
    assert client.get("/deposer/theme/inconnu/").status_code == 404


def test_the_most_asked_come_first_on_the_home_page(client, ville):
    assert "les plus demandées" not in texte_de(client.get("/"))
    for type_demande, nombre in ((ville.type_a_valider, 2), (ville.type_voirie, 3)):
        for _ in range(nombre):
            factories.deposer(ville, type=type_demande)
    vitrine.oublier()

    page = texte_de(client.get("/"))

    assert page.index("VOI-TROU") < page.index("VOI-AMEN")
    assert "les plus demandées" in page


def test_a_resident_sees_what_awaits_them_on_the_home_page(connecte, usager, ville):
    demande = factories.demande_dans(Etat.ATTENTE_USAGER, ville, usager=usager)

    page = texte_de(connecte.get("/"))

    assert f'href="/mes-demandes/{demande.numero}/"' in page
    assert "La ville attend une réponse de votre part avant le" in page


@pytest.mark.parametrize(
    "adresse", ["/accessibilite/", "/mentions/", "/robots.txt", "/suivi/", "/inscription/"]
)
def test_public_pages_open_for_everyone(client, ville, adresse):
    assert client.get(adresse).status_code == 200


def test_an_unknown_address_is_our_404(client, ville):
    reponse = client.get("/nulle-part/")

    assert reponse.status_code == 404
    assert "Cette page n'existe pas" in texte_de(reponse)


def test_editors_open_the_pages_and_nobody_else(client, ville):
    assert client.get("/gestion/").url == "/agent/connexion/?next=/gestion/"
    client.force_login(ville.agent_voirie, backend="guichet.organisation.portes.PorteBackend")
    assert client.get("/gestion/").status_code == 403

    role = factories.affecter(ville.agent_voirie, Role.EDITEUR)
    accueil = Site.objects.get(is_default_site=True).root_page
    assert client.get("/gestion/").status_code == 200
    assert client.get(f"/gestion/pages/{accueil.pk}/edit/").status_code == 200
    assert client.get(f"/gestion/pages/{accueil.pk}/view_draft/").status_code == 200
    assert client.get("/gestion/users/").status_code == 302

    role.au = timezone.localdate() - timedelta(days=1)
    role.save()
    assert client.get("/gestion/").status_code == 403


def test_wagtails_own_login_is_the_agents_door(client, ville):
    assert client.get("/gestion/login/").url == "/agent/connexion/"
    client.force_login(
        factories.creer_compte_usager(factories.creer_usager()),
        backend="guichet.organisation.portes.PorteBackend",
    )
    assert client.get("/gestion/").status_code == 404
