"""The work queue: whose list holds what, in what order, and at what cost."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from demandes import actions, corbeilles, decomptes
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.formulaires_gestes import Moment
from demandes.models import Demande
from demandes.noms import noms
from demandes.rangees import Rangee
from demandes.views import corbeille as vue_corbeille
from demandes.views.lignes import PROCHAINS, prochain_geste
from guichet.organisation.models import Agent, Compte, Delegation, Role
from guichet.organisation.perimetre import Perimetre
from tests import factories

STATEMENTS = 6


def page(compte: Compte, **parametres):
    client = Client()
    client.force_login(compte)
    return client.get(f"{reverse('agent_corbeille')}?{urlencode(parametres)}")


def numeros(reponse) -> list[str]:
    return [ligne["numero"] for ligne in reponse.context["lignes"]]


def comptes(reponse) -> dict[str, int | str]:
    return {vue["code"]: vue["compte"] for groupe in reponse.context["groupes"] for vue in groupe["vues"]}


def dater(demande: Demande, **champs) -> Demande:
    """Move what only time moves."""
    Demande.objects.filter(pk=demande.pk).update(**champs)
    return demande


# -- who sees which views --------------------------------------------------------------------------------


def test_an_agent_of_the_desk_has_the_views_of_the_desk(ville):
    assert list(comptes(page(ville.agent_accueil))) == [
        "a_qualifier",
        "a_orienter",
        "accueil_non_lus",
        "accueil_en_retard",
        "accueil",
        "accueil_terminees",
    ]


def test_the_head_of_the_desk_arbitrates(ville):
    assert "arbitrages" in comptes(page(ville.responsable_accueil))


def test_an_agent_of_a_direction_has_the_views_of_the_direction(ville):
    assert list(comptes(page(ville.agent_voirie))) == [
        "a_prendre",
        "miennes",
        "non_lus",
        "en_retard",
        "aujourd_hui",
        "en_attente",
        "direction",
        "terminees",
    ]


def test_the_head_of_a_direction_signs(ville):
    assert "a_valider" in comptes(page(ville.responsable_voirie))


def test_somebody_with_both_roles_has_both_groups(ville):
    factories.affecter(ville.agent_voirie, Role.AGENT_ACCUEIL, ville.accueil)

    reponse = page(ville.agent_voirie)

    assert [groupe["nom"] for groupe in reponse.context["groupes"]] == ["Accueil", "Direction"]


def test_an_administrator_finds_what_may_be_restored_and_nothing_else(ville):
    annulee = factories.demande_dans(Etat.ANNULEE, ville)
    factories.demande_dans(Etat.ORIENTEE, ville)

    reponse = page(ville.administrateur)

    assert [groupe["nom"] for groupe in reponse.context["groupes"]] == ["Administration"]
    assert [ligne["numero"] for ligne in reponse.context["lignes"]] == [annulee.numero]


def test_somebody_without_a_place_has_no_queue(ville):
    assert page(factories.creer_agent("Sans", "Place")).status_code == 404


def test_a_deputy_works_from_the_absentee_s_queue(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    jour = timezone.localdate()
    Delegation.objects.create(titulaire=ville.agent_voirie, suppleant=ville.agent_proprete, du=jour, au=jour)

    assert numeros(page(ville.agent_proprete, vue="a_prendre")) == [demande.numero]


# -- what each view holds ----------------------------------------------------------------------------------

PLACES = {
    Etat.NOUVELLE: {"agent_accueil": {"a_qualifier", "accueil"}, "agent_voirie": set()},
    Etat.QUALIFIEE: {"agent_accueil": {"a_orienter", "accueil"}, "agent_voirie": set()},
    Etat.ORIENTEE: {"agent_accueil": {"accueil"}, "agent_voirie": {"a_prendre", "direction"}},
    Etat.PRISE_EN_CHARGE: {"agent_accueil": {"accueil"}, "agent_voirie": {"miennes", "direction"}},
    Etat.PLANIFIEE: {"agent_accueil": {"accueil"}, "agent_voirie": {"miennes", "direction"}},
    Etat.ATTENTE_USAGER: {
        "agent_accueil": {"accueil"},
        "agent_voirie": {"miennes", "en_attente", "direction"},
    },
    Etat.ATTENTE_TIERS: {
        "agent_accueil": {"accueil"},
        "agent_voirie": {"miennes", "en_attente", "direction"},
    },
    Etat.A_VALIDER: {
        "agent_accueil": {"accueil"},
        "agent_voirie": {"miennes", "direction"},
        "responsable_voirie": {"a_valider", "direction"},
    },
    **{
        etat: {"agent_accueil": {"accueil_terminees"}, "agent_voirie": {"terminees"}}
        for etat in (Etat.TRAITEE, Etat.CLOSE)
    },
    # Ended at the desk, before any direction had it.
    **{
        etat: {"agent_accueil": {"accueil_terminees"}, "agent_voirie": set()}
        for etat in (Etat.REJETEE, Etat.TRANSMISE_EXTERNE, Etat.ANNULEE, Etat.FUSIONNEE)
    },
}


@pytest.mark.parametrize("etat", Etat)
def test_each_state_stands_in_the_views_of_those_who_must_act(ville, etat):
    demande = factories.demande_dans(etat, ville)

    for qui, attendues in PLACES[etat].items():
        perimetre = Perimetre.de(getattr(ville, qui))
        vues = {
            vue.code
            for vue in corbeilles.vues_de(perimetre)
            if Demande.objects.connues_de(perimetre).filter(vue.filtre, pk=demande.pk).exists()
        }
        assert vues == attendues, qui
        comptes = decomptes.compter(corbeilles.vues_de(perimetre), perimetre)
        toutes, finies = ("accueil", "accueil_terminees") if "accueil" in qui else ("direction", "terminees")
        # The main one of a grouped demande is open.
        assert comptes[toutes] == int(toutes in attendues) + int(etat == Etat.FUSIONNEE)
        assert comptes[finies] == int(finies in attendues)


def test_a_demande_sent_back_waits_for_the_head_of_the_desk(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    actions.renvoyer_a_l_accueil(
        demande,
        auteur=Auteur.agent(ville.agent_voirie),
        motif="hors_de_nos_missions",
        commentaire="Ce trou est dans un jardin.",
    )

    assert numeros(page(ville.responsable_accueil, vue="arbitrages")) == [demande.numero]
    assert numeros(page(ville.agent_accueil, vue="a_orienter")) == []


def test_late_and_today_follow_the_due_date_unless_the_clock_is_stopped(ville):
    maintenant = timezone.now()
    en_retard = dater(
        factories.demande_dans(Etat.PRISE_EN_CHARGE, ville), echeance_service=maintenant - timedelta(days=3)
    )
    ce_soir = dater(
        factories.demande_dans(Etat.PRISE_EN_CHARGE, ville),
        echeance_service=timezone.localtime().replace(hour=23, minute=59, second=0),
    )
    dater(factories.demande_dans(Etat.ATTENTE_USAGER, ville), echeance_service=maintenant - timedelta(days=9))

    assert numeros(page(ville.agent_voirie, vue="en_retard")) == [en_retard.numero]
    assert numeros(page(ville.agent_voirie, vue="aujourd_hui")) == [ce_soir.numero]
    assert numeros(page(ville.agent_accueil, vue="accueil_en_retard")) == [en_retard.numero]


def test_an_unread_message_is_for_whoever_holds_the_demande(ville):
    tenue = dater(factories.demande_dans(Etat.PRISE_EN_CHARGE, ville), a_message_non_lu=True)
    finie = dater(factories.demande_dans(Etat.REJETEE, ville), a_message_non_lu=True)

    reponse = page(ville.agent_voirie, vue="non_lus")

    assert numeros(reponse) == [tenue.numero]
    assert "Message non lu" in reponse.content.decode()
    assert numeros(page(ville.agent_accueil, vue="accueil_non_lus")) == [finie.numero]


def test_another_direction_and_another_desk_see_nothing(ville):
    factories.demande_dans(Etat.ORIENTEE, ville)

    for compte in (ville.agent_proprete, ville.agent_autre_accueil):
        assert set(comptes(page(compte)).values()) == {0}


def test_the_desk_knows_a_reserved_demande_by_its_number_only(ville):
    usager = factories.creer_usager("Marie-Antoinette", "de La Rochefoucauld-Montbel")
    demande = factories.deposer(ville, type=ville.type_social, usager=usager, adresse="3 quai des Secrets")

    contenu = page(ville.agent_accueil, vue="accueil").content.decode()

    assert demande.numero in contenu
    assert "Contenu réservé" in contenu
    for mot in ("Rochefoucauld", "Secrets", "Aide financière</", demande.objet):
        assert mot not in contenu.partition("<tbody>")[2]


def test_a_filter_tells_nothing_of_a_reserved_demande(ville):
    factories.deposer(ville, type=ville.type_social, adresse="3 quai des Secrets")

    for filtre in ({"texte": "secrets"}, {"type": "CCAS-AIDE"}, {"territoire": "arr_3"}):
        assert numeros(page(ville.agent_accueil, vue="accueil", **filtre)) == []


def test_the_counts_are_those_of_the_lists_whatever_the_place(ville):
    for etat in Etat:
        factories.demande_dans(etat, ville)
    dater(factories.demande_dans(Etat.REJETEE, ville), a_message_non_lu=True)
    dater(factories.demande_dans(Etat.PRISE_EN_CHARGE, ville), a_message_non_lu=True, est_urgente=True)
    dater(
        factories.demande_dans(Etat.PRISE_EN_CHARGE, ville),
        echeance_service=timezone.now() - timedelta(days=3),
    )
    factories.affecter(ville.responsable_voirie, Role.AGENT_ACCUEIL, ville.accueil)
    jour = timezone.localdate()
    Delegation.objects.create(titulaire=ville.agent_voirie, suppleant=ville.agent_proprete, du=jour, au=jour)

    for compte in (
        ville.agent_accueil,
        ville.responsable_voirie,
        ville.agent_proprete,
        ville.administrateur,
    ):
        perimetre = Perimetre.de(compte)
        vues = corbeilles.vues_de(perimetre)
        assert decomptes.compter(vues, perimetre) == {
            vue.code: Demande.objects.connues_de(perimetre).filter(vue.filtre).count() for vue in vues
        }, compte


def test_a_place_given_or_withdrawn_changes_the_very_next_page(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    assert numeros(page(ville.agent_proprete, vue="a_prendre")) == []

    pretee = factories.affecter(ville.agent_proprete, Role.AGENT_DIRECTION, ville.voirie)
    prise = page(ville.agent_proprete, vue="a_prendre")
    pretee.delete()
    rendue = page(ville.agent_proprete, vue="a_prendre")

    assert (numeros(prise), comptes(prise)["a_prendre"]) == ([demande.numero], 1)
    assert (numeros(rendue), comptes(rendue)["a_prendre"]) == ([], 0)


# -- order, pages, filters -------------------------------------------------------------------------------


@pytest.fixture
def douze(ville) -> list[str]:
    """Twelve demandes to take, two urgent, three without a due date, some due together: in list order."""
    Agent.objects.update(lignes_par_page=4)
    maintenant = timezone.now()
    demandes = [factories.demande_dans(Etat.ORIENTEE, ville) for _ in range(12)]
    jours = [5, 1, 1, None, 3, 2, None, 1, 4, 2, None, 6]
    for rang, (demande, jour) in enumerate(zip(demandes, jours, strict=True)):
        echeance = maintenant + timedelta(days=jour) if jour else None
        dater(demande, echeance_service=echeance, est_urgente=rang in (4, 10))
    rangs = [4, 10, 1, 2, 7, 5, 9, 8, 0, 11, 3, 6]
    return [demandes[rang].numero for rang in rangs]


def test_urgent_first_then_by_due_date_then_those_without(ville, douze):
    Agent.objects.update(lignes_par_page=50)

    assert numeros(page(ville.agent_voirie, vue="a_prendre")) == douze


def test_pages_follow_each_other_both_ways_without_gap_or_double(ville, douze):
    vues, parametres = [], {"vue": "a_prendre"}
    reponse = page(ville.agent_voirie, **parametres)
    assert reponse.context["url_precedente"] is None
    while True:
        vues.append(numeros(reponse))
        if not reponse.context["url_suivante"]:
            break
        reponse = page(ville.agent_voirie, **lire(reponse.context["url_suivante"]))
    retour = [numeros(reponse)]
    while reponse.context["url_precedente"]:
        reponse = page(ville.agent_voirie, **lire(reponse.context["url_precedente"]))
        retour.insert(0, numeros(reponse))

    assert vues == [douze[0:4], douze[4:8], douze[8:12]]
    assert retour == vues


def test_an_agent_chooses_how_many_rows_and_finds_it_again(ville):
    for _ in range(30):
        factories.demande_dans(Etat.ORIENTEE, ville)
    client = Client()
    client.force_login(ville.agent_voirie)
    adresse = f"{reverse('agent_corbeille')}?vue=a_prendre&etat=orientee"
    assert len(numeros(client.get(adresse))) == 30
    assert client.get(adresse).context["tailles"] == [(25, False), (50, True), (100, False)]

    reponse = client.post(reverse("agent_par_page"), {"par_page": "25", "suite": adresse})

    assert (reponse.status_code, reponse["Location"]) == (302, adresse)
    reduite = client.get(adresse)
    suite = client.get(reverse("agent_corbeille") + reduite.context["url_suivante"])
    assert [len(numeros(une)) for une in (reduite, suite)] == [25, 5]
    assert len(numeros(page(ville.collegue_voirie, vue="a_prendre"))) == 30
    for autre in ("7", "1000000", "", "-1", "x"):
        client.post(reverse("agent_par_page"), {"par_page": autre, "suite": "https://ailleurs.example/"})
        assert Agent.objects.get(compte=ville.agent_voirie).lignes_par_page == 25


def test_a_short_list_is_not_asked_its_size(ville):
    factories.demande_dans(Etat.ORIENTEE, ville)

    assert "Lignes par page" not in page(ville.agent_voirie, vue="a_prendre").content.decode()


def lire(adresse: str) -> dict[str, str]:
    return {nom: valeurs[0] for nom, valeurs in parse_qs(urlsplit(adresse).query).items()}


@pytest.mark.parametrize(
    "faux", ["n'importe quoi", "1_2026-99-99_3", "1__99999999999999999999", "__", "0__-4", "é_é_é", "1__1__1"]
)
def test_a_damaged_cursor_starts_from_the_beginning(ville, faux):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)

    for sens in ("apres", "avant"):
        assert numeros(page(ville.agent_voirie, vue="a_prendre", **{sens: faux})) == [demande.numero]


def test_filters_narrow_and_their_chips_remove_them(ville):
    voulue = factories.demande_dans(
        Etat.PRISE_EN_CHARGE, ville, adresse="8 place du Marché", est_urgente=True
    )
    factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)
    factories.demande_dans(Etat.ORIENTEE, ville, canal="courriel", type=ville.type_a_valider, territoire=None)

    filtres = {
        "texte": "march",
        "type": "VOI-TROU",
        "etat": "prise_en_charge",
        "canal": "telephone",
        "territoire": "arr_3",
        "agent": "moi",
        "urgente": "on",
    }
    for nom, valeur in filtres.items():
        seul = page(ville.agent_voirie, vue="direction", **{nom: valeur})
        assert voulue.numero in numeros(seul), nom
        assert len(numeros(seul)) < 3, nom
    reponse = page(ville.agent_voirie, vue="direction", **filtres)

    assert numeros(reponse) == [voulue.numero]
    assert len(reponse.context["filtres"]) == len(filtres)
    sans_texte = lire(reponse.context["filtres"][0]["url"])
    assert sans_texte == {"vue": "direction", **{n: v for n, v in filtres.items() if n != "texte"}}


@pytest.mark.parametrize(
    "texte", ["rochefou", "LA ROCHEFOUCAULD", "ROCHEFOUCAULD marie", "tisserands", "école"]
)
def test_text_finds_by_name_place_and_object(ville, texte):
    usager = factories.creer_usager("Marie-Antoinette", "de La Rochefoucauld-Montbel")
    demande = factories.demande_dans(Etat.ORIENTEE, ville, usager=usager)
    factories.demande_dans(Etat.ORIENTEE, ville, objet="Bordure", texte="Bordure", adresse="2 rue Neuve")

    assert numeros(page(ville.agent_voirie, vue="a_prendre", texte=texte)) == [demande.numero]


def test_text_finds_by_number(ville):
    demande, autre = (factories.demande_dans(Etat.ORIENTEE, ville) for _ in range(2))

    assert numeros(page(ville.agent_voirie, vue="a_prendre", texte=demande.numero)) == [demande.numero]
    assert autre.numero not in numeros(page(ville.agent_voirie, vue="a_prendre", texte=f" {demande.numero} "))


@pytest.mark.parametrize(
    "parametres",
    [
        {"vue": "inconnue"},
        {"type": "INCONNU", "etat": "perdue", "canal": "fumée", "territoire": "arr_99"},
        {"agent": "1 OR 1=1"},
        {"agent": "99999999999999999999"},
        {"texte": "'; DROP TABLE demandes_demande; --"},
        {"texte": "& | ! <-> :*"},
        {"texte": "x" * 5000},
        {"texte": "\x00"},
    ],
)
def test_odd_addresses_are_answered_calmly(ville, parametres):
    factories.demande_dans(Etat.ORIENTEE, ville)

    assert page(ville.agent_voirie, **parametres).status_code == 200


def test_unassigned_and_a_colleague_s(ville):
    libre = factories.demande_dans(Etat.ORIENTEE, ville)
    tenue = factories.demande_dans(Etat.PRISE_EN_CHARGE, ville)

    assert numeros(page(ville.collegue_voirie, vue="direction", agent="personne")) == [libre.numero]
    assert numeros(page(ville.collegue_voirie, vue="direction", agent=ville.agent_voirie.pk)) == [
        tenue.numero
    ]


# -- rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", ["type_voirie", "type_a_valider"])
@pytest.mark.parametrize("etat", Etat)
def test_the_gesture_of_a_row_is_one_the_demande_offers(ville, etat, type):
    demande = factories.demande_dans(etat, ville, type=getattr(ville, type))

    for qui in ("agent_accueil", "agent_voirie", "responsable_voirie", "agent_proprete"):
        compte = getattr(ville, qui)
        auteur = Auteur.agent(compte)
        filtre = corbeilles.Vue("toutes", "", "", corbeilles.Q(pk=demande.pk), ("", ""))
        perimetre = auteur.perimetre
        toutes = corbeilles.demandes_de(filtre, corbeilles.Filtres(), perimetre)
        for lue in map(Rangee._make, toutes.values_list(*Rangee._fields)):
            ligne = prochain_geste(lue, auteur, noms())
            if ligne is not None:
                assert ligne["url"].split("/")[-2] in Moment.de(demande, auteur).gestes(), qui
                assert etat in PROCHAINS


def test_a_row_shows_what_was_typed_and_obeys_none_of_it(ville):
    piege = '"><script>alert(1)</script>'
    usager = factories.creer_usager(piege, "D'Été & fils")
    demande = factories.demande_dans(
        Etat.ORIENTEE, ville, usager=usager, objet=piege, adresse=f"3 rue {piege}"
    )
    Demande.objects.filter(pk=demande.pk).update(objet=piege, adresse=f"3 rue {piege}")

    contenu = page(ville.agent_voirie, vue="a_prendre", texte=demande.numero, ouverte=piege).content.decode()

    assert "<script>alert" not in contenu
    assert contenu.partition("<tbody>")[2].count("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    assert "D&#x27;Été &amp; fils" in contenu


def test_taking_from_the_row_posts_its_own_version_and_comes_back(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville)
    client = Client()
    client.force_login(ville.agent_voirie)
    liste = client.get(reverse("agent_corbeille") + "?vue=a_prendre")
    contenu = liste.content.decode()
    ligne = liste.context["lignes"][0]

    assert (
        f'name="version" value="{demande.version}" formaction="{ligne["prochain"]["url"]}?suite=' in contenu
    )
    reponse = client.post(f"{ligne['prochain']['url']}?suite={ligne['suite']}", {"version": ligne["version"]})

    assert (reponse.status_code, reponse["Location"]) == (303, "/agent/corbeille/?vue=a_prendre")
    assert Demande.objects.get(pk=demande.pk).agent_traitant == ville.agent_voirie


def test_the_desk_finds_by_direction_what_has_none_and_what_came_between_two_days(ville):
    orientee = factories.demande_dans(Etat.ORIENTEE, ville)
    ancienne = factories.deposer(ville, recue_le=timezone.now() - timedelta(days=40))
    nouvelle = factories.deposer(ville)
    il_y_a_un_mois = (timezone.localdate() - timedelta(days=30)).isoformat()
    hier = (timezone.localdate() - timedelta(days=1)).isoformat()

    def trouvees(**filtres):
        return set(numeros(page(ville.agent_accueil, vue="accueil", **filtres)))

    assert trouvees(direction="VOI") == {orientee.numero}
    assert trouvees(direction="aucune") == {ancienne.numero, nouvelle.numero}
    assert trouvees(du=il_y_a_un_mois) == {orientee.numero, nouvelle.numero}
    assert trouvees(au=hier) == {ancienne.numero}
    assert trouvees(du=timezone.localdate().isoformat(), direction="aucune") == {nouvelle.numero}
    assert len(trouvees(du="0001-01-01", au="9999-12-31", direction="magie")) == 3


def test_a_direction_is_not_asked_which_direction(ville):
    reponse = page(ville.agent_voirie, vue="direction", direction="aucune")

    assert "direction" not in reponse.context["formulaire"].fields
    assert reponse.context["filtres"] == []


def test_an_empty_view_says_what_to_do(ville):
    vide = page(ville.agent_voirie, vue="miennes").content.decode()
    filtree = page(ville.agent_voirie, vue="miennes", texte="rien").content.decode()

    assert "Prenez-en une dans « À prendre en charge »." in vide
    assert "Effacer les filtres" in filtree


def test_htmx_gets_the_very_fragment_the_page_is_made_of(ville):
    factories.demande_dans(Etat.ORIENTEE, ville)
    client = Client()
    client.force_login(ville.agent_voirie)
    entiere = client.get(reverse("agent_corbeille"))
    fragment = client.get(reverse("agent_corbeille"), headers={"HX-Request": "true"})
    retour = client.get(
        reverse("agent_corbeille"), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )

    corps = fragment.content.decode().partition("</title>")[2].strip()
    assert "HX-Request" in entiere["Vary"]
    assert "<html" not in fragment.content.decode()
    assert sans_jeton(corps) in sans_jeton(entiere.content.decode())
    assert "<html" in retour.content.decode()


def sans_jeton(html: str) -> str:
    """The CSRF token is masked anew in each answer."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", html)


def test_counts_are_capped(ville, monkeypatch):
    monkeypatch.setattr(decomptes, "PLAFOND", 2)
    monkeypatch.setattr(vue_corbeille, "PLAFOND", 2)
    for _ in range(4):
        factories.demande_dans(Etat.ORIENTEE, ville)

    assert comptes(page(ville.agent_voirie))["a_prendre"] == "2+"


def test_thirty_rows_cost_the_same_statements_as_three(ville):
    cache.clear()
    for rang in range(30):
        factories.demande_dans(Etat.ORIENTEE, ville, usager=factories.creer_usager(nom=f"Nom{rang}"))
        if rang == 2:
            trois = mesurer(ville.agent_voirie)
    trente = mesurer(ville.agent_voirie)

    assert len(numeros(page(ville.agent_voirie, vue="a_prendre"))) == 30
    assert trente == trois
    assert trente <= STATEMENTS


def mesurer(compte: Compte) -> int:
    """Statements of a page once the labels are in the cache, login and session included."""
    client = Client()
    client.force_login(compte)
    client.get(reverse("agent_corbeille") + "?vue=a_prendre")
    with CaptureQueriesContext(connection) as requetes:
        client.get(reverse("agent_corbeille") + "?vue=a_prendre")
    return len(requetes)
