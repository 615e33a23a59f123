"""The templates agents start from: written, tried on an example, retired, never deleted."""

import pytest
from django.test import Client

from demandes import modeles
from demandes.etats import Etat
from demandes.models import ModeleReponse
from guichet.organisation.models import Modification
from tests import factories

URL = "/agent/administration/modeles/"
PASSAGE = {
    "geste": "repondre",
    "type": "",
    "titre": "Passage prévu",
    "texte": "Bonjour {{ usager.nom }},\n\nVotre demande {{ demande.numero }} est finie.",
    "est_actif": "on",
}


@pytest.fixture
def ville(db: None) -> factories.Ville:
    return factories.creer_ville()


@pytest.fixture
def admin(ville) -> Client:
    client = Client()
    client.force_login(ville.administrateur, backend="guichet.organisation.portes.PorteBackend")
    return client


def texte(reponse) -> str:
    return reponse.content.decode().replace("&#x27;", "'")


def titres(demande, agent) -> list[str]:
    return [modele.titre for modele, _ in modeles.proposes(demande, agent, "repondre")]


def test_a_template_is_tried_written_offered_then_retired(ville, admin):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    essai = admin.post(f"{URL}nouveau/", PASSAGE | {"geste_de_page": "voir"})
    assert "Bonjour Camille Exemple,\n\nVotre demande 2026-0001234 est finie." in texte(essai)
    assert (essai.status_code, ModeleReponse.objects.count()) == (200, 0)

    assert admin.post(f"{URL}nouveau/", PASSAGE)["Location"] == URL
    modele = ModeleReponse.objects.get()
    assert titres(demande, ville.agent_voirie) == ["Passage prévu"]

    retrait = {"type": str(ville.type_voirie.pk), "titre": "Passage fini", "texte": PASSAGE["texte"]}
    admin.post(f"{URL}{modele.pk}/", retrait)

    modele.refresh_from_db()
    assert (modele.geste, modele.type, modele.est_actif) == ("repondre", ville.type_voirie, False)
    assert titres(demande, ville.agent_voirie) == []
    assert "Passage fini" in texte(admin.get(URL))
    actions = Modification.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["creation", "modification"]


def test_sent_twice_it_makes_one(admin):
    admin.post(f"{URL}nouveau/", PASSAGE)
    encore = admin.post(f"{URL}nouveau/", PASSAGE | {"titre": "PASSAGE prévu"})

    assert (encore.status_code, "porte déjà ce titre" in texte(encore)) == (422, True)
    assert ModeleReponse.objects.count() == 1


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"texte": "Bonjour {{ usager.age }}"}, "Rien ne sait remplir « usager.age »"),
        ({"texte": "{{ Usager.Nom }} {{ demande.numero }}"}, "Rien ne sait remplir « Usager.Nom »"),
        ({"texte": "Bonjour {{ usager.nom"}, "Rien ne sait remplir « {{ »"),
        ({"texte": "{% load x %}{{ x|safe }}"}, "Rien ne sait remplir « x|safe »"),
        ({"texte": "\0"}, "Écrivez le texte"),
        ({"texte": "x" * 1_000_000}, "trop long"),
        ({"titre": "\u202e"}, "Donnez un titre"),
        ({"geste": "clore"}, "Sélectionnez un choix valide"),
        ({"type": "\0"}, "Sélectionnez un choix valide"),
    ],
)
@pytest.mark.parametrize("bouton", ["", "voir"])
def test_a_refused_template_changes_nothing(admin, champs, phrase, bouton):
    reponse = admin.post(f"{URL}nouveau/", PASSAGE | champs | {"geste_de_page": bouton})

    assert (reponse.status_code, phrase in texte(reponse)) == (422, True)
    assert (ModeleReponse.objects.count(), Modification.objects.count()) == (0, 0)


def test_every_variable_is_explained(ville):
    demande = factories.deposer(ville)

    assert set(modeles.VARIABLES) == set(modeles.valeurs(demande, ville.agent_voirie))


def test_templates_are_found_by_word_gesture_type_and_state(ville, admin):
    factories.creer_modele(titre="Élagage prévu", texte="Nous taillons l'arbre.", type=ville.type_voirie)
    factories.creer_modele(titre="Refus motivé", geste="rejeter")
    factories.creer_modele(titre="Ancien texte", geste="clore", est_actif=False)

    def trouver(adresse: str) -> list[str]:
        return [modele.titre for modele in admin.get(URL + adresse).context["page"].lignes]

    assert trouver("") == ["Ancien texte", "Refus motivé", "Élagage prévu"]
    assert trouver("?q=ELAGAGE arbre") == ["Élagage prévu"]
    assert trouver("?geste=rejeter") == ["Refus motivé"]
    assert trouver(f"?type={ville.type_voirie.code}") == ["Élagage prévu"]
    assert trouver("?type=toutes") == ["Ancien texte", "Refus motivé"]
    assert trouver("?etat=retires") == ["Ancien texte"]
    assert trouver("?q=licorne") == []


def test_hundreds_of_templates_come_by_pages_at_the_same_cost(ville, admin, django_assert_num_queries):
    def creer(rangs: range) -> None:
        type = ville.type_voirie
        ModeleReponse.objects.bulk_create(
            ModeleReponse(geste="repondre", titre=f"Texte {n:03d}", texte="…", type=type) for n in rangs
        )

    creer(range(3))
    with django_assert_num_queries(9999, exact=False) as peu:
        admin.get(URL)
    creer(range(3, 70))
    with django_assert_num_queries(len(peu.captured_queries)):
        page = admin.get(URL)

    suite = admin.get(URL + page.context["page"].url_suivante).context["page"]
    assert [modele.titre for modele in suite.lignes] == [f"Texte {n:03d}" for n in range(50, 70)]
