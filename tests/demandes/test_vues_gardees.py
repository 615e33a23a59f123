"""Views of the queue under a name: whose they are, what they count, what they cost."""

from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from demandes import corbeilles, decomptes, vues_gardees
from demandes.corbeilles import Filtres
from demandes.etats import Etat
from demandes.models import VueGardee
from demandes.views import corbeille as vue_corbeille
from guichet.organisation.models import Compte, Delegation, Role
from guichet.organisation.perimetre import Perimetre
from tests import factories
from tests.demandes.gestes import session

CORBEILLE = reverse("agent_corbeille")
GARDER = reverse("agent_vue_garder")


def garder(compte: Compte, nom: str, *, pour: str = "moi", **parametres):
    return session(compte).post(f"{GARDER}?{urlencode(parametres)}", {"nom": nom, "pour": pour})


def rail(compte: Compte, **parametres) -> dict[str, dict[str, str]]:
    """Name → count of the kept views, by group."""
    reponse = session(compte).get(f"{CORBEILLE}?{urlencode(parametres)}")
    return {
        groupe["nom"]: {vue["libelle"]: vue["compte"] for vue in groupe["vues"]}
        for groupe in reponse.context["groupes"]
        if groupe["nom"] in ("Mes vues", "Vues partagées")
    }


def test_an_agent_keeps_what_they_filter_and_opens_it_again(ville):
    urgente = factories.demande_dans(Etat.ORIENTEE, ville, est_urgente=True)
    factories.demande_dans(Etat.ORIENTEE, ville)
    client = session(ville.agent_voirie)
    page = client.get(f"{CORBEILLE}?vue=a_prendre&urgente=on")
    assert page.context["url_garder"] == f"{GARDER}?vue=a_prendre&urgente=on"
    assert "Garder cette vue" in page.content.decode()

    question = client.get(page.context["url_garder"])
    assert "À prendre en charge" in question.content.decode()
    assert "Urgentes" in question.content.decode()
    assert "pour" not in question.context["formulaire"].fields
    reponse = garder(ville.agent_voirie, "  Les urgences ", vue="a_prendre", urgente="on")

    assert reponse.status_code == 302
    assert reponse["Location"] == f"{CORBEILLE}?vue=a_prendre&urgente=on"
    gardee = VueGardee.objects.get()
    assert (gardee.nom, gardee.vue, gardee.filtres) == ("Les urgences", "a_prendre", {"urgente": "on"})
    page = client.get(reponse["Location"])
    assert rail(ville.agent_voirie) == {"Mes vues": {"Les urgences": "1"}}
    assert [ligne["numero"] for ligne in page.context["lignes"]] == [urgente.numero]
    assert page.context["titre"] == "Les urgences"
    courantes = [v["code"] for g in page.context["groupes"] for v in g["vues"] if v["actif"]]
    assert courantes == [f"gardee-{gardee.pk}"]
    assert "Renommer ou supprimer la vue" in page.content.decode()


def test_nobody_else_sees_it_nor_may_touch_it(ville):
    garder(ville.agent_voirie, "Les urgences", vue="direction", urgente="on")
    gardee = VueGardee.objects.get()

    for compte in (
        ville.collegue_voirie,
        ville.responsable_voirie,
        ville.agent_proprete,
        ville.agent_accueil,
    ):
        assert rail(compte) == {}
        adresse = reverse("agent_vue", args=[gardee.pk])
        assert session(compte).get(adresse).status_code == 404
        assert session(compte).post(adresse, {"nom": "Prise"}).status_code == 404
        assert session(compte).post(reverse("agent_vue_supprimer", args=[gardee.pk])).status_code == 404
    assert VueGardee.objects.get().nom == "Les urgences"


def test_its_author_renames_it_then_lets_it_go(ville):
    garder(ville.agent_voirie, "Les urgences", vue="direction", urgente="on")
    garder(ville.agent_voirie, "Courriers", vue="direction", canal="courrier")
    gardee = VueGardee.objects.get(nom="Les urgences")
    adresse = reverse("agent_vue", args=[gardee.pk])
    client = session(ville.agent_voirie)

    for nom, phrase in (
        ("", "Donnez un nom à cette vue."),
        ("\u200b\u202e", "Donnez un nom à cette vue."),
        ("Courriers", "Une de vos vues porte déjà ce nom."),
    ):
        refus = client.post(adresse, {"nom": nom})
        assert refus.status_code == 422
        assert phrase in refus.content.decode()
    assert VueGardee.objects.get(pk=gardee.pk).nom == "Les urgences"

    assert client.post(adresse, {"nom": "Urgences"}).status_code == 302
    assert list(rail(ville.agent_voirie)["Mes vues"]) == ["Courriers", "Urgences"]
    assert client.post(reverse("agent_vue_supprimer", args=[gardee.pk])).status_code == 302
    assert list(rail(ville.agent_voirie)["Mes vues"]) == ["Courriers"]


