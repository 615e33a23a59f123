"""`manage.py sauvegarder DOSSIER`: one backup of the database and the files, with its manifest."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connection

from guichet.socle.sauvegarde import SauvegardeImpossible, sauvegarder


class Command(BaseCommand):
    help = "Sauvegarde la base, les pièces jointes et les médias dans un nouveau sous-dossier."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dossier", type=Path)
        parser.add_argument("--garder", type=int, default=0, help="Combien en garder (0 : toutes).")

    def handle(self, *args: Any, dossier: Path, garder: int, **options: Any) -> None:
        try:
            faite = sauvegarder(
                connection.get_connection_params(), settings.GUICHET_DONNEES, dossier, garder=max(garder, 0)
            )
        except (SauvegardeImpossible, OSError) as erreur:
            raise CommandError(str(erreur)) from None
        self.stdout.write(str(faite))
