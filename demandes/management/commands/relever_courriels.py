"""`manage.py relever_courriels`: read the city's mailboxes by IMAP, until stopped.

Ends with 0 when told to stop. With `--une-fois`, reads each mailbox once and ends with 1 if one failed.
"""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demandes import reception
from demandes.models import BoiteCourriel
from demandes.releve.boucle import relever_sans_fin, relever_une_fois


class Command(BaseCommand):
    help = "Relève les boîtes de courriel de la ville (IMAP), sans fin ou une seule fois."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--une-fois", action="store_true", help="Relever chaque boîte une fois, puis finir."
        )

    def handle(self, *, une_fois: bool, **options: Any) -> None:
        if not une_fois:
            arret = Event()
            for numero in (signal.SIGINT, signal.SIGTERM):
                signal.signal(numero, lambda *_: arret.set())
            relever_sans_fin(arret)
            return
        bilan = relever_une_fois()
        reception.sonnette.attendre()
        if not bilan:
            self.stdout.write("Aucune boîte à relever : l'administration n'en a pas mis en service.")
        for boite, pris in bilan:
            if pris is None:
                erreur = BoiteCourriel.objects.values_list("erreur", flat=True).get(pk=boite.pk)
                self.stderr.write(f"{boite} : {erreur}")
            else:
                self.stdout.write(f"{boite} : {pris} courriel{'s' if pris > 1 else ''}")
        if any(pris is None for _, pris in bilan):
            raise CommandError("Une boîte au moins n'a pas pu être relevée.")
