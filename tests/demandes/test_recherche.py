"""The desk's one box: every way people name somebody or something, and nothing one may not see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from demandes.etats import Etat
from demandes.models import Fiche
from demandes.recherche import chercher, lire
from demandes.recherche.fiches import index_des_fiches
from demandes.vitrine import oublier
from guichet.organisation.models import Role
from guichet.organisation.perimetre import Perimetre
from tests import factories

ANNEE = timezone.localdate().year


@pytest.fixture(autouse=True)
def _fresh_catalogue(monkeypatch):
    """Both indexes are read once a test, even over the turn of a minute."""
    for module in ("vitrine", "recherche.fiches"):
        monkeypatch.setattr(f"demandes.{module}.FRAICHEUR_INDEX", 10**12)
    oublier()
    index_des_fiches.cache_clear()
    yield
    oublier()
    index_des_fiches.cache_clear()


@pytest.fixture
def bureau(ville) -> Perimetre:
    return Perimetre.de(ville.agent_accueil)


def personnes(saisie: str, perimetre: Perimetre) -> list[str]:
    return [str(usager) for usager in chercher(saisie, perimetre).personnes]


def numeros(saisie: str, perimetre: Perimetre) -> list[str]:
    return [demande.numero for demande in chercher(saisie, perimetre).demandes]


# -- reading what was typed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("saisie", "telephone"),
    [
        ("06 39 98 12 34", "+33639981234"),
        ("0639981234", "+33639981234"),
        ("+33 6 39 98 12 34", "+33639981234"),
        ("0033639981234", "+33639981234"),
        ("06.39.98.12.34", "+33639981234"),
        ("06-39-98", "+33639 98".replace(" ", "")),
        ("06", ""),
        ("12 rue des Lilas", ""),
        ("dupont", ""),
    ],
)
def test_a_phone_is_read_in_any_writing_or_by_its_beginning(saisie, telephone):
    assert lire(saisie).telephone == telephone


@pytest.mark.parametrize(
    ("saisie", "numero"),
    [
        ("2026-0001234", "2026-0001234"),
        ("2026 1234", "2026-0001234"),
        ("n° 2026-1234", "2026-0001234"),
        ("1234", f"{ANNEE}-0001234"),
        ("n°1234", f"{ANNEE}-0001234"),
        ("#0001234", f"{ANNEE}-0001234"),
        ("20260001234", "2026-0001234"),
        ("26-1234", "2026-0001234"),
        ("n° 2026–1234", "2026-0001234"),
    ],
)
def test_a_number_is_read_whole_or_short(saisie, numero):
    assert numero in lire(saisie).numeros


@pytest.mark.parametrize(
    "saisie", ["", "   ", "\x00", "' OR 1=1 --", "a:* & !b | (c", "%", "\\", "🚲", "x" * 5000]
)
def test_nothing_typed_breaks_the_box(saisie, bureau):
    resultats = chercher(saisie, bureau)

    assert (resultats.personnes, resultats.demandes) == ([], [])


# -- persons ------------------------------------------------------------------------------------------


@pytest.fixture
def habitants(db):
    for prenom, nom in [
        ("Élodie", "Lefèvre"),
        ("Marie-Antoinette", "de La Rochefoucauld-Montbel"),
        ("Jean", "Dupont"),
        ("Jeanne", "Dupond"),
        ("Chloé", "Moreau"),
        ("Minh", "Le"),
        ("Karim", "N'Guyen"),
    ]:
        factories.creer_usager(prenom, nom)


@pytest.mark.parametrize(
    ("saisie", "attendue"),
    [
        ("lefevre", "Élodie Lefèvre"),
        ("LEFÈVRE ELODIE", "Élodie Lefèvre"),
        ("mari roch", "Marie-Antoinette de La Rochefoucauld-Montbel"),
        ("la rochefoucauld", "Marie-Antoinette de La Rochefoucauld-Montbel"),
        ("le fèvre", "Élodie Lefèvre"),  # in one word or two
        ("Lefaivre", "Élodie Lefèvre"),  # by ear
        ("chloe mauraud", "Chloé Moreau"),  # by ear, with the first name
        ("morot chloe", "Chloé Moreau"),
        ("jean dupon", "Jean Dupont"),
        ("Mme Moreau", "Chloé Moreau"),
        ("jean duptno", "Jean Dupont"),  # mistyped
        ("lefvere", "Élodie Lefèvre"),
        ("elodei lefvere", "Élodie Lefèvre"),
        ("omreau", "Chloé Moreau"),
        ("rochefoucald", "Marie-Antoinette de La Rochefoucauld-Montbel"),
        ("minh le", "Minh Le"),
        ("nguyen", "Karim N'Guyen"),
    ],
)
def test_a_name_is_found_however_it_is_said(habitants, bureau, saisie, attendue):
    assert personnes(saisie, bureau)[0] == attendue


def test_the_closest_name_comes_first(habitants, bureau):
    assert personnes("dupond", bureau)[:2] == ["Jeanne Dupond", "Jean Dupont"]
    assert "Chloé Moreau" not in personnes("dupond", bureau)


def test_one_phone_brings_the_whole_household(bureau):
    factories.creer_usager("Anne", "Roux", telephone="06 39 98 12 34")
    factories.creer_usager("Luc", "Petit", telephone="+33639981234")
    factories.creer_usager("Ève", "Autre", telephone="06 39 98 55 55")

    for saisie in ("06 39 98 12 34", "0639981234", "+33 639 981 234", "06.39.98.12"):
        assert sorted(personnes(saisie, bureau)) == ["Anne Roux", "Luc Petit"]


def test_the_last_digits_of_a_phone_are_enough(bureau):
    factories.creer_usager("Anne", "Roux", telephone="06 39 98 12 34")
    factories.creer_usager("Ève", "Autre", telephone="06 39 98 55 55")

    for saisie in ("1234", "12 34", "98.12.34", "639981234"):
        assert personnes(saisie, bureau) == ["Anne Roux"]
    assert personnes("234", bureau) == []


def test_a_person_is_found_by_their_address(bureau):
    factories.creer_usager("Anne", "Roux", adresse="12 bis boulevard des Frères-Lumière, 69983 Villeneuve")
    factories.creer_usager("Ève", "Autre", adresse="14 boulevard des Frères-Lumière, 69983 Villeneuve")

    for saisie in ("12 bd des freres lumiere", "frères-lumière 12", "boulevard lumiere 12 bis"):
        assert personnes(saisie, bureau) == ["Anne Roux"], saisie
    assert sorted(personnes("boulevard lumiere", bureau)) == ["Anne Roux", "Ève Autre"]


def test_an_e_mail_is_found_whole_or_by_its_beginning(bureau):
    factories.creer_usager("Anne", "Roux", courriel="Anne.Roux@Courriel.example")
    factories.creer_usager("Luc", "Petit", courriel="luc@courriel.example")

    for saisie in ("Anne.Roux@courriel.example", "Anne.Roux@COURRIEL.example", "Anne.Roux@"):
        assert personnes(saisie, bureau) == ["Anne Roux"]
    assert personnes("luc@courriel.example", bureau) == ["Luc Petit"]
    assert personnes("LUC@cour", bureau) == ["Luc Petit"]


def test_open_demandes_are_counted_as_far_as_one_may_read(ville):
    usager = factories.creer_usager("Anne", "Roux")
    factories.demande_dans(Etat.ORIENTEE, ville, usager=usager)
    factories.demande_dans(Etat.TRAITEE, ville, usager=usager)
    factories.deposer(ville, usager=usager, type=ville.type_social)

    def ouvertes(compte):
        return [u.ouvertes for u in chercher("anne roux", Perimetre.de(compte)).personnes]

    assert ouvertes(ville.agent_accueil) == [1]
    assert ouvertes(ville.agent_accueil_habilite) == [2]
    assert ouvertes(ville.agent_voirie) == [1]


def test_a_direction_only_finds_people_it_works_for(ville):
    sien = factories.creer_usager("Anne", "Roux", telephone="06 39 98 12 34")
    factories.creer_usager("Annie", "Roux", telephone="06 39 98 12 34")
    factories.demande_dans(Etat.ORIENTEE, ville, usager=sien)
    factories.deposer(ville, usager=factories.creer_usager("Anna", "Roux"), type=ville.type_social)
    voirie = Perimetre.de(ville.agent_voirie)

    for saisie in ("roux", "rout", "0639981234", "anne roux", "annie rouxx"):
        assert personnes(saisie, voirie) == ["Anne Roux"]
        assert chercher(saisie, Perimetre.de(ville.agent_proprete)).est_vide
    assert len(personnes("roux", Perimetre.de(ville.agent_accueil))) == 3


def test_a_long_list_says_there_is_more(bureau):
    for rang in range(12):
        factories.creer_usager(f"Anne{rang}", "Roux")

    resultats = chercher("roux", bureau)

    assert (len(resultats.personnes), resultats.personnes_suite) == (8, True)


# -- demandes -----------------------------------------------------------------------------------------


def test_a_demande_is_found_by_number_object_or_address(ville, bureau):
    demande = factories.deposer(ville, objet="Lampadaire cassé", adresse="12 rue des Frères-Lumière")
    autre = factories.deposer(ville, objet="Trottoir", adresse="4 quai de la Farine")
    court = str(int(demande.numero[5:]))

    for saisie in (
        demande.numero,
        demande.numero.replace("-", " "),
        court,
        f"n° {court}",
        demande.numero.replace("-", ""),
        demande.numero.replace("-", "–"),
        demande.numero[2:],
        demande.numero[-3:],
        "LAMPAD",
        "12 rue des freres lumiere",
        "12 avenue des Frères Lumière",
        "frères-lumière",
    ):
        assert numeros(saisie, bureau) == [demande.numero], saisie
    assert numeros("quai farine", bureau) == [autre.numero]
    # The word for a street tells something when nothing is named after it.
    assert numeros("trottoir quai", bureau) == [autre.numero]
    assert numeros("trottoir rue", bureau) == []
    assert set(numeros(demande.numero[:-1], bureau)) >= {demande.numero}


def test_a_tracking_code_finds_nothing(ville, bureau):
    """It is the resident's key: who holds it as a proof must not be able to try codes in the box."""
    demande = factories.deposer(ville)

    for code in (demande.code_suivi, f"{demande.code_suivi[:4]} {demande.code_suivi[4:].lower()}"):
        assert chercher(code, bureau).est_vide


