"""`manage.py evaluer_qualification FICHIER.jsonl`: how often the suggestion is right, as JSON."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from demandes.suggestion.evaluation import MessageIllisible, evaluer, lire


class Command(BaseCommand):
    help = (
        "Mesure la suggestion sur des messages étiquetés (une ligne JSON par message) : "
        "type juste en premier et parmi trois, direction juste en premier."
    )

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path)
        parser.add_argument(
            "--sans-amorce", action="store_true", help="sans les phrases livrées avec le produit"
        )
        parser.add_argument(
            "--sans-exemples", action="store_true", help="sans les messages d'exemple livrés avec le produit"
        )
        parser.add_argument(
            "--erreurs",
            action="store_true",
            help="ajoute les messages dont le type n'est pas parmi les trois",
        )

    def handle(self, *, fichier, sans_amorce, sans_exemples, erreurs, **options):
        try:
            messages = lire(fichier.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as erreur:
            raise CommandError(f"{fichier} ne peut pas être lu : {erreur}") from erreur
        except MessageIllisible as erreur:
            raise CommandError(str(erreur)) from erreur
        figures = evaluer(
            messages, avec_amorce=not sans_amorce, avec_exemples=not sans_exemples, avec_erreurs=erreurs
        )
        self.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1))
