"""Calls: in whatever order they are told, the right screen shows the sheet, and the times are right."""

import itertools
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from demandes import reception, webhooks
from demandes.actions import appels
from demandes.actions.contacts import terminer_contact
from demandes.droits import Auteur
from demandes.etats import Etat
from demandes.models import Appel, Contact, EvenementAppel, Reception, Sonnerie
from demandes.views import ecoute
from guichet.canaux import telephonie
from guichet.socle.debit import Debit
from tests import factories
from tests.webhooks import corps_de, en_tetes_de

ADRESSE = "/api/telephonie/appels"
JEANNE = "+33639980011"


class Moment:
    debut = timezone.now()


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    monkeypatch.setattr(Moment, "debut", timezone.now() - timedelta(minutes=2))
    monkeypatch.setattr(webhooks, "ACCEPTES", Debit(5000))
    monkeypatch.setattr(webhooks, "REFUSES", Debit(5000))
    monkeypatch.setattr(ecoute, "en_cours", ecoute.EnCours())
    monkeypatch.setattr(ecoute, "FRAICHEUR", 0)


@pytest.fixture
def agent(ville):
    """At the desk, with a phone."""
    ville.agent_accueil.agent.poste = "214"
    ville.agent_accueil.agent.save()
    return ville.agent_accueil


@pytest.fixture
def navigateur(agent):
    client = Client()
    client.force_login(agent, backend="guichet.organisation.portes.PorteBackend")
    return client


def dire(
    quoi: str, secondes: int = 0, *, appel: str = "a-1", numero: str = JEANNE, poste: str = "214"
) -> bytes:
    """One event, so many seconds after the call began, ten minutes ago."""
    le = Moment.debut + timedelta(seconds=secondes)
    return corps_de(
        {"appel": appel, "evenement": quoi, "numero": numero, "poste": poste, "date": le.isoformat()}
    )


def poster(corps: bytes, **signature):
    client = Client(enforce_csrf_checks=True)
    en_tetes = en_tetes_de(corps, **signature)
    return client.post(ADRESSE, corps, content_type="application/json", headers=en_tetes)


def annonces(navigateur) -> str:
    return navigateur.get("/agent/appels/").content.decode()


# -- the door


def test_a_signed_event_is_kept_and_applied_before_it_is_acknowledged(ville):
    corps = dire("ringing")

    assert poster(corps).status_code == 200

    assert bytes(EvenementAppel.objects.get().contenu) == corps
    sonnerie = Sonnerie.objects.select_related("appel").get()
    assert (sonnerie.appel.numero, sonnerie.poste, sonnerie.sonne_le) == (JEANNE, "214", Moment.debut)


def test_r12_an_unsigned_event_leaves_nothing(ville):
    assert Client().post(ADRESSE, dire("ringing"), content_type="application/json").status_code == 401
    assert poster(dire("ringing"), secret="whsec_YXV0cmU=").status_code == 403
    assert poster(dire("ringing"), age=301).status_code == 403

    assert not Appel.objects.exists()
    assert not EvenementAppel.objects.exists()


def test_r10_an_event_posted_five_times_is_one(ville):
    for i in range(5):
        assert poster(dire("ringing"), identifiant=f"msg_{i}").status_code == 200

    assert (Appel.objects.count(), Sonnerie.objects.count(), EvenementAppel.objects.count()) == (1, 1, 1)


def test_an_event_nobody_can_read_waits_in_quarantine_and_can_be_read_again(ville, monkeypatch):
    assert poster(dire("parked")).status_code == 200

    gardee = Reception.objects.get()
    assert gardee.etat == Reception.Etat.QUARANTAINE
    assert gardee.motif == "« evenement » doit être ringing, answered ou ended."
    assert not Appel.objects.exists()
    monkeypatch.setitem(telephonie.MOMENTS, "parked", telephonie.Moment.SONNE)
    assert reception.relire(gardee.pk).etat == Reception.Etat.TRAITEE
    assert Appel.objects.get().numero == JEANNE


# -- any order


def etat_de(identifiant: str = "a-1") -> tuple:
    def depuis(date):
        return date and round((date - Moment.debut).total_seconds())

    appel = Appel.objects.get(identifiant=identifiant)
    sonneries = appel.sonneries.order_by("poste")
    return (
        (depuis(appel.sonne_le), depuis(appel.decroche_le), depuis(appel.fini_le)),
        [(s.poste, depuis(s.sonne_le), depuis(s.decroche_le), depuis(s.fini_le)) for s in sonneries],
    )


