"""What `make run` does in Django before it serves, in one process because each start of Django is felt."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import Error, connection


class Command(BaseCommand):
    help = "Vérifie la base, met les tables à jour et charge la ville de démonstration (GUICHET_DEMO)."

    def handle(self, *args: Any, **options: Any) -> None:
        self._verifier_la_base()
        self.stdout.write("Tables : mise à jour")
        call_command("migrate", interactive=False, verbosity=0)
        if settings.GUICHET_DEMO:
            call_command("charger_demo", stdout=self.stdout)
        call_command("garnir_portail", stdout=self.stdout)

    def _verifier_la_base(self) -> None:
        try:
            with connection.cursor() as curseur:
                curseur.execute("SELECT current_setting('server_version_num')::int, lower('É') = 'é'")
                version, connait_les_accents = curseur.fetchone()
        except Error as erreur:
            raise CommandError(f"La base de données ne répond pas : {erreur}") from None
        if version < 150000:
            raise CommandError("La base de données doit être un serveur PostgreSQL 15 ou plus récent.")
        if not connait_les_accents:
            raise CommandError(
                "La base de données ne connaît pas les accents : "
                "recréez-la avec la locale C.UTF-8 (CREATE DATABASE … TEMPLATE template0 LOCALE 'C.UTF-8')."
            )
