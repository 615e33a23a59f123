"""A portal that knows who it speaks to because they said so: chosen, explained, changed, erased."""

import gzip
import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.core import signing
from django.core.cache import caches
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page

from demandes import vitrine
from guichet.organisation.models import Role, Territoire
from portal import en_ce_moment, garnir, profils, recherche
from portal.ciblage import Visite, visite_de
from portal.models import (
    Actualite,
    Actualites,
    Alerte,
    Alertes,
    Effet,
    PageAccueil,
    PageDemarche,
    PageFiche,
    ProfilDuCompte,
    Rubrique,
    Segment,
    Vu,
)
from tests import factories
from tests.factories import Ville
from tests.portal.conftest import remettre_l_accueil, texte_de
from usagers.models import Usager

PARENTS = {"nom": "Parents", "situations": ["parent"]}


@pytest.fixture
def garnie(ville: Ville) -> Ville:
    remettre_l_accueil()
    factories.creer_fiche(ville.type_voirie, question="Qui répare les trous ?", reponse="La voirie.")
    garnir.garnir()
    return ville


@pytest.fixture
def parents(garnie: Ville) -> Segment:
    return Segment.objects.create(**PARENTS, demarches=[garnie.type_voirie.code])


def vue(client: Client, adresse: str = "/") -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200
    return unescape(texte_de(reponse))


def choisir(client: Client, **choix: Any) -> Any:
    return client.post("/mon-profil/", choix)


def test_a_profile_is_chosen_shown_changed_and_erased(garnie: Ville, client: Client) -> None:
    quartier = garnie.territoire
    assert choisir(client, situations=["parent", "senior"], territoire=quartier.code).status_code == 302
    temoin = client.cookies[profils.TEMOIN]
    assert (temoin["httponly"], temoin["samesite"], temoin["max-age"]) == (True, "Lax", profils.DUREE)
    assert set(client.cookies) == {profils.TEMOIN}
    assert (
        f"Pour vous : <strong>Parent</strong>, <strong>Senior</strong>, <strong>{quartier}</strong>"
        in vue(client, "/mon-profil/ligne/")
    )

    choisir(client, situations=["senior"])
    assert "Vous avez choisi : <strong>Senior</strong>." in vue(client, "/mon-profil/")

    choisir(client, effacer="1", situations=["senior"])
    assert client.cookies[profils.TEMOIN].value == ""
    assert "Vous n'avez rien choisi" in vue(client, "/mon-profil/")


def test_saying_nothing_sets_no_cookie(garnie: Ville, client: Client) -> None:
    vue(client, "/mon-profil/")
    assert client.cookies == {}
    choisir(client)
    assert client.cookies[profils.TEMOIN].value == ""


def test_an_address_finds_the_district_and_is_forgotten(garnie: Ville, client: Client) -> None:
    choisir(client, adresse=f"12 rue X, {garnie.territoire.code_postal}")
    assert signing.loads(client.cookies[profils.TEMOIN].value, salt=profils.SEL) == {
        "situations": [],
        "territoire": garnie.territoire.code,
        "age": "",
        "sujets": [],
    }


def test_an_unknown_address_says_so_keeps_what_was_ticked_and_sets_nothing(
    garnie: Ville, client: Client
) -> None:
    reponse = choisir(client, adresse="1 rue de nulle part", situations=["parent"])
    assert reponse.status_code == 422
    page = unescape(texte_de(reponse))
    assert "Nous ne trouvons pas cette adresse." in page
    assert 'value="parent"' in page.split('value="senior"')[0]
    assert reponse.context["form"]["situations"].value() == ["parent"]
    assert client.cookies == {}


@pytest.mark.parametrize("faux", ["vide", "mots", "nul", "liste", "autre_sel"])
def test_a_forged_cookie_says_nothing(garnie: Ville, faux: str) -> None:
    valeur = {
        "vide": "",
        "mots": "x",
        "nul": "\x00",
        "liste": signing.dumps([1], salt=profils.SEL),
        "autre_sel": signing.dumps({"situations": ["parent"]}),
    }[faux]
    requete = RequestFactory().get("/")
    requete.user = factories.creer_agent("Ana", "Roy")
    requete.COOKIES[profils.TEMOIN] = valeur
    assert profils.lire(requete) == profils.VIDE


