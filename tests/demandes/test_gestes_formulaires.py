"""What each form of a gesture helps with: lists, templates, recipients, dates, and its own refusals."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from demandes.chapeaux import A1, A2, ADM, R1, R2
from demandes.etats import Decision, Etat
from demandes.models import Complement, Demande, ModeleReponse
from tests import factories
from tests.demandes.gestes import donnees_de, relire, session, url

AGENTS = frozenset({A1, R1, A2, R2, ADM})


def test_complement_list_and_deadline_are_written_when_it_is_sent(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = donnees_de("demander_complement", ville, demande)

    session(ville.agent_voirie).post(
        url(demande, "demander_complement"), {"version": demande.version, **donnees}
    )

    complement = Complement.objects.get(demande=demande)
    corps = demande.messages.get(nature="complement").corps
    assert complement.elements == ["Photo du trou", "La largeur du trou", "La date"]
    assert (complement.delai_jours, complement.est_indispensable) == (20, True)
    assert "- Photo du trou\n- La largeur du trou\n- La date" in corps
    assert str(complement.echeance.year) in corps
    assert "[" not in corps


@pytest.mark.parametrize(
    ("champ", "valeur", "attendu"),
    [
        ("delai_jours", "14", "Le délai va de 15 à 60 jours."),
        ("delai_jours", "61", "Le délai va de 15 à 60 jours."),
        ("delai_jours", "beaucoup", "Le délai va de 15 à 60 jours."),
        ("texte", "", "Écrivez le message."),
        ("texte", "Motif : [à compléter]", "Complétez d'abord les passages marqués « [à compléter] »."),
        ("texte", "Bonjour {{ usager.nom }}", "Complétez d'abord les passages marqués « [à compléter] »."),
    ],
)
def test_a_complement_that_cannot_leave_says_why(ville, champ, valeur, attendu):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = {**donnees_de("demander_complement", ville, demande), champ: valeur}

    reponse = session(ville.agent_voirie).post(
        url(demande, "demander_complement"), {"version": demande.version, **donnees}
    )

    assert reponse.status_code == 422
    assert reponse.context["formulaire"].errors == {champ: [attendu]}
    assert relire(demande).etat == Etat.PRISE_EN_CHARGE


def test_a_complement_asks_for_something(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    donnees = donnees_de("demander_complement", ville, demande) | {"pieces_du_type": [], "elements": " \n "}

    reponse = session(ville.agent_voirie).post(
        url(demande, "demander_complement"), {"version": demande.version, **donnees}
    )

    assert list(reponse.context["formulaire"].errors) == ["pieces_du_type"]


def test_a_template_is_inserted_after_what_is_written(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    modele = ModeleReponse.objects.create(
        type=ville.type_voirie, geste="repondre", titre="Trou rebouché", texte="Le trou {{ demande.numero }}."
    )
    client = session(ville.agent_voirie)

    reponse = client.post(
        url(demande, "repondre"),
        {
            "version": demande.version,
            "texte": "Bonjour,",
            "decision": "refus",
            "preparer": f"modele:{modele.pk}",
        },
    )

    formulaire = reponse.context["formulaire"]
    assert reponse.status_code == 200
    assert formulaire["texte"].value() == f"Bonjour,\n\nLe trou {demande.numero}."
    assert formulaire["decision"].value() == "refus"
    assert not formulaire.errors
    assert relire(demande).etat == Etat.PRISE_EN_CHARGE


def test_a_fiche_is_inserted_and_may_be_cited(ville):
    fiche = factories.creer_fiche(ville.type_voirie)
    demande = factories.deposer(ville)
    client = session(ville.agent_accueil)

    reponse = client.post(
        url(demande, "repondre_immediatement"),
        {"version": demande.version, "type": ville.type_voirie.pk, "preparer": f"fiche:{fiche.code}"},
    )

    assert reponse.context["formulaire"]["texte"].value() == fiche.reponse
    assert fiche.notes_agents in reponse.content.decode()


def test_the_composer_hands_its_text_to_the_form_of_the_answer(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    reponse = session(ville.agent_voirie).post(
        url(demande, "repondre"), {"version": demande.version, "texte": "Déjà écrit.", "preparer": "texte"}
    )

    formulaire = reponse.context["formulaire"]
    assert formulaire["texte"].value() == "Déjà écrit."
    assert "tribunal administratif" in formulaire["voies_recours"].value()
    assert formulaire["version"].value() == str(demande.version)


def test_a_draft_is_shown_with_its_author_and_signed_by_somebody_else(ville):
    demande = factories.demande_dans(Etat.A_VALIDER, ville, type=ville.type_a_valider)
    client = session(ville.responsable_voirie)

    page = client.get(url(demande, "repondre"))
    formulaire = page.context["formulaire"]
    donnees = {nom: formulaire[nom].value() for nom in ("version", "texte", "decision", "voies_recours")}
    reponse = client.post(url(demande, "repondre"), donnees)

    assert "Karim Belkacem" in page.content.decode()
    assert "Valider et envoyer" in page.content.decode()
    assert reponse.status_code == 303
    assert relire(demande).etat == Etat.TRAITEE


def test_a_refusal_carries_its_remedies(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = session(ville.agent_voirie)
    donnees = {"version": demande.version, "texte": "Non.", "decision": Decision.REFUS}

    sans = client.post(url(demande, "repondre"), {**donnees, "voies_recours": ""})
    client.post(url(demande, "repondre"), {**donnees, "voies_recours": "Tribunal administratif de Lyon."})

    assert list(sans.context["formulaire"].errors) == ["voies_recours"]
    assert demande.messages.get(nature="reponse").corps == "Non.\n\nTribunal administratif de Lyon."


def test_the_desk_only_rejects_what_cannot_be_examined(ville):
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)
    prise = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    accueil = session(ville.agent_accueil).get(url(demande, "rejeter")).context["formulaire"]
    direction = session(ville.responsable_voirie).get(url(prise, "rejeter")).context["formulaire"]

    assert [m.code for m in accueil.fields["motif"].queryset] == ["irrecevable", "abusif"]
    assert len(direction.fields["motif"].queryset) == 4


def test_merge_proposes_what_looks_alike_and_only_what_one_may_read(ville):
    usager = factories.creer_usager()
    demande = factories.demande_dans(Etat.ORIENTEE, ville, usager=usager)
    voisine = factories.demande_dans(Etat.ORIENTEE, ville, adresse="12 rue des tisserands")
    sienne = factories.demande_dans(Etat.ORIENTEE, ville, usager=usager, adresse="8 place du Marché")
    factories.demande_dans(Etat.ORIENTEE, ville, adresse="1 quai Neuf")
    reservee = factories.demande_dans(Etat.ORIENTEE, ville, type=ville.type_social)
    client = session(ville.agent_voirie)

    page = client.get(url(demande, "fusionner"))
    choix = [valeur for valeur, _ in page.context["formulaire"].fields["principale"].choices]
    refus = client.post(
        url(demande, "fusionner"),
        {"version": demande.version, "principale": "autre", "numero": reservee.numero},
    )

    assert choix == [voisine.numero, sienne.numero, "autre"]
    assert refus.context["formulaire"].errors == {"numero": ["Aucune demande visible ne porte ce numéro."]}


def test_a_second_reorientation_goes_back_to_the_desk(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    Demande.objects.filter(pk=demande.pk).update(compteur_reorientations=1)
    client = session(ville.agent_voirie)

    page = client.get(url(demande, "reorienter"))
    reponse = client.post(
        url(demande, "reorienter"),
        {"version": demande.version, "motif": "mauvaise_direction", "direction": ""},
    )

    assert "elle repart à l&#x27;accueil" in page.content.decode()
    assert (reponse.status_code, reponse["Location"]) == (303, reverse("agent_corbeille"))
    assert relire(demande).arbitrage_demande_le is not None


def test_routing_shows_what_the_rules_propose_and_why(ville):
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)

    page = session(ville.agent_accueil).get(url(demande, "orienter"))

    formulaire = page.context["formulaire"]
    assert formulaire["direction"].value() == ville.voirie.pk
    assert "Direction habituelle pour" in formulaire.fields["direction"].help_text


def test_after_qualifying_comes_routing(ville):
    demande = factories.deposer(ville)

    reponse = session(ville.agent_accueil).post(
        url(demande, "qualifier"), {"version": demande.version, "type": ville.type_voirie.pk}
    )

    assert reponse["Location"] == url(demande, "orienter")


def test_a_known_body_needs_no_contact(ville):
    factories.creer_organisme()
    demande = factories.demande_dans(Etat.QUALIFIEE, ville)
    client = session(ville.agent_accueil)
    donnees = {"version": demande.version, "contact": ""}

    inconnu = client.post(url(demande, "transmettre"), {**donnees, "organisme": "Personne"})
    connu = client.post(url(demande, "transmettre"), {**donnees, "organisme": "Métropole de la Saône"})

    assert inconnu.context["formulaire"].errors == {"contact": ["Indiquez comment joindre cet organisme."]}
    assert connu.status_code == 303
    assert relire(demande).organisme == "Métropole de la Saône"


def test_a_planned_day_is_promised_to_its_end_and_a_past_one_refused(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = session(ville.agent_voirie)
    demain = timezone.localdate() + timedelta(days=1)

    passe = client.post(url(demande, "planifier"), {"version": demande.version, "pour": "2020-01-01"})
    client.post(url(demande, "planifier"), {"version": demande.version, "pour": demain.isoformat()})

    assert passe.context["formulaire"].errors == {"pour": ["La date prévue doit être dans l'avenir."]}
    assert (
        timezone.localtime(relire(demande).planifiee_pour).isoformat()[:16] == f"{demain.isoformat()}T23:59"
    )


@pytest.mark.parametrize(
    ("geste", "champ", "dernier", "phrase"),
    [
        ("planifier", "pour", 731, "La date prévue est à plus de deux ans : vérifiez l'année."),
        ("attendre_un_tiers", "relance_le", 366, "La date de relance est à plus d'un an : vérifiez l'année."),
    ],
)
def test_a_day_too_far_is_a_mistake_and_says_so(ville, geste, champ, dernier, phrase):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    client = session(ville.agent_voirie)
    donnees = {"version": demande.version, **donnees_de(geste, ville, demande)}
    jours = [(timezone.localdate() + timedelta(days=j)).isoformat() for j in (dernier + 1, dernier - 1)]

    loin, possible = (client.post(url(demande, geste), {**donnees, champ: jour}) for jour in jours)

    assert loin.context["formulaire"].errors == {champ: [phrase]}
    assert possible.status_code == 303


def test_where_one_goes_next_never_leaves_the_site(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = session(ville.agent_voirie).post(
        url(demande, "prendre_en_charge"), {"version": demande.version, "suite": "https://mal.example/"}
    )

    assert reponse["Location"] == reverse("agent_demande", args=[demande.numero])


def test_a_form_without_a_version_is_refused(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = session(ville.agent_voirie).post(url(demande, "prendre_en_charge"), {})

    assert reponse.status_code == 422
    assert relire(demande).etat == Etat.ORIENTEE


def test_the_recipient_is_written_out(ville):
    cas = {
        "Jeanne Martin</strong>, par courriel à jeanne@courriel.example.": {
            "courriel": "jeanne@courriel.example"
        },
        "par téléphone au 06 39 98 12 34": {"courriel": "", "telephone": "06 39 98 12 34"},
        "par lettre à 3 rue Neuve": {"courriel": "", "adresse": "3 rue Neuve"},
        "au guichet, en main propre": {"courriel": ""},
    }
    for attendu, personne in cas.items():
        demande = factories.demande_dans(
            Etat.PRISE_EN_CHARGE, ville, usager=factories.creer_usager(**personne)
        )
        contenu = session(ville.agent_voirie).get(url(demande, "ecrire_a_l_usager")).content.decode()
        assert attendu in contenu
