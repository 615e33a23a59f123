"""Who is told of alerts by mail, and which alerts were told: an address, what it chose, and nothing else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.models.destinataires import Destinataires
from portal.models.sujets import Sujet


class AbonneQuerySet(models.QuerySet["Abonne"]):
    def concernes_par(self, alerte: Any) -> AbonneQuerySet:
        """Those who confirmed and whom this alert is for."""
        return self.vises_par(Destinataires.de(alerte))

    def vises_par(self, destinataires: Destinataires) -> AbonneQuerySet:
        return self.filter(destinataires.condition(), confirme_le__isnull=False)


class Abonne(models.Model):
    """An address that asked for the alerts, and its owner's answer; leaving erases the row."""

    courriel = models.CharField("courriel", max_length=254)
    territoires = ArrayField(
        models.CharField(max_length=10), verbose_name="arrondissements", default=list, blank=True
    )
    sujets = ArrayField(
        models.CharField(max_length=20, choices=Sujet.choices),
        verbose_name="sujets",
        default=list,
        blank=True,
    )
    langue = models.CharField("langue", max_length=5, choices=settings.LANGUAGES)
    demande_le = models.DateTimeField("demandé le", default=timezone.now)
    confirme_le = models.DateTimeField("confirmé le", null=True, blank=True)

    objects = AbonneQuerySet.as_manager()

    class Meta:
        verbose_name = "abonné"
        constraints = [models.UniqueConstraint(name="abonne_courriel_unique", fields=["courriel"])]
        indexes = [
            models.Index(
                name="abonne_a_confirmer", fields=["demande_le"], condition=Q(confirme_le__isnull=True)
            )
        ]

    def __str__(self):
        return f"abonné {self.pk}"


class Diffusion(models.Model):
    """One telling of an alert: who is left to write to, so that nobody is written to twice.

    `cle` is what the editor asked for (`Alerte.a_diffuser`); it outlives the page.
    """

    cle = models.UUIDField("clé", unique=True)
    alerte = models.ForeignKey(
        "portal.Alerte", models.SET_NULL, null=True, related_name="diffusions", verbose_name="alerte"
    )
    commencee_le = models.DateTimeField("commencée le", default=timezone.now)
    terminee_le = models.DateTimeField("terminée le", null=True, blank=True)
    dernier = models.BigIntegerField("dernier abonné prévenu", default=0)
    plafond = models.BigIntegerField("dernier abonné à prévenir")
    nombre = models.PositiveIntegerField("abonnés prévenus", default=0)

    class Meta:
        verbose_name = "diffusion"
        ordering = ("pk",)
        indexes = [
            models.Index(
                name="diffusion_en_cours", fields=["commencee_le"], condition=Q(terminee_le__isnull=True)
            )
        ]

    def __str__(self):
        return f"diffusion {self.cle}"
