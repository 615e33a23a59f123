"""Pages of the portal: there out of the box, one answer with the desk, gone when their time is over."""

import re
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from demandes.administration import fiches as fiches_du_desk
from demandes.models import Brouillon, Fiche
from guichet.organisation.models import HeuresOuverture, Modification, PointAccueil
from guichet.socle.calendrier import PARIS
from portal import en_ce_moment, garnir
from portal.models import (
    Actualites,
    Alerte,
    Alertes,
    Equipement,
    Equipements,
    Evenement,
    PageAccueil,
    PageDemarche,
    PageFiche,
    PageLibre,
    Plage,
    Rubrique,
)
from tests import factories
from tests.factories import Ville
from tests.portal.conftest import texte_de

LUNDI_10_H = datetime(2026, 11, 30, 10, tzinfo=PARIS)


@pytest.fixture
def fiche(ville: Ville) -> Fiche:
    return factories.creer_fiche(ville.type_voirie, question="Qui répare les trous ?", reponse="La voirie.")


@pytest.fixture
def garnie(ville: Ville, fiche: Fiche) -> Ville:
    HeuresOuverture.objects.create(point_accueil=ville.accueil, jour=0, debut=time(9), fin=time(12))
    ville.autre_accueil.est_actif = False
    ville.autre_accueil.save()
    garnir.garnir()
    return ville


def page(client: Client, une: Page, **parametres: Any) -> str:
    reponse = client.get(une.url, parametres)
    assert reponse.status_code == 200
    return unescape(texte_de(reponse))


def test_a_city_has_its_shelves_its_demarches_its_answers_and_its_desks(
    garnie: Ville, client: Client
) -> None:
    rubrique = Rubrique.objects.get()
    demarche = PageDemarche.objects.get()
    reponse = PageFiche.objects.get()
    lieu = Equipement.objects.get()

    assert (rubrique.title, rubrique.url) == ("Rue et voirie", "/rue-et-voirie/")
    assert (demarche.code, demarche.get_parent().pk) == (garnie.type_voirie.code, rubrique.pk)
    assert (reponse.title, reponse.reponse) == ("Qui répare les trous ?", "La voirie.")
    assert [(p.jour, p.ouvre, p.ferme) for p in lieu.plages.all()] == [(0, time(9), time(12))]

    vue = page(client, rubrique)
    assert f'href="{demarche.url}">{demarche.title}<' in vue
    assert f'href="{reponse.url}">Qui répare les trous ?<' in vue
    assert "La voirie." in page(client, reponse)
    assert f'action="/deposer/{demarche.code}/"' in page(client, demarche)
    assert "<dt>Coût</dt><dd>Gratuit</dd>" in page(client, demarche)


def test_furnishing_again_adds_nothing_and_changes_nothing(garnie: Ville) -> None:
    rubrique = Rubrique.objects.get()
    rubrique.title = "La rue"
    rubrique.save_revision().publish()
    avant = list(Page.objects.order_by("pk").values_list("pk", "title", "path"))

    assert garnir.garnir() == 0
    assert list(Page.objects.order_by("pk").values_list("pk", "title", "path")) == avant


@pytest.mark.parametrize("retiree", ["page", "démarche"])
def test_the_address_of_the_catalogue_sends_engines_to_the_editors_page(
    garnie: Ville, client: Client, retiree: str
) -> None:
    demarche = PageDemarche.objects.get()
    adresse = f"/deposer/{demarche.code}/"
    assert f'<link rel="canonical" href="{demarche.full_url}">' in texte_de(client.get(adresse))

    if retiree == "page":
        demarche.unpublish()
        assert 'rel="canonical"' not in texte_de(client.get(adresse))
        assert client.get(demarche.url).status_code == 404
    else:
        garnie.type_voirie.publie_le = None
        garnie.type_voirie.save()
        assert client.get(adresse).status_code == 404
        assert client.get(demarche.url).status_code == 404


def test_reading_sets_no_cookie_and_writes_no_session(garnie: Ville, client: Client) -> None:
    garnir.garnir_la_demonstration()
    for une in (PageAccueil.objects.get(), *Page.objects.filter(depth__gt=2).live()):
        reponse = client.get(une.url)
        assert reponse.status_code == 200, une.url
        assert dict(reponse.cookies) == {}, une.url
    assert client.post(f"/deposer/{garnie.type_voirie.code}/").status_code == 302


