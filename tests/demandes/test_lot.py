"""Several demandes at once: each by its own door, and each refusal told."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from demandes import actions
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Demande, Message
from guichet.envois.models import Envoi
from guichet.organisation.models import Delegation, Role, Secteur
from guichet.socle.erreurs import DonneeInvalide
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


def confier(compte, demandes: list[Demande], collegue, **donnees):
    return poster(compte, "confier", demandes, confirme="oui", collegue=collegue.pk, **donnees)


def derniers_gestes(demandes: list[Demande]) -> list[str]:
    return [demande.journal.latest("rang").geste for demande in demandes]


def test_a_head_hands_over_at_once_what_an_agent_holds_and_what_nobody_took(ville):
    libre = relire(factories.demande_dans(Etat.ORIENTEE, ville))
    tenues = [relire(factories.demande_dans(e, ville)) for e in (Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE)]
    demandes = [libre, *tenues]
    envois = Envoi.objects.count()

    page = poster(ville.responsable_voirie, "confier", demandes)
    assert set(page.context["formulaire"].fields["collegue"].queryset) == {
        ville.collegue_voirie,
        ville.agent_voirie,
        ville.responsable_voirie,
    }
    assert "Confier 3 demandes" in page.content.decode()
    reponse = confier(ville.responsable_voirie, demandes, ville.collegue_voirie, commentaire="À voir lundi.")

    assert "3 demandes confiées." in reponse.content.decode()
    assert {relire(d).agent_traitant for d in demandes} == {ville.collegue_voirie}
    assert etats(demandes) == [Etat.PRISE_EN_CHARGE, Etat.PRISE_EN_CHARGE, Etat.PLANIFIEE]
    assert derniers_gestes(demandes) == ["attribuer", "confier_a_un_collegue", "confier_a_un_collegue"]
    assert Message.objects.filter(corps="À voir lundi.", sens=Message.Sens.INTERNE).count() == 3
    # To the resident of the first, somebody has just taken it.
    assert Envoi.objects.count() == envois + 1


def test_an_agent_hands_over_their_own_and_is_told_line_by_line_what_they_may_not(ville):
    sienne, libre = (relire(factories.demande_dans(e, ville)) for e in (Etat.PRISE_EN_CHARGE, Etat.ORIENTEE))

    reponse = confier(ville.agent_voirie, [sienne, libre], ville.collegue_voirie)

    [(refusee, _)] = reponse.context["refuses"]
    assert refusee.demande == libre
    assert refusee.refus == "Vous n'avez pas le droit de faire « Confier à un agent » sur cette demande."
    assert relire(sienne).agent_traitant == ville.collegue_voirie
    assert (relire(libre).agent_traitant, relire(libre).version) == (None, libre.version)


def test_nothing_is_handed_to_who_is_away_of_another_direction_or_not_cleared(ville):
    demandes = orientees(ville, 2)
    absente = factories.creer_agent("Ab", "Sente", Role.AGENT_DIRECTION, ville.voirie)
    jour = timezone.localdate()
    Delegation.objects.create(titulaire=absente, suppleant=ville.collegue_voirie, du=jour, au=jour)
    social = factories.creer_agent("Un", "Social", Role.AGENT_DIRECTION, ville.voirie)
    social.affectations.update(secteurs=[Secteur.SOCIAL])

    for refuse in (absente, social, ville.agent_proprete, ville.agent_accueil):
        reponse = confier(ville.responsable_voirie, demandes, refuse)
        assert reponse.status_code == 422
        assert "Choisissez un collègue présent dans la liste." in reponse.content.decode()
        with pytest.raises(DonneeInvalide):
            actions.attribuer(demandes[0], auteur=Auteur.agent(ville.responsable_voirie), collegue=refuse)
    assert etats(demandes) == [Etat.ORIENTEE] * 2
    assert [relire(d).version for d in demandes] == [d.version for d in demandes]


def test_handing_over_twice_is_done_once_but_to_somebody_else_it_is_a_page_gone_stale(ville):
    demandes = orientees(ville, 1)
    confier(ville.responsable_voirie, demandes, ville.collegue_voirie)

    encore = confier(ville.responsable_voirie, demandes, ville.collegue_voirie)
    assert (len(encore.context["faits"]), encore.context["refuses"]) == (1, [])

    autre = confier(ville.responsable_voirie, demandes, ville.agent_voirie)
    assert [r.demande for r, _ in autre.context["refuses"]] == demandes
    assert relire(demandes[0]).agent_traitant == ville.collegue_voirie
    assert relire(demandes[0]).version == demandes[0].version + 1


def test_the_page_of_an_untaken_demande_lets_its_head_alone_give_it(ville):
    [libre] = orientees(ville, 1)
    adresse = reverse("agent_geste", args=[libre.numero, "attribuer"])
    donnees = {"version": libre.version, "collegue": ville.collegue_voirie.pk}

    assert session(ville.agent_voirie).post(adresse, donnees).status_code == 422
    assert relire(libre).etat == Etat.ORIENTEE
    assert (
        "Confier à un agent"
        in session(ville.responsable_voirie)
        .get(reverse("agent_demande", args=[libre.numero]))
        .content.decode()
    )
    assert session(ville.responsable_voirie).post(adresse, donnees).status_code == 303
    assert (relire(libre).agent_traitant, relire(libre).etat) == (ville.collegue_voirie, Etat.PRISE_EN_CHARGE)
    journal = session(ville.responsable_voirie).get(
        reverse("agent_demande", args=[libre.numero]) + "?onglet=journal"
    )
    assert "Confiée à Inès Fontaine" in journal.content.decode()


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
