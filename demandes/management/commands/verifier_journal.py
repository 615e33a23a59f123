"""`manage.py verifier_journal`: recompute the chain of every demande and say where it breaks first."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

# Each line is hashed again by the function that hashed it (migration 0002), and must follow the one before.
RUPTURES = """
WITH lignes AS (
  SELECT demande_id, rang, apres, empreinte, empreinte_precedente, journal_empreinte(j) AS calculee,
         lag(empreinte, 1, '') OVER chaine AS precedente, row_number() OVER chaine AS attendu,
         lead(rang) OVER chaine IS NULL AS est_derniere
  FROM demandes_entreejournal j WINDOW chaine AS (PARTITION BY demande_id ORDER BY rang)
)
SELECT d.numero, l.rang, CASE
    WHEN l.rang IS NULL THEN 'aucune ligne'
    WHEN l.rang <> l.attendu THEN 'une ligne manque avant elle'
    WHEN l.empreinte_precedente <> l.precedente THEN 'elle ne suit plus la ligne précédente'
    WHEN l.empreinte <> l.calculee THEN 'son contenu ne correspond plus à son empreinte'
    ELSE 'la demande n''est pas où cette dernière ligne la laisse'
  END
FROM demandes_demande d LEFT JOIN lignes l ON l.demande_id = d.id
WHERE l.rang IS NULL OR l.rang <> l.attendu OR l.empreinte_precedente <> l.precedente
   OR l.empreinte <> l.calculee OR (l.est_derniere AND (l.apres <> d.etat OR l.rang <> d.version))
ORDER BY d.id, l.rang LIMIT 1
"""


class Command(BaseCommand):
    help = "Recalcule la chaîne du journal de chaque demande et désigne la première ligne qui ne tient pas."

    def handle(self, **options):
        with connection.cursor() as curseur:
            curseur.execute(RUPTURES)
            rupture = curseur.fetchone()
            curseur.execute("SELECT count(*), count(DISTINCT demande_id) FROM demandes_entreejournal")
            lignes, demandes = curseur.fetchone()
        if rupture:
            numero, rang, raison = rupture
            ou = f"ligne {rang} : {raison}" if rang else raison
            raise CommandError(f"Le journal de la demande {numero} est rompu. {ou[0].upper()}{ou[1:]}.")
        self.stdout.write(f"Le journal est intact : {lignes} lignes, {demandes} demandes.")
