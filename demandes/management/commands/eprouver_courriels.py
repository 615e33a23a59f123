"""`manage.py eprouver_courriels [DOSSIER]`: put a folder of mails through the way in, and keep nothing.

Without DOSSIER, the one that the setting CORPUS names. Ends with 1 when one mail failed, or
when a good one beside it was lost.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demandes.epreuve import eprouver, lire_le_dossier, raconter


class Command(BaseCommand):
    help = (
        "Fait passer chaque fichier d'un dossier, entre deux bons courriels, par tout le chemin d'un "
        "courriel reçu, et dit ce qu'il en advient. Rien n'est gardé, personne n'est prévenu."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("dossier", type=Path, metavar="DOSSIER", nargs="?")

    def handle(self, *, dossier: Path | None, **options: Any) -> None:
        dossier = dossier or (Path(settings.CORPUS) if settings.CORPUS else None)
        if dossier is None:
            raise CommandError("Dites quel dossier : en argument, ou par le réglage CORPUS.")
        if not dossier.is_dir():
            raise CommandError(f"« {dossier} » n'est pas un dossier.")
        bilan = eprouver(lire_le_dossier(dossier))
        self.stdout.write(raconter(bilan))
        if not bilan.tient:
            raise CommandError("Un courriel au moins n'a pas tenu.")