def test_an_account_starts_a_demarche_with_its_token_only(garnie: Ville) -> None:
    usager = factories.creer_usager("Élodie", "Garnier", courriel="elodie.garnier@courriel.example")
    connectee = Client(enforce_csrf_checks=True)
    connectee.force_login(
        factories.creer_compte_usager(usager), backend="guichet.organisation.portes.PorteBackend"
    )
    adresse = f"/deposer/{garnie.type_voirie.code}/"

    assert connectee.post(adresse).status_code == 403
    assert not Brouillon.objects.exists()
    vue = connectee.get(adresse)
    jeton = vue.content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert connectee.post(adresse, {"csrfmiddlewaretoken": jeton}).status_code == 302
    assert Client(enforce_csrf_checks=True).post(adresse).status_code == 302
    assert Brouillon.objects.count() == 2


def test_what_an_editor_publishes_is_what_agents_answer(garnie: Ville, fiche: Fiche) -> None:
    editrice = factories.creer_agent("Maud", "Éditrice")
    une = PageFiche.objects.get()
    une.reponse = "La voirie, sous trois jours."
    brouillon = une.save_revision(user=editrice)

    fiche.refresh_from_db()
    assert fiche.reponse == "La voirie."  # a draft is nobody's answer

    brouillon.publish()
    fiche.refresh_from_db()
    assert fiche.reponse == "La voirie, sous trois jours."
    ligne = Modification.objects.latest("pk")
    assert (ligne.compte, ligne.action) == (editrice, "modification")


def test_what_the_desk_changes_is_on_the_page_at_once(garnie: Ville, fiche: Fiche, client: Client) -> None:
    une = PageFiche.objects.get()
    fiches_du_desk.reprendre_du_portail(fiche.code, "Qui bouche les trous ?", "La métropole.", par=None)

    vue = page(client, une)
    assert "Qui bouche les trous ?" in vue
    assert "La métropole." in vue
    assert Fiche.objects.count() == 1


def test_a_draft_that_waits_takes_the_words_of_the_desk(garnie: Ville, fiche: Fiche, client: Client) -> None:
    une = PageFiche.objects.get()
    une.reponse = "En cours d'écriture."
    une.facile = "La ville répare."
    ecrite = une.save_revision()
    fiches_du_desk.reprendre_du_portail(fiche.code, fiche.question, "La métropole.", par=None)

    une.refresh_from_db()
    assert (une.reponse, une.facile, une.has_unpublished_changes) == ("La métropole.", "", True)
    une.get_latest_revision().publish()
    fiche.refresh_from_db()
    assert fiche.reponse == "La métropole."
    assert "La ville répare." in page(client, une, facile="oui")
    assert ecrite.as_object().reponse == "En cours d'écriture."  # found again in the history


def test_a_new_page_makes_its_fiche(garnie: Ville) -> None:
    rubrique = Rubrique.objects.get()
    nouvelle = PageFiche(title="Où jeter un sapin ?", reponse="Aux points de collecte.")
    rubrique.add_child(instance=nouvelle)
    nouvelle.save_revision().publish()

    faite = Fiche.objects.get(question="Où jeter un sapin ?")
    assert (faite.code, faite.reponse, faite.est_active) == (
        "ou_jeter_un_sapin",
        "Aux points de collecte.",
        True,
    )
    assert nouvelle.code == faite.code


def test_an_alert_is_on_every_page_until_its_end_even_if_nobody_withdraws_it(
    garnie: Ville, client: Client
) -> None:
    fin = timezone.now() + timedelta(hours=2)
    parent = Alertes.objects.get()
    garnir.ajouter(parent, Alerte(title="Verglas", texte="Sortez peu.", niveau="info", expire_at=fin))
    garnir.ajouter(parent, Alerte(title="Crue", texte="Montez à l'étage.", niveau="danger"))

    assert [alerte.title for alerte in en_ce_moment.alertes()] == ["Crue", "Verglas"]
    assert "Sortez peu." in page(client, Rubrique.objects.get())
    assert "Sortez peu." in texte_de(client.get("/suivi/"))
    with time_machine.travel(fin + timedelta(minutes=1)):
        assert [alerte.title for alerte in en_ce_moment.alertes()] == ["Crue"]
        call_command("publish_scheduled", verbosity=0)
    assert not Alerte.objects.get(title="Verglas").live


