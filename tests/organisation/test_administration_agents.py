"""Agents as the administrator opens, changes and closes them: rights are added and ended, never rewritten."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from demandes.etats import Etat
from demandes.models import Demande
from guichet.envois.models import Envoi
from guichet.organisation.models import Affectation, Agent, Compte, Delegation, Modification, Role
from guichet.organisation.perimetre import Perimetre
from tests import factories

LISTE = "/agent/administration/agents/"
MOT_DE_PASSE = "quatre petits chevaux bleus"
COLETTE = {
    "prenom": "Colette",
    "nom": "Exemple",
    "courriel": "Colette.Exemple@Ville.example",
    "qualite": "Agente de la voirie",
    "telephone": "0639981234",
    "adresse_administrative": "",
    "motif_anonymat": "",
}


def aujourd_hui(decalage: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=decalage)).isoformat()


def fiche(compte: Compte) -> str:
    return f"{LISTE}{compte.agent.pk}/"


def lien_envoye() -> str:
    corps = Envoi.objects.filter(reference="compte:invitation").latest("pk").corps
    trouve = re.search(r"https?://[^/]+(/agent/invitation/\S+)", corps)
    assert trouve
    return trouve[1]


def affectation(lieu: Any, **champs: object) -> dict[str, object]:
    return {
        "role": "agent_direction",
        "direction": lieu.pk,
        "point_accueil": "",
        "secteurs": ["general"],
        "du": aujourd_hui(),
        "au": "",
    } | champs


# -- opening -----------------------------------------------------------------------------------------------


def test_a_new_agent_chooses_a_password_behind_the_link_and_comes_in(admin, ville):
    reponse = admin.post(f"{LISTE}nouveau/", COLETTE)

    compte = Compte.objects.get(espace="agent", courriel="colette.exemple@ville.example")
    assert reponse["Location"] == f"{fiche(compte)}affectations/"
    assert (compte.has_usable_password(), compte.agent.telephone) == (False, "06 39 98 12 34")
    (ligne,) = Modification.objects.all()
    assert (ligne.action, ligne.compte, ligne.apres["courriel"]) == (
        "creation",
        ville.administrateur,
        "colette.exemple@ville.example",
    )

    nouvelle, lien = Client(), lien_envoye()
    assert "Choisissez votre mot de passe" in nouvelle.get(lien).content.decode()
    assert nouvelle.post(lien, {"mot_de_passe": MOT_DE_PASSE})["Location"] == "/agent/"
    assert nouvelle.get("/agent/").status_code == 403, "inside, without any role yet"
    assert Client().get(lien).status_code == 410, "good once"


def test_a_weak_password_is_refused_and_the_link_lives(admin):
    admin.post(f"{LISTE}nouveau/", COLETTE)
    lien = lien_envoye()

    assert Client().post(lien, {"mot_de_passe": "12345"}).status_code == 422
    assert Client().post(lien, {"mot_de_passe": "\0" * 12}).status_code == 422
    assert Client().get(lien).status_code == 200


def test_a_link_dies_after_three_days_and_with_the_next_one(admin):
    admin.post(f"{LISTE}nouveau/", COLETTE)
    premier = lien_envoye()
    agent = Agent.objects.get(nom="Exemple")

    admin.post(f"{LISTE}{agent.pk}/invitation/")

    assert Client().get(premier).status_code == 410
    assert Client().get(lien_envoye()).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert Client().get(lien_envoye()).status_code == 410


def test_sending_a_link_to_whoever_has_a_password_leaves_it(admin, ville):
    ville.agent_voirie.set_password(MOT_DE_PASSE)
    ville.agent_voirie.save()

    admin.post(f"{fiche(ville.agent_voirie)}invitation/")

    ville.agent_voirie.refresh_from_db()
    assert ville.agent_voirie.check_password(MOT_DE_PASSE)


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"courriel": "colette"}, "adresse électronique n&#x27;est pas complète"),
        ({"courriel": ""}, "Indiquez l&#x27;adresse électronique"),
        ({"telephone": "abc"}, "numéro de téléphone n&#x27;est pas reconnu"),
        ({"est_anonyme": "on"}, "l&#x27;anonymat d&#x27;un agent doit être motivé"),
        ({"nom": "\0"}, "Indiquez le nom"),
        ({"nom": "x" * 61}, "trop long"),
    ],
)
def test_a_refused_card_keeps_what_was_typed_and_opens_nothing(admin, champs, phrase):
    reponse = admin.post(f"{LISTE}nouveau/", COLETTE | champs)

    page = reponse.content.decode()
    assert (reponse.status_code, phrase in page, 'value="Colette"' in page) == (422, True, True)
    assert not Agent.objects.filter(prenom="Colette").exists()
    assert (Envoi.objects.count(), Modification.objects.count()) == (0, 0)


def test_one_address_opens_one_account(admin, ville):
    reponse = admin.post(f"{LISTE}nouveau/", COLETTE | {"courriel": ville.agent_voirie.courriel.upper()})

    assert reponse.status_code == 422
    assert "Un agent a déjà cette adresse" in reponse.content.decode()
    assert not Agent.objects.filter(prenom="Colette").exists()


# -- changing and closing ----------------------------------------------------------------------------------


def test_a_changed_card_is_in_the_register(admin, ville):
    agent = ville.agent_voirie.agent
    admin.post(
        f"{fiche(ville.agent_voirie)}modifier/", COLETTE | {"est_anonyme": "on", "motif_anonymat": "Menaces"}
    )

    agent.refresh_from_db()
    assert agent.signature == f"Agent n° {agent.pk}\nAgente de la voirie"
    (ligne,) = Modification.objects.all()
    assert (ligne.avant["est_anonyme"], ligne.apres["est_anonyme"]) == (False, True)
    assert (ligne.avant["nom"], ligne.apres["nom"]) == ("Belkacem", "Exemple")


def test_an_address_taken_by_another_is_refused(admin, ville):
    reponse = admin.post(
        f"{fiche(ville.agent_voirie)}modifier/", COLETTE | {"courriel": ville.agent_proprete.courriel}
    )

    assert reponse.status_code == 422
    assert Agent.objects.get(compte=ville.agent_voirie).nom == "Belkacem"


def test_a_closed_account_is_out_at_once_and_may_come_back(admin, ville):
    dedans = Client()
    dedans.force_login(ville.agent_voirie, backend="guichet.organisation.portes.PorteBackend")

    admin.post(f"{fiche(ville.agent_voirie)}compte/", {"actif": "non"})
    assert dedans.get("/agent/corbeille/")["Location"].startswith("/agent/connexion/")

    admin.post(f"{fiche(ville.agent_voirie)}compte/", {"actif": "oui"})
    assert dedans.get("/agent/corbeille/").status_code == 200
    assert [m.apres for m in Modification.objects.order_by("pk")] == [
        {"compte_actif": False},
        {"compte_actif": True},
    ]


def test_the_last_administrator_cannot_be_closed_nor_ended(admin, ville):
    page = admin.post(f"{fiche(ville.administrateur)}compte/", {"actif": "non"}, follow=True)
    assert "votre propre compte" in page.content.decode()
    droit = ville.administrateur.affectations.get()
    page = admin.post(f"{fiche(ville.administrateur)}affectations/{droit.pk}/", {"au": aujourd_hui()})
    assert "plus aucun administrateur" in page.content.decode()

    ville.administrateur.refresh_from_db()
    droit.refresh_from_db()
    assert (ville.administrateur.is_active, droit.au) == (True, None)
    assert Modification.objects.count() == 0


# -- rights ------------------------------------------------------------------------------------------------


def test_a_role_is_added_and_opens_what_it_says(admin, ville):
    admin.post(f"{fiche(ville.agent_voirie)}affectations/", affectation(ville.proprete))

    assert set(Perimetre.de(ville.agent_voirie).directions) == {ville.voirie.pk, ville.proprete.pk}
    (ligne,) = Modification.objects.all()
    assert (ligne.action, ligne.apres["direction"]) == ("creation", "PROP – Propreté")


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"direction": ""}, "se tient dans une direction"),
        ({"role": "agent_accueil"}, "se tient dans un point d&#x27;accueil"),
        ({"role": "dpo"}, "Ce rôle ne se tient pas ici"),
        ({"role": "roi"}, "Sélectionnez un choix valide"),
        ({"secteurs": []}, "Cochez au moins un secteur"),
        ({"secteurs": ["magie"]}, "Sélectionnez un choix valide"),
        ({"du": "31/31/2026"}, "Écrivez une date complète"),
        ({"du": "2001-01-01"}, "trop ancien"),
        ({"au": "2020-01-01"}, "La fin vient avant le début"),
    ],
)
def test_a_role_that_means_nothing_is_refused(admin, ville, champs, phrase):
    reponse = admin.post(f"{fiche(ville.agent_voirie)}affectations/", affectation(ville.proprete, **champs))

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    assert ville.agent_voirie.affectations.count() == 1


def test_the_same_role_is_not_held_twice(admin, ville):
    for _ in range(2):
        reponse = admin.post(f"{fiche(ville.agent_voirie)}affectations/", affectation(ville.voirie))
        assert "tient déjà ce rôle ici" in reponse.content.decode()

    assert ville.agent_voirie.affectations.count() == 1


def test_an_ended_role_stays_readable(admin, ville):
    droit = ville.agent_voirie.affectations.get()
    Affectation.objects.update(du=timezone.localdate() - timedelta(days=30))

    admin.post(f"{fiche(ville.agent_voirie)}affectations/{droit.pk}/", {"au": aujourd_hui(-1)})

    assert Perimetre.de(ville.agent_voirie).directions == {}
    page = admin.get(fiche(ville.agent_voirie)).content.decode()
    assert "Rôles passés" in page
    assert "Aucun rôle aujourd" in page


def test_what_was_done_under_a_role_is_not_unmade(admin, ville):
    droit = ville.agent_voirie.affectations.get()
    Affectation.objects.update(du=timezone.localdate() - timedelta(days=30))

    reponse = admin.post(f"{fiche(ville.agent_voirie)}affectations/{droit.pk}/", {"au": aujourd_hui(-9)})

    droit.refresh_from_db()
    assert (reponse.status_code, droit.au) == (422, None)


def test_a_role_that_never_began_is_taken_out(admin, ville):
    admin.post(f"{fiche(ville.agent_voirie)}affectations/", affectation(ville.proprete, du=aujourd_hui(9)))
    a_venir = ville.agent_voirie.affectations.get(direction=ville.proprete)

    admin.post(f"{fiche(ville.agent_voirie)}affectations/{a_venir.pk}/", {"au": aujourd_hui()})

    assert not Affectation.objects.filter(pk=a_venir.pk).exists()
    assert Modification.objects.first().action == "suppression"


def test_another_agent_s_role_is_not_ended_from_here(admin, ville):
    autre = ville.agent_proprete.affectations.get()

    reponse = admin.post(f"{fiche(ville.agent_voirie)}affectations/{autre.pk}/", {"au": aujourd_hui()})

    autre.refresh_from_db()
    assert (reponse.status_code, autre.au) == (404, None)


# -- absences ----------------------------------------------------------------------------------------------


def test_a_colleague_of_the_same_place_replaces_the_absent(admin, ville):
    adresse = f"{fiche(ville.agent_voirie)}absence/"
    dates = {"du": aujourd_hui(), "au": aujourd_hui(10)}
    etranger = admin.post(adresse, dates | {"suppleant": ville.agent_proprete.pk})
    assert (etranger.status_code, Delegation.objects.count()) == (422, 0)

    admin.post(adresse, dates | {"suppleant": ville.collegue_voirie.pk})

    (delegation,) = Delegation.objects.all()
    assert [p.compte for p in Perimetre.de(ville.collegue_voirie).delegues] == [ville.agent_voirie]
    encore = admin.post(adresse, dates | {"suppleant": ville.collegue_voirie.pk})
    assert "déjà à ces dates" in encore.content.decode()

    admin.post(f"{adresse}{delegation.pk}/")
    assert Perimetre.de(ville.collegue_voirie).delegues == ()
    assert [m.action for m in Modification.objects.order_by("pk")] == ["creation", "suppression"]


@pytest.mark.parametrize(
    ("du", "au", "phrase"),
    [(0, -1, "La fin vient avant le début"), (-9, -2, "déjà finie"), (0, 900, "un an au plus")],
)
def test_dates_that_mean_nothing_are_refused(admin, ville, du, au, phrase):
    donnees = {"suppleant": ville.collegue_voirie.pk, "du": aujourd_hui(du), "au": aujourd_hui(au)}
    reponse = admin.post(f"{fiche(ville.agent_voirie)}absence/", donnees)

    assert (reponse.status_code, phrase in reponse.content.decode()) == (422, True)
    assert Delegation.objects.count() == 0


# -- the list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filtre", "trouves"),
    [
        ("q=belk", {"Belkacem"}),
        ("q=karim belkacem", {"Belkacem"}),
        ("q=licorne", set()),
        ("role=responsable_direction", {"Charpentier", "Delmas", "Girard"}),
        ("etat=inactifs", {"Parti"}),
        ("etat=sans_role", {"Perdu"}),
    ],
)
def test_the_list_finds(admin, ville, filtre, trouves):
    factories.creer_agent("Zoé", "Parti", Role.DPO).__class__.objects.filter(agent__nom="Parti").update(
        is_active=False
    )
    factories.creer_agent("Zoé", "Perdu", Role.DPO).affectations.all().delete()

    page = admin.get(f"{LISTE}?{filtre}").context["page"]

    assert {agent.nom for agent in page.lignes} == trouves


def test_the_list_finds_by_place(admin, ville):
    page = admin.get(f"{LISTE}?lieu=d{ville.voirie.pk}").context["page"]
    assert [a.nom for a in page.lignes] == ["Belkacem", "Charpentier", "Fontaine"]
    page = admin.get(f"{LISTE}?lieu=a{ville.autre_accueil.pk}").context["page"]
    assert [a.nom for a in page.lignes] == ["Le Goff"]
    assert admin.get(f"{LISTE}?lieu=x1&role=roi").status_code == 422


def test_the_home_page_says_who_sees_nothing(admin, ville):
    ville.agent_voirie.affectations.all().delete()

    page = admin.get("/agent/administration/").content.decode()

    assert "1 agent actif n&#x27;a aucun rôle" in page
    assert "12 agents actifs" in page


# -- what is held ------------------------------------------------------------------------------------------


def test_closing_an_account_says_what_it_still_holds(admin, ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    agent = demande.agent_traitant
    dates = {"du": aujourd_hui(), "au": aujourd_hui(10)}
    autre = ville.collegue_voirie if agent != ville.collegue_voirie else ville.agent_voirie
    admin.post(f"{fiche(agent)}absence/", dates | {"suppleant": autre.pk})

    page = admin.post(f"{fiche(agent)}compte/", {"actif": "non"}, follow=True).content.decode()

    reste = "Ce compte tient encore : 1 demande ouverte en charge, 1 remplacement prévu."
    assert (reste in page, "quelqu'un doit prendre la suite" in page) == (True, True)
    assert Demande.objects.get(pk=demande.pk).agent_traitant == agent


def test_the_only_head_of_a_place_is_named_until_there_is_another(admin, ville):
    seul = "Seul responsable de « Voirie"
    assert seul in admin.get(fiche(ville.responsable_voirie)).content.decode()
    assert "Ce que tient" not in admin.get(fiche(ville.agent_proprete)).content.decode()

    factories.affecter(ville.agent_voirie, Role.RESPONSABLE_DIRECTION, ville.voirie)

    assert seul not in admin.get(fiche(ville.responsable_voirie)).content.decode()