def test_an_account_keeps_the_profile_instead_of_the_device(
    garnie: Ville, usager: Usager, connecte: Client
) -> None:
    page = connecte.get("/mon-profil/").content.decode()
    jeton = page.split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    choisir(connecte, situations=["parent"], csrfmiddlewaretoken=jeton)

    assert ProfilDuCompte.objects.get(compte=usager.compte).valeurs["situations"] == ["parent"]
    assert connecte.cookies[profils.TEMOIN].value == ""
    choisir(connecte, effacer="1", csrfmiddlewaretoken=jeton)
    assert not ProfilDuCompte.objects.exists()


def test_an_account_does_not_change_its_profile_without_its_token(usager: Usager, garnie: Ville) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(usager.compte, backend="guichet.organisation.portes.PorteBackend")
    assert choisir(client, situations=["parent"]).status_code == 403
    assert not ProfilDuCompte.objects.exists()


PARENT_DU_3E = Vu(situations=frozenset({"parent"}), territoire="arr_3", jour=date(2026, 12, 1))


@pytest.mark.parametrize(
    ("conditions", "vu", "attendu"),
    [
        ({}, PARENT_DU_3E, False),
        ({"situations": ["parent", "senior"]}, PARENT_DU_3E, True),
        ({"situations": ["senior"]}, PARENT_DU_3E, False),
        ({"situations": ["parent"], "territoires": ["arr_3"]}, PARENT_DU_3E, True),
        ({"situations": ["parent"], "territoires": ["arr_8"]}, PARENT_DU_3E, False),
        ({"mois": [12, 1]}, PARENT_DU_3E, True),
        ({"mois": [6]}, PARENT_DU_3E, False),
        ({"ages": ["plus_de_65"]}, PARENT_DU_3E, False),
        ({"ages": ["plus_de_65"]}, Vu(age="plus_de_65"), True),
        ({"sujets": ["sport"]}, Vu(sujets=frozenset({"sport", "culture"})), True),
        ({"connexion": "connecte"}, PARENT_DU_3E, False),
        ({"connexion": "connecte"}, Vu(est_connecte=True), True),
        ({"connexion": "anonyme"}, PARENT_DU_3E, True),
        ({"types_en_cours": ["VOI-NID"]}, Vu(types_en_cours=frozenset({"VOI-NID"})), True),
        ({"types_en_cours": ["VOI-NID"]}, PARENT_DU_3E, False),
    ],
)
def test_a_segment_is_those_who_meet_every_condition(
    conditions: dict[str, Any], vu: Vu, attendu: bool
) -> None:
    assert Segment(nom="S", **conditions).convient(vu) is attendu


def test_the_home_page_puts_first_what_a_segment_asks_for(parents: Segment, client: Client) -> None:
    assert "Pour vous</h2>" not in vue(client)
    choisir(client, situations=["parent"])
    page = vue(client)
    assert "Pour vous</h2>" in page
    assert "Les pages s'adaptent parce que vous êtes dans : <strong>Parents</strong>" in vue(
        client, "/mon-profil/"
    )

    parents.est_actif = False
    parents.save()
    assert "Pour vous</h2>" not in vue(client)


def test_news_and_alerts_of_the_district_come_first_and_none_is_lost(garnie: Ville, client: Client) -> None:
    autre = Territoire.objects.exclude(pk=garnie.territoire.pk).first() or factories.creer_territoire(
        garnie.accueil, 8, "Les Ateliers"
    )
    ici = garnie.territoire.code
    for titre, lieux, jour in (("Loin", [autre.code], 3), ("Partout", [], 2), ("Ici", [ici], 1)):
        garnir.ajouter(
            Actualites.objects.get(),
            Actualite(title=titre, chapeau="…", corps=[], territoires=lieux, date=date(2026, 11, jour)),
        )
        garnir.ajouter(Alertes.objects.get(), Alerte(title=titre, texte="…", territoires=lieux))

    sien = Visite(territoire=ici)
    assert [une.title for une in en_ce_moment.actualites(limite=3)] == ["Loin", "Partout", "Ici"]
    assert [une.title for une in en_ce_moment.actualites(sien, limite=3)] == ["Ici", "Loin", "Partout"]
    assert [une.title for une in en_ce_moment.alertes()] == ["Ici", "Partout", "Loin"]
    assert [une.title for une in en_ce_moment.alertes(sien)] == ["Ici", "Partout"]
    choisir(client, territoire=ici)
    assert "Loin</a>" in vue(client, "/actualites/")


