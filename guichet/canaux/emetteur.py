"""Who wrote what could not be read: the name its webhook says, whatever its shape. A person checks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from guichet.canaux.message import Expediteur
from guichet.canaux.sms import NOMS
from guichet.socle.coordonnees import normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide
from guichet.socle.texte import nettoyer

OBJETS_AU_PLUS = 500
LONGUEUR = 120


def chercher(contenu: bytes) -> Expediteur:
    """The account or the number it names first; nobody when it is no JSON."""
    try:
        objets = list(islice(_objets(json.loads(contenu)), OBJETS_AU_PLUS))
    except (ValueError, RecursionError):
        return Expediteur()
    comptes = (f"@{o[nom]}" for o in objets for nom in ("acct", "screen_name") if isinstance(o.get(nom), str))
    auteurs = (o["from"].get("name") for o in objets if isinstance(o.get("from"), dict))
    nom = next(filter(None, (*comptes, *auteurs)), "")
    numeros = (_numero(o.get(cle)) for o in objets for cle in NOMS["de"])
    return Expediteur(nom=nettoyer(str(nom))[:LONGUEUR], telephone=next(filter(None, numeros), ""))


def _objets(lu: Any) -> Iterator[dict[str, Any]]:
    """Every object, the outer ones first."""
    if isinstance(lu, dict):
        yield lu
    for valeur in lu.values() if isinstance(lu, dict) else lu if isinstance(lu, list) else ():
        yield from _objets(valeur)


def _numero(valeur: Any) -> str:
    # The id of an account is all digits too.
    if not isinstance(valeur, str) or not valeur.startswith(("+", "0")):
        return ""
    try:
        return normaliser_telephone(valeur)
    except DonneeInvalide:
        return ""
