"""The walk through what a phone brings to the screens of the desk."""

from __future__ import annotations

import requests

from tests.ecrans import TELEPHONE, Ecrans, Visiteur
from tests.webhooks import corps_de, en_tetes_de

POSTE = "214"
# Two brothers of the demo city gave this number; one of them alone has the other.
FAMILLE, INCONNU = "06 39 98 31 08", "06 39 98 99 99"


def dire(v: Visiteur, evenement: str, appel: str, numero: str = INCONNU, poste: str = POSTE) -> None:
    """Post one event, as the phone system of the demo city does."""
    dit = {
        "appel": appel,
        "evenement": evenement,
        "numero": numero,
        "poste": poste,
        "ligne": "04 65 71 00 00",
    }
    corps = corps_de(dit)
    url = f"{v.adresse}/api/telephonie/appels"
    assert requests.post(url, data=corps, headers=en_tetes_de(corps), timeout=10).status_code == 200


def choisir_le_poste(v: Visiteur, poste: str = POSTE) -> None:
    v.aller("/agent/poste/")
    v.page.get_by_label("Poste téléphonique").fill(poste)
    v.bouton("Enregistrer")


def telephone(v: Visiteur) -> Ecrans:
    """A phone on the desk: who calls is announced, chosen among two, or new."""
    v.entrer(TELEPHONE)
    choisir_le_poste(v)
    yield "agent-poste", v.page
    v.page.get_by_label("Poste téléphonique").fill("2 14")
    v.bouton("Enregistrer")
    yield "agent-poste-refuse", v.page
    v.aller("/agent/corbeille/")
    dire(v, "ringing", "tour-1", FAMILLE)
    v.page.locator(".appel").wait_for()
    yield "agent-appel-annonce", v.page
    v.bouton("Dire qui appelle")
    v.page.wait_for_url("**/agent/appels/*/")
    yield "agent-appel-choix", v.page
    dire(v, "ringing", "tour-2", "")
    v.page.locator(".appel").wait_for()
    yield "agent-appel-second", v.page
    dire(v, "ended", "tour-1")
    dire(v, "ended", "tour-2")
    v.bouton("Terminer sans suite")
    yield "agent-a-rappeler-manques", v.aller("/agent/a-rappeler/?vue=manques")
    v.aller("/agent/a-rappeler/")
    v.bouton("Prévoir le rappel")
    yield "agent-a-rappeler", v.page
    choisir_le_poste(v, "")
