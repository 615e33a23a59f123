"""`manage.py eprouver_courriels DOSSIER`: put a folder of mails through the way in, and keep nothing.

Ends with 1 when one mail failed, or when a good one beside it was lost.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demandes.epreuve import Bilan, Issue, eprouver, lire_le_dossier

MONTRES = 20


class Command(BaseCommand):
    help = (
        "Fait passer chaque fichier d'un dossier, entre deux bons courriels, par tout le chemin d'un "
        "courriel reçu, et dit ce qu'il en advient. Rien n'est gardé, personne n'est prévenu."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("dossier", type=Path, metavar="DOSSIER")

    def handle(self, *, dossier: Path, **options: Any) -> None:
        if not dossier.is_dir():
            raise CommandError(f"« {dossier} » n'est pas un dossier.")
        bilan = eprouver(lire_le_dossier(dossier))
        self.raconter(bilan)
        if not bilan.tient:
            raise CommandError("Un courriel au moins n'a pas tenu.")

    def raconter(self, bilan: Bilan) -> None:
        lignes = [
            f"Courriels : {len(bilan.resultats)} en {bilan.secondes:.1f} s",
            f"Gardés : {len(bilan.resultats) - bilan.nombre(Issue.ECHEC)}",
            f"  devenus demandes : {bilan.nombre(Issue.DEMANDE)}",
            f"  sans demande (retours, réponses automatiques) : {bilan.nombre(Issue.SANS_SUITE)}",
            f"  en quarantaine : {bilan.nombre(Issue.QUARANTAINE)}",
            f"En échec : {bilan.nombre(Issue.ECHEC)}",
            f"Bons courriels perdus à côté : {bilan.voisins_perdus}",
        ]
        if lent := bilan.le_plus_lent:
            lignes.append(f"Le plus lent : {lent.secondes:.2f} s ({lent.nom})")
        for issue in (Issue.ECHEC, Issue.QUARANTAINE):
            tous = [r for r in bilan.resultats if r.issue == issue]
            lignes += [f"{issue} : {r.nom} : {r.motif}" for r in tous[:MONTRES]]
            if len(tous) > MONTRES:
                lignes.append(f"{issue} : et {len(tous) - MONTRES} autres")
        self.stdout.write("\n".join(lignes))
