"""`manage.py ecouter_courriels`: take in what the city's mail server hands over, until stopped."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demandes.ecoute import ecouter


class Command(BaseCommand):
    help = (
        "Écoute en LMTP (ou en SMTP) ce que votre serveur de courriel remet. Un message n'est accepté "
        "qu'une fois gardé dans la base. N'écoutez que là où votre serveur seul peut se connecter."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--adresse", default="127.0.0.1", help="Où écouter (127.0.0.1).")
        parser.add_argument("--port", type=int, default=2424, help="Sur quel port (2424).")
        parser.add_argument("--smtp", action="store_true", help="En SMTP plutôt qu'en LMTP.")

    def handle(self, *, adresse: str, port: int, smtp: bool, **options: Any) -> None:
        protocole = "smtp" if smtp else "lmtp"

        def dire(numero: int) -> None:
            self.stdout.write(f"Écoute en {protocole.upper()} sur {adresse}, port {numero}.")
            self.stdout.flush()

        try:
            asyncio.run(ecouter(adresse, port, protocole, pret=dire))
        except OSError as erreur:
            raise CommandError(
                f"Impossible d'écouter sur {adresse}, port {port} : {erreur.strerror}."
            ) from None
