"""Health of the departures (settings.GUICHET_SONDES)."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from guichet.organisation import departs
from guichet.socle.sante import Sonde

RETARD_MAXIMAL = timedelta(hours=1)


def sonder_departs() -> Sonde:
    """Red when an account is still open one hour after the end of its last day."""
    dernier_jour = departs.a_fermer().order_by("dernier_jour").values_list("dernier_jour", flat=True).first()
    if dernier_jour is None:
        return Sonde(True, "Les comptes des agents partis sont fermés.", {"en_retard": 0})
    fin = timezone.make_aware(datetime.combine(dernier_jour + timedelta(days=1), time()))
    valeurs = {"en_retard": departs.a_fermer().count()}
    if timezone.now() - fin > RETARD_MAXIMAL:
        return Sonde(False, "Le compte d'un agent parti est encore ouvert.", valeurs)
    return Sonde(True, "Les comptes des agents partis se ferment.", valeurs)