@pytest.mark.parametrize(
    ("effet", "pour_tous", "pour_les_parents"),
    [
        (Effet.TOUS, True, True),
        (Effet.MONTRER, False, True),
        (Effet.CACHER, True, False),
        (Effet.AVANT, True, True),
    ],
)
def test_a_page_is_shown_or_hidden_in_lists_and_always_reachable(
    parents: Segment, client: Client, effet: str, pour_tous: bool, pour_les_parents: bool
) -> None:
    fiche = PageFiche.objects.get()
    fiche.effet, fiche.segments = effet, [parents.pk]
    fiche.save_revision().publish()
    rubrique = Rubrique.objects.get().url

    assert (fiche.title in vue(client, rubrique)) is pour_tous
    choisir(client, situations=["parent"])
    assert (fiche.title in vue(client, rubrique)) is pour_les_parents
    assert "La voirie." in vue(client, fiche.url)


def test_the_menu_follows_segments_and_the_plan_and_the_search_have_all(
    parents: Segment, client: Client
) -> None:
    rubrique = Rubrique(title="Familles", segments=[parents.pk], chapeau="Crèches et écoles.")
    garnir.ajouter(PageAccueil.objects.get(), rubrique)
    parent = Client()
    choisir(parent, situations=["parent"])

    def menu(visiteur: Client) -> str:
        (page,) = re.findall(r'<nav class="menu".*?</nav>', vue(visiteur, "/suivi/"))
        return ", ".join(re.findall(r"<a[^>]*>(.*?)</a>", page))

    rangees, avancee, sans = (
        f"{suite}, Plan du site"
        for suite in ("Rue et voirie, Familles", "Familles, Rue et voirie", "Rue et voirie")
    )
    for effet, pour_tous, pour_les_parents in (
        (Effet.TOUS, rangees, rangees),
        (Effet.AVANT, rangees, avancee),
        (Effet.MONTRER, sans, rangees),
        (Effet.CACHER, rangees, sans),
    ):
        rubrique.effet = effet
        rubrique.save()
        assert (menu(client), menu(parent)) == (pour_tous, pour_les_parents), effet
        for visiteur in (client, parent):
            assert '<h2><a href="/familles/">Familles</a></h2>' in vue(visiteur, "/plan/")
            assert 'href="/familles/">Familles<' in vue(visiteur, "/?q=familles")
    fiche = PageFiche.objects.get()
    assert f'<li><a href="{fiche.url}">{fiche.title}</a></li>' in vue(client, "/plan/")


def test_what_is_for_a_segment_comes_first_in_the_search_and_on_shelves(
    garnie: Ville, client: Client
) -> None:
    """Of two that answer about as well, the profile decides; what answers much better stays first."""
    direction, themes = garnie.type_voirie.direction, garnie.type_voirie.themes.all()
    for code, libelle in (("VOI-BANA", "Banc abîmé"), ("VOI-BANC", "Banc cassé"), ("VOI-LAMP", "Lampadaire")):
        factories.creer_type(code, direction, libelle=libelle, description="").themes.set(themes)
    vitrine.oublier()

    def premieres(adresse: str) -> list[str]:
        return re.findall(r'href="/deposer/([A-Z-]+)/"', vue(client, adresse))

    assert premieres("/?q=banc")[:2] == ["VOI-BANA", "VOI-BANC"]
    Segment.objects.create(nom="P", situations=["parent"], demarches=["VOI-BANC", "VOI-LAMP"])
    choisir(client, situations=["parent"])
    assert premieres("/?q=banc")[:2] == ["VOI-BANC", "VOI-BANA"]
    assert premieres("/?q=banc abîmé")[0] == "VOI-BANA"
    for rayon in ("/deposer/theme/rue/", Rubrique.objects.get().url):
        assert premieres(rayon)[:2] == ["VOI-BANC", "VOI-LAMP"]
    assert "Pour vous</h2>" in vue(client, "/deposer/")

    lieux = [
        garnir.ajouter(Actualites.objects.get(), Actualite(title=f"La fontaine {mot}", chapeau="…", corps=[]))
        for mot in ("coule", "gèle")
    ]
    trouvees = [page.titre for page in recherche.chercher_pages("fontaine")]
    lieux[1].sujets = ["sport"]
    lieux[1].save()
    sportif = Visite(sujets=frozenset({"sport"}))
    assert trouvees == ["La fontaine coule", "La fontaine gèle"]
    assert [p.titre for p in recherche.chercher_pages("fontaine", visite=sportif)] == trouvees[::-1]


