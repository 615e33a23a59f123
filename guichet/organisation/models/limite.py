"""A counter per key and time window, shared by every process: it holds the rate limits."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from guichet.socle.pret import lire_pret


class Compteur(models.Model):
    """How many times something happened under a key in one window."""

    cle = models.CharField("clé", max_length=200)
    fenetre = models.DateTimeField("début de la fenêtre", db_index=True)
    nombre = models.PositiveIntegerField("nombre")

    class Meta:
        verbose_name = "compteur"
        constraints = [models.UniqueConstraint(name="compteur_unique", fields=["cle", "fenetre"])]

    def __str__(self):
        return f"{self.cle} : {self.nombre}"

    @classmethod
    def ajouter(cls, cle: str, *, fenetre: timedelta) -> int:
        """Count one more event and return the total in the current window, in one atomic statement."""
        secondes = int(fenetre.total_seconds())
        debut = int(timezone.now().timestamp()) // secondes * secondes
        ((nombre,),) = lire_pret(AJOUTER, cle[:200], debut)
        return nombre


AJOUTER = """
INSERT INTO organisation_compteur (cle, fenetre, nombre) VALUES ($1, to_timestamp($2), 1)
ON CONFLICT (cle, fenetre) DO UPDATE SET nombre = organisation_compteur.nombre + 1 RETURNING nombre
"""
