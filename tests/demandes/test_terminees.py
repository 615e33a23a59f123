"""What is over: the latest first, page after page, read from an index whatever the number."""

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from demandes import corbeilles, curseur
from demandes.corbeilles import Filtres
from demandes.etats import FINAUX, NON_FINAUX, Etat
from demandes.models import Demande
from guichet.organisation.models import Agent, Compte, Role, Secteur
from guichet.organisation.perimetre import Perimetre
from tests import factories
from tests.demandes.gestes import session

DATES = {Etat.TRAITEE: "traitee_le", Etat.CLOSE: "close_le", Etat.REJETEE: "rejetee_le"}


def page(compte: Compte, **parametres):
    return session(compte).get(f"{reverse('agent_corbeille')}?{urlencode(parametres)}")


def numeros(reponse) -> list[str]:
    return [ligne["numero"] for ligne in reponse.context["lignes"]]


def finie(ville, etat: Etat, le: datetime, **champs) -> Demande:
    """Ended then; whoever holds it may have been given it since."""
    demande = factories.demande_dans(etat, ville)
    dates = {"traitee_le": le, "close_le": le} if etat == Etat.CLOSE else {DATES[etat]: le}
    Demande.objects.filter(pk=demande.pk).update(**dates, **champs)
    return demande


@pytest.fixture
def sept(ville) -> list[str]:
    """Seven of roads and cleaning, two of the same instant: in list order."""
    Agent.objects.update(lignes_par_page=3)
    maintenant = timezone.now()
    jours = [40, 2, 9, 9, 300, 1, 30]
    demandes = [
        finie(
            ville,
            Etat.TRAITEE if rang % 2 else Etat.CLOSE,
            maintenant - timedelta(days=jour),
            est_urgente=rang == 4,
            direction=ville.proprete if rang in (2, 5) else ville.voirie,
        )
        for rang, jour in enumerate(jours)
    ]
    return [demandes[rang].numero for rang in (5, 1, 3, 2, 6, 0, 4)]


def suivre(compte: Compte, vue: str) -> tuple[list[list[str]], list[list[str]]]:
    """Every page to the last one, and every page back."""
    aller, reponse = [], page(compte, vue=vue)
    while True:
        aller.append(numeros(reponse))
        if not reponse.context["url_suivante"]:
            break
        reponse = suite(compte, reponse.context["url_suivante"])
    retour = [numeros(reponse)]
    while reponse.context["url_precedente"]:
        reponse = suite(compte, reponse.context["url_precedente"])
        retour.insert(0, numeros(reponse))
    return aller, retour


def suite(compte: Compte, adresse: str):
    return page(compte, **{nom: v[0] for nom, v in parse_qs(urlsplit(adresse).query).items()})


def test_the_latest_come_first_and_pages_follow_each_other_both_ways(ville, sept):
    aller, retour = suivre(ville.agent_accueil, "accueil_terminees")

    assert aller == [sept[0:3], sept[3:6], sept[6:]]
    assert retour == aller


def test_who_works_in_two_places_reads_them_as_one_list(ville, sept):
    factories.affecter(ville.agent_voirie, Role.AGENT_DIRECTION, ville.proprete)

    aller, retour = suivre(ville.agent_voirie, "terminees")

    assert aller == [sept[0:3], sept[3:6], sept[6:]]
    assert retour == aller


def test_a_direction_sees_what_it_may_read_and_no_other_s(ville, sept):
    Demande.objects.filter(numero=sept[1]).update(secteur=Secteur.SOCIAL)

    assert suivre(ville.agent_voirie, "terminees")[0] == [[sept[2], *sept[4:6]], [sept[6]]]
    assert suivre(ville.agent_proprete, "terminees")[0] == [[sept[0], sept[3]]]