def test_a_page_says_who_sees_it(parents: Segment) -> None:
    fiche = PageFiche.objects.get()
    assert fiche.qui_la_voit == "Tout le monde."
    fiche.segments, fiche.effet = [parents.pk], Effet.MONTRER
    assert fiche.qui_la_voit == "Seulement : Parents. Les autres la trouvent par son adresse."


def test_its_editor_reads_who_sees_it_and_sees_as_they_do(parents: Segment, ville: Ville) -> None:
    editeur = Client()
    editeur.force_login(
        factories.creer_agent("Maud", "Plume", Role.EDITEUR),
        backend="guichet.organisation.portes.PorteBackend",
    )
    fiche = PageFiche.objects.get()

    def formulaire(page: Page) -> str:
        return texte_de(editeur.get(reverse("wagtailadmin_pages:edit", args=[page.pk])))

    vue = formulaire(fiche)
    assert "Qui voit cette page ?" in vue
    assert "<p>Tout le monde.</p>" in vue
    fiche.segments, fiche.effet = [parents.pk], Effet.MONTRER
    fiche.save_revision()
    vue = formulaire(fiche)
    assert "<p>Seulement : Parents. Les autres la trouvent par son adresse.</p>" in vue

    apercu = reverse("wagtailadmin_pages:view_draft", args=[fiche.pk]) + f"?mode=segment-{parents.pk}"
    assert f'<a href="{apercu}" target="_blank" rel="noreferrer">Segment : Parents<' in vue
    assert "La voirie." in texte_de(editeur.get(apercu))

    garnir.garnir_la_demonstration()
    quartier = Territoire.objects.first()
    for une, phrase in (
        (Actualite.objects.first(), f"D'abord pour qui habite : {quartier}. D'abord pour qui suit : Sport."),
        (Alerte.objects.first(), f"En bandeau pour qui habite : {quartier}, et pour qui n'a pas dit où."),
    ):
        une.territoires, une.sujets = [quartier.code], ["sport"]
        une.save_revision()
        assert f"<p>Tout le monde. {phrase}</p>" in unescape(formulaire(une))


def test_a_block_for_a_segment_is_for_it_alone(parents: Segment, client: Client) -> None:
    accueil = PageAccueil.objects.get()
    bloc = {"segments": [parents], "titre": "", "texte": "<p>Le portail famille</p>", "demarches": []}
    accueil.corps = [("cible", bloc | {"effet": "montrer"})]
    accueil.save_revision().publish()
    assert "Le portail famille" not in vue(client)
    choisir(client, situations=["parent"])
    assert "Le portail famille" in vue(client)

    accueil.corps = [("cible", bloc | {"effet": "cacher"})]
    accueil.save_revision().publish()
    assert "Le portail famille" not in vue(client)


def test_an_editor_sees_a_page_as_a_segment_does(parents: Segment) -> None:
    accueil = PageAccueil.objects.get()
    modes = dict(accueil.preview_modes)
    assert modes == {"": "Tout le monde", f"segment-{parents.pk}": "Segment : Parents"}
    requete = accueil.make_preview_request(preview_mode=f"segment-{parents.pk}")
    assert "Pour vous</h2>" in requete.render().content.decode()
    assert "Pour vous</h2>" not in accueil.make_preview_request(preview_mode="").render().content.decode()


