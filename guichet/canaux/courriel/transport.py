"""A parsed mail as bytes and back, between the bounded reader and who asked: data only, nothing that runs."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from guichet.canaux.canal import Canal
from guichet.canaux.courriel.adresses import Adresse
from guichet.canaux.courriel.message import CourrielEntrant, Nature, Raison, Retour
from guichet.canaux.message import Expediteur, PieceJointe


def emballer(message: CourrielEntrant) -> bytes:
    """One line of JSON, then the files one after the other."""
    champs = {champ.name: getattr(message, champ.name) for champ in fields(message)}
    champs["expediteur"] = asdict(message.expediteur)
    champs["emetteur"] = asdict(message.emetteur)
    champs["repondre_a"] = asdict(message.repondre_a)
    champs["destinataires"] = [asdict(adresse) for adresse in message.destinataires]
    champs["retour"] = asdict(message.retour) if message.retour else None
    champs["recu_le"] = message.recu_le.isoformat()
    champs["envoye_le"] = message.envoye_le.isoformat() if message.envoye_le else None
    champs["pieces"] = [(p.nom, p.type_mime, len(p.contenu), p.identifiant) for p in message.pieces]
    return json.dumps(champs).encode() + b"\n" + b"".join(p.contenu for p in message.pieces)


def deballer(octets: bytes) -> CourrielEntrant:
    """The mail again, equal to the one that was packed."""
    tete, _, suite = octets.partition(b"\n")
    champs: dict[str, Any] = json.loads(tete)
    pieces, debut = [], 0
    for nom, type_mime, taille, identifiant in champs["pieces"]:
        pieces.append(PieceJointe(nom, type_mime, suite[debut : debut + taille], identifiant))
        debut += taille
    retour = champs["retour"]
    return CourrielEntrant(
        **champs
        | {
            "canal": Canal(champs["canal"]),
            "recu_le": datetime.fromisoformat(champs["recu_le"]),
            "envoye_le": datetime.fromisoformat(champs["envoye_le"]) if champs["envoye_le"] else None,
            "expediteur": Expediteur(**champs["expediteur"]),
            "emetteur": Adresse(**champs["emetteur"]),
            "repondre_a": Adresse(**champs["repondre_a"]),
            "destinataires": tuple(Adresse(**adresse) for adresse in champs["destinataires"]),
            "references": tuple(champs["references"]),
            "nature": Nature(champs["nature"]),
            "pieces": tuple(pieces),
            "retour": Retour(
                **retour
                | {
                    "adresses": tuple(retour["adresses"]),
                    "message_ids": tuple(retour["message_ids"]),
                    "raison": Raison(retour["raison"]),
                }
            )
            if retour
            else None,
        }
    )
