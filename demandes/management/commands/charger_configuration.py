"""`manage.py charger_configuration FICHIER [--essai]`: a file that `exporter_configuration` wrote."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from demandes.chargement import FichierInvalide
from demandes.chargement.configuration import charger_configuration


class Command(BaseCommand):
    help = "Vérifie puis charge une configuration entière, ou rien du tout."

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path)
        parser.add_argument(
            "--essai", action="store_true", help="Dit ce qui serait créé et modifié, sans rien changer."
        )

    def handle(self, *, fichier, essai, **options):
        try:
            octets = fichier.read_bytes()
        except OSError as erreur:
            raise CommandError(f"Le fichier {fichier} ne peut pas être lu : {erreur.strerror}.") from erreur
        try:
            rapport = charger_configuration(octets, essai=essai)
        except FichierInvalide as erreur:
            raise CommandError(
                f"Rien n'a été changé. {len(erreur.erreurs)} erreur(s) :\n{erreur}"
            ) from erreur
        for ligne in rapport.lignes():
            self.stdout.write(ligne)
        if essai:
            self.stdout.write("Essai : rien n'a été changé.")
