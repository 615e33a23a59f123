"""`manage.py deposer_exemples`: file the example messages as real demandes, each by its channel."""

from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from demandes.chargement import exemples
from demandes.models import TypeDemande
from guichet.canaux.message import ContenuIllisible


class Command(BaseCommand):
    help = (
        "Dépose les messages d'exemple comme de vraies demandes, chacun par son canal, "
        "répartis sur les derniers jours. Déjà déposés, ils ne le sont pas deux fois."
    )

    def add_arguments(self, parser):
        parser.add_argument("fichier", nargs="?", type=Path, default=exemples.FICHIER)

    def handle(self, *, fichier, **options):
        if not TypeDemande.objects.publies().exists():
            raise CommandError("Chargez d'abord le catalogue : manage.py charger_demo, ou charger_catalogue.")
        try:
            lignes = exemples.lire(fichier)
        except OSError as erreur:
            raise CommandError(f"{fichier} ne peut pas être lu : {erreur.strerror}.") from erreur
        comptes: Counter[str] = Counter()
        par_canal: Counter[str] = Counter()
        instants = exemples.heures_de_reception(len(lignes))
        for rang, (ligne, recue_le) in enumerate(zip(lignes, instants, strict=True), start=1):
            try:
                sort, canal = exemples.deposer(ligne, recue_le)
            except ContenuIllisible as erreur:
                raise CommandError(f"Ligne illisible, rien de plus n'est déposé : {erreur}") from erreur
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
