"""Whom to call when somebody is in danger, pure: the national numbers, the right ones first.

A type of demande says them in its own sentence (`urgence_consigne`); these come first, in the order of the
sentence. Without one, the numbers of everybody.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

NUMEROS = {
    "112": _("Toutes les urgences"),
    "18": _("Pompiers"),
    "15": "SAMU",
    "17": _("Police"),
    "115": _("Sans-abri"),
    "114": _("Par SMS, sourds et malentendants"),
    "119": _("Enfance en danger"),
    "3919": _("Violences faites aux femmes"),
}
POUR_TOUS = ("112", "18", "15", "17", "115", "114")
EN_TETE = 4
CONSIGNE = _("Quelqu'un est en danger ? Prévenez d'abord les secours, puis la ville.")

# As a phone can dial them. Longer numbers, dates, hours and quantities do not match.
_CITE = re.compile(r"(?<![\d/.])(15|17|18|112|114|115|119|3919)(?![\d/]|[.,]\d| ?(?:h|%|jours|mois|ans)\b)")


@dataclass(frozen=True)
class Appel:
    """One number, who answers, and the address a phone opens: 114 is written to, the others are called."""

    numero: str
    qui: str

    @property
    def lien(self) -> str:
        return f"sms:{self.numero}" if self.numero == "114" else f"tel:{self.numero}"


@dataclass(frozen=True)
class Secours:
    """What to do first, the numbers to show large, and the others."""

    consigne: str
    premiers: tuple[Appel, ...]
    autres: tuple[Appel, ...]

    @property
    def en_mots(self) -> str:
        """Every number on one line, for a mail or a printed page."""
        return " ; ".join(f"{appel.numero} ({appel.qui})" for appel in self.tous)

    @property
    def tous(self) -> tuple[Appel, ...]:
        return self.premiers + self.autres


def secours(consigne: str = "") -> Secours:
    """The numbers for a danger that this sentence, if any, describes, in the language of the moment."""
    return _secours(consigne, get_language())


@lru_cache(maxsize=256)
def _secours(consigne: str, _langue: str | None) -> Secours:
    cites = list(dict.fromkeys(_CITE.findall(consigne)))
    premiers = cites[:EN_TETE] or list(POUR_TOUS[:EN_TETE])
    autres = [numero for numero in (*cites, *POUR_TOUS) if numero not in premiers]
    return Secours(
        consigne or gettext(CONSIGNE),
        tuple(Appel(numero, gettext(NUMEROS[numero])) for numero in premiers),
        tuple(Appel(numero, gettext(NUMEROS[numero])) for numero in dict.fromkeys(autres)),
    )
