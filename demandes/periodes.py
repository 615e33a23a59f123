"""A range of days, as the heads choose one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from guichet.socle.calendrier import PARIS, UN_JOUR


@dataclass(frozen=True)
class Periode:
    """Days of Paris, both included."""

    du: date
    au: date

    def q(self, champ: str) -> Q:
        """Those whose instant is in it."""
        return Q(**{f"{champ}__gte": minuit(self.du), f"{champ}__lt": minuit(self.au + UN_JOUR)})

    @property
    def jours(self) -> int:
        return (self.au - self.du).days + 1

    def pas(self, *, par_jour: bool) -> list[Periode]:
        """What is drawn side by side: days, or weeks from Monday cut at both ends."""
        pas, jour = [], self.du
        while jour <= self.au:
            dernier = jour if par_jour else jour + timedelta(days=6 - jour.weekday())
            pas.append(Periode(jour, min(dernier, self.au)))
            jour = dernier + UN_JOUR
        return pas


def minuit(jour: date) -> datetime:
    return datetime.combine(jour, time(), PARIS)
