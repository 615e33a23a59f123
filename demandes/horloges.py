"""The two clocks of a demande, pure: what the city promised, and what the law makes of silence.

They never mix. The service clock counts working time and stops while the resident is awaited; the legal
clock counts calendar months from the reception, and only the law suspends it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from guichet.socle.calendrier import Calendrier, ajouter_mois, fin_de_journee, jour_de
from guichet.socle.templatetags.dates import duree

PALIERS = (80, 100, 150)
ALERTES_SILENCE = (30, 15, 7, 1)
UNE_HEURE = timedelta(hours=1)


class Unite(StrEnum):
    HEURES_OUVREES = "heures_ouvrees"
    JOURS_OUVRES = "jours_ouvres"
    JOURS_CALENDAIRES = "jours_calendaires"
    IMMEDIAT = "immediat"


# -- the service clock ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class HorlogeService:
    """A promise: `valeur` in `unite`, due at `echeance`.

    A delay in days ends with its last day; « immediat » means before the end of the working day. While
    `suspendue_le` is set the clock reads what it read then; once `arretee_le` is set it never moves.
    """

    valeur: int
    unite: Unite
    echeance: datetime
    suspendue_le: datetime | None = None
    arretee_le: datetime | None = None

    def lue_a(self, maintenant: datetime) -> datetime:
        """The instant at which the clock reads: now, or when it was suspended or stopped."""
        return self.arretee_le or self.suspendue_le or maintenant


def demarrer(valeur: int, unite: str, recue_le: datetime, calendrier: Calendrier) -> HorlogeService:
    """Start the service clock at the date of reception, whenever the demande is qualified."""
    unite = Unite(unite)
    if unite is Unite.HEURES_OUVREES:
        echeance = calendrier.ajouter_heures_ouvrees(recue_le, valeur)
    else:
        echeance = fin_de_journee(_ajouter_jours(jour_de(recue_le), valeur, unite, calendrier))
    return HorlogeService(valeur, unite, echeance)


def suspendre(horloge: HorlogeService, le: datetime) -> HorlogeService:
    """Freeze the clock: what remains is kept. Suspending twice changes nothing."""
    return horloge if horloge.suspendue_le else replace(horloge, suspendue_le=le)


def reprendre(horloge: HorlogeService, le: datetime, calendrier: Calendrier) -> HorlogeService:
    """Run again: the due date moves by the working time that passed meanwhile, so what remained remains."""
    debut = horloge.suspendue_le
    if debut is None:
        return horloge
    echeance = horloge.echeance
    if horloge.unite is Unite.HEURES_OUVREES:
        echeance = calendrier.ajouter_heures_ouvrees(echeance, calendrier.heures_ouvrees_entre(debut, le))
    elif jours := _jours_entre(jour_de(debut), jour_de(le), horloge.unite, calendrier):
        echeance = fin_de_journee(_ajouter_jours(jour_de(echeance), jours, horloge.unite, calendrier))
    return replace(horloge, echeance=echeance, suspendue_le=None)


def arreter(horloge: HorlogeService, le: datetime) -> HorlogeService:
    """Stop for good. A clock stopped while suspended keeps what it read."""
    return replace(horloge, arretee_le=horloge.suspendue_le or le)


def reste(horloge: HorlogeService, maintenant: datetime, calendrier: Calendrier) -> int:
    """Whole units left: 0 on the last day, negative when late (-1 from the first moment of lateness)."""
    instant = horloge.lue_a(maintenant)
    if horloge.unite is Unite.HEURES_OUVREES:
        heures = calendrier.heures_ouvrees_entre(instant, horloge.echeance) / UNE_HEURE
        return min(-1, -ceil(-heures)) if instant > horloge.echeance else ceil(heures)
    jour, echeance = jour_de(instant), jour_de(horloge.echeance)
    jours = _jours_entre(jour, echeance, horloge.unite, calendrier)
    # On the Saturday after a Friday no working day has passed, and it is late all the same.
    return min(-1, jours) if jour > echeance else jours


def est_en_retard(horloge: HorlogeService, maintenant: datetime) -> bool:
    return horloge.lue_a(maintenant) > horloge.echeance


def pourcentage(horloge: HorlogeService, maintenant: datetime, calendrier: Calendrier) -> int:
    """Share of the delay used up, from 0: the day of reception is free, today counts by its hours."""
    instant = horloge.lue_a(maintenant)
    if horloge.unite is Unite.HEURES_OUVREES:
        restant = calendrier.heures_ouvrees_entre(instant, horloge.echeance) / UNE_HEURE
    else:
        restant = _jours_restants(instant, horloge, calendrier)
    total = max(horloge.valeur, 1)
    # Rounded first: 79.9999… is an accident of floats, 80 is the threshold meant.
    return max(0, int(round(100 * (total - restant) / total, 6)))


def palier(pourcent: int) -> int:
    """The escalation reached: 0, 80 (the agent), 100 (their manager and the owner desk) or 150 (the head)."""
    return max((seuil for seuil in PALIERS if pourcent >= seuil), default=0)


def mots(horloge: HorlogeService, maintenant: datetime, calendrier: Calendrier) -> str:
    """Say « reste 3 j ouvrés », « aujourd'hui », « en retard de 2 j ouvrés », « suspendu », « arrêté »."""
    if horloge.arretee_le:
        return "arrêté"
    if horloge.suspendue_le:
        return "suspendu"
    unites = reste(horloge, maintenant, calendrier)
    if unites == 0:
        return "maintenant" if horloge.unite is Unite.HEURES_OUVREES else "aujourd'hui"
    nombre = duree(abs(unites), horloge.unite)
    return f"reste {nombre}" if unites > 0 else f"en retard de {nombre}"