def test_an_open_demande_of_a_confidential_kind_is_no_condition(garnie: Ville, usager: Usager) -> None:
    factories.deposer(garnie, usager=usager)
    Segment.objects.create(nom="Voirie", types_en_cours=[garnie.type_voirie.code])
    requete = RequestFactory().get("/")
    requete.user = usager.compte
    assert visite_de(requete).segments == {Segment.objects.get().pk}

    garnie.type_voirie.est_confidentiel = True
    garnie.type_voirie.save()
    suivante = RequestFactory().get("/")
    suivante.user = usager.compte
    assert visite_de(suivante).segments == frozenset()


@pytest.fixture
def gardees(settings: Any) -> Any:
    settings.CACHES = settings.CACHES | {
        "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "essai"}
    }
    caches["pages"].clear()
    yield caches["pages"]
    caches["pages"].clear()


def requetes(client: Client, adresse: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as lues:
        vue(client, adresse)
    return len(lues)


@pytest.mark.django_db(transaction=True)
def test_a_kept_page_costs_one_reading_until_something_changes(
    parents: Segment, client: Client, gardees: Any
) -> None:
    adresse = Rubrique.objects.get().url
    assert requetes(client, adresse) > 3
    assert requetes(client, adresse) == 1

    fiche = PageFiche.objects.get()
    fiche.title = "Qui rebouche ?"
    fiche.save_revision().publish()
    assert "Qui rebouche ?" in vue(client, adresse)


def test_pages_are_kept_per_segment_and_never_per_person(
    parents: Segment, client: Client, connecte: Client, gardees: Any
) -> None:
    choisir(client, situations=["parent"])
    assert "Pour vous</h2>" in vue(client)
    assert "Pour vous</h2>" not in vue(Client())
    parent = Client()
    choisir(parent, situations=["parent", "etudiant"])
    assert "Pour vous</h2>" in vue(parent)
    assert len(gardees._cache) == 2
    vue(connecte)
    vue(Client(), "/?q=trou")
    assert len(gardees._cache) == 2
    assert Client().get("/").headers["Vary"] == "Cookie, Accept-Encoding"


def test_a_kept_page_is_the_same_compressed_or_not(parents: Segment, gardees: Any) -> None:
    lecteur = Client()
    claire = lecteur.get("/").content
    for rang in range(2):
        comprimee = Client(headers={"Accept-Encoding": "gzip, br"}).get("/")
        assert comprimee.headers["Content-Encoding"] == "gzip", rang
        assert comprimee.headers["Vary"] == "Accept-Encoding, Cookie"
        assert gzip.decompress(comprimee.content) == claire == lecteur.get("/").content
        gardees.clear()


def test_a_page_that_is_not_there_is_not_kept(garnie: Ville, gardees: Any) -> None:
    assert Client().get("/rien-de-tel/").status_code == 404
    assert len(gardees._cache) == 0
    assert not Page.objects.filter(slug="rien-de-tel").exists()


def ajouter_des_fiches(ville: Ville, jusqu_a: int) -> None:
    for rang in range(PageFiche.objects.count(), jusqu_a):
        factories.creer_fiche(
            ville.type_voirie, f"banc-{rang}", question=f"Qui répare le banc n° {rang} ?", reponse="La ville."
        )
    garnir.garnir()


def test_pages_cost_the_same_statements_whatever_their_number_and_that_of_segments(
    parents: Segment, garnie: Ville, client: Client
) -> None:
    ajouter_des_fiches(garnie, 5)
    une = PageFiche.objects.first()
    adresses = (
        "/",
        Rubrique.objects.get().url,
        une.url,
        PageDemarche.objects.first().url,
        "/?q=banc",
        "/plan/",
    )
    choisir(client, situations=["parent"])

    def cout() -> dict[str, int]:
        for adresse in adresses:
            vue(client, adresse)
        return {adresse: requetes(client, adresse) for adresse in adresses}

    avant = cout()
    ajouter_des_fiches(garnie, 50)
    Segment.objects.bulk_create(
        Segment(nom=f"Parents, {rang}", situations=["parent"], demarches=[garnie.type_voirie.code])
        for rang in range(29)
    )
    assert (PageFiche.objects.count(), Segment.objects.count()) == (50, 30)
    assert cout() == avant
