"""`manage.py charger_catalogue FICHIER`: a catalogue, a policies or a fiches file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from demandes.chargement import FichierInvalide, charger_fichier


class Command(BaseCommand):
    help = "Valide puis charge un catalogue, des politiques ou des fiches, en entier ou pas du tout."

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path)
        parser.add_argument(
            "--publier", action="store_true", help="Publie les types dont la politique est complète."
        )

    def handle(self, *, fichier, publier, **options):
        try:
            rapport = charger_fichier(fichier, publier=publier)
        except FichierInvalide as erreur:
            raise CommandError(
                f"Rien n'a été changé. {len(erreur.erreurs)} erreur(s) :\n{erreur}"
            ) from erreur
        for ligne in rapport.lignes():
            self.stdout.write(ligne)
