"""A deposit in progress. It is not a demande: nobody at the city reads it, and it dies after 30 days."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

DUREE_BROUILLON = timedelta(days=30)


def nouveau_jeton() -> str:
    """128 bits, URL-safe: whoever has it holds the thing."""
    return secrets.token_urlsafe(16)


class Brouillon(models.Model):
    """What a resident typed so far, found again by its link. Its token makes one demande at most."""

    jeton = models.CharField("jeton", max_length=32, unique=True, default=nouveau_jeton, editable=False)
    version = models.ForeignKey("demandes.VersionFormulaire", models.CASCADE)
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    saisie = models.JSONField("saisie par étape", default=dict)
    cree_le = models.DateTimeField("créé le", default=timezone.now)
    modifie_le = models.DateTimeField("modifié le", auto_now=True)
    demande = models.OneToOneField(
        "demandes.Demande", models.CASCADE, null=True, blank=True, related_name="brouillon"
    )

    # The ended demande whose page it was begun from: what it makes is linked to it.
    suite_de = models.ForeignKey(
        "demandes.Demande", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "brouillon"
        indexes = [models.Index(name="brouillon_par_age", fields=["modifie_le"])]

    def __str__(self):
        return f"Brouillon {self.pk}"
