"""`manage.py evaluer_recherche FICHIER.jsonl`: how often everyday words find the right démarche, as JSON.

A line is `{"requete": "y a un trou devant chez moi", "types_acceptables": ["VOI-NID"]}`. The search is the
portal's own, on the démarches this city publishes; a city without any is measured on the shipped catalogue.
"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction

from demandes import vitrine
from demandes.chargement import charger_fichier
from demandes.chargement.fichier import DONNEES

RANGS = (1, 3, 5)
LIVREES = DONNEES / "requetes_quotidiennes.jsonl"


class Command(BaseCommand):
    help = "Mesure la recherche de démarches sur des requêtes étiquetées (une ligne JSON par requête)."

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path, nargs="?", default=LIVREES)
        parser.add_argument("--erreurs", action="store_true", help="ajoute ce qui n'est pas parmi les trois")

    def handle(self, *, fichier, erreurs, **options):
        requetes = lire(fichier)
        try:
            with transaction.atomic():
                if not vitrine.publiees():
                    for nom in ("catalogue.json", "politiques.json", "fiches.json"):
                        charger_fichier(DONNEES / nom, publier=True)
                    vitrine.oublier()
                figures = mesurer(requetes, avec_erreurs=erreurs)
                transaction.set_rollback(True)
        except DatabaseError as erreur:
            raise CommandError(f"La base n'est pas prête (manage.py migrate) : {erreur}") from erreur
        finally:
            vitrine.oublier()
        self.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1))


def lire(fichier: Path) -> list[tuple[str, frozenset[str]]]:
    """Queries with the codes that answer them; a line that is none is named."""
    try:
        lignes = fichier.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as erreur:
        raise CommandError(f"{fichier} ne peut pas être lu : {erreur}") from erreur
    requetes = []
    for numero, ligne in enumerate(lignes, start=1):
        if not ligne.strip():
            continue
        try:
            lue = json.loads(ligne)
            requetes.append((str(lue["requete"]), frozenset(lue["types_acceptables"])))
        except (ValueError, KeyError, TypeError) as erreur:
            raise CommandError(
                f"Ligne {numero} : ce n'est pas une requête étiquetée ({erreur!r})."
            ) from erreur
    if not requetes:
        raise CommandError(f"{fichier} ne contient aucune requête.")
    return requetes


def mesurer(requetes: list[tuple[str, frozenset[str]]], *, avec_erreurs: bool) -> dict[str, Any]:
    """Shares, from 0 to 1, of the queries whose right démarche is first, among three, among five."""
    justes = dict.fromkeys(RANGS, 0)
    manquees = []
    for requete, acceptables in requetes:
        trouvees = [type.code for type in vitrine.chercher_demarches(requete, limite=max(RANGS))]
        for rang in RANGS:
            justes[rang] += not acceptables.isdisjoint(trouvees[:rang])
        if acceptables.isdisjoint(trouvees[:3]):
            attendues = sorted(acceptables)
            manquees.append({"requete": requete, "attendues": attendues, "trouvees": trouvees})
    figures: dict[str, Any] = {"requetes": len(requetes)}
    figures |= {f"top_{rang}": round(justes[rang] / len(requetes), 4) for rang in RANGS}
    return figures | ({"erreurs": manquees} if avec_erreurs else {})
