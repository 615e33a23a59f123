"""The heads' figures: exact on a small city, each as long as the list behind it, and whose they are."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from demandes import actions, pilotage
from demandes.actions import contacts
from demandes.droits import Auteur
from demandes.etats import Decision, Etat
from demandes.models import Contact, Demande
from demandes.periodes import Periode
from demandes.views.pilotage import duree
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from guichet.organisation.models import Delegation, Role, Secteur
from guichet.organisation.perimetre import Perimetre
from guichet.socle.calendrier import PARIS
from tests import factories
from tests.demandes.gestes import session
from tests.factories import Ville

PILOTAGE = reverse("agent_pilotage")
AUJOURD_HUI = {"periode": "7"}


def il_y_a(jours: int) -> datetime:
    return timezone.now() - timedelta(days=jours)


def page(compte, **parametres: Any):
    reponse = session(compte).get(PILOTAGE, parametres)
    assert reponse.status_code == 200
    return reponse


def valeurs(compte, **parametres: Any) -> dict[str, str]:
    return {c["libelle"]: c["valeur"] for c in page(compte, **parametres).context["chiffres"]}


def details(compte, **parametres: Any) -> dict[str, str]:
    return {c["libelle"]: c["detail"] for c in page(compte, **parametres).context["chiffres"]}


def liste(compte, code: str, **parametres: Any) -> list[Any]:
    reponse = session(compte).get(reverse("agent_pilotage_liste", args=[code]), parametres)
    assert reponse.status_code == 200
    return reponse.context["page"].lignes


def contact(ville: Ville, *, demande: Demande | None = None, canal: str = "telephone") -> Contact:
    auteur = Auteur.agent(ville.agent_accueil)
    commence = contacts.commencer_contact(auteur=auteur, canal=canal)
    if demande is not None:
        contacts.noter(commence, demande=demande)
    resultat = "" if demande else Contact.Resultat.RENSEIGNE
    return contacts.terminer_contact(commence, auteur=auteur, resultat=resultat)


@pytest.fixture
def semaine(ville: Ville) -> dict[str, Demande]:
    """What the main desk received lately, and what is not its own or may not be read by its head."""
    demandes = {
        "nouvelle": factories.deposer(ville, canal=Canal.PORTAIL),
        "prise": factories.demande_dans(Etat.PRISE_EN_CHARGE, ville, recue_le=il_y_a(3)),
        "repondue": factories.demande_dans(Etat.TRAITEE, ville, recue_le=il_y_a(4)),
        "rejetee": factories.demande_dans(Etat.REJETEE, ville),
        "en_retard": factories.demande_dans(Etat.ORIENTEE, ville, recue_le=il_y_a(40)),
        "repondue_tard": factories.demande_dans(Etat.TRAITEE, ville, recue_le=il_y_a(24)),
        "reservee": factories.demande_dans(Etat.ORIENTEE, ville, type=ville.type_social),
        "ailleurs": factories.deposer(ville, point_accueil=ville.autre_accueil),
    }
    tout_de_suite = factories.demande_dans(Etat.QUALIFIEE, ville, canal=Canal.GUICHET)
    demandes["tout_de_suite"] = actions.repondre_immediatement(
        tout_de_suite,
        auteur=Auteur.agent(ville.agent_accueil),
        fiche=factories.creer_fiche(ville.type_voirie),
        texte="Les équipes rebouchent un trou dans les cinq jours ouvrés.",
        decision=Decision.ACCORD,
    )
    contact(ville)
    contact(ville, demande=demandes["prise"])
    contact(ville, canal="guichet")
    contacts.commencer_contact(auteur=Auteur.agent(ville.agent_accueil), canal="telephone")
    return demandes


# -- figures ---------------------------------------------------------------------------------------------


def test_the_head_of_a_desk_reads_six_exact_figures(ville, semaine):
    assert valeurs(ville.responsable_accueil, **AUJOURD_HUI) == {
        "Demandes reçues": "5",
        "À qualifier": "1",
        "En retard": "1",
        "Délai médian de réponse": "4\u00a0jours",
        "Demandes résolues au premier contact": "33\u00a0%",
        "Appels et visites": "3",
    }
    dits = details(ville.responsable_accueil, **AUJOURD_HUI)
    assert dits["Demandes résolues au premier contact"] == "1 sur 3 réponses"
    assert dits["Appels et visites"] == "dont 2 sans demande"
    assert re.fullmatch(
        r"promis : \d+(,\d)?\xa0jours\xa0; 67\xa0% dans les temps", dits["Délai médian de réponse"]
    )
    assert valeurs(ville.responsable_accueil, periode="30")["Demandes reçues"] == "6"


def test_the_head_of_a_direction_reads_what_it_holds(ville, semaine):
    rouverte = factories.demande_dans(Etat.TRAITEE, ville)
    actions.rouvrir(
        rouverte, auteur=Auteur.agent(ville.agent_accueil), motif="non_resolu", commentaire="Non."
    )

    assert valeurs(ville.responsable_voirie, **AUJOURD_HUI) == {
        "Demandes reçues": "3",
        "À prendre en charge": "2",
        "En retard": "1",
        "Délai médian de réponse": "14\u00a0jours",
        "Rouvertes": "33\u00a0%",
        "Réorientées": "0\u00a0%",
    }
    assert details(ville.responsable_voirie, **AUJOURD_HUI)["Rouvertes"] == "1 sur 3 reçues"


def test_every_list_is_as_long_as_its_figure_says(ville, semaine):
    attendues = {
        ville.responsable_accueil: {
            "recues": ["nouvelle", "prise", "rejetee", "repondue", "tout_de_suite"],
            "a-qualifier": ["nouvelle"],
            "en-retard": ["en_retard"],
            "repondues": ["repondue", "repondue_tard", "tout_de_suite"],
            "premier-contact": ["tout_de_suite"],
            "finies": ["rejetee", "repondue", "repondue_tard", "tout_de_suite"],
        },
        ville.responsable_voirie: {
            "recues": ["prise", "repondue"],
            "a-prendre": ["en_retard"],
            "en-retard": ["en_retard"],
            "repondues": ["repondue", "repondue_tard"],
            "rouvertes": [],
            "reorientees": [],
        },
    }
    noms = {demande.pk: nom for nom, demande in semaine.items()}

    lues = {
        compte: {code: sorted(noms[d.pk] for d in liste(compte, code, **AUJOURD_HUI)) for code in codes}
        for compte, codes in attendues.items()
    }

    assert lues == attendues
    assert len(liste(ville.responsable_accueil, "contacts", **AUJOURD_HUI)) == 3
    assert len(liste(ville.responsable_accueil, "contacts-sans-demande", **AUJOURD_HUI)) == 2


def test_every_number_of_the_page_opens_its_own_list(ville, semaine):
    client = session(ville.responsable_accueil)
    contenu = client.get(PILOTAGE, {"periode": "mois"}).content.decode()
    liens = set(re.findall(rf'href="({PILOTAGE}[\w-]+/\?[^"]+)"', contenu))

    codes = {urlsplit(lien).path.split("/")[-2] for lien in liens}
    assert codes >= {
        "recues",
        "finies",
        "a-qualifier",
        "en-retard",
        "repondues",
        "premier-contact",
        "contacts",
    }
    for lien in liens:
        # As they stand in the page: « & » is written « &amp; ».
        reponse = client.get(lien.replace("&amp;", "&"))
        assert reponse.status_code == 200, lien
        assert parse_qs(urlsplit(lien.replace("&amp;", "&")).query)["periode"] == ["dates"]


def test_what_can_be_acted_on_leads_to_the_view_of_the_queue_that_holds_it(ville, semaine):
    for compte, code, vue in (
        (ville.responsable_accueil, "a-qualifier", "a_qualifier"),
        (ville.responsable_accueil, "en-retard", "accueil_en_retard"),
        (ville.responsable_voirie, "a-prendre", "a_prendre"),
        (ville.responsable_voirie, "en-retard", "en_retard"),
    ):
        client = session(compte)
        contexte = client.get(reverse("agent_pilotage_liste", args=[code])).context
        corbeille = client.get(contexte["url_corbeille"])

        assert parse_qs(urlsplit(contexte["url_corbeille"]).query) == {"vue": [vue]}
        dans_la_corbeille = {ligne["numero"] for ligne in corbeille.context["lignes"]}
        assert {demande.numero for demande in contexte["page"].lignes} == dans_la_corbeille
    recues = session(ville.responsable_accueil).get(reverse("agent_pilotage_liste", args=["recues"]))
    assert recues.context["url_corbeille"] == ""


def test_what_another_direction_had_first_is_counted_as_rerouted(ville):
    demande = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    actions.reorienter(
        demande, auteur=Auteur.agent(ville.agent_voirie), direction=ville.proprete, motif="mauvaise_direction"
    )

    assert valeurs(ville.responsable_proprete)["Réorientées"] == "100\u00a0%"
    assert [d.pk for d in liste(ville.responsable_proprete, "reorientees")] == [demande.pk]
    assert valeurs(ville.responsable_voirie)["Réorientées"] == "0\u00a0%"


def test_a_channel_counts_demandes_and_contacts_side_by_side(ville, semaine):
    lignes = page(ville.responsable_accueil, **AUJOURD_HUI).context["canaux"]

    assert [(ligne["canal"], ligne["demandes"], ligne["contacts"]) for ligne in lignes] == [
        (Canal.TELEPHONE, "3", "2"),
        (Canal.GUICHET, "1", "1"),
        (Canal.PORTAIL, "1", "0"),
    ]
    (visite,) = liste(ville.responsable_accueil, "contacts", canal="guichet", **AUJOURD_HUI)
    (deposee,) = liste(ville.responsable_accueil, "recues", canal="portail", **AUJOURD_HUI)
    assert (visite.canal, deposee.pk) == ("guichet", semaine["nouvelle"].pk)


def test_an_empty_place_has_figures_too(ville):
    assert valeurs(ville.responsable_accueil) == {
        "Demandes reçues": "0",
        "À qualifier": "0",
        "En retard": "0",
        "Délai médian de réponse": "—",
        "Demandes résolues au premier contact": "—",
        "Appels et visites": "0",
    }
    assert liste(ville.responsable_accueil, "recues") == []


def test_more_demandes_cost_no_more_statements(ville, semaine):
    client = session(ville.responsable_accueil)

    def statements() -> int:
        client.get(PILOTAGE)
        with CaptureQueriesContext(
            connection,
        ) as requetes:
            client.get(PILOTAGE)
        return len(requetes)

    avant = statements()
    for _ in range(3):
        factories.deposer(ville)

    assert statements() == avant
    assert avant <= 12


def test_the_page_is_whole_without_scripts(ville):
    contenu = page(ville.responsable_accueil, periode="dates").content.decode()

    for nom in ("periode", "du", "au"):
        assert re.search(rf'<(select|input)[^>]* name="{nom}"', contenu), nom
    assert re.search(
        rf'<a href="{PILOTAGE}sans-accuse/\?[^"]+">Demandes sans accusé de réception</a>', contenu
    )
    assert " style=" not in contenu.partition("<main")[2].partition("</main>")[0]


# -- acknowledgements ------------------------------------------------------------------------------------


def numeros_sans_accuse(compte) -> list[str]:
    lues = [demande.numero for demande in liste(compte, "sans-accuse")]
    fragment = session(compte).get(reverse("agent_pilotage_sans_accuse")).content.decode()
    assert (f"{len(lues)} demande" in fragment) == bool(lues)
    return lues


def test_a_letter_nobody_acknowledged_is_counted_until_its_page_is_printed(ville):
    sans_courriel = factories.creer_usager("Ginette", "Blanc", courriel="", adresse="3 rue Neuve")
    lettre = factories.deposer(ville, usager=sans_courriel, canal=Canal.COURRIER)
    factories.deposer(ville, usager=sans_courriel, canal=Canal.TELEPHONE)
    factories.deposer(ville, est_anonyme=True, canal=Canal.PORTAIL)
    factories.deposer(ville, canal=Canal.PORTAIL)

    assert numeros_sans_accuse(ville.responsable_accueil) == [lettre.numero]
    actions.imprimer_l_accuse(lettre, auteur=Auteur.agent(ville.agent_accueil))

    assert numeros_sans_accuse(ville.responsable_accueil) == []


def test_an_acknowledgement_that_came_back_does_not_count(ville):
    demande = factories.deposer(ville, canal=Canal.PORTAIL)
    assert numeros_sans_accuse(ville.responsable_accueil) == []

    Envoi.objects.filter(reference=f"demande:{demande.numero}").update(
        etat=Envoi.Etat.ECHEC, prochain_essai_le=None, erreur="550 Boîte inconnue"
    )

    assert numeros_sans_accuse(ville.responsable_accueil) == [demande.numero]


# -- who -------------------------------------------------------------------------------------------------


def test_a_director_reads_their_direction_and_its_lists(ville, semaine):
    directrice = factories.creer_agent("Anne", "Perrin", Role.DIRECTEUR, ville.voirie)

    assert valeurs(directrice, **AUJOURD_HUI)["Demandes reçues"] == "2"
    assert [d.pk for d in liste(directrice, "en-retard")] == [semaine["en_retard"].pk]


def test_a_walled_secteur_is_counted_by_who_is_cleared_for_it(ville, semaine):
    assert valeurs(ville.responsable_ccas, **AUJOURD_HUI)["Demandes reçues"] == "1"
    habilitee = factories.creer_agent(
        "Maud", "Cros", Role.RESPONSABLE_ACCUEIL, ville.accueil, (Secteur.GENERAL, Secteur.SOCIAL)
    )
    assert valeurs(habilitee, **AUJOURD_HUI)["Demandes reçues"] == "6"


def test_a_deputy_pilots_what_the_absent_head_does(ville, semaine):
    jour = timezone.localdate()
    assert session(ville.agent_voirie).get(PILOTAGE).status_code == 404

    Delegation.objects.create(
        titulaire=ville.responsable_voirie, suppleant=ville.agent_voirie, du=jour, au=jour
    )

    assert valeurs(ville.agent_voirie, **AUJOURD_HUI)["Demandes reçues"] == "2"


def test_one_chooses_among_ones_own_places_and_no_other(ville, semaine):
    compte = ville.responsable_accueil
    factories.affecter(compte, Role.RESPONSABLE_DIRECTION, ville.proprete)
    choix = [code for code, _ in page(compte).context["formulaire"].fields["lieu"].choices]

    assert choix == [f"accueil-{ville.accueil.pk}", f"direction-{ville.proprete.pk}"]
    assert valeurs(compte, lieu=f"direction-{ville.proprete.pk}")["Demandes reçues"] == "0"
    for lieu in (f"direction-{ville.voirie.pk}", f"accueil-{ville.autre_accueil.pk}", "ville", "magie"):
        assert session(compte).get(PILOTAGE, {"lieu": lieu}).status_code == 404
        assert (
            session(compte).get(reverse("agent_pilotage_liste", args=["recues"]), {"lieu": lieu}).status_code
            == 404
        )


@pytest.mark.parametrize("code", ["magie", "a-prendre", "rouvertes"])
def test_a_list_that_is_not_of_this_place_does_not_exist(ville, code):
    adresse = reverse("agent_pilotage_liste", args=[code])

    assert session(ville.responsable_accueil).get(adresse).status_code == 404


def test_an_unknown_channel_is_refused(ville):
    assert session(ville.responsable_accueil).get(PILOTAGE, {"canal": "pigeon"}).status_code == 404


def test_an_elected_person_reads_numbers_of_the_city_and_no_demande(ville, semaine):
    elue = factories.creer_agent("Inès", "Élue", Role.ELU)
    client = session(elue)
    contenu = client.get(PILOTAGE, AUJOURD_HUI).content.decode()

    # Six of the general secteur in the whole city; fewer than five is not told.
    assert valeurs(elue, **AUJOURD_HUI) == {
        "Demandes reçues": "6",
        "À qualifier": "moins de 5",
        "En retard": "moins de 5",
        "Délai médian de réponse": "—",
        "Demandes résolues au premier contact": "—",
        "Appels et visites": "moins de 5",
    }
    assert f"{PILOTAGE}recues/" not in contenu
    assert "sans accusé" not in contenu
    assert semaine["nouvelle"].numero not in contenu
    for code in pilotage.LISTES:
        assert client.get(reverse("agent_pilotage_liste", args=[code])).status_code == 404
    assert client.get(reverse("agent_pilotage_sans_accuse")).status_code == 404
    assert client.get(reverse("agent_demande", args=[semaine["nouvelle"].numero])).status_code == 404


def test_nothing_small_leaves_in_the_file_of_an_elected_person(ville, semaine):
    elue = factories.creer_agent("Inès", "Élue", Role.ELU)
    lignes = lire_le_fichier(session(elue).get(PILOTAGE, {**AUJOURD_HUI, "format": "csv"}))

    nombres = {ligne["Valeur"] for ligne in lignes if ligne["Valeur"].isdigit()}
    assert nombres.isdisjoint({"1", "2", "3", "4"})
    assert {"Demandes reçues": "6", "En retard en ce moment": "moins de 5"}.items() <= {
        ligne["Rubrique"]: ligne["Valeur"] for ligne in lignes
    }.items()


# -- periods ---------------------------------------------------------------------------------------------


def test_a_day_ends_at_midnight_in_paris(ville):
    veille, jour = date(2026, 11, 9), date(2026, 11, 10)
    for heure in (
        datetime(2026, 11, 9, 23, 59, 59, 900000, PARIS),
        datetime(2026, 11, 10, 0, 0, tzinfo=PARIS),
    ):
        factories.deposer(ville, recue_le=heure)

    courbe = page(ville.responsable_accueil, periode="dates", du=veille, au=jour).context["courbe"]

    assert [(ligne["jour"], ligne["recues"]) for ligne in courbe["lignes"]] == [
        ("9 nov.", "1"),
        ("10 nov.", "1"),
    ]
    assert len(liste(ville.responsable_accueil, "recues", periode="dates", du=jour, au=jour)) == 1


def test_a_long_period_is_drawn_by_weeks_from_monday():
    longue = Periode(date(2026, 10, 1), date(2026, 11, 10))

    assert [(pas.du, pas.au) for pas in longue.pas(par_jour=False)][:2] == [
        (date(2026, 10, 1), date(2026, 10, 4)),
        (date(2026, 10, 5), date(2026, 10, 11)),
    ]
    assert longue.pas(par_jour=False)[-1] == Periode(date(2026, 11, 9), date(2026, 11, 10))
    assert sum(pas.jours for pas in longue.pas(par_jour=False)) == longue.jours
    assert len(Periode(date(2026, 10, 1), date(2026, 10, 31)).pas(par_jour=True)) == 31


@pytest.mark.parametrize(
    ("delai", "mots"),
    [
        (timedelta(minutes=20), "<\u00a01\u00a0h"),
        (timedelta(hours=3, minutes=40), "4\u00a0h"),
        (timedelta(hours=36), "1,5\u00a0jour"),
        (timedelta(days=4), "4\u00a0jours"),
        (timedelta(days=12, hours=15), "13\u00a0jours"),
    ],
)
def test_a_delay_is_said_as_people_say_it(delai, mots):
    assert duree(delai) == mots


@pytest.mark.parametrize(
    ("du", "au", "champ", "phrase"),
    [
        ("2026-11-10", "2026-11-09", "au", "La fin vient après le début."),
        ("2025-01-01", "2026-11-09", "au", "Choisissez un an au plus."),
        ("", "2026-11-09", "du", "Choisissez un jour."),
        ("hier", "2026-11-09", "du", "Saisissez une date valide."),
    ],
)
def test_dates_that_make_no_period_are_said_and_thirty_days_are_shown(ville, du, au, champ, phrase):
    contexte = page(ville.responsable_accueil, periode="dates", du=du, au=au).context

    assert contexte["formulaire"].errors[champ] == [phrase]
    assert contexte["choix"].periode == Periode(
        timezone.localdate() - timedelta(days=29), timezone.localdate()
    )


# -- file ------------------------------------------------------------------------------------------------


def lire_le_fichier(reponse) -> list[dict[str, str]]:
    assert reponse["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";"))


def test_the_file_says_what_the_page_says(ville, semaine):
    ville.accueil.nom = "=Mairie"
    ville.accueil.save()
    reponse = session(ville.responsable_accueil).get(PILOTAGE, {**AUJOURD_HUI, "format": "csv"})
    lignes = lire_le_fichier(reponse)

    jour = timezone.localdate()
    debut = jour - timedelta(days=6)
    assert f"pilotage-accueil-{ville.accueil.pk}-{debut}-{jour}.csv" in reponse["Content-Disposition"]
    assert {(ligne["Lieu"], ligne["Du"], ligne["Au"]) for ligne in lignes} == {
        ("'=Mairie", debut.isoformat(), jour.isoformat())
    }
    dites = {(ligne["Rubrique"], ligne["Précision"]): ligne["Valeur"] for ligne in lignes}
    assert dites["Demandes reçues", ""] == "5"
    assert dites["Réponses dans le délai promis", ""] == "2"
    assert dites["Appels et visites sans demande", ""] == "2"
    assert dites["Demandes par canal", "Téléphone"] == "3"
    assert dites["Terminées", jour.isoformat()] == "4"
    assert sum(int(v) for (rubrique, _), v in dites.items() if rubrique == "Reçues") == 5


def test_the_rail_leads_heads_there_and_nobody_else(ville):
    def rail(compte) -> list[str]:
        contenu = session(compte).get(reverse("agent_absence")).content.decode()
        return re.findall(rf'class="rail" href="({PILOTAGE})"', contenu)

    elue = factories.creer_agent("Inès", "Élue", Role.ELU)
    for compte in (ville.responsable_accueil, ville.responsable_voirie, elue):
        assert rail(compte) == [PILOTAGE]
    for compte in (ville.agent_accueil, ville.agent_voirie, ville.administrateur):
        assert rail(compte) == []
        assert not Perimetre.de(compte).est_pilote