@pytest.mark.parametrize(
    ("plaque", "saisies"),
    [
        ("AB-123-CD", ("AB-123-CD", "ab123cd", "AB 123 CD", "ab.123.cd", "AB-123")),
        ("1234 AB 69", ("1234 AB 69", "1234ab69", "1234-AB-69", "1234ab")),
        ("B 1-ABC-234", ("B 1-ABC-234", "b1abc234")),
    ],
)
def test_a_demande_is_found_by_the_plate_of_the_vehicle(ville, bureau, plaque, saisies):
    champ = {"nom": "immatriculation", "libelle": "Plaque", "type": "immatriculation", "obligatoire": True}
    type = factories.creer_type("STA-CARTE", ville.voirie, champs=[champ | {"aide": None}])
    demande = factories.deposer(ville, type=type, reponses={"immatriculation": plaque}, objet="Carte")
    factories.deposer(ville, type=type, reponses={"immatriculation": "ZZ-999-ZZ"}, objet="Autre carte")

    for saisie in saisies:
        assert numeros(saisie, bureau) == [demande.numero], saisie
        assert chercher(saisie, Perimetre.de(ville.agent_proprete)).demandes == []


def test_the_whole_number_comes_before_those_that_end_alike(ville, bureau):
    with connection.cursor() as curseur:
        curseur.execute("SELECT setval('demandes_numero', 1233)")
        exacte = factories.deposer(ville, objet="Banc")
        curseur.execute("SELECT setval('demandes_numero', 881233)")
        longue = factories.deposer(ville, objet="Banc")

    assert numeros("1234", bureau) == [exacte.numero, longue.numero]
    assert numeros("881234", bureau) == [longue.numero]
    assert numeros("81234", bureau) == [longue.numero]