def test_a_head_shares_one_with_their_place_and_looks_after_those_of_others(ville):
    sienne = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    deputee = factories.creer_agent("Autre", "Chef", Role.RESPONSABLE_DIRECTION, ville.voirie)
    page = session(ville.responsable_voirie).get(f"{GARDER}?vue=direction&agent=moi")
    choix = dict(page.context["formulaire"].fields["pour"].choices)
    assert choix == {
        "moi": "Moi",
        f"direction-{ville.voirie.pk}": f"Toutes les personnes de : {ville.voirie}",
    }

    garder(
        ville.responsable_voirie,
        "Les miennes",
        vue="direction",
        agent="moi",
        pour=f"direction-{ville.voirie.pk}",
    )

    # « moi » is whoever reads.
    assert rail(ville.agent_voirie) == {"Vues partagées": {"Les miennes": "1"}}
    assert rail(ville.collegue_voirie) == {"Vues partagées": {"Les miennes": "0"}}
    assert rail(ville.agent_proprete) == rail(ville.agent_accueil) == {}
    gardee = VueGardee.objects.get()
    adresse = reverse("agent_vue", args=[gardee.pk])
    page = session(ville.agent_voirie).get(f"{CORBEILLE}?vue=direction&agent=moi")
    assert [ligne["numero"] for ligne in page.context["lignes"]] == [sienne.numero]
    assert "Renommer ou supprimer" not in page.content.decode()
    assert session(ville.agent_voirie).post(adresse, {"nom": "Prise"}).status_code == 404
    assert session(deputee).post(adresse, {"nom": "À nous"}).status_code == 302
    assert VueGardee.objects.get().nom == "À nous"


@pytest.mark.parametrize("qui", ["agent_voirie", "responsable_proprete", "responsable_accueil"])
def test_only_a_head_of_the_place_shares_with_it(ville, qui):
    reponse = garder(
        getattr(ville, qui), "Pour eux", pour=f"direction-{ville.voirie.pk}", vue="direction", urgente="on"
    )

    assert reponse.status_code == (302 if qui == "agent_voirie" else 422)
    # Whoever heads nothing is not asked: it is theirs alone.
    assert [une.direction for une in VueGardee.objects.all()] == ([None] if qui == "agent_voirie" else [])


def test_the_head_of_a_desk_shares_with_their_desk(ville):
    garder(
        ville.responsable_accueil, "Urgences", vue="accueil", urgente="on", pour=f"accueil-{ville.accueil.pk}"
    )

    assert rail(ville.agent_accueil) == {"Vues partagées": {"Urgences": "0"}}
    assert rail(ville.agent_voirie) == {}


def test_it_goes_with_the_place_and_comes_with_a_delegation(ville):
    garder(
        ville.responsable_voirie,
        "Urgences",
        vue="direction",
        urgente="on",
        pour=f"direction-{ville.voirie.pk}",
    )
    jour = timezone.localdate()
    assert rail(ville.agent_proprete) == {}
    Delegation.objects.create(titulaire=ville.agent_voirie, suppleant=ville.agent_proprete, du=jour, au=jour)
    assert list(rail(ville.agent_proprete)) == ["Vues partagées"]
    ville.agent_voirie.affectations.all().delete()
    factories.affecter(ville.agent_voirie, Role.AGENT_DIRECTION, ville.proprete)
    assert rail(ville.agent_voirie) == {}


def test_without_a_filter_or_beyond_a_dozen_nothing_is_kept(ville):
    sans = garder(ville.agent_voirie, "Tout", vue="direction", etat="magie")
    assert (sans.status_code, VueGardee.objects.count()) == (302, 0)

    for rang in range(vues_gardees.AU_PLUS):
        garder(ville.agent_voirie, f"Vue {rang}", vue="direction", texte=f"mot{rang}")
    trop = garder(ville.agent_voirie, "De trop", vue="direction", urgente="on")

    assert trop.status_code == 422
    assert "supprimez-en une" in trop.content.decode()
    assert VueGardee.objects.count() == vues_gardees.AU_PLUS


