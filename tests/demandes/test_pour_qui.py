"""A call or a visit made for somebody else: one key says it, named or not, with or without any demande."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demandes.actions import Appelant, contacts, personnes
from demandes.droits import Auteur
from demandes.models import Contact
from guichet.organisation.perimetre import Perimetre
from tests import factories
from usagers.fusion import empreinte, ordonner
from usagers.models import FicheReunie, Usager

NOTER, TERMINER = reverse("agent_contact_noter"), reverse("agent_contact_terminer")
BOUTON = 'name="pour" value="autrui"'


@pytest.fixture
def bureau(ville) -> Client:
    client = Client()
    client.force_login(ville.agent_accueil)
    return client


@pytest.fixture
def claire() -> Usager:
    return factories.creer_usager("Claire", "Morel")


@pytest.fixture
def jeanne() -> Usager:
    return factories.creer_usager("Jeanne", "Roux")


def texte(reponse) -> str:
    return reponse.content.decode().replace("&#x27;", "'")


def carte(bureau, usager) -> str:
    return texte(bureau.get(reverse("agent_usager", args=[usager.pk])))


def appeler(bureau, usager=None) -> None:
    bureau.post(reverse("agent_contact"), {"canal": "telephone", "usager": usager.pk if usager else ""})


def qui() -> tuple[Usager | None, bool, Usager | None]:
    contact = Contact.objects.get()
    return contact.usager, contact.est_pour_autrui, contact.beneficiaire


def contact_fini(ville, usager=None, beneficiaire=None, **champs) -> Contact:
    faits = {"point_accueil": ville.accueil, "agent": ville.agent_accueil, "resultat": "renseigne"} | champs
    return Contact.objects.create(
        canal="telephone",
        usager=usager,
        beneficiaire=beneficiaire,
        est_pour_autrui=beneficiaire is not None,
        fin=timezone.now(),
        **faits,
    )


# -- said during the call ------------------------------------------------------------------------------------


def test_one_key_says_it_is_for_another_and_the_call_ends_without_a_demande(bureau, claire):
    appeler(bureau, claire)
    [bouton] = re.findall(rf"<button[^>]*{BOUTON}[^>]*>", carte(bureau, claire))
    assert 'data-touche="b"' in bouton

    ici = reverse("agent_usager", args=[claire.pk])
    assert bureau.post(NOTER, {"pour": "autrui", "suite": ici}).url == ici
    assert qui() == (claire, True, None)
    page = carte(bureau, claire)
    assert ", pour quelqu'un d'autre" in page
    assert 'name="pour" value="soi"' in page
    bureau.post(TERMINER, {"resultat": "renseigne"})

    assert qui() == (claire, True, None)
    assert Contact.objects.get().resultat == Contact.Resultat.RENSEIGNE
    assert ", pour quelqu'un d'autre" in texte(bureau.get(reverse("agent_accueil")))


def test_it_is_taken_back_and_never_leads_elsewhere(bureau, claire):
    appeler(bureau, claire)
    bureau.post(NOTER, {"pour": "autrui"})

    assert bureau.post(NOTER, {"pour": "soi", "suite": "https://ailleurs.example/"}).url == reverse(
        "agent_accueil"
    )
    assert qui() == (claire, False, None)


def test_a_card_says_whom_for_and_both_cards_show_it(bureau, claire, jeanne):
    appeler(bureau, claire)
    assert re.findall(rf"<button[^>]*{BOUTON}[^>]*>", carte(bureau, jeanne))

    assert bureau.post(NOTER, {"usager": jeanne.pk, "pour": "autrui"}).url == reverse(
        "agent_usager", args=[jeanne.pk]
    )
    assert qui() == (claire, True, jeanne)
    assert not re.findall(rf"<button[^>]*{BOUTON}[^>]*>", carte(bureau, jeanne))
    bureau.post(TERMINER, {"resultat": "renseigne"})

    for personne in (claire, jeanne):
        page = carte(bureau, personne)
        assert "Appels et visites" in page
        une = page[page.index('id="contacts-titre"') :]
        assert une.index("Claire Morel") < une.index(", pour ") < une.index("Jeanne Roux")
        assert "Renseignement pratique" in une


def test_an_ordinary_call_has_no_step_more(bureau, claire):
    appeler(bureau, claire)
    bureau.post(TERMINER, {"resultat": "sans_suite"})

    assert qui() == (claire, False, None)
    assert ", pour " not in carte(bureau, claire)


def test_nobody_calls_for_themselves(bureau, claire, jeanne):
    appeler(bureau, claire)

    page = texte(bureau.post(NOTER, {"usager": claire.pk, "pour": "autrui"}, follow=True))
    assert "C'est la personne en ligne" in page
    assert qui() == (claire, False, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.update(est_pour_autrui=True, beneficiaire=claire)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.update(est_pour_autrui=False, beneficiaire=jeanne)
    assert qui() == (claire, False, None)


def test_whom_the_call_was_for_turns_out_to_be_speaking(bureau, jeanne):
    appeler(bureau)
    bureau.post(NOTER, {"usager": jeanne.pk, "pour": "autrui"})
    assert qui() == (None, True, jeanne)

    bureau.post(NOTER, {"usager": jeanne.pk})

    assert qui() == (jeanne, False, None)


def test_an_unknown_person_or_an_ended_call_notes_nothing(bureau, claire, jeanne):
    appeler(bureau, claire)
    assert bureau.post(NOTER, {"usager": "0", "pour": "autrui"}).status_code == 404
    assert qui() == (claire, False, None)
    bureau.post(TERMINER, {"resultat": "sans_suite"})

    page = texte(bureau.post(NOTER, {"usager": jeanne.pk, "pour": "autrui"}, follow=True))

    assert "déjà terminé" in page
    assert qui() == (claire, False, None)


# -- and what demandes tell of it ----------------------------------------------------------------------------


def test_an_entry_begins_with_both(bureau, claire, jeanne):
    appeler(bureau, claire)
    bureau.post(NOTER, {"usager": jeanne.pk, "pour": "autrui"})

    page = texte(bureau.get(reverse("agent_saisie")))
    assert 'name="pour_autrui" value="oui"' in page
    assert f'name="appelant" value="{claire.pk}"' in page
    assert f'name="usager" value="{jeanne.pk}"' in page
    page = texte(bureau.get(reverse("agent_saisie"), {"usager": claire.pk}))
    assert 'name="pour_autrui" value="oui"' not in page
    assert f'name="usager" value="{claire.pk}"' in page


def test_a_demande_made_for_another_says_both(ville, bureau, claire, jeanne):
    appeler(bureau)
    demande = factories.deposer(ville, usager=jeanne, appelant=Appelant("famille", usager=claire))

    contacts.noter(Contact.objects.get(), demande=demande)

    assert qui() == (claire, True, jeanne)


def test_the_demande_of_another_spoken_of_says_whom_for(ville, bureau, claire, jeanne):
    """The first one says it: a second question for a third person changes nothing."""
    appeler(bureau, claire)
    for usager in (claire, jeanne, factories.creer_usager("Paul", "Roux")):
        demande = factories.deposer(ville, usager=usager)
        bureau.post(NOTER, {"demande": demande.numero})

    assert qui() == (claire, True, jeanne)


def test_a_call_for_another_does_not_take_them_for_the_caller(ville, bureau, jeanne):
    appeler(bureau)
    bureau.post(NOTER, {"pour": "autrui"})

    bureau.post(NOTER, {"demande": factories.deposer(ville, usager=jeanne).numero})

    assert qui() == (None, True, jeanne)


def test_who_was_taken_for_the_beneficiary_speaks_for_somebody_else(ville, bureau, claire, jeanne):
    appeler(bureau)
    bureau.post(NOTER, {"usager": claire.pk, "pour": "autrui"})
    demande = factories.deposer(ville, usager=jeanne, appelant=Appelant("famille", usager=claire))

    contacts.noter(Contact.objects.get(), demande=demande)

    assert qui() == (claire, True, jeanne)


# -- whose contacts one sees ---------------------------------------------------------------------------------


def test_a_card_shows_the_contacts_of_one_s_desks_and_none_about_what_one_may_not_read(ville, bureau, jeanne):
    sien = contact_fini(ville, jeanne)
    contact_fini(ville, jeanne, point_accueil=ville.autre_accueil, agent=ville.responsable_accueil)
    reserve = contact_fini(ville, jeanne, resultat="demande")
    cachee = factories.deposer(ville, usager=jeanne, type=ville.type_social)
    reserve.sujets.create(demande=cachee)

    visibles = Contact.objects.visibles_par(Perimetre.de(ville.agent_accueil)).de_la_personne(jeanne)

    assert list(visibles) == [sien]
    page = carte(bureau, jeanne)
    assert "Demande ouverte" not in page[page.index('id="contacts-titre"') :]


def test_a_direction_sees_no_call(ville, claire, jeanne):
    factories.demande_dans("orientee", ville, usager=jeanne)
    contact_fini(ville, claire, jeanne)
    client = Client()
    client.force_login(ville.agent_voirie)

    page = carte(client, jeanne)

    assert "Appels et visites" not in page
    assert "Claire Morel" not in page


# -- two records of one person -------------------------------------------------------------------------------


def test_a_beneficiary_whose_records_are_joined_keeps_their_calls(ville, claire, jeanne):
    double = factories.creer_usager("Jeanne", "Roux-Morel")
    contact = contact_fini(ville, claire, double)

    personnes.reunir_les_fiches(
        jeanne,
        double,
        auteur=Auteur.agent(ville.responsable_accueil),
        vue=empreinte(*ordonner(jeanne, double)),
    )

    assert Contact.objects.get(pk=contact.pk).beneficiaire == jeanne


def test_who_called_for_another_is_never_joined_to_them(ville, claire, jeanne):
    contact = contact_fini(ville, claire, jeanne, debut=timezone.now() - timedelta(hours=1))
    auteur = Auteur.agent(ville.responsable_accueil)

    with pytest.raises(personnes.Refus, match="ce sont deux personnes"):
        personnes.reunir_les_fiches(claire, jeanne, auteur=auteur, vue=empreinte(*ordonner(claire, jeanne)))

    assert not FicheReunie.objects.exists()
    contact.refresh_from_db()
    assert (contact.usager, contact.beneficiaire) == (claire, jeanne)
