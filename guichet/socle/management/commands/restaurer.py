"""`manage.py restaurer SAUVEGARDE`: into an empty database and folder, then compare everything."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connection

from guichet.socle.sauvegarde import SauvegardeImpossible, restaurer, tableau


class Command(BaseCommand):
    help = "Restaure une sauvegarde dans une base et un dossier vides, puis compare tout au manifeste."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sauvegarde", type=Path)

    def handle(self, *args: Any, sauvegarde: Path, **options: Any) -> None:
        try:
            constats = restaurer(connection.get_connection_params(), settings.GUICHET_DONNEES, sauvegarde)
        except (SauvegardeImpossible, OSError) as erreur:
            raise CommandError(str(erreur)) from None
        self.stdout.write(tableau(constats))
        if ecarts := sum(not constat.est_juste for constat in constats):
            raise CommandError(f"La restauration n'est pas fidèle : {ecarts} écarts.")
        self.stdout.write("La restauration est fidèle à la sauvegarde.")