@pytest.mark.parametrize("ordre", list(itertools.permutations(range(4))))
def test_the_same_call_whatever_the_order_it_is_told_in(ville, ordre):
    recits = [
        dire("ringing", 0),
        dire("ringing", 1, poste="215"),
        dire("answered", 6),
        dire("ended", 90),
    ]

    for rang in ordre:
        appels.recevoir(recits[rang])
    appels.recevoir(dire("ringing", 2))

    appel, sonneries = etat_de()
    assert appel == (0, 6, 90)
    assert sonneries[0] == ("214", 0, 6, 90)
    assert sonneries[1][:3] == ("215", 1, None)
    assert not Sonnerie.objects.filter(fini_le__isnull=True).exists()


def test_a_transfer_leaves_one_screen_for_the_other(ville):
    for recit in (
        dire("ringing", 0),
        dire("answered", 5),
        dire("ringing", 60, poste="215"),
        dire("answered", 70, poste="215"),
        dire("ended", 71, poste="214"),
        dire("ended", 110, poste="215"),
    ):
        appels.recevoir(recit)

    assert etat_de() == ((0, 5, 110), [("214", 0, 5, 70), ("215", 60, 70, 110)])


def test_a_call_declined_at_one_desk_still_rings_at_the_other(ville):
    for recit in (dire("ringing"), dire("ringing", poste="215"), dire("ended", 4, poste="215")):
        appels.recevoir(recit)

    assert etat_de() == ((0, None, None), [("214", 0, None, None), ("215", 0, None, 4)])


# -- the screen


def test_a_known_person_is_announced_with_what_they_wait_for(ville, agent, navigateur):
    jeanne = factories.creer_usager("Jeanne", "Martin", telephone=JEANNE)
    factories.demande_dans(Etat.ORIENTEE, ville, usager=jeanne)
    appels.recevoir(dire("ringing"))

    page = annonces(navigateur)
    reponse = navigateur.post(f"/agent/appels/{Sonnerie.objects.get().pk}/ouvrir/")

    assert "Jeanne Martin" in page
    assert "1 demande en cours" in page
    assert reponse.url == f"/agent/usagers/{jeanne.pk}/"
    contact = Contact.objects.get()
    assert (contact.usager, contact.canal, contact.agent) == (jeanne, "telephone", agent)
    assert Sonnerie.objects.get() == contact.sonnerie
    assert "Jeanne" not in annonces(navigateur)


def test_several_persons_share_a_number_and_nobody_is_chosen_for_the_agent(ville, agent, navigateur):
    for prenom in ("Paul", "Zoé"):
        factories.creer_usager(prenom, "Martin", telephone=JEANNE)
    zoe = factories.creer_usager("Zélie", "Martin", telephone=JEANNE)
    demande = factories.demande_dans(Etat.ORIENTEE, ville, usager=zoe)
    appels.recevoir(dire("ringing"))
    pk = Sonnerie.objects.get().pk

    assert "3 personnes ont ce numéro" in annonces(navigateur)
    assert navigateur.post(f"/agent/appels/{pk}/ouvrir/").url == f"/agent/appels/{pk}/"
    page = navigateur.get(f"/agent/appels/{pk}/").content.decode()

    assert Contact.objects.get().usager is None
    assert demande.numero in page
    assert page.index("Zélie") < page.index("Paul")
    navigateur.post("/agent/contacts/noter/", {"usager": zoe.pk})
    assert Contact.objects.get().usager == zoe


def test_an_unknown_number_opens_a_sheet_filled_with_it(ville, agent, navigateur):
    appels.recevoir(dire("ringing", numero="+33639987654"))

    reponse = navigateur.post(f"/agent/appels/{Sonnerie.objects.get().pk}/ouvrir/", follow=True)

    assert reponse.redirect_chain[0][0].startswith("/agent/saisie/")
    assert 'value="06 39 98 76 54"' in reponse.content.decode()


def test_a_hidden_number_is_said_and_opens_the_search(ville, agent, navigateur):
    appels.recevoir(dire("ringing", numero="anonymous"))

    assert "Numéro masqué" in annonces(navigateur)
    assert navigateur.post(f"/agent/appels/{Sonnerie.objects.get().pk}/ouvrir/").url == "/agent/accueil/"


def test_two_agents_of_one_phone_see_the_call_and_the_first_takes_it(ville, agent, navigateur):
    collegue = ville.agent_accueil_habilite
    collegue.agent.poste = "214"
    collegue.agent.save()
    autre = Client()
    autre.force_login(collegue, backend="guichet.organisation.portes.PorteBackend")
    appels.recevoir(dire("ringing"))
    pk = Sonnerie.objects.get().pk
    assert "06 39 98 00 11" in annonces(autre)

    navigateur.post(f"/agent/appels/{pk}/ouvrir/")
    refus = autre.post(f"/agent/appels/{pk}/ouvrir/", follow=True)

    assert "06 39 98 00 11" not in annonces(autre)
    assert "Un collègue a déjà ouvert cet appel." in refus.content.decode()
    assert Contact.objects.get().agent == agent