def test_open_demandes_come_before_the_ended_ones(ville, bureau):
    avant = timezone.now() - timedelta(days=9)
    ancienne = factories.demande_dans(Etat.ORIENTEE, ville, objet="Banc abîmé", recue_le=avant)
    finie = factories.demande_dans(Etat.TRAITEE, ville, objet="Banc cassé")
    recente = factories.deposer(ville, objet="Banc volé")

    assert numeros("banc", bureau) == [recente.numero, ancienne.numero, finie.numero]


def test_a_walled_demande_appears_to_nobody_else(ville):
    demande = factories.deposer(
        ville, type=ville.type_social, objet="Secours pour une facture", adresse="9 impasse du Mûrier"
    )
    ailleurs = factories.creer_agent("Ida", "Loin", Role.AGENT_ACCUEIL, ville.autre_accueil)

    for saisie in ("secours", "facture", "impasse murier", demande.numero[:10]):
        assert numeros(saisie, Perimetre.de(ville.agent_accueil_habilite)) == [demande.numero]
        for compte in (ville.agent_accueil, ailleurs, ville.agent_voirie, ville.administrateur):
            assert numeros(saisie, Perimetre.de(compte)) == []


def test_the_owning_desk_finds_its_walled_demande_by_the_number_it_gave(ville):
    demande = factories.deposer(ville, type=ville.type_social, objet="Secours")
    ailleurs = Perimetre.de(ville.agent_autre_accueil)

    for saisie in (demande.numero, str(int(demande.numero[5:]))):
        [trouvee] = chercher(saisie, Perimetre.de(ville.agent_accueil)).demandes
        assert (trouvee.numero, trouvee.lisible) == (demande.numero, False)
        assert chercher(saisie, ailleurs).demandes == []


