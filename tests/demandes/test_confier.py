"""Who holds a demande, or heads its direction, gives it to a colleague or back to the queue."""

from datetime import timedelta

import pytest
from django.utils import timezone

from demandes.etats import Etat
from guichet.envois.models import Envoi
from guichet.organisation.models import Agent, Delegation, Role, Secteur
from tests import factories
from tests.demandes.gestes import relire, session, url


@pytest.fixture
def prise(ville):
    return relire(factories.demande_dans(Etat.PRISE_EN_CHARGE, ville))


def confier(compte, demande, collegue, **donnees):
    return session(compte).post(
        url(demande, "confier_a_un_collegue"),
        {"version": demande.version, "collegue": collegue.pk, **donnees},
    )


def rendre(compte, demande):
    return session(compte).post(url(demande, "rendre_a_la_corbeille"), {"version": demande.version})


def derniere(demande):
    return demande.journal.order_by("rang").last()


@pytest.mark.parametrize("qui", ["responsable_voirie", "agent_voirie"])
def test_a_head_or_the_holder_hands_it_over_with_a_word(ville, prise, qui):
    compte = getattr(ville, qui)
    envois = Envoi.objects.count()
    fiche = session(compte).get(f"/agent/demandes/{prise.numero}/").content.decode()
    assert "Confier à un collègue" in fiche
    assert "Rendre à la corbeille" in fiche

    reponse = confier(compte, prise, ville.collegue_voirie, commentaire="Tu connais la rue.")

    assert reponse.status_code == 303
    demande = relire(prise)
    assert (demande.agent_traitant, demande.etat) == (ville.collegue_voirie, Etat.PRISE_EN_CHARGE)
    assert (derniere(prise).geste, derniere(prise).compte) == ("confier_a_un_collegue", compte)
    assert prise.messages.filter(corps="Tu connais la rue.", visibilite="interne").exists()
    assert Envoi.objects.count() == envois
    miennes = session(ville.collegue_voirie).get("/agent/corbeille/?vue=miennes").content.decode()
    assert prise.numero in miennes


def test_a_colleague_may_not_give_away_what_another_holds(ville, prise):
    fiche = session(ville.collegue_voirie).get(f"/agent/demandes/{prise.numero}/").content.decode()
    assert "Confier à un collègue" not in fiche

    for reponse in (
        confier(ville.collegue_voirie, prise, ville.responsable_voirie),
        rendre(ville.collegue_voirie, prise),
    ):
        assert reponse.status_code == 422
        assert "Seul l&#x27;agent qui tient la demande, ou son responsable" in reponse.content.decode()
    assert relire(prise).agent_traitant == ville.agent_voirie
    assert relire(prise).version == prise.version


def test_the_list_shows_who_is_cleared_present_and_staying_with_what_they_hold(ville, prise):
    jour = timezone.localdate()
    absente = factories.creer_agent("Ab", "Sente", Role.AGENT_DIRECTION, ville.voirie)
    Delegation.objects.create(titulaire=absente, suppleant=ville.collegue_voirie, du=jour, au=jour)
    partant = factories.creer_agent("Par", "Tant", Role.AGENT_DIRECTION, ville.voirie)
    Agent.objects.filter(compte=partant).update(dernier_jour=jour + timedelta(days=5))
    ailleurs = factories.creer_agent("Un", "Social", Role.AGENT_DIRECTION, ville.voirie)
    ailleurs.affectations.update(secteurs=[Secteur.SOCIAL])

    page = session(ville.responsable_voirie).get(url(prise, "confier_a_un_collegue"))
    champ = page.context["formulaire"].fields["collegue"]
    proposes = {compte: champ.label_from_instance(compte) for compte in champ.queryset}

    assert set(proposes) == {ville.collegue_voirie, ville.responsable_voirie}
    assert proposes[ville.collegue_voirie] == "Inès Fontaine (0 en cours)"
    for refuse in (absente, partant, ailleurs, ville.agent_voirie, ville.agent_proprete):
        reponse = confier(ville.responsable_voirie, prise, refuse)
        assert reponse.status_code == 422
        assert "Choisissez un collègue présent dans la liste." in reponse.content.decode()
    assert relire(prise).version == prise.version


def test_who_replaces_the_absent_holder_gives_it_back_in_their_name(ville, prise):
    jour = timezone.localdate()
    Delegation.objects.create(titulaire=ville.agent_voirie, suppleant=ville.collegue_voirie, du=jour, au=jour)

    assert rendre(ville.collegue_voirie, prise).status_code == 303

    assert (relire(prise).etat, relire(prise).agent_traitant) == (Etat.ORIENTEE, None)
    assert derniere(prise).par_delegation_de == ville.agent_voirie


def test_the_resident_hears_of_the_first_taking_only_until_the_direction_changes(ville, prise):
    envois = Envoi.objects.count()
    rendre(ville.responsable_voirie, prise)
    reponse = session(ville.collegue_voirie).post(
        url(prise, "prendre_en_charge"), {"version": relire(prise).version}
    )

    assert reponse.status_code == 303
    assert relire(prise).agent_traitant == ville.collegue_voirie
    assert Envoi.objects.count() == envois

    session(ville.collegue_voirie).post(
        url(prise, "reorienter"),
        {
            "version": relire(prise).version,
            "motif": "mauvaise_direction",
            "direction": ville.proprete.pk,
            "commentaire": "",
        },
    )
    avant = Envoi.objects.count()
    session(ville.agent_proprete).post(url(prise, "prendre_en_charge"), {"version": relire(prise).version})
    assert relire(prise).agent_traitant == ville.agent_proprete
    assert Envoi.objects.count() == avant + 1
