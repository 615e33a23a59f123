"""A form being composed on screen: a working copy that residents do not see."""

from django.conf import settings
from django.db import models

from demandes.models.catalogue import TypeDemande


class FormulairePrepare(models.Model):
    """The questions of a type as they may become. `revision` only grows: it tells a stale screen.

    `base` is the version the work started from; once put in service, the work is that version.
    """

    type = models.OneToOneField(TypeDemande, models.CASCADE, related_name="formulaire_prepare")
    champs = models.JSONField("questions", default=list)
    base = models.PositiveSmallIntegerField("version de départ")
    revision = models.PositiveIntegerField("révision", default=0)
    modifie_le = models.DateTimeField("modifié le", auto_now=True)
    modifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="modifié par", related_name="+"
    )

    class Meta:
        verbose_name = "formulaire en préparation"

    def __str__(self):
        return f"Formulaire de {self.type.code}"
