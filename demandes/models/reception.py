"""The inbox: raw bytes with their hash, committed before anything is acknowledged."""

import hashlib

from django.db import models
from django.db.models import Q
from django.utils import timezone

from guichet.canaux.canal import CHOIX as CANAUX


class Reception(models.Model):
    """What arrived, as it arrived. Idempotent on (canal, external key, content hash)."""

    class Etat(models.TextChoices):
        A_TRAITER = "a_traiter", "À traiter"
        TRAITEE = "traitee", "Traitée"
        QUARANTAINE = "quarantaine", "En quarantaine"

    canal = models.CharField("canal", max_length=10, choices=CANAUX)
    source = models.CharField(
        "format", max_length=20, help_text="Le module de canal qui sait lire ce contenu."
    )
    cle_externe = models.CharField("clé externe", max_length=255)
    contenu = models.BinaryField("contenu brut")
    empreinte = models.CharField("SHA-256", max_length=64)
    etat = models.CharField("état", max_length=12, choices=Etat.choices, default=Etat.A_TRAITER)
    recue_le = models.DateTimeField("reçue le", default=timezone.now)
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)
    essais = models.PositiveSmallIntegerField("essais", default=0)
    motif = models.CharField("motif de quarantaine", max_length=250, blank=True)
    demande = models.ForeignKey(
        "demandes.Demande", models.PROTECT, null=True, blank=True, related_name="receptions"
    )

    class Meta:
        verbose_name = "réception"
        ordering = ("recue_le", "pk")
        constraints = [
            models.UniqueConstraint(name="reception_unique", fields=["canal", "cle_externe", "empreinte"]),
            models.CheckConstraint(
                name="reception_traitee_le",
                condition=Q(etat="a_traiter", traitee_le__isnull=True)
                | (~Q(etat="a_traiter") & Q(traitee_le__isnull=False)),
            ),
            models.CheckConstraint(
                name="reception_quarantaine_motivee", condition=~Q(etat="quarantaine") | ~Q(motif="")
            ),
        ]
        indexes = [
            models.Index(name="reception_a_traiter", fields=["recue_le"], condition=Q(etat="a_traiter"))
        ]

    def __str__(self):
        return f"{self.canal} {self.cle_externe}"

    @classmethod
    def ranger(
        cls, canal: str, source: str, cle_externe: str, contenu: bytes, **champs
    ) -> "tuple[Reception, bool]":
        """Store raw bytes once; return (row, created)."""
        return cls.objects.get_or_create(
            canal=canal,
            cle_externe=cle_externe[:255],
            empreinte=hashlib.sha256(contenu).hexdigest(),
            defaults={"contenu": contenu, "source": source, **champs},
        )
