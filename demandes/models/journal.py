"""The journal: append-only, chained, without a name or a word of anybody."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class EntreeJournal(models.Model):
    """One gesture on one demande. `rang` and both hashes are computed by the database (migration 0002).

    `details` holds ids, codes and counts only: people's words live in rows that can be erased.
    """

    class Auteur(models.TextChoices):
        AGENT = "agent", "Agent"
        USAGER = "usager", "Usager"
        SYSTEME = "systeme", "Système"

    demande = models.ForeignKey(
        "demandes.Demande", models.PROTECT, related_name="journal", db_index=False
    )  # journal_rang begins with it
    rang = models.PositiveIntegerField("rang", default=0, editable=False)
    geste = models.CharField("geste", max_length=40)
    avant = models.CharField("état avant", max_length=20, blank=True)
    apres = models.CharField("état après", max_length=20)
    auteur = models.CharField("auteur", max_length=7, choices=Auteur.choices)
    compte = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    par_delegation_de = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    motif = models.CharField("motif", max_length=40, blank=True)
    details = models.JSONField("détails", default=dict)
    fait_le = models.DateTimeField("fait le", default=timezone.now)
    empreinte_precedente = models.CharField("empreinte précédente", max_length=64, default="", editable=False)
    empreinte = models.CharField("empreinte", max_length=64, default="", editable=False)

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "journal"
        ordering = ("demande", "rang")
        constraints = [models.UniqueConstraint(name="journal_rang", fields=["demande", "rang"])]

    def __str__(self):
        return f"{self.geste} ({self.rang})"
