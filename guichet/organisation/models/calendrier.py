"""When a place is open."""

from django.db import models
from django.db.models import Q


class JourFerme(models.Model):
    """A day the city, one desk or one direction is closed, on top of public holidays."""

    jour = models.DateField("jour")
    libelle = models.CharField("libellé", max_length=120)
    point_accueil = models.ForeignKey(
        "organisation.PointAccueil", models.CASCADE, null=True, blank=True, verbose_name="point d'accueil"
    )
    direction = models.ForeignKey("organisation.Direction", models.CASCADE, null=True, blank=True)

    class Meta:
        verbose_name = "jour fermé"
        verbose_name_plural = "jours fermés"
        ordering = ("jour",)

    def __str__(self):
        return f"{self.jour:%d/%m/%Y} {self.libelle}"


class HeuresOuverture(models.Model):
    """One opening range on one weekday: a lunch break makes two rows."""

    point_accueil = models.ForeignKey(
        "organisation.PointAccueil", models.CASCADE, null=True, blank=True, related_name="heures"
    )
    direction = models.ForeignKey(
        "organisation.Direction", models.CASCADE, null=True, blank=True, related_name="heures"
    )
    jour = models.PositiveSmallIntegerField("jour de la semaine", help_text="0 pour lundi, 6 pour dimanche.")
    debut = models.TimeField("début")
    fin = models.TimeField("fin")

    class Meta:
        verbose_name = "heures d'ouverture"
        verbose_name_plural = "heures d'ouverture"
        ordering = ("jour", "debut")
        constraints = [
            models.CheckConstraint(
                name="heures_d_un_seul_lieu",
                condition=Q(point_accueil__isnull=True) ^ Q(direction__isnull=True),
            ),
            models.CheckConstraint(name="heures_dans_l_ordre", condition=Q(debut__lt=models.F("fin"))),
            models.CheckConstraint(name="heures_jour_de_semaine", condition=Q(jour__lte=6)),
        ]

    def __str__(self):
        return f"{self.jour} {self.debut:%H:%M}-{self.fin:%H:%M}"
