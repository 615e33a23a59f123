"""Views of the queue that an agent gave a name to: a list and its filters, never what they find."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class VueGardee(models.Model):
    """Its author's alone, or shared with those of one place. Each change has a number (`referentiel`)."""

    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    nom = models.CharField("nom", max_length=60)
    vue = models.CharField("liste", max_length=20)
    filtres = models.JSONField("filtres")
    direction = models.ForeignKey(
        "organisation.Direction", models.CASCADE, null=True, blank=True, related_name="+"
    )
    point_accueil = models.ForeignKey(
        "organisation.PointAccueil", models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "vue gardée"
        verbose_name_plural = "vues gardées"
        ordering = ("nom", "pk")
        constraints = [
            models.UniqueConstraint(name="vue_gardee_un_nom_par_auteur", fields=["auteur", "nom"]),
            models.CheckConstraint(
                name="vue_gardee_un_lieu_au_plus",
                condition=Q(direction__isnull=True) | Q(point_accueil__isnull=True),
            ),
        ]

    def __str__(self):
        return self.nom
