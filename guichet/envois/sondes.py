"""What the health page asks the outbox."""

from datetime import timedelta

from django.utils import timezone

from guichet.canaux import registre
from guichet.canaux.canal import Canal
from guichet.envois.livraison import en_panne
from guichet.envois.models import Battement, Envoi
from guichet.socle.sante import Sonde

SILENCE_MAXIMAL = timedelta(seconds=90)
RETARD_MAXIMAL = timedelta(minutes=10)
# Told in this order, then networks: the first that is down is what most people wait for.
SERVEURS: dict[str, str] = {
    Canal.COURRIEL: "Le serveur de courriel",
    Canal.SMS: "L'opérateur de SMS",
}


def sonder_worker() -> Sonde:
    """Red without a beat for 90 seconds: beat, broker or worker is down, and only the web answers."""
    battement = Battement.objects.filter(nom="worker").first()
    if battement is None:
        return Sonde(False, "Le worker n'a jamais donné signe de vie.")
    silence = timezone.now() - battement.battu_le
    valeurs = {"silence_s": round(silence.total_seconds())}
    if silence > SILENCE_MAXIMAL:
        return Sonde(False, "Le worker ne donne plus signe de vie.", valeurs)
    return Sonde(True, "Le worker travaille.", valeurs)


def sonder_envois() -> Sonde:
    """Red when a message is due for 10 minutes, or when the mail server does not answer."""
    du = Envoi.objects.dus().first()
    retard = timezone.now() - du.prochain_essai_le if du else timedelta()
    valeurs = {
        "retard_s": round(retard.total_seconds()),
        "echecs": Envoi.objects.filter(etat=Envoi.Etat.ECHEC).count(),
    }
    if retard > RETARD_MAXIMAL:
        return Sonde(False, "Des messages attendent depuis plus de 10 minutes.", valeurs)
    if muets := set(en_panne().values_list("canal", flat=True).distinct()):
        muet = next(canal for canal in (*SERVEURS, *registre.CONNECTEURS) if canal in muets)
        quoi = SERVEURS.get(muet) or Canal(muet).libelle
        return Sonde(False, f"{quoi} ne répond pas.", valeurs)
    return Sonde(True, "Les messages partent.", valeurs)
