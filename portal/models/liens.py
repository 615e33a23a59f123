"""The links that pages hold, and what became of each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from wagtail.models import Page


class LienDePageQuerySet(models.QuerySet["LienDePage"]):
    def casses(self) -> LienDePageQuerySet:
        return self.exclude(raison="")


class LienDePage(models.Model):
    """A link of a published page. `raison` says why it leads nowhere; "" if it works, or was not tried."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name="page")
    adresse = models.CharField("lien", max_length=2000)
    raison = models.CharField("ce qui ne va pas", max_length=120, blank=True)
    casse_depuis = models.DateTimeField("depuis", null=True, blank=True)
    verifie_le = models.DateTimeField("vérifié le", null=True, blank=True)

    objects = LienDePageQuerySet.as_manager()

    class Meta:
        verbose_name = "lien d'une page"
        verbose_name_plural = "liens des pages"
        ordering = ("casse_depuis", "pk")
        constraints = [
            models.UniqueConstraint(name="lien_une_fois_par_page", fields=["page", "adresse"]),
            models.CheckConstraint(
                name="lien_casse_depuis",
                condition=Q(raison="", casse_depuis__isnull=True)
                | (~Q(raison="") & Q(casse_depuis__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="lien_casse", fields=["casse_depuis"], condition=~Q(raison="")),
            models.Index(name="lien_a_verifier", fields=["verifie_le"]),
        ]

    def __str__(self):
        return self.adresse
