"""Template texts: variables replaced, nothing executed, what is missing stays in sight."""

import json
import re
from datetime import date

import pytest
from django.conf import settings

from demandes import modeles
from demandes.etats import Etat
from demandes.models import ModeleReponse
from tests import factories

DONNEES = settings.RACINE / "demandes" / "donnees"


@pytest.fixture
def demande(ville):
    usager = factories.creer_usager("Marie-Antoinette", "de La Rochefoucauld-Montbel")
    return factories.demande_dans(Etat.PLANIFIEE, ville, usager=usager)


@pytest.fixture
def valeurs(ville, demande):
    return modeles.valeurs(demande, ville.agent_voirie)


def test_known_variables_are_replaced(valeurs, demande):
    texte = (
        "Bonjour {{ usager.nom }},\n\nVotre demande {{demande.numero}}, {{ demande.adresse }}.\n\n"
        "{{ agent.signature }}"
    )

    assert modeles.remplir(texte, valeurs) == (
        f"Bonjour Marie-Antoinette de La Rochefoucauld-Montbel,\n\nVotre demande {demande.numero}, "
        "12 rue des Tisserands.\n\nKarim Belkacem\nAgent territorial"
    )


def test_what_is_unknown_stays_visible(valeurs):
    texte = "Le {{ rendez_vous.date }}, {{ decision.motif }} {{ inconnu.total }}"

    rempli = modeles.remplir(texte, valeurs)

    assert rempli == "Le [à compléter], [à compléter] [à compléter]"
    assert modeles.est_incomplet(rempli)


def test_an_anonymous_person_is_greeted_without_a_hole(ville):
    demande = factories.deposer(ville, est_anonyme=True)

    assert (
        modeles.remplir("Bonjour {{ usager.nom }},", modeles.valeurs(demande, ville.agent_voirie))
        == "Bonjour,"
    )


def test_remedies_have_their_own_field_and_leave_no_hole(valeurs):
    assert modeles.remplir("Refusé. {{ decision.voies_recours }}\n\nFin", valeurs) == "Refusé.\n\nFin"
    assert modeles.remplir("Refusé.\n\n{{ decision.voies_recours }}\n\nFin", valeurs) == "Refusé.\n\nFin"


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ demande.code_suivi }}",
        "{{ demande.jeton_suivi }}",
        "{{ settings.SECRET_KEY }}",
        "{{ usager.compte.password }}",
        "{% load static %}",
        "{{ usager.__class__ }}",
    ],
)
def test_nothing_else_can_be_read_or_run(hostile, valeurs, demande):
    rempli = modeles.remplir(hostile, valeurs)

    assert demande.code_suivi not in rempli
    assert rempli in (modeles.A_COMPLETER, hostile)


def test_a_value_is_never_expanded_again(ville):
    usager = factories.creer_usager("{{ agent.signature }}", "Piège")
    demande = factories.deposer(ville, usager=usager)

    rempli = modeles.remplir("Bonjour {{ usager.nom }},", modeles.valeurs(demande, ville.agent_voirie))

    assert rempli == "Bonjour {{ agent.signature }} Piège,"


def test_list_and_deadline_come_when_the_agent_sends(valeurs):
    bloc = modeles.remplir(
        "Il manque :\n{{ complement.liste }}\n\nAvant le {{ complement.echeance }}.", valeurs
    )
    ligne = modeles.remplir("Il manque : {{ complement.liste }}.", valeurs)

    assert modeles.est_incomplet(bloc)
    assert modeles.fermer(bloc, ["Photo", "Plan"], date(2026, 12, 1)) == (
        "Il manque :\n- Photo\n- Plan\n\nAvant le mardi 1er décembre 2026."
    )
    assert modeles.fermer(ligne, ["Photo", "Plan"], date(2026, 12, 1)) == "Il manque : Photo, Plan."


def test_every_variable_of_the_catalogue_has_a_value(valeurs):
    schema = json.loads((DONNEES / "catalogue.schema.json").read_text(encoding="utf-8"))
    admises = set(re.findall(r"([a-z_]+)\\\.([a-z_]+)", json.dumps(schema).replace("\\\\", "\\")))

    assert {f"{objet}.{champ}" for objet, champ in admises} == set(valeurs)


def test_every_shipped_template_is_filled_in(valeurs):
    catalogue = json.loads((DONNEES / "catalogue.json").read_text(encoding="utf-8"))
    politiques = json.loads((DONNEES / "politiques.json").read_text(encoding="utf-8"))
    textes = [r["texte"] for type in catalogue["types"] for r in type["reponses_types"]]
    textes += [modele["texte"] for modele in politiques["modeles"]]

    for texte in textes:
        rempli = modeles.remplir(texte, valeurs)
        assert "{{" not in rempli
        assert "\n\n\n" not in rempli
        assert " \n" not in rempli


def test_the_type_s_own_templates_come_first(ville, demande):
    for type, titre in (
        (None, "Réponse favorable"),
        (ville.type_voirie, "Trou rebouché"),
        (ville.type_social, "Aide"),
    ):
        ModeleReponse.objects.create(type=type, geste="repondre", titre=titre, texte="{{ demande.numero }}")

    proposes = modeles.proposes(demande, ville.agent_voirie, "repondre")

    assert [(modele.titre, texte) for modele, texte in proposes] == [
        ("Trou rebouché", demande.numero),
        ("Réponse favorable", demande.numero),
    ]
