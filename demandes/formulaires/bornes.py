"""The least and the most that a number or a date may be: `minimum` and `maximum` of a field, each optional.

A bound is a number, an ISO date, or AUJOURDHUI: the day it is answered.
"""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from guichet.socle.langues import est_en_francais

AUJOURDHUI = "aujourdhui"
Borne = int | float | date


def lire(champ: dict, cote: str) -> Borne | None:
    """A bound as it is compared. Raises ValueError when it is of another kind than the field."""
    borne = champ.get(cote)
    if borne is None:
        return None
    if champ["type"] == "nombre" and isinstance(borne, int | float) and not isinstance(borne, bool):
        return borne
    if champ["type"] == "date" and isinstance(borne, str):
        return timezone.localdate() if borne == AUJOURDHUI else date.fromisoformat(borne)
    raise ValueError(cote)


def defaut(champ: dict) -> str:
    """What makes these bounds impossible, or ""."""
    try:
        minimum, maximum = lire(champ, "minimum"), lire(champ, "maximum")
    except ValueError:
        return "un minimum ou un maximum va avec un nombre ou une date, et se compare à lui"
    # A bound that moves with the day is not compared to one that does not.
    est_fixe = AUJOURDHUI not in (champ.get("minimum"), champ.get("maximum"))
    if minimum is not None and maximum is not None and est_fixe and minimum > maximum:  # type: ignore[operator]
        return "le minimum dépasse le maximum"
    return ""


def depassement(champ: dict, valeur: Borne) -> str:
    """The sentence for an answer out of bounds, or ""."""
    for cote, sens in (("minimum", 1), ("maximum", -1)):
        borne = lire(champ, cote)
        if borne is None or (valeur >= borne if sens > 0 else valeur <= borne):  # type: ignore[operator]
            continue
        if champ["type"] == "date":
            phrase = (
                _("Cette date doit être {borne} ou après.")
                if sens > 0
                else _("Cette date doit être {borne} ou avant.")
            )
        else:
            phrase = (
                _("Ce nombre doit être {borne} ou plus.")
                if sens > 0
                else _("Ce nombre doit être {borne} ou moins.")
            )
        return phrase.format(borne=en_mots(champ, cote))
    return ""


def en_mots(champ: dict, cote: str) -> str:
    """« 12,5 », « le 24/11/2026 », « aujourd'hui »."""
    if champ[cote] == AUJOURDHUI:
        return _("aujourd'hui")
    borne = lire(champ, cote)
    if isinstance(borne, date):
        return _("le {date}").format(date=f"{borne:%d/%m/%Y}")
    return str(borne).replace(".", ",") if est_en_francais() else str(borne)


def verifier(champ: dict, reponse: object) -> str:
    """The same of an answer as it is kept; one that is no number or no date is another check's."""
    if not ("minimum" in champ or "maximum" in champ):
        return ""
    if champ["type"] == "date" and isinstance(reponse, str):
        try:
            return depassement(champ, date.fromisoformat(reponse))
        except ValueError:
            return ""
    if champ["type"] == "nombre" and isinstance(reponse, int | float):
        return depassement(champ, reponse)
    return ""
