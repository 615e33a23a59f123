"""`manage.py exporter_configuration [FICHIER]`: the whole configuration of the city as one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from demandes.chargement import export


class Command(BaseCommand):
    help = "Écrit la configuration entière dans un fichier, ou à l'écran si aucun n'est donné."

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path, nargs="?")

    def handle(self, *, fichier, **options):
        octets = export.en_octets(export.exporter())
        if fichier is None:
            self.stdout.write(octets.decode(), ending="")
            return
        try:
            fichier.write_bytes(octets)
        except OSError as erreur:
            raise CommandError(
                f"Le fichier {fichier} ne peut pas être écrit : {erreur.strerror}."
            ) from erreur
        self.stdout.write(f"{fichier} : {len(octets)} octets.")
