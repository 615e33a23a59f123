"""`manage.py charger_demo`: the fictional city, once."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demandes.chargement import charger_fichier, demo
from demandes.chargement.fichier import DONNEES


class Command(BaseCommand):
    help = "Charge la ville de démonstration, une seule fois."

    def handle(self, **options):
        if not settings.GUICHET_DEMO:
            raise CommandError("La démonstration n'est pas permise ici (GUICHET_DEMO n'est pas à 1).")
        if demo.est_chargee():
            self.stdout.write("La ville de démonstration est déjà là.")
            return
        for nom in ("catalogue.json", "politiques.json", "fiches.json"):
            self.stdout.write(f"{nom}…")
            charger_fichier(DONNEES / nom, publier=True)
        self.stdout.write("Rues, agents, habitants et demandes…")
        for genre, nombre in demo.charger().items():
            self.stdout.write(f"  {genre} : {nombre}")
