"""`manage.py deposer_exemples`: file the example messages as real demandes, each by its channel."""

from collections import Counter
from datetime import datetime, time, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demandes import reception
from demandes.actions import orienter, qualifier
from demandes.chargement.fichier import DONNEES
from demandes.delais import calendrier_de
from demandes.droits import SYSTEME
from demandes.etats import Etat
from demandes.models import Demande, Reception, TypeDemande
from guichet.canaux import saisie
from guichet.canaux.message import ContenuIllisible
from guichet.socle.calendrier import PARIS

JOURS_PASSES = 12


class Command(BaseCommand):
    help = (
        "Dépose les messages d'exemple comme de vraies demandes, chacun par son canal, "
        "répartis sur les derniers jours. Déjà déposés, ils ne le sont pas deux fois."
    )

    def add_arguments(self, parser):
        parser.add_argument("fichier", nargs="?", type=Path, default=DONNEES / "exemples_messages.jsonl")

    def handle(self, *, fichier, **options):
        if not TypeDemande.objects.publies().exists():
            raise CommandError("Chargez d'abord le catalogue : manage.py charger_demo, ou charger_catalogue.")
        try:
            lignes = fichier.read_bytes().splitlines()
        except OSError as erreur:
            raise CommandError(f"{fichier} ne peut pas être lu : {erreur.strerror}.") from erreur
        comptes: Counter[str] = Counter()
        par_canal: Counter[str] = Counter()
        instants = heures_de_reception(len(lignes))
        for rang, (ligne, recue_le) in enumerate(zip(lignes, instants, strict=True), start=1):
            sort, canal = self.deposer(ligne, recue_le)
            comptes[sort] += 1
            par_canal[canal] += sort == "déposés"
            if rang % 50 == 0:
                self.stdout.write(f"{rang}/{len(lignes)}")
        self.stdout.write(
            f"{len(lignes)} messages : " + ", ".join(f"{n} {sort}" for sort, n in comptes.items())
        )
        for canal, nombre in par_canal.most_common():
            if nombre:
                self.stdout.write(f"  {canal} : {nombre}")

    def deposer(self, ligne: bytes, recue_le: datetime) -> tuple[str, str]:
        """Store one message and process it at once; return what became of it, and its channel."""
        try:
            message = saisie.lire(ligne, recu_le=recue_le)
        except ContenuIllisible as erreur:
            raise CommandError(f"Ligne illisible, rien de plus n'est déposé : {erreur}") from erreur
        recu = reception.recevoir(
            message.canal, "saisie", f"exemple:{message.cle_externe}", ligne, recue_le=recue_le
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
