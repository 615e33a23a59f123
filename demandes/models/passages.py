"""How far each agent has read the thread of a demande: what came since is new to them."""

from django.conf import settings
from django.db import models


class DernierPassage(models.Model):
    """`jusqu_au` is the moment of the last message they were shown, not that of their visit."""

    demande = models.ForeignKey("demandes.Demande", models.CASCADE, related_name="+", db_index=False)
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    jusqu_au = models.DateTimeField("lu jusqu'au")

    class Meta:
        verbose_name = "dernier passage"
        verbose_name_plural = "derniers passages"
        constraints = [models.UniqueConstraint(name="dernier_passage_unique", fields=["demande", "compte"])]

    def __str__(self):
        return f"Passage {self.pk}"
