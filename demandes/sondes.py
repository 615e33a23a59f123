"""Health of the inbox (settings.GUICHET_SONDES)."""

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from demandes.models import BoiteCourriel, Publication, Reception, ReleveReseau
from guichet.canaux import registre
from guichet.canaux.canal import Canal
from guichet.socle.sante import Sonde

RETARD_MAXIMAL = timedelta(minutes=10)
SILENCE_D_UNE_BOITE = timedelta(minutes=10)
PANNE_D_UN_RESEAU = timedelta(minutes=10)
# A key is turned over before it ends, not after.
ALERTE_AVANT_LA_FIN = timedelta(days=14)


def sonder_receptions() -> Sonde:
    """Red when something received waits for 10 minutes; the quarantine is counted, people look at it."""
    plus_ancienne = (
        Reception.objects.filter(etat=Reception.Etat.A_TRAITER)
        .order_by("gardee_le")
        .values_list("gardee_le", flat=True)
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


def sonder_boites() -> Sonde:
    """Red when a mailbox has not been read for 10 minutes, since it was set up when it never was."""
    maintenant = timezone.now()
    lues = [b.relevee_le or b.modifiee_le for b in BoiteCourriel.objects.relevees()]
    muettes = sum(maintenant - lue > SILENCE_D_UNE_BOITE for lue in lues)
    valeurs = {"boites": len(lues), "muettes": muettes}
    if muettes:
        return Sonde(False, "Une boîte de courriel n'a pas été lue depuis plus de 10 minutes.", valeurs)
    return Sonde(True, "Les boîtes de courriel sont lues." if lues else "Aucune boîte à relever.", valeurs)


def sonder_reseaux() -> Sonde:
    """Red when a network cannot be read for 10 minutes, or when its key is about to end."""
    limite = timezone.now() - PANNE_D_UN_RESEAU
    muets = list(ReleveReseau.objects.filter(en_panne_depuis__lt=limite).values_list("canal", flat=True))
    valeurs = {"muets": len(muets), "echecs": Publication.objects.filter(etat=Publication.Etat.ECHEC).count()}
    alertes = [f"Un réseau ne se lit plus : {', '.join(muets)}."] if muets else []
    for canal, fin in fins_des_cles().items():
        restent = fin - timezone.localdate()
        valeurs[f"cle_{canal}_j"] = restent.days
        if restent <= ALERTE_AVANT_LA_FIN:
            quand = f"finit dans {restent.days} jours" if restent.days > 0 else "est finie"
            alertes.append(f"La clé de {Canal(canal).libelle} {quand} : renouvelez-la.")
    return Sonde(not alertes, " ".join(alertes) or "Les réseaux sont lus.", valeurs)


def fins_des_cles() -> dict[str, date]:
    """When each key ends: as the network says, or as it was written in the settings."""
    dites = ReleveReseau.objects.exclude(cle_finit_le=None).values_list("canal", "cle_finit_le")
    fins = {canal: timezone.localdate(fin) for canal, fin in dites}
    for canal, connecteur in registre.CONNECTEURS.items():
        if reglee := connecteur.fin_reglee(settings):
            fins[canal] = date.fromisoformat(reglee)
    return fins
