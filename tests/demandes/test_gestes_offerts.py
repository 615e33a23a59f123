"""The page of a demande offers the gestures that can be made now, the usual ones first, and no other."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes import actions
from demandes.droits import SYSTEME, Auteur
from demandes.etats import Etat
from demandes.formulaires_gestes import ECRANS, REDACTION, Moment
from demandes.models import Demande, Fiche
from guichet.organisation.models import Compte
from guichet.socle.erreurs import ErreurMetier
from tests import factories
from tests.factories import Ville


def gestes(demande: Demande, compte: Compte) -> list[str]:
    """The gestures of the page, buttons then menu."""
    client = Client()
    client.force_login(compte)
    contexte = client.get(reverse("agent_demande", args=[demande.numero])).context
    return [b["geste"] for b in (*contexte["boutons"], *contexte["autres_gestes"])]


ATTENDUS = {
    (Etat.NOUVELLE, "agent_accueil"): ["qualifier", "repondre_immediatement"],
    (Etat.QUALIFIEE, "agent_accueil"): ["orienter", "repondre_immediatement"],
    (Etat.ORIENTEE, "agent_voirie"): ["prendre_en_charge", "reorienter"],
    (Etat.PRISE_EN_CHARGE, "agent_voirie"): ["repondre", "demander_complement", "planifier"],
    (Etat.ATTENTE_USAGER, "agent_voirie"): ["relancer_l_usager"],
    (Etat.ATTENTE_TIERS, "agent_voirie"): ["reprendre"],
    (Etat.A_VALIDER, "responsable_voirie"): ["repondre", "refuser_le_projet"],
    (Etat.TRAITEE, "responsable_accueil"): ["clore", "rouvrir"],
    (Etat.CLOSE, "responsable_voirie"): ["rouvrir"],
    (Etat.FUSIONNEE, "responsable_accueil"): ["defusionner"],
    (Etat.REJETEE, "responsable_accueil"): ["retablir"],
    (Etat.TRANSMISE_EXTERNE, "agent_accueil"): ["retour_externe"],
}


@pytest.mark.parametrize(("etat", "qui"), ATTENDUS, ids=str)
def test_the_usual_gestures_come_first(ville, etat, qui):
    demande = factories.demande_dans(etat, ville)

    attendus = ATTENDUS[etat, qui]
    assert gestes(demande, getattr(ville, qui))[: len(attendus)] == attendus


@pytest.mark.parametrize("type", ["type_voirie", "type_a_valider"])
@pytest.mark.parametrize("etat", Etat)
def test_no_gesture_is_offered_that_the_door_would_refuse_at_sight(ville, etat, type):
    """Every gesture offered is permitted; every permitted one left out would be refused whatever is typed."""
    demande = factories.demande_dans(etat, ville, type=getattr(ville, type))
    factories.creer_fiche(ville.type_voirie)

    for qui in (
        "agent_accueil",
        "responsable_accueil",
        "agent_voirie",
        "responsable_voirie",
        "administrateur",
    ):
        auteur = Auteur.agent(getattr(ville, qui))
        ouverts = set(Moment.de(demande, auteur).gestes())
        permis = set(actions.gestes_permis(demande, auteur))
        assert ouverts <= permis, qui
        for geste in permis - ouverts:
            assert geste in ECRANS, geste
            with pytest.raises(ErreurMetier):
                tenter(geste, demande, auteur, ville)


def tenter(geste: str, demande: Demande, auteur: Auteur, ville: Ville) -> None:
    """Make the gesture with good data: only its guard can refuse it."""
    donnees: dict[str, dict] = {
        "orienter": {},
        "classer_sans_suite": {"motif": "delai_expire"},
        "repondre": {"texte": "Réponse.", "decision": "accord"},
        "repondre_immediatement": {"texte": "Réponse.", "fiche": Fiche.objects.first()},
        "reorienter": {"motif": "mauvaise_direction", "direction": ville.proprete},
        "confier_a_un_collegue": {"collegue": ville.collegue_voirie},
        "renvoyer_a_l_accueil": {"motif": "deuxieme_reorientation"},
        "ecrire_a_l_usager": {"texte": "Bonjour."},
        "rediger_une_publication": {"texte": "Bonjour."},
        "inviter_en_prive": {"texte": "Bonjour."},
        "masquer_la_publication": {"raison": "Une injure."},
    }
    getattr(actions, geste)(demande, auteur=auteur, **donnees.get(geste, {}))


def test_guards_of_data_hide_and_show_a_gesture(ville):
    attente = factories.demande_dans(Etat.ATTENTE_USAGER, ville)
    actions.relancer_l_usager(attente, auteur=SYSTEME)
    avant = gestes(attente, ville.agent_voirie)
    attente.complements.update(echeance=timezone.localdate() - timedelta(days=1))
    apres = gestes(attente, ville.agent_voirie)

    assert not {"relancer_l_usager", "classer_sans_suite", "reprendre_sans_complement"} & set(avant)
    assert {"classer_sans_suite", "reprendre_sans_complement"} <= set(apres)


def test_a_type_with_two_signatures_is_proposed_then_signed_by_another(ville):
    prise = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, type=ville.type_a_valider)
    responsable = Auteur.agent(ville.responsable_voirie)
    sien = factories.demande_dans(Etat.ORIENTEE, ville, type=ville.type_a_valider)
    actions.prendre_en_charge(sien, auteur=responsable)
    actions.proposer_une_reponse(sien, auteur=responsable, texte="Projet.", decision="accord")

    assert gestes(prise, ville.agent_voirie)[0] == "proposer_une_reponse"
    assert "repondre" not in gestes(prise, ville.responsable_voirie)
    assert "repondre" not in gestes(sien, ville.responsable_voirie)


def test_every_offered_button_leads_to_a_page(ville):
    client = Client()
    client.force_login(ville.responsable_accueil)
    for etat in (Etat.NOUVELLE, Etat.QUALIFIEE, Etat.TRAITEE, Etat.ANNULEE):
        demande = factories.demande_dans(etat, ville)
        for geste in (*gestes(demande, ville.responsable_accueil), *REDACTION):
            assert client.get(reverse("agent_geste", args=[demande.numero, geste])).status_code == 200, geste
