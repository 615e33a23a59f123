"""What the heads read of calls and visits: resolved before they ended or not, and how long they took."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from demandes import pilotage
from demandes.actions import contacts
from demandes.droits import Auteur
from demandes.models import Contact
from demandes.periodes import Periode
from demandes.pilotage import Choix
from demandes.views.pilotage import minutes
from guichet.canaux.canal import Canal
from guichet.organisation.models import Role, Secteur
from guichet.organisation.perimetre import Perimetre
from tests import factories
from tests.demandes.gestes import session
from tests.factories import Ville

PILOTAGE = reverse("agent_pilotage")
R = Contact.Resultat


def contact(ville: Ville, resultat: str = R.RENSEIGNE, minutes: float = 1, **champs: Any) -> Contact:
    """Over since yesterday."""
    debut = champs.pop("debut", timezone.now() - timedelta(days=1))
    return Contact.objects.create(
        canal=champs.pop("canal", "telephone"),
        point_accueil=champs.pop("point_accueil", ville.accueil),
        agent=ville.agent_accueil,
        resultat=resultat,
        debut=debut,
        fin=debut + timedelta(minutes=minutes),
        **champs,
    )


def page(compte, **parametres: Any):
    reponse = session(compte).get(PILOTAGE, {"periode": "7", **parametres})
    assert reponse.status_code == 200
    return reponse


def liste(compte, code: str, **parametres: Any) -> list[Any]:
    reponse = session(compte).get(adresse_de(code), {"periode": "7", **parametres})
    assert reponse.status_code == 200
    return list(reponse.context["page"].lignes)


def adresse_de(code: str) -> str:
    return reverse("agent_pilotage_liste", args=[code])


def table(compte, **parametres: Any) -> list[tuple[str, str, str, str]]:
    lignes = page(compte, **parametres).context["contacts"]
    return [(ligne["canal"], ligne["termines"], ligne["resolus"], ligne["duree"]) for ligne in lignes]


@pytest.fixture
def semaine(ville: Ville) -> dict[str, Contact]:
    """Four calls and a visit of the main desk, and what is not counted."""
    faits = {
        "renseigne": contact(ville, R.RENSEIGNE, 2),
        "repondu": contact(ville, R.REPONDU, 4),
        "demande": contact(ville, R.DEMANDE, 9),
        "coupe": contact(ville, R.COUPE, 0.5),
        "visite": contact(ville, R.DEMANDE, 12.25, canal="guichet"),
    }
    faits["repondu"].sujets.create(fiche=factories.creer_fiche(ville.type_voirie), est_resolu=True)
    for nom in ("demande", "visite"):
        faits[nom].sujets.create(demande=factories.deposer(ville))
    contact(ville, R.REPONDU, 60, point_accueil=ville.autre_accueil)
    contact(ville, R.REPONDU, 60, debut=timezone.now() - timedelta(days=20))
    contacts.commencer_contact(auteur=Auteur.agent(ville.agent_accueil), canal="telephone")
    return faits


# -- figures ---------------------------------------------------------------------------------------------


def test_calls_and_visits_are_read_apart_even_without_any_demande(ville, semaine):
    assert table(ville.responsable_accueil) == [
        (Canal.TELEPHONE, "4", "50\u00a0%", "3\u00a0min"),
        (Canal.GUICHET, "1", "0\u00a0%", "12\u00a0min"),
    ]


def test_the_share_opens_the_list_of_what_was_resolved(ville, semaine):
    compte = ville.responsable_accueil
    resolus = {c.pk for c in liste(compte, "contacts-resolus", canal="telephone")}

    assert resolus == {semaine["renseigne"].pk, semaine["repondu"].pk}
    assert liste(compte, "contacts-resolus", canal="guichet") == []
    lignes = page(compte).context["contacts"]
    chemins = [urlsplit(ligne[url]).path for ligne in lignes for url in ("url_termines", "url_resolus")]
    assert chemins == [adresse_de("contacts"), adresse_de("contacts-resolus")] * 2


def test_the_page_says_what_is_resolved_and_does_not_mix_it_with_demandes(ville, semaine):
    reponse = page(ville.responsable_accueil)
    chiffres = {c["libelle"]: c["valeur"] for c in reponse.context["chiffres"]}

    assert "tout ce qui était demandé a eu sa réponse avant la fin" in reponse.content.decode()
    # No demande was answered at once, while half of the calls were resolved.
    assert chiffres["Demandes résolues au premier contact"] == "—"


def test_a_desk_without_calls_is_told_so(ville):
    reponse = page(ville.responsable_accueil)

    assert reponse.context["contacts"] == []
    assert "Ni appel ni visite sur cette période" in reponse.content.decode()


def test_more_contacts_cost_no_more_statements(ville, semaine):
    client = session(ville.responsable_accueil)

    def statements(adresse: str) -> int:
        client.get(adresse)
        with CaptureQueriesContext(connection) as requetes:
            client.get(adresse)
        return len(requetes)

    adresses = (PILOTAGE, adresse_de("contacts"))
    avant = [statements(adresse) for adresse in adresses]
    for duree in range(1, 6):
        contact(ville, R.DEMANDE, duree).sujets.create(demande=factories.deposer(ville))

    assert [statements(adresse) for adresse in adresses] == avant


def test_all_is_counted_in_one_statement(ville, semaine):
    perimetre = Perimetre.de(ville.responsable_accueil)
    jour = timezone.localdate()
    choix = Choix(pilotage.lieux_de(perimetre)[0], Periode(jour - timedelta(days=6), jour), perimetre)

    with CaptureQueriesContext(connection) as requetes:
        lus = pilotage.compter_les_contacts(choix)

    assert len(requetes) == 1
    assert lus == {
        "telephone": (4, 3, 2, timedelta(minutes=3)),
        "guichet": (1, 0, 0, timedelta(minutes=12, seconds=15)),
    }


@pytest.mark.parametrize(
    ("delai", "mots"),
    [
        (None, "—"),
        (timedelta(seconds=50), "<\u00a01\u00a0min"),
        (timedelta(minutes=3, seconds=30), "3,5\u00a0min"),
        (timedelta(minutes=12, seconds=40), "13\u00a0min"),
    ],
)
def test_a_length_is_said_in_minutes(delai, mots):
    assert minutes(delai) == mots


def test_the_file_says_them_too(ville, semaine):
    lignes = page(ville.responsable_accueil, format="csv").content.decode("utf-8-sig").splitlines()

    assert [ligne.split(";")[3:] for ligne in lignes if "résolus" in ligne or "Durée" in ligne] == [
        ["Appels et visites résolus au premier contact", "Téléphone", "2"],
        ["Durée médiane des appels et visites, en minutes", "Téléphone", "3,0"],
        ["Appels et visites résolus au premier contact", "Guichet", "0"],
        ["Durée médiane des appels et visites, en minutes", "Guichet", "12,2"],
    ]


# -- whose -----------------------------------------------------------------------------------------------


def test_a_direction_reads_no_call_and_an_agent_nothing(ville, semaine):
    reponse = page(ville.responsable_voirie)

    assert reponse.context["contacts"] == []
    assert "titre-contacts" not in reponse.content.decode()
    for compte in (ville.responsable_voirie, ville.agent_accueil):
        assert session(compte).get(adresse_de("contacts-resolus")).status_code == 404
    assert session(ville.agent_accueil).get(PILOTAGE).status_code == 404


def test_an_elected_person_is_told_nothing_of_a_few_conversations(ville, semaine):
    elue = factories.creer_agent("Inès", "Élue", Role.ELU)

    # Five calls over the two desks, three of them resolved; one visit.
    assert table(elue) == [
        (Canal.TELEPHONE, "5", "—", "4\u00a0min"),
        (Canal.GUICHET, "moins de 5", "—", "—"),
    ]
    assert adresse_de("contacts-resolus") not in page(elue).content.decode()


def test_a_conversation_about_a_walled_secteur_is_counted_and_names_nobody(ville):
    jeanne = factories.creer_usager("Jeanne", "Martin")
    reserve = contact(ville, R.DEMANDE, usager=jeanne)
    reserve.sujets.create(demande=factories.deposer(ville, usager=jeanne, type=ville.type_social))
    habilitee = factories.creer_agent(
        "Maud", "Cros", Role.RESPONSABLE_ACCUEIL, ville.accueil, (Secteur.GENERAL, Secteur.SOCIAL)
    )

    def lue(compte) -> str:
        return session(compte).get(adresse_de("contacts")).content.decode()

    assert table(ville.responsable_accueil) == [(Canal.TELEPHONE, "1", "0\u00a0%", "1\u00a0min")]
    assert "Secteur réservé" in lue(ville.responsable_accueil)
    assert "Martin" not in lue(ville.responsable_accueil)
    assert "Martin" in lue(habilitee)