def test_another_phone_and_another_trade_see_nothing(ville, agent):
    appels.recevoir(dire("ringing", poste="999"))
    appels.recevoir(dire("ringing", appel="a-2"))
    siennes = Sonnerie.objects.get(poste="214")
    ville.agent_voirie.agent.poste = "214"
    ville.agent_voirie.agent.save()
    for compte, attendu in ((agent, 404), (ville.agent_voirie, 404)):
        client = Client()
        client.force_login(compte, backend="guichet.organisation.portes.PorteBackend")
        pk = Sonnerie.objects.get(poste="999").pk if compte == agent else siennes.pk
        assert client.post(f"/agent/appels/{pk}/ouvrir/").status_code == attendu
    assert not Contact.objects.exists()


# -- listening


def test_a_page_learns_by_one_statement_and_no_session(ville, agent, navigateur, django_assert_num_queries):
    adresse = f"/api/telephonie/postes/{ecoute.jeton_de('214')}"
    assert navigateur.get(f"{adresse}?m=").status_code == 204
    appels.recevoir(dire("ringing"))

    with django_assert_num_queries(1):
        reponse = navigateur.get(f"{adresse}?m=")
    marque = reponse.content.decode()

    assert marque == f"{Sonnerie.objects.get().pk}s"
    assert navigateur.get(f"{adresse}?m={marque}").status_code == 204
    assert f'data-marque="{marque}"' in annonces(navigateur)
    appels.recevoir(dire("answered", 5))
    assert navigateur.get(f"{adresse}?m={marque}").content.decode() == marque.replace("s", "d")
    appels.recevoir(dire("ended", 9))
    assert navigateur.get(f"{adresse}?m={marque}").content.decode() == ""


def test_however_many_listen_the_calls_are_read_a_few_times_a_second(
    ville, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(ecoute, "FRAICHEUR", 60)

    with django_assert_num_queries(1):
        for poste in range(50):
            assert Client().get(f"/api/telephonie/postes/{ecoute.jeton_de(str(poste))}?m=").status_code == 204


def test_a_token_invented_or_too_old_hears_nothing(db, monkeypatch):
    assert Client().get("/api/telephonie/postes/invente").status_code == 410
    jeton = ecoute.jeton_de("214")
    monkeypatch.setattr(ecoute, "DUREE", -1)
    assert Client().get(f"/api/telephonie/postes/{jeton}").status_code == 410


def test_a_phone_nobody_answered_leaves_the_screen_after_three_minutes(ville, agent, navigateur):
    appels.recevoir(dire("ringing"))
    Sonnerie.objects.update(sonne_le=timezone.now() - timedelta(minutes=4))

    assert "06 39 98 00 11" not in annonces(navigateur)


# -- times


def test_a_contact_lasts_what_the_phone_system_says(ville, agent, navigateur):
    """Opened while it rang, closed by its agent before they hung up."""
    appels.recevoir(dire("ringing", 0))
    navigateur.post(f"/agent/appels/{Sonnerie.objects.get().pk}/ouvrir/")
    appels.recevoir(dire("answered", 5))
    assert Contact.objects.get().debut == Moment.debut + timedelta(seconds=5)

    terminer_contact(Contact.objects.get(), auteur=Auteur.agent(agent), resultat="renseigne")
    appels.recevoir(dire("ended", 65))

    contact = Contact.objects.get()
    assert contact.fin - contact.debut == timedelta(seconds=60)
    assert contact.est_resolu


def test_a_contact_closed_long_after_the_call_ended_lasts_no_longer(ville, agent, navigateur):
    appels.recevoir(dire("ringing", 0))
    navigateur.post(f"/agent/appels/{Sonnerie.objects.get().pk}/ouvrir/")
    appels.recevoir(dire("answered", 5))
    appels.recevoir(dire("ended", 35))

    navigateur.post("/agent/contacts/terminer/", {"resultat": "erreur"})

    contact = Contact.objects.get()
    assert (contact.resultat, contact.fin - contact.debut) == ("erreur", timedelta(seconds=30))


def test_what_the_phone_system_posted_is_erased_after_a_month(ville):
    appels.recevoir(dire("ringing"))
    EvenementAppel.objects.update(recu_le=timezone.now() - timedelta(days=31))
    appels.recevoir(dire("answered", 5))

    assert appels.effacer_les_traces() == 1
    assert EvenementAppel.objects.count() == 1
    assert Appel.objects.count() == 1


# -- the extension


def test_an_agent_says_which_phone_is_on_their_desk(ville, navigateur, agent):
    assert navigateur.post("/agent/poste/", {"poste": "2 14"}).status_code == 422
    assert navigateur.post("/agent/poste/", {"poste": "310"}).status_code == 302

    agent.agent.refresh_from_db()
    assert agent.agent.poste == "310"
    assert navigateur.post("/agent/poste/", {"poste": ""}).status_code == 302
    assert 'id="appels"' not in navigateur.get("/agent/poste/").content.decode()
