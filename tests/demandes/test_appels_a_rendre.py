"""Calls to make: promised ones with their moment, missed ones once per number; done, or tried again."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from demandes.actions import appels, appels_a_rendre
from demandes.droits import Auteur
from demandes.models import RappelTelephonique
from guichet.socle.erreurs import Conflit
from tests import factories
from tests.webhooks import corps_de

NUMERO = "+33639980055"


@pytest.fixture
def bureau(ville):
    client = Client()
    client.force_login(ville.agent_accueil, backend="guichet.organisation.portes.PorteBackend")
    return client


def dire(appel: str, *moments: str) -> None:
    """The moments of one call, a second apart, a few minutes ago."""
    for rang, quoi in enumerate(moments):
        le = timezone.now() - timedelta(minutes=5) + timedelta(seconds=rang)
        dit = {"appel": appel, "evenement": quoi, "numero": NUMERO, "poste": "214", "date": le.isoformat()}
        appels.recevoir(corps_de(dit))


def manques() -> list[tuple[str, int]]:
    a_faire = RappelTelephonique.objects.a_faire("manque")
    return list(a_faire.values_list("numero", "appels_manques"))


def test_a_missed_call_is_owed_once_per_number_until_it_is_answered(ville, bureau):
    dire("a-1", "ringing", "ended")
    dire("a-2", "ringing", "ended")
    dire("a-2", "ringing")
    assert manques() == [(NUMERO, 2)]
    page = bureau.get("/agent/a-rappeler/?vue=manques").content.decode()
    assert "06 39 98 00 55" in page
    assert "2 appels sans réponse" in page

    dire("a-3", "ringing", "answered")

    assert manques() == []


def test_an_answer_told_after_the_end_owes_nothing(ville):
    dire("a-1", "ringing", "ended")
    dire("a-1", "answered")

    assert manques() == []


def test_a_hidden_number_cannot_be_called(ville):
    corps = {"appel": "a-1", "poste": "214", "numero": ""}
    for quoi in ("ringing", "ended"):
        appels.recevoir(corps_de(corps | {"evenement": quoi}))

    assert not RappelTelephonique.objects.exists()


def test_a_call_is_promised_tried_and_made(ville, bureau):
    jeanne = factories.creer_usager("Jeanne", "Martin", telephone=NUMERO)
    demain = timezone.localdate() + timedelta(days=1)
    assert 'value="06 39 98 00 55"' in bureau.get(f"/agent/a-rappeler/?usager={jeanne.pk}").content.decode()
    dit = {"numero": "06 39 98 00 55", "jour": demain.isoformat(), "creneau": "matin", "note": "Son badge"}

    assert bureau.post("/agent/a-rappeler/", dit | {"usager": jeanne.pk}).status_code == 302
    rappel = RappelTelephonique.objects.get()
    assert (rappel.numero, rappel.usager, rappel.point_accueil) == (NUMERO, jeanne, ville.accueil)
    assert (timezone.localtime(rappel.du).hour, timezone.localtime(rappel.au).hour) == (9, 12)
    bureau.post(f"/agent/a-rappeler/{rappel.pk}/", {"resultat": "absent"})
    assert "1 essai sans joindre" in bureau.get("/agent/a-rappeler/").content.decode()
    bureau.post(f"/agent/a-rappeler/{rappel.pk}/", {"resultat": "joint"})

    rappel.refresh_from_db()
    assert (rappel.etat, rappel.fait_par, rappel.tentatives) == ("fait", ville.agent_accueil, 1)
    assert "Jeanne Martin" not in bureau.get("/agent/a-rappeler/").content.decode()
    with pytest.raises(Conflit):
        appels_a_rendre.noter(rappel, auteur=Auteur.agent(ville.agent_accueil), est_joint=True)


@pytest.mark.parametrize(
    "change", [{"numero": "12"}, {"jour": "2020-01-01"}, {"creneau": "minuit"}, {"numero": ""}]
)
def test_a_promise_that_cannot_be_kept_is_refused(ville, bureau, change):
    demain = timezone.localdate() + timedelta(days=1)
    dit = {"numero": NUMERO, "jour": demain.isoformat(), "creneau": "matin"}

    assert bureau.post("/agent/a-rappeler/", dit | change).status_code == 422
    assert not RappelTelephonique.objects.exists()


@pytest.mark.parametrize(
    ("maintenant", "jour"),
    [
        ("2026-11-26T16:59:00+01:00", "2026-11-26"),
        ("2026-11-26T17:01:00+01:00", "2026-11-27"),
        ("2026-11-27T17:30:00+01:00", "2026-11-30"),
        ("2026-11-28T10:00:00+01:00", "2026-11-30"),
    ],
    ids=["in the day", "after hours", "Friday evening", "Saturday"],
)
def test_the_day_proposed_is_one_on_which_somebody_can_still_be_called(ville, maintenant, jour):
    with time_machine.travel(datetime.fromisoformat(maintenant), tick=False):
        assert appels_a_rendre.prochain_jour().isoformat() == jour


def test_the_overdue_come_first_and_another_desk_s_are_not_seen(ville, bureau):
    maintenant = timezone.now()
    for jours, accueil, numero in (
        (2, ville.accueil, "11"),
        (-2, None, "22"),
        (-1, ville.autre_accueil, "33"),
    ):
        RappelTelephonique.objects.create(
            origine="prevu",
            numero=f"+336399800{numero}",
            du=maintenant,
            au=maintenant + timedelta(days=jours),
            point_accueil=accueil,
        )

    page = bureau.get("/agent/a-rappeler/").content.decode()

    assert page.index("06 39 98 00 22") < page.index("06 39 98 00 11")
    assert page.count("En retard") == 1
    assert "06 39 98 00 33" not in page
    autre = RappelTelephonique.objects.get(point_accueil=ville.autre_accueil)
    assert bureau.post(f"/agent/a-rappeler/{autre.pk}/", {"resultat": "joint"}).status_code == 404


def test_the_list_is_read_page_by_page_without_missing_or_repeating_a_call(ville, bureau):
    au = timezone.now() + timedelta(days=1)
    for rang in range(52):
        RappelTelephonique.objects.create(
            origine="prevu",
            numero=f"+3363998{rang:04}",
            du=au - timedelta(hours=2),
            # Three at the same moment on the edge of the page.
            au=au + timedelta(minutes=min(rang, 49)),
            point_accueil=ville.accueil,
        )

    premiere = bureau.get("/agent/a-rappeler/").context
    seconde = bureau.get(f"/agent/a-rappeler/{premiere['url_suivante']}").context

    vus = [rappel.pk for page in (premiere, seconde) for rappel in page["lignes"]]
    assert vus == list(RappelTelephonique.objects.order_by("au", "pk").values_list("pk", flat=True))
    assert (len(premiere["lignes"]), seconde["url_suivante"]) == (50, "")


def test_a_call_promised_from_a_demande_is_seen_there_and_its_history_keeps_what_came_of_it(ville, bureau):
    jeanne = factories.creer_usager("Jeanne", "Martin", telephone=NUMERO)
    demande = factories.demande_dans("prise_en_charge", ville, usager=jeanne)
    page = bureau.get(f"/agent/demandes/{demande.numero}/").content.decode()
    prevoir = f"/agent/a-rappeler/?demande={demande.numero}"
    assert f'href="{prevoir}"' in page
    assert "Rappel promis" not in page
    formulaire = bureau.get(prevoir).content.decode()
    assert 'value="06 39 98 00 55"' in formulaire
    assert f'name="demande" value="{demande.numero}"' in formulaire

    demain = timezone.localdate() + timedelta(days=1)
    dit = {"numero": NUMERO, "jour": demain.isoformat(), "creneau": "matin", "note": "Lui dire quand"}
    reponse = bureau.post("/agent/a-rappeler/", dit | {"demande": demande.numero})

    assert reponse["Location"] == f"/agent/demandes/{demande.numero}/"
    rappel = RappelTelephonique.objects.get()
    assert (rappel.demande, rappel.usager) == (demande, jeanne)
    page = bureau.get(reponse["Location"]).content.decode()
    assert "Rappel promis entre" in page
    assert "Lui dire quand" in page
    assert demande.numero in bureau.get("/agent/a-rappeler/").content.decode()

    for resultat in ("absent", "joint"):
        bureau.post(f"/agent/a-rappeler/{rappel.pk}/", {"resultat": resultat})

    assert "Rappel promis" not in bureau.get(reponse["Location"]).content.decode()
    notes = demande.messages.filter(sens="interne").order_by("pk")
    assert [note.corps for note in notes] == [
        "Rappel au 06 39 98 00 55 : pas de réponse.",
        "Rappel au 06 39 98 00 55 : la personne a été jointe.",
    ]
    assert [ligne.geste for ligne in demande.journal.order_by("-rang")[:2]] == ["ajouter_une_note"] * 2


def test_a_call_is_not_promised_about_a_demande_one_may_not_read(ville, bureau):
    sociale = factories.demande_dans("prise_en_charge", ville, type=ville.type_social)
    demain = timezone.localdate() + timedelta(days=1)
    dit = {"numero": NUMERO, "jour": demain.isoformat(), "creneau": "matin"}

    for numero in (sociale.numero, "VSS-2026-999999"):
        assert bureau.get(f"/agent/a-rappeler/?demande={numero}").status_code == 404
        assert bureau.post("/agent/a-rappeler/", dit | {"demande": numero}).status_code == 404
    assert not RappelTelephonique.objects.exists()


def test_who_may_not_write_in_the_demande_has_called_all_the_same(ville, bureau):
    demande = factories.demande_dans("prise_en_charge", ville, type=ville.type_social)
    rappel = RappelTelephonique.objects.create(
        origine="prevu", numero=NUMERO, du=timezone.now(), au=timezone.now(), demande=demande
    )

    appels_a_rendre.noter(rappel, auteur=Auteur.agent(ville.agent_accueil), est_joint=True)

    rappel.refresh_from_db()
    assert rappel.etat == "fait"
    assert not demande.messages.filter(sens="interne").exists()
