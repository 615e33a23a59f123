"""What a phone system tells of a call: it rings at an extension, is answered there, has ended. Pure.

    {"appel": "…", "evenement": "ringing", "numero": "+33639980011", "ligne": "+33465710000", "poste": "214",
     "date": "2026-03-02T09:15:00+01:00"}

`appel` names the call from beginning to end, transfers included; a hidden number is empty. Systems agree on
what is said and not on its names: the usual ones are understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils import timezone

from guichet.canaux.message import ContenuIllisible
from guichet.canaux.neutre import ouvrir
from guichet.socle.coordonnees import normaliser_telephone
from guichet.socle.erreurs import DonneeInvalide

LONGUEUR = 20


class Moment(StrEnum):
    SONNE = "sonne"
    DECROCHE = "decroche"
    FINI = "fini"


MOMENTS = {
    **dict.fromkeys(("ringing", "ring", "sonne", "sonnerie"), Moment.SONNE),
    **dict.fromkeys(("answered", "answer", "connected", "decroche"), Moment.DECROCHE),
    **dict.fromkeys(("ended", "end", "hangup", "fini", "raccroche"), Moment.FINI),
}
# Our names, then how others say them.
NOMS = {
    "appel": ("appel", "call_id", "callId", "call", "id"),
    "evenement": ("evenement", "event", "state", "etat"),
    "numero": ("numero", "number", "caller", "from", "de"),
    "ligne": ("ligne", "line", "called", "to", "a"),
    "poste": ("poste", "extension", "agent"),
    "date": ("date", "timestamp", "time"),
}
MASQUES = frozenset({"", "anonymous", "anonyme", "private", "restricted", "unavailable", "unknown", "masque"})
# A clock further from ours than this tells nothing.
ECART = timedelta(hours=1)


@dataclass(frozen=True)
class Evenement:
    """`numero` and `ligne` are E.164 where they can be, "" when hidden; `poste` may be "" at the end."""

    appel: str
    quoi: Moment
    numero: str
    ligne: str
    poste: str
    le: datetime


def lire(contenu: bytes, *, recu_le: datetime) -> Evenement:
    """Read one event. Raises ContenuIllisible."""
    donnees = ouvrir(contenu)
    dit = {nom: texte_de(donnees, nom) for nom in NOMS}
    if not dit["appel"] or len(dit["appel"]) > 120:
        raise ContenuIllisible("Cet événement ne dit pas de quel appel il s'agit (« appel »).")
    if (quoi := MOMENTS.get(dit["evenement"].lower())) is None:
        raise ContenuIllisible("« evenement » doit être ringing, answered ou ended.")
    if not dit["poste"] and quoi != Moment.FINI:
        raise ContenuIllisible("Cet événement ne dit pas quel poste sonne ou décroche (« poste »).")
    if len(dit["poste"]) > LONGUEUR:
        raise ContenuIllisible(f"« poste » dépasse {LONGUEUR} signes.")
    return Evenement(
        appel=dit["appel"],
        quoi=quoi,
        numero=numero_de(dit["numero"]),
        ligne=numero_de(dit["ligne"]),
        poste=dit["poste"],
        le=date_de(dit["date"], recu_le),
    )


def texte_de(donnees: Mapping[str, Any], nom: str) -> str:
    for alias in NOMS[nom]:
        valeur = donnees.get(alias)
        if isinstance(valeur, str | int) and not isinstance(valeur, bool):
            return str(valeur).strip()
    return ""


def numero_de(saisie: str) -> str:
    """As coordinates are stored; a colleague's short number stays as it is."""
    if saisie.lower() in MASQUES:
        return ""
    try:
        return normaliser_telephone(saisie)
    except DonneeInvalide:
        return saisie[:LONGUEUR]


def date_de(saisie: str, recu_le: datetime) -> datetime:
    """When it happened, by their clock if it is near ours; never later than when we were told."""
    try:
        date = datetime.fromisoformat(saisie)
    except ValueError:
        return recu_le
    if timezone.is_naive(date):
        date = timezone.make_aware(date)
    return min(date, recu_le) if abs(recu_le - date) < ECART else recu_le
