"""Two records of one person become one: who may, what follows, what forbids it, and only once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes.actions import Appelant, personnes
from demandes.droits import Auteur
from demandes.models import (
    Contact,
    Demande,
    Enquete,
    EntreeJournal,
    Intermediaire,
    Message,
    ProfilReseau,
    RappelTelephonique,
)
from demandes.recherche import chercher_personnes, lire
from guichet.organisation.perimetre import Perimetre
from tests import factories
from usagers.fusion import empreinte, ordonner
from usagers.models import FicheReunie, Usager
from usagers.rapprochement import Identite, retrouver


def client_de(compte) -> Client:
    client = Client()
    client.force_login(compte)
    return client


@pytest.fixture
def responsable(ville) -> Client:
    return client_de(ville.responsable_accueil)


@pytest.fixture
def paire(ville) -> tuple[Usager, Usager]:
    """The same Jeanne, twice; the second by phone only, with the address."""
    jeanne = factories.creer_usager("Jeanne", "Martin", courriel="jeanne@courriel.example")
    double = factories.creer_usager(
        "Jeanne", "Martin-Roux", courriel="", telephone="06 39 98 12 34", adresse="4 rue des Tisserands"
    )
    return jeanne, double


def comparer(client, une, autre):
    return client.get(reverse("agent_usager_reunir", args=[une.pk, autre.pk]))


def reunies(client, une, autre, **donnees):
    page = comparer(client, une, autre)
    saisie = {"vue": page.context["vue"], "confirmer": "oui"} | donnees
    return client.post(reverse("agent_usager_reunir", args=[une.pk, autre.pk]), saisie)


def rien_n_a_bouge(*usagers) -> bool:
    return not FicheReunie.objects.exists() and all(
        Usager.objects.get(pk=u.pk).nom_plie == u.nom_plie for u in usagers
    )


def test_everything_follows_to_the_kept_record_and_the_old_address_opens_it(ville, responsable, paire):
    jeanne, double = paire
    demande = factories.deposer(ville, usager=double)
    pour_autrui = factories.deposer(ville, appelant=Appelant("famille", usager=double))
    contact = Contact.objects.create(
        canal="telephone",
        point_accueil=ville.accueil,
        agent=ville.agent_accueil,
        usager=double,
        resultat=Contact.Resultat.RENSEIGNE,
        fin=timezone.now(),
    )

    page = comparer(responsable, jeanne, double)
    assert "ne peut pas être annulée" in page.content.decode()
    reponse = reunies(responsable, double, jeanne)

    assert reponse.url == reverse("agent_usager", args=[jeanne.pk])
    assert Demande.objects.get(pk=demande.pk).usager == jeanne
    assert Intermediaire.objects.get(demande=pour_autrui).usager == jeanne
    assert Contact.objects.get(pk=contact.pk).usager == jeanne
    gardee = Usager.objects.get(pk=jeanne.pk)
    assert {c.normalisee for c in gardee.coordonnees.all()} == {"jeanne@courriel.example", "+33639981234"}
    assert (gardee.nom, gardee.adresse) == ("Martin", "4 rue des Tisserands")
    ancienne = responsable.get(reverse("agent_usager", args=[double.pk]), follow=True)
    assert ancienne.redirect_chain == [(reverse("agent_usager", args=[jeanne.pk]), 302)]
    carte = ancienne.content.decode()
    assert "La fiche demandée a été réunie à celle-ci" in carte
    assert "Réunie avec la fiche « Jeanne Martin-Roux »" in carte
    assert "Hélène Vasseur" in carte


def test_the_journal_says_it_of_each_demande_and_what_both_said_is_kept(ville, responsable, paire):
    jeanne, double = paire
    demande = factories.deposer(ville, usager=double)

    reunies(responsable, jeanne, double)

    ligne = EntreeJournal.objects.filter(demande=demande).latest("rang")
    assert (ligne.geste, ligne.details) == ("rattacher", {"de": double.pk, "a": jeanne.pk})
    call_command("verifier_journal")
    reunion = FicheReunie.objects.get()
    assert (reunion.gardee, reunion.reunie, reunion.par) == (jeanne, double, ville.responsable_accueil)
    assert reunion.avant["reunie"]["adresse"] == "4 rue des Tisserands"
    assert reunion.avant["gardee"]["nom"] == "Martin"


def test_the_agent_chooses_field_by_field(responsable, paire):
    jeanne, double = paire

    reunies(responsable, jeanne, double, **{"choix-nom": "reunie", "choix-prenom": "gardee"})

    gardee = Usager.objects.get(pk=jeanne.pk)
    assert (gardee.prenom, gardee.nom) == ("Jeanne", "Martin-Roux")


def test_the_joined_record_is_found_by_nothing(ville, responsable, paire):
    jeanne, double = paire
    reunies(responsable, jeanne, double)
    perimetre = Perimetre.de(ville.responsable_accueil)

    for saisie in ("martin", "0639981234", "4 rue des Tisserands"):
        trouvees, _ = chercher_personnes(lire(saisie), perimetre)
        assert trouvees == [jeanne], saisie
    assert retrouver(Identite(nom="Martin", prenom="Jeanne", telephone="06 39 98 12 34")) == jeanne


def test_it_must_be_confirmed(responsable, paire):
    jeanne, double = paire

    page = responsable.post(
        reverse("agent_usager_reunir", args=[jeanne.pk, double.pk]), {"choix-nom": "reunie"}
    )

    assert page.status_code == 422
    assert "vous confirmez que c&#x27;est la même personne" in page.content.decode()
    assert page.context["choisis"] == {"nom"}
    assert rien_n_a_bouge(jeanne, double)


def test_a_page_that_is_not_what_one_compared_any_more_is_refused(responsable, paire):
    jeanne, double = paire
    vue = comparer(responsable, jeanne, double).context["vue"]
    double.adresse = "9 quai du Port"
    double.save()

    page = responsable.post(
        reverse("agent_usager_reunir", args=[jeanne.pk, double.pk]), {"vue": vue, "confirmer": "oui"}
    )

    assert page.status_code == 409
    assert "a changé depuis" in page.content.decode()
    assert rien_n_a_bouge(jeanne, double)


def test_only_a_head_of_a_desk_may(ville, paire):
    jeanne, double = paire
    agent = client_de(ville.agent_accueil)

    assert comparer(agent, jeanne, double).status_code == 404
    assert (
        "lui seul réunit deux fiches"
        in agent.get(
            reverse("agent_usager", args=[factories.creer_usager(courriel="jeanne@courriel.example").pk])
        ).content.decode()
    )
    assert rien_n_a_bouge(jeanne, double)


def refusee(client, une, autre) -> str:
    page = reunies(client, une, autre)
    assert page.status_code == 422
    assert "Réunir les deux fiches</" not in page.content.decode()
    assert rien_n_a_bouge(une, autre)
    return page.context["erreur"]


def test_two_accounts_are_not_joined_and_one_account_is_kept(responsable, paire):
    jeanne, double = paire
    double.coordonnees.create(genre="courriel", valeur="j@c.example", normalisee="j@c.example")
    factories.creer_compte_usager(double)

    page = comparer(responsable, jeanne, double)
    assert page.context["gardee"] == double
    assert "verra dans son compte en ligne" in page.content.decode()

    factories.creer_compte_usager(jeanne)
    assert "chacune un compte en ligne" in refusee(responsable, jeanne, double)


def test_two_verified_identities_are_two_persons(ville, responsable, paire):
    for usager in paire:
        usager.identite_verifiee_le, usager.identite_verifiee_par = timezone.now(), ville.agent_accueil
        usager.save()

    assert "ce sont deux personnes" in refusee(responsable, *paire)


def test_a_verified_name_is_the_one_that_stays(ville, responsable, paire):
    jeanne, double = paire
    factories.creer_compte_usager(jeanne)
    double.identite_verifiee_le, double.identite_verifiee_par = timezone.now(), ville.agent_accueil
    double.save()

    reunies(responsable, jeanne, double, **{"choix-nom": "gardee"})

    gardee = Usager.objects.get(pk=jeanne.pk)
    assert (gardee.nom, gardee.identite_verifiee_par) == ("Martin-Roux", ville.agent_accueil)


def test_a_walled_secteur_is_not_joined_by_who_may_not_read_it_nor_told(ville, responsable, paire):
    jeanne, double = paire
    factories.deposer(ville, usager=double, type=ville.type_social)

    phrase = refusee(responsable, jeanne, double)

    assert phrase == personnes.HORS_DE_PORTEE
    assert "social" not in phrase
    assert comparer(responsable, jeanne, double).context["cotes"][1]["demandes"] == 0


def test_neither_first_name_nor_birth_date_alike_are_two_persons(responsable, paire):
    jeanne, double = paire
    for usager, prenom, annee in ((jeanne, "Jeanne", 1950), (double, "Paule", 1980)):
        usager.prenom, usager.date_naissance = prenom, date(annee, 1, 1)
        usager.save()

    assert "ce sont deux personnes" in refusee(responsable, jeanne, double)

    double.date_naissance = jeanne.date_naissance
    double.save()
    page = comparer(responsable, jeanne, double)
    assert page.context["empechement"] == ""
    assert "Les prénoms sont différents" in page.content.decode()


def test_who_spoke_for_the_other_is_another_person(ville, responsable, paire):
    jeanne, double = paire
    demande = factories.deposer(ville, usager=double, appelant=Appelant("famille", usager=jeanne))

    assert demande.numero in refusee(responsable, jeanne, double)


def test_asked_twice_it_is_done_once(responsable, paire):
    jeanne, double = paire
    reunies(responsable, jeanne, double)

    encore = responsable.post(
        reverse("agent_usager_reunir", args=[jeanne.pk, double.pk]), {"confirmer": "oui"}
    )

    assert encore.url == reverse("agent_usager", args=[jeanne.pk])
    assert FicheReunie.objects.count() == 1


def test_three_records_end_in_one(responsable, paire):
    jeanne, double = paire
    ancienne = factories.creer_usager("Jeanne", "Martin", courriel="")
    Usager.objects.filter(pk=ancienne.pk).update(cree_le=timezone.now() - timedelta(days=400))
    reunies(responsable, jeanne, double)

    reunies(responsable, jeanne, ancienne)

    for pk in (jeanne.pk, double.pk):
        assert responsable.get(reverse("agent_usager", args=[pk])).url == reverse(
            "agent_usager", args=[ancienne.pk]
        )
    assert set(FicheReunie.objects.values_list("gardee", flat=True)) == {ancienne.pk}


def test_a_demande_written_meanwhile_for_the_old_record_is_brought_back(ville, responsable, paire):
    jeanne, double = paire
    reunies(responsable, jeanne, double)
    egaree = factories.deposer(ville, usager=double)

    personnes.ramener_les_egarees()
    personnes.ramener_les_egarees()

    assert Demande.objects.get(pk=egaree.pk).usager == jeanne
    assert EntreeJournal.objects.filter(demande=egaree, geste="rattacher").count() == 1


def test_every_row_that_names_a_person_is_moved():
    """A new relation to Usager must be thought of here, and in `suivre_la_fiche`."""
    liens = [c for c in Usager._meta.get_fields(include_hidden=True) if c.auto_created and not c.concrete]

    assert {lien.related_model for lien in liens} == {
        *(Demande, Intermediaire, Contact, Message, FicheReunie, Enquete, ProfilReseau, RappelTelephonique),
        Usager._meta.get_field("coordonnees").related_model,
        Demande._meta.get_field("co_signalants").related_model,
    }


@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_make_one(ville):
    jeanne, double = factories.creer_usager(), factories.creer_usager()
    demande = factories.deposer(ville, usager=double)
    vue = empreinte(*ordonner(jeanne, double))
    auteur = Auteur.agent(ville.responsable_accueil)

    def partir(sens):
        try:
            return personnes.reunir_les_fiches(*sens, auteur=auteur, vue=vue)[1]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as equipe:
        faites = list(equipe.map(partir, [(jeanne, double), (double, jeanne)]))

    assert sorted(faites) == [False, True]
    assert FicheReunie.objects.count() == 1
    assert EntreeJournal.objects.filter(demande=demande, geste="rattacher").count() == 1
