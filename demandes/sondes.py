"""Health of the inbox (settings.GUICHET_SONDES)."""

from datetime import timedelta

from django.utils import timezone

from demandes.models import Reception
from guichet.socle.sante import Sonde

RETARD_MAXIMAL = timedelta(minutes=10)


def sonder_receptions() -> Sonde:
    """Red when something received waits for 10 minutes; the quarantine is counted, people look at it."""
    plus_ancienne = (
        Reception.objects.filter(etat=Reception.Etat.A_TRAITER)
        .order_by("recue_le")
        .values_list("recue_le", flat=True)
        .first()
    )
    retard = timezone.now() - plus_ancienne if plus_ancienne else timedelta()
    valeurs = {
        "retard_s": round(retard.total_seconds()),
        "quarantaine": Reception.objects.filter(etat=Reception.Etat.QUARANTAINE).count(),
    }
    if retard > RETARD_MAXIMAL:
        return Sonde(False, "Des messages reçus attendent depuis plus de 10 minutes.", valeurs)
    return Sonde(True, "Les messages reçus sont traités.", valeurs)