def _jours_entre(debut: date, fin: date, unite: Unite, calendrier: Calendrier) -> int:
    if unite is Unite.JOURS_CALENDAIRES:
        return (fin - debut).days
    return calendrier.jours_ouvres_entre(debut, fin)


def _ajouter_jours(jour: date, nombre: int, unite: Unite, calendrier: Calendrier) -> date:
    if unite is Unite.JOURS_CALENDAIRES:
        return jour + timedelta(days=nombre)
    return calendrier.ajouter_jours_ouvres(jour, nombre)


def _jours_restants(instant: datetime, horloge: HorlogeService, calendrier: Calendrier) -> float:
    """Days left with their fraction, the current one counting until its last opening hour."""
    jour = jour_de(instant)
    jours = _jours_entre(jour, jour_de(horloge.echeance), horloge.unite, calendrier)
    compte = horloge.unite is Unite.JOURS_CALENDAIRES or calendrier.est_ouvre(jour)
    return jours + (1 - calendrier.part_du_jour(instant) if compte else 0)


# -- the legal clock -----------------------------------------------------------------------------------


class Regime(StrEnum):
    """What silence is worth (CRPA, art. L231-1, L231-4)."""

    ACCEPTATION = "acceptation"
    REJET = "rejet"
    SANS_OBJET = "sans_objet"
    SPECIAL = "special"


@dataclass(frozen=True)
class Complement:
    """Pieces asked of the resident (CRPA, art. L114-5): asked on, granted until, received on.

    Not `indispensable`: the instruction goes on and no clock moves (art. L114-5-1).
    """

    demande_le: date
    echeance: date
    recu_le: date | None = None
    indispensable: bool = True

    @property
    def fin_de_suspension(self) -> date:
        """Early production ends the suspension; past the delay granted the clock resumes without pieces."""
        return min(self.recu_le, self.echeance) if self.recu_le else self.echeance


