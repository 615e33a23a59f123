"""Qualifying a demande that came with nobody known: the desk says whose it is, on the same page."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from demandes.etats import Etat
from demandes.models import Demande, EntreeJournal
from guichet.canaux.canal import Canal
from tests import factories
from usagers.models import Usager


@pytest.fixture
def bureau(ville) -> Client:
    client = Client()
    client.force_login(ville.agent_accueil)
    return client


@pytest.fixture
def anonyme(ville) -> Demande:
    return factories.deposer(ville, est_anonyme=True, canal=Canal.COURRIEL)


def adresse(demande) -> str:
    return reverse("agent_geste", args=[demande.numero, "qualifier"])


def saisie(ville, demande, **donnees) -> dict:
    return {"version": demande.version, "type": ville.type_voirie.pk, "personne": "aucune"} | donnees


def test_a_known_person_is_searched_chosen_and_attached(ville, bureau, anonyme):
    jeanne = factories.creer_usager(telephone="06 39 98 12 34", adresse="4 rue des Tisserands")
    factories.creer_usager("Omar", "Sy")

    page = bureau.get(adresse(anonyme))
    assert page.context["formulaire"].fields["personne"].choices[0] == ("aucune", "Laisser anonyme")
    cherchee = bureau.post(
        adresse(anonyme), saisie(ville, anonyme, personne_q="06 39 98 12 34", preparer="personne")
    )
    choix = dict(cherchee.context["formulaire"].fields["personne"].choices)
    assert list(choix) == ["aucune", str(jeanne.pk), "nouvelle"]
    assert "4 rue des Tisserands" in choix[str(jeanne.pk)]
    assert Demande.objects.get(pk=anonyme.pk).usager is None

    bureau.post(adresse(anonyme), saisie(ville, anonyme, personne=jeanne.pk, personne_q="martin"))

    qualifiee = Demande.objects.get(pk=anonyme.pk)
    assert (qualifiee.etat, qualifiee.usager, qualifiee.est_anonyme) == (Etat.QUALIFIEE, jeanne, False)
    ligne = EntreeJournal.objects.filter(demande=anonyme).latest("rang")
    assert (ligne.geste, ligne.details["de"], ligne.details["a"]) == ("qualifier", None, jeanne.pk)


def test_of_a_new_person_the_name_alone_must_be_written(ville, bureau, anonyme):
    page = bureau.get(adresse(anonyme)).content.decode()

    libelles = re.findall(r'<label class="champ__libelle" for="id_(\w+)">([^<]+(?:<span[^<]+)?)', page)
    assert dict(libelles)["nom"].strip() == "Nom"
    assert dict(libelles)["prenom"] == 'Prénom <span class="champ__precision">(facultatif)'
    refus = bureau.post(adresse(anonyme), saisie(ville, anonyme, personne="nouvelle", nom="", prenom="Paul"))
    assert "Écrivez au moins le nom de la personne." in refus.content.decode()
    assert Demande.objects.get(pk=anonyme.pk).usager is None


def test_a_choice_survives_another_search(ville, bureau, anonyme):
    jeanne = factories.creer_usager()

    page = bureau.post(
        adresse(anonyme), saisie(ville, anonyme, personne=jeanne.pk, personne_q="zzyzx", preparer="personne")
    )

    formulaire = page.context["formulaire"]
    assert str(jeanne.pk) in dict(formulaire.fields["personne"].choices)
    assert formulaire["personne"].value() == str(jeanne.pk)


def test_a_person_without_a_record_gets_one(ville, bureau, anonyme):
    dits = {"prenom": "Paul", "nom": "Neuf", "telephone": "06 39 98 00 01", "courriel": ""}

    bureau.post(adresse(anonyme), saisie(ville, anonyme, personne="nouvelle", **dits))

    usager = Demande.objects.get(pk=anonyme.pk).usager
    assert (str(usager), usager.telephone) == ("Paul Neuf", "+33639980001")


def test_a_new_person_who_is_known_by_name_and_phone_is_not_written_twice(ville, bureau, anonyme):
    jeanne = factories.creer_usager(telephone="06 39 98 12 34")
    dits = {"prenom": "Jeanne", "nom": "Martin", "telephone": "0639981234"}

    bureau.post(adresse(anonyme), saisie(ville, anonyme, personne="nouvelle", **dits))

    assert Demande.objects.get(pk=anonyme.pk).usager == jeanne
    assert Usager.objects.count() == 1


def test_what_cannot_be_read_is_said_on_its_field_and_nothing_is_written(ville, bureau, anonyme):
    page = bureau.post(
        adresse(anonyme), saisie(ville, anonyme, personne="nouvelle", prenom="Paul", telephone="12")
    )

    assert page.status_code == 422
    assert set(page.context["formulaire"].errors) == {"nom", "telephone"}
    assert 'value="Paul"' in page.content.decode()
    assert not Usager.objects.exists()
    assert Demande.objects.get(pk=anonyme.pk).etat == Etat.NOUVELLE


@pytest.mark.parametrize("personne", ["999999999", "magie", "9" * 30])
def test_a_person_who_does_not_exist_is_refused(ville, bureau, anonyme, personne):
    page = bureau.post(adresse(anonyme), saisie(ville, anonyme, personne=personne))

    assert page.status_code == 422
    assert "Cherchez de nouveau la personne" in page.content.decode()
    assert Demande.objects.get(pk=anonyme.pk).etat == Etat.NOUVELLE


def test_one_may_leave_it_as_it_came(ville, bureau, anonyme):
    bureau.post(adresse(anonyme), saisie(ville, anonyme))

    laissee = Demande.objects.get(pk=anonyme.pk)
    assert (laissee.etat, laissee.usager, laissee.est_anonyme) == (Etat.QUALIFIEE, None, True)


def test_a_known_person_is_not_asked_again(ville, bureau):
    demande = factories.deposer(ville)

    page = bureau.get(adresse(demande))

    assert "Chercher la personne" not in page.content.decode()


def test_the_page_shows_what_may_be_the_same_thing(ville, bureau, anonyme):
    autre = factories.deposer(ville)
    factories.deposer(ville, adresse="80 avenue du Stade")

    page = bureau.get(adresse(anonyme)).content.decode()

    assert "Peut-être la même chose" in page
    assert reverse("agent_comparer", args=[anonyme.numero, autre.numero]) in page
    assert page.count("Comparer</") == 1


# -- later, when nobody was named at qualification


def test_a_qualified_demande_without_a_person_is_given_one(ville, bureau, anonyme):
    bureau.post(adresse(anonyme), saisie(ville, anonyme))
    jeanne = factories.creer_usager()
    qualifiee = Demande.objects.get(pk=anonyme.pk)
    rattacher = reverse("agent_geste", args=[anonyme.numero, "rattacher"])
    assert (
        "Rattacher à une personne"
        in bureau.get(reverse("agent_demande", args=[anonyme.numero])).content.decode()
    )

    vide = bureau.post(rattacher, {"version": qualifiee.version})
    assert vide.context["formulaire"].errors == {"personne": ["Cherchez la personne, puis choisissez-la."]}
    bureau.post(rattacher, {"version": qualifiee.version, "personne": jeanne.pk})

    rattachee = Demande.objects.get(pk=anonyme.pk)
    assert (rattachee.etat, rattachee.usager, rattachee.est_anonyme) == (Etat.QUALIFIEE, jeanne, False)
    ligne = EntreeJournal.objects.filter(demande=anonyme).latest("rang")
    assert (ligne.geste, ligne.compte, ligne.details) == (
        "rattacher",
        ville.agent_accueil,
        {"de": None, "a": jeanne.pk},
    )


def test_a_demande_that_has_a_person_is_not_given_another(ville, bureau):
    demande = factories.deposer(ville)
    autre = factories.creer_usager()

    page = bureau.post(
        reverse("agent_geste", args=[demande.numero, "rattacher"]),
        {"version": demande.version, "personne": autre.pk},
    )

    assert page.status_code == 422
    assert "déjà connue" in page.content.decode()
    assert Demande.objects.get(pk=demande.pk).usager == demande.usager