@pytest.mark.parametrize(
    "faux", ["n'importe quoi", "2026-99-99_3", "_4", "1_2026-01-01T00:00:00_3", "2026-01-01_0"]
)
def test_a_damaged_cursor_starts_from_the_beginning(ville, faux):
    demande = factories.demande_dans(Etat.CLOSE, ville)

    for sens in ("apres", "avant"):
        assert numeros(page(ville.agent_voirie, vue="terminees", **{sens: faux})) == [demande.numero]


def test_each_view_offers_the_states_it_may_hold_and_a_final_one_finds(ville):
    close, rejetee = (factories.demande_dans(etat, ville) for etat in (Etat.CLOSE, Etat.REJETEE))
    ouverte = factories.demande_dans(Etat.ORIENTEE, ville)

    terminees = page(ville.agent_accueil, vue="accueil_terminees", etat="rejetee")
    assert numeros(terminees) == [rejetee.numero]
    assert etats_offerts(terminees) == {"", *FINAUX}
    toutes = page(ville.agent_accueil, vue="accueil")
    assert numeros(toutes) == [ouverte.numero]
    assert etats_offerts(toutes) == {"", *NON_FINAUX}
    non_lus = page(ville.agent_accueil, vue="accueil_non_lus")
    assert etats_offerts(non_lus) == {"", *Etat}
    assert close.numero in page(ville.agent_voirie, vue="terminees", etat="close").content.decode()


def etats_offerts(reponse) -> set[str]:
    return {code for code, _ in reponse.context["formulaire"].fields["etat"].choices}


def test_a_row_says_when_it_ended_and_nothing_is_done_to_several(ville):
    finie(ville, Etat.CLOSE, datetime(2025, 3, 12, 10, tzinfo=timezone.get_current_timezone()))

    reponse = page(ville.agent_voirie, vue="terminees")

    [ligne] = reponse.context["lignes"]
    assert "12 mars 2025" in ligne["echeance"].replace("\xa0", " ")
    assert ligne["prochain"] is None
    assert "data-barre-selection" not in reponse.content.decode()
    assert "Cocher la demande" not in reponse.content.decode()


@pytest.mark.parametrize("ailleurs", [False, True], ids=["one place", "two places"])
@pytest.mark.parametrize("depuis", [None, curseur.CurseurFinies(timezone.now(), 7)], ids=["first", "next"])
def test_the_database_reads_them_in_the_order_of_an_index(ville, depuis, ailleurs):
    """Of no size at all here: what is asked is that it could, so nothing else is left to it."""
    if ailleurs:
        factories.affecter(ville.agent_voirie, Role.AGENT_DIRECTION, ville.proprete)
    perimetre = Perimetre.de(ville.agent_voirie)
    vue = next(vue for vue in corbeilles.vues_de(perimetre) if vue.code == "terminees")
    source = corbeilles.liste_de(vue, Filtres(), perimetre)
    texte = curseur.composer(source, depuis and depuis.modele(), False, 51)
    if depuis is not None:
        texte = texte.replace("$1", str(depuis.pk)).replace("$2", f"'{depuis.fin.isoformat()}'::timestamptz")

    with connection.cursor() as lecteur:
        lecteur.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off;"
            "SET LOCAL enable_incremental_sort = off"
        )
        lecteur.execute(f"EXPLAIN (COSTS OFF) {texte}")
        plan = "\n".join(ligne for (ligne,) in lecteur.fetchall())

    if depuis is None and not ailleurs:
        assert "Index Scan using demande_finies_direction on demandes_demande" in plan
        assert "Sort" not in plan
        return
    # The ids of each place, and no more than a page of them.
    pages = re.findall(r"Limit\n +->  Index (?:Only )?Scan using demande_finies_direction on \w+ u\d", plan)
    assert len(pages) == 1 + ailleurs, plan
    if depuis is not None:
        assert plan.count("< ROW('") == 1 + ailleurs, plan


def test_a_transmitted_one_says_so_in_a_word(ville):
    factories.demande_dans(Etat.TRANSMISE_EXTERNE, ville)

    [ligne] = page(ville.agent_accueil, vue="accueil_terminees").context["lignes"]

    assert ">Transmise<" in ligne["etat"]