def test_a_page_planned_for_later_comes_at_its_hour(garnie: Ville, client: Client) -> None:
    accueil = PageAccueil.objects.get()
    heure = timezone.now() + timedelta(hours=1)
    future = PageLibre(
        title="Budget", slug="budget", live=False, go_live_at=heure, corps=[("texte", "<p>Voté.</p>")]
    )
    accueil.add_child(instance=future)
    future.save_revision().publish()
    assert client.get("/budget/").status_code == 404

    with time_machine.travel(heure + timedelta(minutes=1)):
        call_command("publish_scheduled", verbosity=0)
        assert "Voté." in texte_de(client.get("/budget/"))


@pytest.mark.parametrize(
    ("quand", "attendu"),
    [
        (LUNDI_10_H, "Ouvert jusqu'à 12 h"),
        (LUNDI_10_H.replace(hour=12), "Fermé. Ouvre lundi à 9 h"),
        (LUNDI_10_H.replace(hour=8, minute=59), "Fermé. Ouvre lundi à 9 h"),
    ],
)
def test_a_place_says_whether_it_is_open(
    garnie: Ville, client: Client, quand: datetime, attendu: str
) -> None:
    with time_machine.travel(quand, tick=False):
        assert attendu in page(client, Equipement.objects.get())
        assert attendu in page(client, Equipements.objects.get())


def test_places_are_on_a_plan_whose_numbers_are_those_of_the_list(garnie: Ville, client: Client) -> None:
    Equipement.objects.update(longitude=4.8351, latitude=45.7669)
    liste = Equipements.objects.get()
    for titre, longitude, latitude in (
        ("Bibliothèque", 4.8351, 45.7669),  # at the same door as the town hall
        ("Piscine", None, None),
        ("Stade", 0.0, 0.0),  # another city's
    ):
        lieu = Equipement(
            title=titre,
            genre="sport",
            adresse="2 rue du Battoir",
            territoire=garnie.territoire,
            longitude=longitude,
            latitude=latitude,
        )
        garnir.ajouter(liste, lieu)
    autre = factories.creer_territoire(garnie.accueil, 9, "Val-de-Saône")
    autre.longitude, autre.latitude = 4.8035, 45.7765
    autre.save()

    lue = page(client, liste)
    lignes = re.findall(r'<li id="lieu-(\d)">.*?<a href="[^"]*">([^<]*)<', lue)
    assert lignes == [("1", "Bibliothèque"), ("2", "Mairie centrale"), ("3", "Piscine"), ("4", "Stade")]
    reperes = re.findall(r'href="#lieu-(\d)"[^>]*><title>([^<]*)</title><circle cx="(\d+)" cy="(\d+)"', lue)
    assert [repere[:2] for repere in reperes] == lignes[:2]
    (x1, y1), (x2, y2) = ((int(x), int(y)) for *_, x, y in reperes)
    assert (x1 - x2) ** 2 + (y1 - y2) ** 2 >= 22**2  # neither hides the other
    assert len(lue) < 100_000

    dite = page(client, Equipement.objects.get(title="Bibliothèque"))
    assert 'href="geo:45.7669,4.8351"' in dite
    assert 'href="https://www.openstreetmap.org/directions?to=45.7669%2C4.8351"' in dite
    sans = page(client, Equipement.objects.get(title="Piscine"))
    assert 'href="https://www.openstreetmap.org/search?query=2+rue+du+Battoir"' in sans
    assert "geo:" not in sans

    avant = Equipement.objects.count()
    with CaptureQueriesContext(connection) as lues:
        page(client, liste)
    for rang in range(20):
        garnir.ajouter(liste, Equipement(title=f"Parc {rang}", genre="parc", adresse="…"))
    page(client, liste)
    with CaptureQueriesContext(connection) as ensuite:
        assert "Parc 19" in page(client, liste)
    assert (Equipement.objects.count(), len(ensuite)) == (avant + 20, len(lues))


