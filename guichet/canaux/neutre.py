"""The house's own raw format: one JSON object per message, as written by a screen, a file or a deposit.

    {"canal": "telephone", "id": "…", "objet": "…", "texte": "…", "type": "VOI-NIDS",
     "identite": {"nom": "…", "prenom": "…", "courriel": "…", "telephone": "…", "adresse": "…"},
     "reponses": {…}, "version": 3, "recu_le": "2026-03-02T09:15:00+01:00",
     "urgent": false, "anonyme": false}

Only `id` and something said (`objet`, `texte` or `reponses`) are required; other keys are ignored.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from guichet.canaux.canal import Canal
from guichet.canaux.message import ContenuIllisible, Expediteur, MessageEntrant
from guichet.socle.texte import nettoyer

TAILLE_MAXIMALE = 5 * 1024 * 1024  # bytes
CHAMPS_IDENTITE = ("nom", "prenom", "courriel", "telephone", "adresse")


def _refuser_constante(nom: str) -> None:
    raise ContenuIllisible(f"Ce contenu n'est pas du JSON valable : {nom} n'est pas un nombre.")


def ouvrir(contenu: bytes) -> dict[str, Any]:
    """Return the JSON object in `contenu` with every string cleaned, or raise ContenuIllisible."""
    if len(contenu) > TAILLE_MAXIMALE:
        raise ContenuIllisible("Ce contenu dépasse 5 Mo.")
    try:
        donnees = _propre(json.loads(contenu.decode("utf-8-sig"), parse_constant=_refuser_constante))
    except ContenuIllisible:
        raise
    except UnicodeDecodeError as cause:
        raise ContenuIllisible("Ce contenu n'est pas du texte en UTF-8.") from cause
    except RecursionError as cause:
        raise ContenuIllisible("Ce contenu est imbriqué trop profondément.") from cause
    except ValueError as cause:
        raise ContenuIllisible("Ce contenu n'est pas du JSON valable.") from cause
    if not isinstance(donnees, dict):
        raise ContenuIllisible("Ce contenu n'est pas un objet JSON.")
    return donnees


def _propre(valeur: Any) -> Any:
    if isinstance(valeur, str):
        if "\x00" in valeur:
            raise ContenuIllisible("Ce contenu comporte un caractère nul : ce n'est pas du texte.")
        return nettoyer(valeur)
    if isinstance(valeur, list):
        return [_propre(element) for element in valeur]
    if isinstance(valeur, dict):
        return {_propre(cle): _propre(element) for cle, element in valeur.items()}
    return valeur


def composer(donnees: Mapping[str, Any], *, canal: Canal, recu_le: datetime) -> MessageEntrant:
    """Build the message from an opened object.

    `recu_le` is when the raw content was stored: the default date, and the latest one a content may
    claim, since nothing is received after it was kept.
    """
    identite = donnees.get("identite") or {}
    if not isinstance(identite, dict):
        raise ContenuIllisible("« identite » doit être un objet.")
    reponses = donnees.get("reponses") or {}
    if not isinstance(reponses, dict):
        raise ContenuIllisible("« reponses » doit être un objet.")
    version = donnees.get("version")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise ContenuIllisible("« version » doit être un nombre entier.")
    message = MessageEntrant(
        canal=canal,
        cle_externe=_texte(donnees, "id"),
        recu_le=_date(donnees, recu_le),
        objet=_texte(donnees, "objet"),
        texte=_texte(donnees, "texte"),
        expediteur=Expediteur(**{champ: _texte(identite, champ) for champ in CHAMPS_IDENTITE}),
        type_suggere=_texte(donnees, "type"),
        reponses=reponses,
        version_formulaire=version,
        est_urgent=_drapeau(donnees, "urgent"),
        est_anonyme=_drapeau(donnees, "anonyme"),
    )
    if not message.cle_externe:
        raise ContenuIllisible("Ce message n'a pas d'identifiant (« id »).")
    if not (message.objet or message.texte or message.reponses):
        raise ContenuIllisible("Ce message est vide : ni objet, ni texte, ni réponse.")
    return message


def _texte(donnees: Mapping[str, Any], cle: str) -> str:
    valeur = donnees.get(cle)
    if valeur is None:
        return ""
    if isinstance(valeur, bool) or not isinstance(valeur, str | int):
        raise ContenuIllisible(f"« {cle} » doit être un texte.")
    return str(valeur)


def _drapeau(donnees: Mapping[str, Any], cle: str) -> bool:
    valeur = donnees.get(cle)
    if valeur is None:
        return False
    if not isinstance(valeur, bool):
        raise ContenuIllisible(f"« {cle} » doit être vrai ou faux.")
    return valeur


def _date(donnees: Mapping[str, Any], recu_le: datetime) -> datetime:
    if not (valeur := _texte(donnees, "recu_le")):
        return recu_le
    try:
        date = datetime.fromisoformat(valeur)
    except ValueError as cause:
        raise ContenuIllisible(f"« recu_le » n'est pas une date : {valeur[:40]}.") from cause
    if date.year < 1970:
        raise ContenuIllisible("« recu_le » est trop ancien.")
    return min(timezone.make_aware(date) if timezone.is_naive(date) else date, recu_le)
