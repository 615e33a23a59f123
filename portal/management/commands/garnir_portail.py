"""`manage.py garnir_portail`: the pages that are missing, and nothing else."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.garnir import garnir, garnir_la_demonstration


class Command(BaseCommand):
    help = (
        "Ajoute au portail les pages qui manquent : rubriques, démarches, fiches, lieux. N'en change aucune."
    )

    def handle(self, **options: Any) -> None:
        nombre = garnir()
        if settings.GUICHET_DEMO:
            nombre += garnir_la_demonstration()
        self.stdout.write(f"Pages du portail ajoutées : {nombre}")