def test_a_desk_placed_by_an_administrator_is_placed_on_its_page(client: Client, ville: Ville) -> None:
    garnir.garnir()
    mairie = Equipement.objects.get(title=ville.accueil.nom)
    assert mairie.point is None
    ville.accueil.latitude, ville.accueil.longitude = 45.7669, 4.8351
    ville.accueil.save()

    assert "geo:45.7669,4.8351" in texte_de(client.get(mairie.url))
    # The demo's own points are for desks that nobody placed.
    garnir.situer_les_mairies({ville.accueil.nom: [4.9, 45.8]})
    assert "geo:45.7669,4.8351" in texte_de(client.get(mairie.url))
    PointAccueil.objects.update(latitude=None, longitude=None)
    garnir.situer_les_mairies({ville.accueil.nom: [4.9, 45.8]})
    assert "geo:45.8,4.9" in texte_de(client.get(mairie.url))
    # What its editors wrote is theirs.
    mairie.longitude, mairie.latitude = 4.84, 45.77
    assert mairie.point == (4.84, 45.77)


@pytest.mark.parametrize(
    ("longitude", "latitude", "champ"),
    [(4.8, None, "latitude"), (200, 45, "longitude"), (4.8, 91, "latitude")],
)
@pytest.mark.django_db
def test_a_point_that_is_nowhere_is_refused(longitude: float, latitude: float | None, champ: str) -> None:
    with pytest.raises(ValidationError) as refus:
        Equipement(title="Stade", longitude=longitude, latitude=latitude).clean()
    assert list(refus.value.message_dict) == [champ]


def test_hours_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValidationError, match="après l'ouverture"):
        Plage(jour=0, ouvre=time(12), ferme=time(9)).clean()


@pytest.mark.parametrize("slug", ["deposer", "suivi", "connexion", "agent", "gestion"])
def test_a_page_cannot_take_an_address_of_the_house(garnie: Ville, slug: str) -> None:
    une = PageLibre(title="Une page", slug=slug, corps=[])
    with pytest.raises(ValidationError) as refus:
        PageAccueil.objects.get().add_child(instance=une)
    assert refus.value.message_dict == {"slug": [f"L'adresse « /{slug}/ » est déjà prise par le site."]}
    assert not PageLibre.objects.exists()


def test_an_event_leaves_the_list_when_it_is_over(garnie: Ville, client: Client) -> None:
    garnir.garnir_la_demonstration()
    premier = Evenement.objects.order_by("debut").first()
    with time_machine.travel(premier.debut + timedelta(hours=1)):
        assert premier.title in page(client, premier.get_parent())
    with time_machine.travel(premier.fin + timedelta(minutes=1)):
        assert premier.title not in page(client, premier.get_parent())


def test_news_are_filtered_by_subject(garnie: Ville, client: Client) -> None:
    garnir.garnir_la_demonstration()
    liste = Actualites.objects.get()
    vue = page(client, liste, sujet="sport")
    assert "La piscine des Lavandières rouvre" in vue
    assert "Le conservatoire fête" not in vue
    assert client.get(liste.url, {"sujet": "politique"}).status_code == 404


def test_each_kind_of_page_goes_where_it_belongs() -> None:
    permis = {
        modele.__name__: sorted(parent.__name__ for parent in modele.allowed_parent_page_models())
        for modele in (Rubrique, PageFiche, PageDemarche, Alerte, Equipement, Evenement)
    }
    assert permis == {
        "Rubrique": ["PageAccueil", "Rubrique"],
        "PageFiche": ["Rubrique"],
        "PageDemarche": ["Rubrique"],
        "Alerte": ["Alertes"],
        "Equipement": ["Equipements"],
        "Evenement": ["Agenda"],
    }


def test_every_publication_is_in_the_log(garnie: Ville) -> None:
    une = PageFiche.objects.get()
    une.save_revision().publish()
    assert PageLogEntry.objects.filter(page=une.pk, action="wagtail.publish").count() == 1


def test_the_home_page_tells_engines_what_it_is_in_each_language(ville_garnie: Ville, client: Client) -> None:
    accueil = f'<link rel="canonical" href="{PageAccueil.objects.get().full_url}">'
    for adresse, mots in (
        ("/", "Un lampadaire éteint"),
        ("/en/", "A street light that is out"),
        ("/?q=x", "Un"),
    ):
        vue = texte_de(client.get(adresse))
        assert f'<meta name="description" content="{mots}' in vue
        assert vue.count(accueil) == 1