@dataclass(frozen=True)
class HorlogeLegale:
    """Silence: `delai` in months (« mois ») or days (« jours ») from the reception, by calendar dates.

    `recue_le`: reception by the administration first seized. `recue_par_la_competente_le`: when it had
    to be passed on by another one (CRPA, art. L114-3). Internal routing is neither: it moves nothing.
    """

    regime: Regime
    delai: int | None
    unite: str
    recue_le: date
    recue_par_la_competente_le: date | None = None
    complements: tuple[Complement, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "regime", Regime(self.regime))
        if self.unite not in ("mois", "jours"):
            raise ValueError(f"Unité de délai légal inconnue : {self.unite!r}.")


def date_implicite(horloge: HorlogeLegale) -> date | None:
    """Return when the implicit decision is born, None when silence means nothing or the file is incomplete.

    Never moved to a working day. Acceptance runs from the reception of the last indispensable piece;
    rejection is only held during the delays granted, an open one being counted whole. A special regime
    follows its own text: the earliest date, the reception's, is kept so that alerts come too early
    rather than too late.
    """
    if horloge.regime is Regime.SANS_OBJET or horloge.delai is None:
        return None
    if horloge.regime is Regime.ACCEPTATION:
        depart = _depart_acceptation(horloge)
        return None if depart is None else _terme(depart, horloge)
    terme = _terme(horloge.recue_le, horloge)
    return terme + timedelta(days=jours_suspendus(horloge))


def jours_suspendus(horloge: HorlogeLegale) -> int:
    """Days the rejection clock was, or will at most be, held by requests for pieces."""
    if horloge.regime is not Regime.REJET or horloge.delai is None:
        return 0
    terme, jours, libre_le = _terme(horloge.recue_le, horloge), 0, date.min
    for complement in _indispensables(horloge):
        if complement.demande_le >= terme:
            break  # the decision was born: asking afterwards does not revive the delay
        debut, fin = max(complement.demande_le, libre_le), complement.fin_de_suspension
        if fin > debut:
            jours += (fin - debut).days
            terme += fin - debut
            libre_le = fin
    return jours


def _depart_acceptation(horloge: HorlogeLegale) -> date | None:
    depart = horloge.recue_par_la_competente_le or horloge.recue_le
    for complement in _indispensables(horloge):
        if complement.demande_le >= _terme(depart, horloge):
            break
        if complement.recu_le is None:
            return None
        depart = max(depart, complement.recu_le)
    return depart


def _indispensables(horloge: HorlogeLegale) -> Iterable[Complement]:
    voulus = (complement for complement in horloge.complements if complement.indispensable)
    return sorted(voulus, key=lambda complement: complement.demande_le)


def _terme(depart: date, horloge: HorlogeLegale) -> date:
    delai = horloge.delai or 0
    return ajouter_mois(depart, delai) if horloge.unite == "mois" else depart + timedelta(days=delai)


def alertes_silence(echeance: date) -> dict[int, date]:
    """Days before → date of each alert (J-30, J-15, J-7, J-1)."""
    return {jours: echeance - timedelta(days=jours) for jours in ALERTES_SILENCE}


def alerte_atteinte(echeance: date | None, jour: date) -> int | None:
    """The tightest alert reached on `jour`: 30, 15, 7, 1, or 0 once the decision is born; else None."""
    if echeance is None:
        return None
    atteintes = (jours for jours, le in alertes_silence(echeance).items() if jour >= le)
    return 0 if jour >= echeance else min(atteintes, default=None)


# -- acknowledgements ----------------------------------------------------------------------------------


def echeance_aee(recue_le: datetime, calendrier: Calendrier) -> date:
    """Last day for the registration acknowledgement: one working day (CRPA, art. L112-11)."""
    return calendrier.ajouter_jours_ouvres(jour_de(recue_le), 1)


def echeance_are(recue_le: datetime, calendrier: Calendrier) -> date:
    """Last day for the acknowledgement of receipt: ten working days (CRPA, art. R112-11-1 and following)."""
    return calendrier.ajouter_jours_ouvres(jour_de(recue_le), 10)
