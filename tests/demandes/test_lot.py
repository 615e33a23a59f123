"""Several demandes at once: each by its own door, and each refusal told."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Message
from tests import factories
from tests.demandes.gestes import premier_motif, relire, session


def poster(compte, geste: str, demandes: list[Demande], **donnees):
    choix = [f"{demande.numero}:{demande.version}" for demande in demandes]
    return session(compte).post(
        reverse("agent_lot"), {"geste": geste, "choix": choix, "suite": "/agent/corbeille/?vue=a", **donnees}
    )


def etats(demandes: list[Demande]) -> list[str]:
    return [relire(demande).etat for demande in demandes]


def orientees(ville, nombre: int) -> list[Demande]:
    return [relire(factories.demande_dans(Etat.ORIENTEE, ville)) for _ in range(nombre)]


def test_several_are_taken_at_once(ville):
    demandes = orientees(ville, 3)

    reponse = poster(ville.agent_voirie, "prendre_en_charge", demandes)

    assert etats(demandes) == [Etat.PRISE_EN_CHARGE] * 3
    assert {relire(d).agent_traitant for d in demandes} == {ville.agent_voirie}
    assert "3 demandes prises en charge." in reponse.content.decode()
    assert reponse.context["refuses"] == []


def test_one_that_somebody_was_faster_on_is_told_and_stays_ticked_at_its_new_version(ville):
    prise, libre = demandes = orientees(ville, 2)
    actions.prendre_en_charge(relire(prise), auteur=Auteur.agent(ville.collegue_voirie))

    reponse = poster(ville.agent_voirie, "prendre_en_charge", demandes)

    contenu = reponse.content.decode()
    assert [r.demande for r in reponse.context["faits"]] == [libre]
    assert [r.demande for r, _ in reponse.context["refuses"]] == [prise]
    assert "Inès Fontaine vient de faire « prendre en charge »" in contenu.replace("&nbsp;", " ")
    assert f'name="choix" value="{prise.numero}:{prise.version + 1}" checked' in contenu
    assert relire(prise).agent_traitant == ville.collegue_voirie
    assert relire(libre).agent_traitant == ville.agent_voirie


def test_one_whose_state_forbids_it_does_not_stop_the_others(ville):
    qualifiee = relire(factories.demande_dans(Etat.QUALIFIEE, ville))
    nouvelle = relire(factories.demande_dans(Etat.NOUVELLE, ville))

    reponse = poster(ville.agent_accueil, "orienter", [nouvelle, qualifiee], confirme="oui")

    assert etats([nouvelle, qualifiee]) == [Etat.NOUVELLE, Etat.ORIENTEE]
    [(refusee, _)] = reponse.context["refuses"]
    assert refusee.refus == "« Orienter » n'est pas possible : la demande est « Nouvelle, à qualifier »."


def test_the_same_form_posted_twice_does_it_once_and_says_so_twice(ville):
    demandes = orientees(ville, 2)
    poster(ville.agent_voirie, "prendre_en_charge", demandes)
    versions = [relire(demande).version for demande in demandes]

    encore = poster(ville.agent_voirie, "prendre_en_charge", demandes)

    assert [relire(demande).version for demande in demandes] == versions
    assert len(encore.context["faits"]) == 2
    assert encore.context["refuses"] == []


def test_routing_first_asks_where_then_follows_the_rules_or_the_choice(ville):
    premieres = [relire(factories.demande_dans(Etat.QUALIFIEE, ville)) for _ in range(2)]
    autre = relire(factories.demande_dans(Etat.QUALIFIEE, ville))

    demande = poster(ville.agent_accueil, "orienter", premieres)
    assert etats(premieres) == [Etat.QUALIFIEE] * 2
    assert demande.context["formulaire"].fields.keys() == {"direction", "commentaire"}

    poster(ville.agent_accueil, "orienter", premieres, confirme="oui")
    poster(
        ville.agent_accueil,
        "orienter",
        [autre],
        confirme="oui",
        direction=ville.proprete.pk,
        commentaire="Vu avec eux.",
    )

    assert {relire(d).direction for d in premieres} == {ville.voirie}
    assert relire(autre).direction == ville.proprete
    assert Message.objects.get(demande=autre, corps="Vu avec eux.").sens == Message.Sens.INTERNE


def test_passing_on_asks_for_a_reason_and_changes_nothing_without_it(ville):
    demandes = orientees(ville, 2)

    sans_motif = poster(
        ville.agent_voirie, "reorienter", demandes, confirme="oui", direction=ville.proprete.pk
    )

    assert sans_motif.status_code == 422
    assert "Choisissez un motif dans la liste." in sans_motif.content.decode()
    assert {relire(d).direction for d in demandes} == {ville.voirie}

    poster(
        ville.agent_voirie,
        "reorienter",
        demandes,
        confirme="oui",
        direction=ville.proprete.pk,
        motif=premier_motif("reorienter"),
        commentaire="Parce que.",
    )
    assert {relire(d).direction for d in demandes} == {ville.proprete}


def test_what_is_out_of_sight_is_not_touched_and_only_counted(ville):
    demandes = orientees(ville, 1)

    reponse = poster(ville.agent_proprete, "prendre_en_charge", demandes)

    assert reponse.status_code == 422
    assert demandes[0].objet not in reponse.content.decode()
    assert etats(demandes) == [Etat.ORIENTEE]


def test_a_gesture_of_the_other_side_or_none_at_all_is_refused_in_words(ville):
    demandes = orientees(ville, 1)

    for compte, geste in (
        (ville.agent_voirie, "orienter"),
        (ville.agent_voirie, "rejeter"),
        (ville.agent_voirie, ""),
    ):
        reponse = poster(compte, geste, demandes, confirme="oui")
        assert reponse.status_code == 422
        assert "Choisissez ce qu'il faut faire" in reponse.content.decode().replace("&#x27;", "'")
    assert etats(demandes) == [Etat.ORIENTEE]


def test_forged_choices_choose_nothing(ville):
    for choix in ("", ":", "x:y", "2026-0000001", "2026-0000001:" + "9" * 30, "\0:1", "2026-1:²"):
        reponse = session(ville.agent_voirie).post(
            reverse("agent_lot"), {"geste": "prendre_en_charge", "choix": choix}
        )
        assert reponse.status_code in (400, 422), choix


def test_more_than_two_hundred_are_refused(ville):
    choix = [f"2026-{rang:07}:1" for rang in range(201)]

    reponse = session(ville.agent_voirie).post(
        reverse("agent_lot"), {"geste": "prendre_en_charge", "choix": choix}
    )

    assert "Cochez 200 demandes au plus" in reponse.content.decode().replace("\xa0", " ")


def test_asking_costs_the_same_for_two_and_for_ten(ville):
    demandes = [relire(factories.demande_dans(Etat.QUALIFIEE, ville)) for _ in range(10)]
    poster(ville.agent_accueil, "orienter", demandes)
    mesures = []
    for choisies in (demandes[:2], demandes):
        with CaptureQueriesContext(connection) as requetes:
            poster(ville.agent_accueil, "orienter", choisies)
        mesures.append(len(requetes))

    assert mesures[0] == mesures[1]


def test_the_queue_offers_boxes_only_on_what_may_be_read(ville):
    ouverte = factories.deposer(ville)
    fermee = factories.deposer(ville, type=ville.type_social)

    contenu = session(ville.agent_accueil).get(reverse("agent_corbeille") + "?vue=accueil").content.decode()

    assert f'value="{ouverte.numero}:{ouverte.version}"' in contenu
    assert f"{fermee.numero}:" not in contenu
