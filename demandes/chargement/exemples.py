"""The example messages, filed as real demandes, each by its channel; filed once, they are not filed again."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from demandes import reception
from demandes.actions import orienter, qualifier
from demandes.chargement.fichier import DONNEES
from demandes.delais import calendrier_de
from demandes.droits import SYSTEME
from demandes.etats import Etat
from demandes.models import Demande, Reception
from guichet.canaux import saisie
from guichet.envois.models import Battement
from guichet.socle.calendrier import PARIS

FICHIER = DONNEES / "exemples_messages.jsonl"
PREFIXE = "exemple:"
JOURS_PASSES = 12
LOT = 20
# The worker beats once a message: beyond this, it has stopped.
SILENCE = timedelta(minutes=1)
BATTEMENT = "exemples"


@dataclass(frozen=True)
class Avancement:
    """How far the worker is."""

    deposes: int
    total: int
    est_en_cours: bool

    @property
    def est_fini(self) -> bool:
        return self.deposes >= self.total


def avancement() -> Avancement:
    deposes, total = len(cles_deposees()), len(lire(FICHIER))
    bat = Battement.objects.filter(nom=BATTEMENT, battu_le__gt=timezone.now() - SILENCE).exists()
    return Avancement(min(deposes, total), total, bat and deposes < total)


def battre() -> None:
    """Asked for, or at work."""
    Battement.battre(BATTEMENT)


def cles_deposees() -> set[str]:
    deposees = Reception.objects.filter(source="saisie", cle_externe__startswith=PREFIXE)
    return set(deposees.values_list("cle_externe", flat=True))


@cache
def lire(fichier: Path) -> tuple[bytes, ...]:
    return tuple(fichier.read_bytes().splitlines())


def deposer_un_lot() -> bool:
    """File the next few messages that are not there; whether some are left. Nothing outside a demo city."""
    if not settings.GUICHET_DEMO:
        return False
    deja, lignes = cles_deposees(), lire(FICHIER)
    restants = [
        (ligne, recue_le)
        for ligne, recue_le in zip(lignes, heures_de_reception(len(lignes)), strict=True)
        if PREFIXE + saisie.lire(ligne, recu_le=recue_le).cle_externe not in deja
    ]
    for ligne, recue_le in restants[:LOT]:
        deposer(ligne, recue_le)
        battre()
    return len(restants) > LOT


def deposer(ligne: bytes, recue_le: datetime) -> tuple[str, str]:
    """Store one message and process it at once; return what became of it, and its channel.

    Raises ContenuIllisible.
    """
    message = saisie.lire(ligne, recu_le=recue_le)
    recu = reception.recevoir(
        message.canal, "saisie", f"{PREFIXE}{message.cle_externe}", ligne, recue_le=recue_le
    )
    if recu.etat != Reception.Etat.A_TRAITER:
        return "déjà là", message.canal
    demande = reception.traiter(recu.pk)
    if demande is None:
        return "en quarantaine", message.canal
    router(demande)
    return "déposés", message.canal


def router(demande: Demande) -> None:
    """Let the rules do what they may: the rest waits at the desk, where somebody reads it."""
    if demande.etat == Etat.NOUVELLE and demande.type and demande.type.orientation_automatique:
        orienter(qualifier(demande, auteur=SYSTEME), auteur=SYSTEME)


def heures_de_reception(nombre: int) -> list[datetime]:
    """Spread receptions over the last working days, in order, between 8:00 and 18:00, never after now."""
    maintenant = timezone.now()
    calendrier = calendrier_de()
    aujourd_hui = timezone.localdate()
    jours = [calendrier.ajouter_jours_ouvres(aujourd_hui, -n) for n in range(JOURS_PASSES, 0, -1)]
    pas = timedelta(hours=10) * JOURS_PASSES / max(nombre, 1)
    instants = []
    for rang in range(nombre):
        ecoule = pas * rang
        jour, dans_le_jour = divmod(ecoule, timedelta(hours=10))
        instants.append(datetime.combine(jours[jour], time(8), PARIS) + dans_le_jour)
    return [min(instant, maintenant) for instant in instants]