def test_another_direction_s_demande_does_not_exist(ville):
    demande = factories.demande_dans(Etat.ORIENTEE, ville, objet="Avaloir bouché")

    assert numeros("avaloir", Perimetre.de(ville.agent_voirie)) == [demande.numero]
    for saisie in ("avaloir", demande.numero):
        assert chercher(saisie, Perimetre.de(ville.agent_proprete)).est_vide


def test_a_bounded_list_says_so(ville, bureau):
    for _ in range(11):
        factories.deposer(ville, objet="Banc cassé", est_anonyme=True)

    resultats = chercher("banc", bureau)

    assert (len(resultats.demandes), resultats.demandes_suite) == (10, True)


# -- fiches and démarches -------------------------------------------------------------------------------


def test_everyday_words_find_fiches_and_demarches(ville, bureau):
    fiche = factories.creer_fiche(ville.type_voirie)
    Fiche.objects.create(code="vieille", question="Trou : ancienne consigne", reponse="…", est_active=False)

    resultats = chercher("y a un trou dans ma rue", bureau)

    assert [f.code for f in resultats.fiches] == [fiche.code]
    assert ville.type_voirie in resultats.types


def test_a_name_is_not_taken_for_a_misspelt_word(ville, bureau):
    factories.creer_fiche(ville.type_voirie, question="Où passe la balayeuse le matin ?")
    assert len(chercher("matn", bureau).fiches) == 1
    assert len(chercher("martin", bureau).fiches) == 1
    factories.creer_usager("Jeanne", "Martin")

    assert chercher("martin", bureau).fiches == []
    assert len(chercher("matin", bureau).fiches) == 1


def test_a_direction_is_offered_no_demarche(ville):
    fiche = factories.creer_fiche(ville.type_voirie)

    resultats = chercher("trou", Perimetre.de(ville.agent_voirie))

    assert ([f.code for f in resultats.fiches], resultats.types) == ([fiche.code], [])


def test_a_changed_fiche_is_found_by_its_new_words_and_a_withdrawn_one_no_more(ville, bureau):
    fiche = factories.creer_fiche(ville.type_voirie)
    assert chercher("pataugeoire", bureau).fiches == []

    fiche.question = "La pataugeoire est-elle ouverte ?"
    fiche.save()
    index_des_fiches.cache_clear()
    assert chercher("pataugeoire", bureau).fiches == [fiche]

    fiche.est_active = False
    fiche.save()
    assert chercher("pataugeoire", bureau).fiches == []


# -- cost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "saisie", ["roux", "06 39 98 12 34", "banc", "roux banc", "12 34", "{numero}", "12 rue"]
)
def test_thirty_rows_cost_what_three_do(ville, bureau, saisie, django_assert_num_queries):
    def peupler(nombre):
        for _ in range(nombre):
            usager = factories.creer_usager("Anne", "Roux Banc", telephone="06 39 98 12 34")
            demande = factories.deposer(ville, usager=usager, objet="Banc cassé, madame Roux")
        return demande

    # Numbers go on from test to test: digits chosen here would be a demande's one day, and nobody's the next.
    saisie = saisie.format(numero=peupler(3).numero[-6:])
    chercher(saisie, bureau)
    with CaptureQueriesContext(connection) as trois:
        chercher(saisie, bureau)
    peupler(27)
    with django_assert_num_queries(len(trois)):
        chercher(saisie, bureau)
    assert len(trois) <= 8
