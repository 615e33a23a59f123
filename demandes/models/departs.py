"""What a departure decided about what the agent may still take until their last day."""

from django.conf import settings
from django.db import models


class Suite(models.Model):
    """Who takes one lot of a leaving agent's demandes: a colleague, or nobody for the queue."""

    partant = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    lot = models.CharField(
        "lot",
        max_length=60,
        help_text="Direction, secteur, part libre ou engagée.",
    )
    collegue = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", null=True)

    class Meta:
        verbose_name = "suite d'un départ"
        verbose_name_plural = "suites des départs"
        constraints = [models.UniqueConstraint(name="suite_une_par_lot", fields=["partant", "lot"])]

    def __str__(self):
        return f"Suite {self.pk}"
