"""`manage.py recevoir_courriel [FICHIER …]`: keep raw mails, for the pipe of any mail server.

Ends with 0 only when every mail is committed, else with 75 (EX_TEMPFAIL): the server keeps the mail and
tries again. The mails are read later, by the worker.
"""

import os
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from demandes import courriels, reception


class Command(BaseCommand):
    help = (
        "Garde des courriels bruts, lus sur l'entrée ou dans des fichiers, pour que le worker les traite. "
        "Se termine par 0 seulement quand tout est gardé, sinon par 75 : le serveur de courriel réessaiera."
    )
    # A mail is stored whatever a check thinks of the settings.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("fichiers", nargs="*", type=Path, metavar="FICHIER")

    def handle(self, *, fichiers, **options):
        try:
            gardees = [self.garder(fichier.read_bytes()) for fichier in fichiers] or [
                self.garder(sys.stdin.buffer.read())
            ]
        except Exception as erreur:
            raise CommandError(f"Tout n'est pas gardé : {erreur}", returncode=os.EX_TEMPFAIL) from erreur
        # The mails are safe: whatever happens to the doorbell, the sweep comes.
        for pk in gardees:
            reception.sonner(pk)

    def garder(self, brut: bytes) -> int:
        if not brut.strip():
            raise ValueError("ce courriel est vide")
        with transaction.atomic():
            return courriels.recevoir(brut).pk
