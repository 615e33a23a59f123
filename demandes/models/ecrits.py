"""What an agent is writing about a demande and has not sent: theirs alone, found again on any machine."""

from datetime import timedelta

from django.conf import settings
from django.db import models

DUREE_ECRIT = timedelta(days=30)


class EcritEnCours(models.Model):
    """One text per agent, demande and mode of the composer. Not a message: nobody else reads it."""

    class Mode(models.TextChoices):
        USAGER = "usager", "À l'usager"
        INTERNE = "interne", "Note interne"
        CONFIDENTIEL = "confidentiel", "Note confidentielle"

    demande = models.ForeignKey("demandes.Demande", models.CASCADE, related_name="+")
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    mode = models.CharField("mode", max_length=12, choices=Mode.choices)
    texte = models.TextField("texte")
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    class Meta:
        verbose_name = "écrit en cours"
        verbose_name_plural = "écrits en cours"
        constraints = [
            models.UniqueConstraint(name="ecrit_un_par_mode", fields=["demande", "compte", "mode"])
        ]
        indexes = [models.Index(name="ecrit_par_age", fields=["modifie_le"])]

    def __str__(self):
        return f"Écrit {self.pk}"
