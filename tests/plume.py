"""A network that does not exist, in one file as those of `guichet/canaux`; what is said there is kept here.

It counts words, wants a name in front, never lets a city answer a public post in private, and hides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible
from guichet.canaux.reseau import Connecteur, Liens, Portee, Publie, Releve, Reponse
from guichet.canaux.webhook import Webhook

# What the city sent there, and what waits to be read by who asks.
POSTEES: list[Reponse] = []
MASQUEES: list[str] = []
NOUVELLES: list[bytes] = []


def publication(texte: str, *, numero: str = "7", portee: str = "publique") -> bytes:
    return json.dumps(
        {"numero": numero, "de": "awa", "texte": texte, "portee": portee, "le": "2026-11-27T08:15:00+00:00"}
    ).encode()


def lire(contenu: bytes) -> tuple[Publie, ...]:
    try:
        dit = json.loads(contenu)
        return (
            Publie(
                canal=Canal.RESEAU,
                identifiant=dit["numero"],
                auteur=dit["de"],
                adresse=f"@{dit['de']}",
                nom=dit["de"].capitalize(),
                texte=dit["texte"],
                publie_le=datetime.fromisoformat(dit["le"]),
                portee=Portee(dit["portee"]),
                lien=f"https://plume.example/{dit['numero']}",
            ),
        )
    except (ValueError, KeyError) as cause:
        raise ContenuIllisible("Ce contenu n'est pas une publication de Plume.") from cause


def reconnaitre(contenu: bytes, *, recu_le: datetime) -> Publie | None:
    return None


class Plume:
    canal = Canal.RESEAU

    def __init__(self, jeton: str) -> None:
        self.jeton = jeton

    def poster(self, reponse: Reponse) -> str:
        POSTEES.append(reponse)
        return f"r{len(POSTEES)}"

    def lien(self, identifiant: str) -> str:
        return f"https://plume.example/{identifiant}"

    def en_tetes_du_media(self, adresse: str) -> dict[str, str]:
        return {}

    def masquer(self, identifiant: str) -> None:
        MASQUEES.append(identifiant)


class PlumeRelevee(Plume):
    """The same, when it tells nobody what is new."""

    def moi(self) -> str:
        return "ville"

    def relever(self, curseur: str) -> Releve:
        return Releve(tuple((lire(brut)[0].identifiant, brut) for brut in NOUVELLES), "fin")

    def relire(self, identifiants: Sequence[str]) -> Mapping[str, bytes | None]:
        return {}


def ouvrir(reglages: Any) -> Plume | None:
    return Plume(reglages.GUICHET_PLUME_JETON) if reglages.GUICHET_PLUME_JETON else None


CONNECTEUR = Connecteur(
    Canal.RESEAU,
    lire=lire,
    reconnaitre=reconnaitre,
    ouvrir=ouvrir,
    longueur=8,
    mesurer=lambda texte: len(texte.split()),
    adresser=lambda adresse, texte: f"Pour {adresse} : {texte}",
    refuser_le_prive=lambda origine, ecrit_le, maintenant: (
        "Plume ne répond pas en privé à ce qui est public." if origine.est_publique else ""
    ),
    fin_reglee=lambda reglages: reglages.GUICHET_PLUME_FIN,
    liens=Liens(sites=("plume.example",), numero=lambda chemin, parametres: chemin.removeprefix("/")),
    webhook=Webhook(cle=lambda corps: lire(corps)[0].identifiant),
)
CONNECTEUR_RELEVE = replace(
    CONNECTEUR, ouvrir=lambda reglages: PlumeRelevee(reglages.GUICHET_PLUME_JETON), webhook=None
)
