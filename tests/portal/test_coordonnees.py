"""« Mes coordonnées »: the resident puts right how the city reaches them, and says how to answer."""

from html import unescape

import pytest

from demandes.models import Demande
from demandes.moyens import moyen_de
from tests import factories
from tests.portal.conftest import texte_de

PAGE = "/mes-coordonnees/"
NUMERO = "+33639980011"


def siennes(usager) -> list[tuple[str, bool]]:
    telephones = usager.coordonnees.filter(genre="telephone")
    return list(telephones.order_by("pk").values_list("normalisee", "est_principale"))


def test_a_resident_says_how_to_be_answered_and_what_waits_follows(connecte, usager, ville):
    demande = factories.demande_dans("prise_en_charge", ville, usager=usager)
    assert str(moyen_de(demande)) == "par courriel à elodie.garnier@courriel.example"
    page = texte_de(connecte.get("/mes-demandes/"))
    assert "Mes coordonnées" in page

    reponse = connecte.post(
        PAGE, {"telephone": "06 39 98 00 11", "adresse": "3 rue Neuve", "canal_prefere": "courrier"}
    )

    assert (reponse.status_code, reponse.url) == (302, PAGE)
    assert "Vos coordonnées sont à jour." in texte_de(connecte.get(PAGE))
    usager.refresh_from_db()
    assert (usager.adresse, usager.canal_prefere) == ("3 rue Neuve", "courrier")
    assert siennes(usager) == [(NUMERO, True)]
    assert str(moyen_de(Demande.objects.get())) == "par lettre à 3 rue Neuve"


def test_another_phone_becomes_the_one_to_call_and_none_is_forgotten(connecte, usager):
    for dit, gardes in (
        ("06 39 98 00 11", [(NUMERO, True)]),
        ("06 39 98 00 22", [(NUMERO, False), ("+33639980022", True)]),
        ("06.39.98.00.11", [(NUMERO, True), ("+33639980022", False)]),
        ("", [("+33639980022", False)]),
    ):
        assert connecte.post(PAGE, {"telephone": dit, "canal_prefere": ""}).status_code == 302
        assert siennes(usager) == gardes


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"telephone": "12"}, "numéro"),
        ({"canal_prefere": "telephone"}, "Indiquez le numéro où vous appeler."),
        ({"canal_prefere": "courrier"}, "Indiquez l'adresse où vous écrire."),
        ({"canal_prefere": "pigeon"}, "Choisissez une réponse de la liste."),
    ],
    ids=["no phone number", "nowhere to call", "nowhere to write", "no way of ours"],
)
def test_a_way_that_leads_nowhere_is_refused_and_nothing_changes(connecte, usager, change, phrase):
    reponse = connecte.post(PAGE, {"telephone": "", "adresse": "", "canal_prefere": ""} | change)

    assert reponse.status_code == 422
    assert phrase in unescape(texte_de(reponse))
    usager.refresh_from_db()
    assert (usager.adresse, usager.canal_prefere, siennes(usager)) == ("", "", [])


def test_sms_is_offered_only_by_a_city_that_sends_some(connecte, usager, settings):
    assert "Par SMS" not in texte_de(connecte.get(PAGE))
    settings.GUICHET_SMS = "http://127.0.0.1:9/"
    page = texte_de(connecte.get(PAGE))
    assert "Par SMS" in page
    fixe = connecte.post(PAGE, {"telephone": "04 65 71 00 01", "canal_prefere": "sms"})
    assert "Un SMS n'arrive que sur un mobile" in unescape(texte_de(fixe))


def test_what_an_agent_noted_and_is_not_offered_here_stays(connecte, usager):
    usager.canal_prefere = "guichet"
    usager.save()
    assert 'value="guichet"' in connecte.get(PAGE).content.decode()

    connecte.post(PAGE, {"adresse": "3 rue Neuve", "canal_prefere": "guichet"})

    usager.refresh_from_db()
    assert (usager.adresse, usager.canal_prefere) == ("3 rue Neuve", "guichet")
