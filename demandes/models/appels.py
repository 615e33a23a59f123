"""A phone call as the phone system tells it: the call, where it rang, and every word it posted."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

# A phone that rings longer was answered or lost without anybody telling us; so was a longer conversation.
SONNE_AU_PLUS = timedelta(minutes=3)
DURE_AU_PLUS = timedelta(hours=4)


class Appel(models.Model):
    """One call, transfers included. Answered by nobody, it is missed."""

    identifiant = models.CharField("identifiant du standard", max_length=120)
    numero = models.CharField("numéro", max_length=20, blank=True, help_text="Vide quand il est masqué.")
    ligne = models.CharField("ligne appelée", max_length=20, blank=True)
    sonne_le = models.DateTimeField("sonne le")
    decroche_le = models.DateTimeField("décroché le", null=True, blank=True)
    fini_le = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "appel"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(name="appel_identifiant_unique", fields=["identifiant"])]
        indexes = [models.Index(name="appel_sonne_le", fields=["sonne_le"])]

    def __str__(self):
        return f"{self.numero or 'numéro masqué'} {self.sonne_le:%d/%m/%Y %H:%M}"

    @property
    def est_manque(self) -> bool:
        return self.fini_le is not None and self.decroche_le is None


class SonnerieQuerySet(models.QuerySet["Sonnerie"]):
    def a_annoncer(self) -> "SonnerieQuerySet":
        """Those that ring or are answered now, and whose sheet nobody has opened."""
        maintenant = timezone.now()
        return self.filter(
            Q(decroche_le__isnull=True, sonne_le__gt=maintenant - SONNE_AU_PLUS)
            | Q(decroche_le__gt=maintenant - DURE_AU_PLUS),
            fini_le__isnull=True,
            contact__isnull=True,
        ).order_by("pk")


class Sonnerie(models.Model):
    """One call at one extension: a group that rings, or a transfer, makes several."""

    appel = models.ForeignKey(Appel, models.CASCADE, related_name="sonneries", db_index=False)
    poste = models.CharField("poste", max_length=20)
    sonne_le = models.DateTimeField("sonne le")
    decroche_le = models.DateTimeField("décroché le", null=True, blank=True)
    fini_le = models.DateTimeField("fini le", null=True, blank=True)

    objects = SonnerieQuerySet.as_manager()

    class Meta:
        verbose_name = "sonnerie"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(name="sonnerie_unique", fields=["appel", "poste"]),
            models.CheckConstraint(
                name="sonnerie_dans_l_ordre",
                condition=(Q(decroche_le__isnull=True) | Q(decroche_le__gte=F("sonne_le")))
                & (Q(fini_le__isnull=True) | Q(fini_le__gte=F("sonne_le"))),
            ),
        ]
        indexes = [
            # A handful: those that ring now.
            models.Index(name="sonnerie_en_cours", fields=["poste"], condition=Q(fini_le__isnull=True))
        ]

    def __str__(self):
        return f"{self.appel_id} au poste {self.poste}"


class EvenementAppel(models.Model):
    """What the phone system posted, as it came: the same bytes are effective once."""

    contenu = models.BinaryField("contenu brut")
    empreinte = models.CharField("SHA-256", max_length=64)
    recu_le = models.DateTimeField("reçu le", default=timezone.now)

    class Meta:
        verbose_name = "événement d'appel"
        verbose_name_plural = "événements d'appel"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(name="evenement_appel_unique", fields=["empreinte"])]
        indexes = [models.Index(name="evenement_appel_recu_le", fields=["recu_le"])]

    def __str__(self):
        return f"{self.recu_le:%d/%m/%Y %H:%M:%S}"