def test_filters_come_back_as_they_were_kept(ville):
    filtres = Filtres(
        texte="nid", canal="courrier", agent="moi", urgente=True, du=timezone.localdate(), direction="aucune"
    )

    assert Filtres.depuis(filtres.en_clair()) == filtres
    assert Filtres.depuis({"urgente": "on", "parti": "x"}) == Filtres(urgente=True)


def test_each_count_is_that_of_its_list_whatever_the_filter(ville):
    for etat in (Etat.ORIENTEE, Etat.PRISE_EN_CHARGE, Etat.CLOSE, Etat.ATTENTE_USAGER):
        factories.demande_dans(etat, ville, usager=factories.creer_usager("Jeanne", "Martin"))
    perimetre = Perimetre.de(ville.agent_voirie)
    filtres = [
        Filtres(texte="martin"),
        Filtres(type="VOI-TROU"),
        Filtres(type="INCONNU"),
        Filtres(agent="moi"),
        Filtres(agent="personne"),
        Filtres(canal="courrier"),
        Filtres(direction="VOI", au=timezone.localdate()),
    ]
    vues = corbeilles.vues_de(perimetre)
    gardees = tuple(
        vues_gardees.Gardee(rang, f"Vue {rang}", vue, filtre, ville.agent_voirie.pk, None, None)
        for rang, (vue, filtre) in enumerate((v, f) for v in ("direction", "terminees") for f in filtres)
    )

    comptes = decomptes.compter(vues, perimetre, gardees)

    par_code = {vue.code: vue for vue in vues}
    for gardee in gardees:
        liste = corbeilles.demandes_de(par_code[gardee.vue], gardee.filtres, perimetre)
        assert comptes[gardee.code] == liste.count(), gardee
    assert {comptes[gardee.code] for gardee in gardees} >= {0, 1, 3}


def test_a_count_looks_at_the_first_of_its_list_only_and_says_so(ville, monkeypatch):
    monkeypatch.setattr(decomptes, "PLAFOND", 2)
    monkeypatch.setattr(vue_corbeille, "PLAFOND", 2)
    garder(ville.agent_voirie, "Dehors", vue="direction", agent="personne")
    for _ in range(2):
        factories.demande_dans(Etat.ORIENTEE, ville)
    assert rail(ville.agent_voirie)["Mes vues"] == {"Dehors": "2"}

    for _ in range(3):
        factories.demande_dans(Etat.ORIENTEE, ville)
    assert rail(ville.agent_voirie)["Mes vues"] == {"Dehors": "2+"}


def test_a_page_costs_no_statement_more_with_twelve_than_with_none(ville):
    cache.clear()
    factories.demande_dans(Etat.ORIENTEE, ville)
    client = session(ville.agent_voirie)
    mesures = []
    for nombre in (0, vues_gardees.AU_PLUS):
        for rang in range(nombre):
            garder(ville.agent_voirie, f"Vue {rang}", vue="direction", texte=f"mot{rang}")
        client.get(CORBEILLE)
        with CaptureQueriesContext(connection) as requetes:
            page = client.get(CORBEILLE)
        mesures.append(len(requetes))
    assert len(page.context["groupes"][-1]["vues"]) == vues_gardees.AU_PLUS
    assert mesures[0] == mesures[1] == 6


def test_a_view_of_somebody_s_demandes_outlives_their_leaving(ville):
    tenue = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    factories.demande_dans(Etat.ORIENTEE, ville)
    garder(ville.responsable_voirie, "À Karim", vue="direction", agent=ville.agent_voirie.pk)
    ville.agent_voirie.affectations.all().delete()
    cache.clear()

    page = session(ville.responsable_voirie).get(f"{CORBEILLE}?vue=direction&agent={ville.agent_voirie.pk}")

    assert page.context["titre"] == "À Karim"
    assert [ligne["numero"] for ligne in page.context["lignes"]] == [tenue.numero]
    assert "Agent : Une personne partie" in page.content.decode().replace("\xa0", " ")
    for faux in ("99999999999", "-1", "²", "1e3"):
        assert not session(ville.responsable_voirie).get(f"{CORBEILLE}?agent={faux}").context["filtres"]
