"""What agents say of two demandes: that they go together, or that they are not the same thing."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Lien(models.Model):
    """One side of a link: each of the two demandes has its row, in its own words."""

    class Nature(models.TextChoices):
        LIEE = "liee", "Liée à"
        SUITE = "suite", "Suite de"
        SUIVIE = "suivie", "A pour suite"

    INVERSES = {Nature.LIEE: Nature.LIEE, Nature.SUITE: Nature.SUIVIE, Nature.SUIVIE: Nature.SUITE}

    demande = models.ForeignKey(
        "demandes.Demande", models.CASCADE, related_name="liens", db_column="from_demande_id"
    )
    autre = models.ForeignKey("demandes.Demande", models.CASCADE, related_name="+", db_column="to_demande_id")
    nature = models.CharField("nature", max_length=6, choices=Nature.choices, default=Nature.LIEE)
    raison = models.CharField("raison", max_length=200, blank=True)
    pose_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    pose_le = models.DateTimeField("posé le", default=timezone.now)

    class Meta:
        db_table = "demandes_demande_liees"
        verbose_name = "lien entre demandes"
        verbose_name_plural = "liens entre demandes"
        unique_together = (("demande", "autre"),)

    def __str__(self):
        return f"{self.demande_id} {self.nature} {self.autre_id}"


class Distinction(models.Model):
    """« Ce n'est pas la même » : said once of a pair, the smaller id first; not proposed again."""

    premiere = models.ForeignKey("demandes.Demande", models.CASCADE, related_name="+")
    seconde = models.ForeignKey("demandes.Demande", models.CASCADE, related_name="+")
    dite_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    dite_le = models.DateTimeField("dite le", default=timezone.now)

    class Meta:
        verbose_name = "distinction"
        constraints = [
            models.UniqueConstraint(name="distinction_une_par_paire", fields=["premiere", "seconde"]),
            models.CheckConstraint(name="distinction_dans_l_ordre", condition=Q(premiere__lt=F("seconde"))),
        ]

    def __str__(self):
        return f"{self.premiere_id} ≠ {self.seconde_id}"
