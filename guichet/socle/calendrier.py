"""The working calendar, pure: days and hours when a public service is held to act, in Paris time.

A *jour ouvré* is Monday to Friday, neither a public holiday of the territory nor a day closed by the
city. Opening hours may include a Saturday: hours then run on it, days do not.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

# Legal dates are those of the wall clock in mainland France, whatever the server's zone.
PARIS = ZoneInfo("Europe/Paris")
UN_JOUR = timedelta(days=1)

Plage = tuple[time, time]

BUREAU = ((time(8, 30), time(12)), (time(13, 30), time(17)))
HORAIRES_DE_BUREAU: Mapping[int, Sequence[Plage]] = MappingProxyType(dict.fromkeys(range(5), BUREAU))


@lru_cache(maxsize=256)
def jours_feries(territoire: str, annee: int) -> frozenset[date]:
    """Public holidays of one year. `territoire`: a `holidays` subdivision of France (« », 57, 6AE…)."""
    try:
        return frozenset(holidays.country_holidays("FR", subdiv=territoire or None, years=annee))
    except NotImplementedError as cause:
        raise ValueError(f"Territoire de jours fériés inconnu : {territoire!r}.") from cause


def jour_de(instant: datetime) -> date:
    """Return the day of an aware instant on the Paris wall clock: 23:30 UTC in winter is already tomorrow."""
    if instant.tzinfo is None:
        raise ValueError("Un instant sans fuseau n'a pas de jour légal.")
    return instant.astimezone(PARIS).date()


def fin_de_journee(jour: date) -> datetime:
    """Return the last second of a day in Paris, when a delay counted in days runs out."""
    return datetime.combine(jour, time(23, 59, 59), PARIS)


def ajouter_mois(jour: date, nombre: int) -> date:
    """Add calendar months from date to date, held to the end of a shorter month (31/12 + 2 = 28/02).

    A legal delay counted in months is never moved to the next working day.
    """
    rang = jour.year * 12 + jour.month - 1 + nombre
    annee, mois = divmod(rang, 12)
    return date(annee, mois + 1, min(jour.day, monthrange(annee, mois + 1)[1]))


@dataclass(frozen=True)
class Calendrier:
    """When a place works.

    `territoire`: see `jours_feries`. `jours_fermes`: local closures and bridges. `horaires`: weekday
    (0 = Monday) → opening ranges, in order and apart; a missing weekday is closed. ValueError if not.
    """

    territoire: str = ""
    jours_fermes: frozenset[date] = frozenset()
    horaires: Mapping[int, Sequence[Plage]] = field(default_factory=lambda: HORAIRES_DE_BUREAU)

    def __post_init__(self) -> None:
        jours_feries(self.territoire, 2026)  # an unknown territory is said at once
        for jour, plages in self.horaires.items():
            en_ordre = all(debut < fin for debut, fin in plages)
            separees = all(avant[1] <= apres[0] for avant, apres in pairwise(plages))
            if jour not in range(7) or not en_ordre or not separees:
                raise ValueError(f"Horaires impossibles pour le jour {jour} : {plages}.")

    # -- days ----------------------------------------------------------------------------------------

    def est_chome(self, jour: date) -> bool:
        """Public holiday or local closure."""
        return jour in self.jours_fermes or jour in jours_feries(self.territoire, jour.year)

    def est_ouvre(self, jour: date) -> bool:
        return jour.weekday() < 5 and not self.est_chome(jour)

    def ajouter_jours_ouvres(self, jour: date, nombre: int) -> date:
        """Return the `nombre`-th working day after `jour`, which itself never counts.

        Zero gives `jour`, or the next working day if it is not one. A negative number goes back.
        """
        pas = UN_JOUR if nombre >= 0 else -UN_JOUR
        restant = abs(nombre)
        while restant or not self.est_ouvre(jour):
            jour += pas
            restant -= restant > 0 and self.est_ouvre(jour)
        return jour

    def jours_ouvres_entre(self, debut: date, fin: date) -> int:
        """Count the working days after `debut` up to `fin` included; negative when `fin` comes first."""
        if fin < debut:
            return -self.jours_ouvres_entre(fin, debut)
        semaines, reste = divmod((fin - debut).days, 7)
        jours = semaines * 5 + sum((debut.weekday() + rang) % 7 < 5 for rang in range(1, reste + 1))
        chomes = self.jours_fermes.union(
            *(jours_feries(self.territoire, annee) for annee in range(debut.year, fin.year + 1))
        )
        return jours - sum(debut < jour <= fin and jour.weekday() < 5 for jour in chomes)

    # -- hours ---------------------------------------------------------------------------------------

    def plages(self, jour: date) -> list[tuple[datetime, datetime]]:
        """Opening ranges of one day as instants in UTC, where lengths are true across a clock change."""
        if self.est_chome(jour):
            return []
        return [
            (
                datetime.combine(jour, debut, PARIS).astimezone(UTC),
                datetime.combine(jour, fin, PARIS).astimezone(UTC),
            )
            for debut, fin in self.horaires.get(jour.weekday(), ())
        ]

    def est_ouvert(self, instant: datetime) -> bool:
        """Whether the place works at this very instant: an opening range includes its start, not its end."""
        return any(debut <= instant < fin for debut, fin in self.plages(jour_de(instant)))

    def _plages_depuis(self, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
        if not any(self.horaires.values()):
            raise ValueError("Ce calendrier n'a aucune plage d'ouverture.")
        jour, instant = jour_de(instant), instant.astimezone(UTC)
        while True:
            for debut, fin in self.plages(jour):
                if fin > instant:
                    yield max(debut, instant), fin
            jour += UN_JOUR

    def ajouter_heures_ouvrees(self, instant: datetime, duree: float | timedelta) -> datetime:
        """Return the instant when `duree` of opening time (hours, or a timedelta ≥ 0) has passed."""
        restant = duree if isinstance(duree, timedelta) else timedelta(hours=duree)
        if not restant:
            return instant.astimezone(PARIS)
        for debut, fin in self._plages_depuis(instant):
            if restant <= fin - debut:
                return (debut + restant).astimezone(PARIS)
            restant -= fin - debut
        raise AssertionError("les plages d'ouverture ne finissent pas")

    def heures_ouvrees_entre(self, debut: datetime, fin: datetime) -> timedelta:
        """Opening time between two instants; negative when `fin` comes first."""
        # In UTC: on each side of a clock change, two Paris instants of one wall hour compare equal.
        debut, fin = debut.astimezone(UTC), fin.astimezone(UTC)
        if fin < debut:
            return -self.heures_ouvrees_entre(fin, debut)
        total = timedelta()
        for ouverture, fermeture in self._plages_depuis(debut):
            if ouverture >= fin:
                break
            total += min(fermeture, fin) - ouverture
        return total

    def part_du_jour(self, instant: datetime) -> float:
        """How much of the working day is behind us at `instant`, 0 to 1, by the opening hours."""
        plages = self.plages(jour_de(instant))
        ouvert = sum((fin - debut for debut, fin in plages), timedelta())
        passe = sum((min(max(instant, debut), fin) - debut for debut, fin in plages), timedelta())
        if not ouvert:
            minuit = datetime.combine(jour_de(instant), time(), PARIS).astimezone(UTC)
            return min(1.0, (instant - minuit) / UN_JOUR)
        return passe / ouvert
