"""Winds the two clocks of a demande: reads its fields, asks `horloges`, writes the answer back.

Nothing is saved here: the door saves. Every date is computed in Europe/Paris.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from demandes import horloges, referentiel
from demandes.models import Demande
from demandes.rangees import Rangee
from guichet.organisation.models import Direction, HeuresOuverture, JourFerme
from guichet.socle.calendrier import HORAIRES_DE_BUREAU, Calendrier, jour_de


def calendrier_de(direction: Direction | None = None) -> Calendrier:
    """The working calendar of a direction: the city's closures, its own, and its opening hours."""
    direction_id = direction.pk if direction else None
    return referentiel.courant().garder(
        ("calendrier", direction_id), lambda: lire_le_calendrier(direction_id)
    )


def lire_le_calendrier(direction_id: int | None) -> Calendrier:
    fermes = JourFerme.objects.filter(point_accueil__isnull=True).filter(
        Q(direction__isnull=True) | Q(direction=direction_id)
    )
    # Without a direction, nobody's opening hours: a desk's rows have none either.
    heures = HeuresOuverture.objects.filter(direction__isnull=False, direction=direction_id)
    return composer_le_calendrier(
        direction_id,
        fermes.values_list("direction_id", "jour"),
        heures.values_list("direction_id", "jour", "debut", "fin"),
    )


def composer_le_calendrier(
    direction_id: int | None,
    fermes: Iterable[tuple[int | None, date]],
    heures: Iterable[tuple[int, int, time, time]],
) -> Calendrier:
    """Put a direction's calendar together from rows that may concern several.

    `fermes`: (direction, day); `heures`: (direction, weekday, from, to), in order. A closure without a
    direction is the whole city's; without opening hours of its own, office hours apply.
    """
    horaires: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for lieu, jour, debut, fin in heures:
        if lieu == direction_id:
            horaires[jour].append((debut, fin))
    return Calendrier(
        territoire=settings.GUICHET_TERRITOIRE_FERIES,
        jours_fermes=frozenset(jour for lieu, jour in fermes if lieu in (None, direction_id)),
        horaires=horaires or HORAIRES_DE_BUREAU,
    )


def direction_du_delai(demande: Demande) -> Direction | None:
    """The direction whose opening hours count: the acting one, else the type's."""
    return demande.direction or (demande.type.direction if demande.type else None)


def horloge_service(demande: Demande | Rangee) -> horloges.HorlogeService | None:
    """The service clock as it stands, or None before the type is known."""
    if demande.echeance_service is None or demande.delai_valeur is None:
        return None
    return horloges.HorlogeService(
        demande.delai_valeur,
        horloges.Unite(demande.delai_unite),
        demande.echeance_service,
        demande.service_suspendu_le,
        finie_le(demande),
    )


def finie_le(demande: Demande | Rangee) -> datetime | None:
    """When it ended, as `models.gardes.FIN` says it to the database."""
    return (
        demande.traitee_le
        or demande.close_le
        or demande.rejetee_le
        or demande.annulee_le
        or demande.transmise_le
        or demande.fusionnee_le
    )


def horloge_legale(demande: Demande) -> horloges.HorlogeLegale:
    """The legal clock with every complement ever deja (CRPA, art. L114-5)."""
    deja = () if demande._state.adding else demande.complements.all()
    complements = tuple(
        horloges.Complement(
            demande_le=jour_de(c.demande_le),
            echeance=c.echeance,
            recu_le=jour_de(c.recu_le) if c.recu_le else None,
            indispensable=c.est_indispensable,
        )
        for c in deja
    )
    return horloges.HorlogeLegale(
        horloges.Regime(demande.regime_silence),
        demande.silence_delai,
        demande.silence_unite,
        jour_de(demande.recue_le),
        complements=complements,
    )


def promettre(demande: Demande) -> None:
    """Copy the type's delays and silence regime onto a demande, and compute both due dates."""
    type = demande.type
    assert type is not None
    demande.delai_valeur, demande.delai_unite = type.delai_pour(demande.reponses_du_type)
    demande.regime_silence = type.regime_silence
    demande.silence_effet = type.silence_effet
    demande.silence_delai, demande.silence_unite = type.silence_pour(demande.reponses_du_type)
    horloge = horloges.demarrer(
        demande.delai_valeur,
        demande.delai_unite,
        demande.recue_le,
        calendrier_de(direction_du_delai(demande)),
    )
    demande.echeance_service = horloge.echeance
    if demande.echeance_promise is None:
        demande.echeance_promise = horloge.echeance
    legale = horloges.HorlogeLegale(
        horloges.Regime(demande.regime_silence),
        demande.silence_delai,
        demande.silence_unite,
        jour_de(demande.recue_le),
    )
    demande.echeance_legale = horloges.date_implicite(legale)


def figer(demande: Demande) -> None:
    """Freeze delays and regime at qualification: later changes of the catalogue rewrite nothing."""
    promettre(demande)
    demande.qualifiee_le = demande.qualifiee_le or timezone.now()
    recalculer_legal(demande)


def recalculer_legal(demande: Demande) -> None:
    """Write the date silence decides, from the frozen regime and the complements."""
    if demande.regime_silence:
        demande.echeance_legale = horloges.date_implicite(horloge_legale(demande))


def suspendre_service(demande: Demande) -> None:
    if demande.service_suspendu_le is None:
        demande.service_suspendu_le = timezone.now()


def reprendre_service(demande: Demande, le: datetime | None = None) -> None:
    """Run again, from now or from that moment: what remained when the clock stopped remains."""
    horloge = horloge_service(demande)
    if horloge is not None and horloge.suspendue_le is not None:
        moment = max(le or timezone.now(), horloge.suspendue_le)
        reprise = horloges.reprendre(horloge, moment, calendrier_de(direction_du_delai(demande)))
        demande.echeance_service = reprise.echeance
    demande.service_suspendu_le = None


def repousser_a(demande: Demande, pour: datetime) -> None:
    """A planned intervention is due on its date; the first promise stays readable beside it."""
    demande.echeance_service = pour


def arreter(demande: Demande) -> None:
    """Nothing runs any more; the due date is kept to tell whether it was held."""
    demande.service_suspendu_le = None


def rearmer(demande: Demande) -> None:
    """Start a new service delay for a demande that came back; the legal date and reception never change."""
    demande.service_suspendu_le = None
    demande.palier_escalade = 0
    if demande.delai_valeur is not None:
        demande.echeance_service = horloges.demarrer(
            demande.delai_valeur,
            demande.delai_unite,
            timezone.now(),
            calendrier_de(direction_du_delai(demande)),
        ).echeance


def mots(demande: Demande, maintenant: datetime | None = None, calendrier: Calendrier | None = None) -> str:
    """The service clock in words: « reste 3 j ouvrés », « en retard de 2 j ouvrés », « suspendu »."""
    horloge = horloge_service(demande)
    if horloge is None:
        return "délai à fixer"
    return horloges.mots(
        horloge, maintenant or timezone.now(), calendrier or calendrier_de(direction_du_delai(demande))
    )
