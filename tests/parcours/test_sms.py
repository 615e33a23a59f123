"""The story of an SMS over HTTP: posted and signed by an operator, answered by SMS."""

import requests

from demandes.models import Demande
from guichet.canaux.canal import Canal
from guichet.envois.models import Envoi
from tests.webhooks import corps_de, en_tetes_de

NUMERO = "+33639980042"


def poster(maison, identifiant: str, **dit) -> int:
    corps = corps_de({"id": identifiant, **dit})
    return requests.post(
        f"{maison.adresse}/api/webhooks/sms",
        data=corps,
        headers=en_tetes_de(corps, identifiant=identifiant),
        timeout=10,
    ).status_code


def test_an_sms_is_registered_answered_by_sms_and_followed(maison, ville, agit):
    maison.operateur.recus.clear()
    maison.operateur.en_tetes.clear()

    # The resident writes; the operator, unsure, posts it twice, and the rest of the thought after it.
    assert [poster(maison, "op-a", de=NUMERO, texte="Un lampadaire éteint 💡") for _ in range(2)] == [
        200,
        200,
    ]
    demande = maison.attendre(lambda: Demande.objects.filter(canal=Canal.SMS).first(), "la demande")
    assert poster(maison, "op-b", de=NUMERO, texte="devant le 12 rue des Tisserands") == 200
    maison.attendre(lambda: demande.messages.filter(sens="entrant").count() == 2, "le second SMS")
    assert Demande.objects.count() == 1

    # It is acknowledged by SMS.
    accuse = maison.attendre(lambda: maison.operateur.sms and maison.operateur.sms[0], "l'accusé")
    assert accuse["to"] == NUMERO
    assert demande.numero in accuse["text"]

    # The desk writes: it leaves by SMS, and the operator says that it arrived.
    agit(ville.agent_accueil, demande.numero, "ecrire_a_l_usager", texte="Depuis quel jour ?")
    question = maison.attendre(
        lambda: next((s for s in maison.operateur.sms if "Depuis quel jour ?" in s["text"]), None), "le SMS"
    )
    assert question["to"] == NUMERO
    assert poster(maison, "op-r", reference=question["reference"], status="delivered") == 200
    maison.attendre(lambda: Envoi.objects.filter(remis_le__isnull=False).count() == 1, "le compte rendu")

    # The answer comes back on the same demande.
    assert poster(maison, "op-c", de=NUMERO, texte="Depuis lundi") == 200
    maison.attendre(lambda: demande.messages.filter(corps="Depuis lundi").exists(), "la réponse")
    assert Demande.objects.count() == 1

    # STOP: the next words are for somebody to say, and nothing leaves.
    assert poster(maison, "op-d", de=NUMERO, texte="STOP") == 200
    maison.attendre(lambda: demande.messages.filter(sens="interne").exists(), "la note")
    page = agit(ville.agent_accueil, demande.numero, "ecrire_a_l_usager", texte="Nous passons jeudi.")
    maison.se_calmer()
    assert not [s for s in maison.operateur.sms if "jeudi" in s["text"]]
    assert "STOP" in page.texte
