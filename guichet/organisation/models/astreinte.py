"""Who is on duty for a direction while it is closed."""

from django.db import models
from django.utils import timezone

from guichet.organisation.models.comptes import Compte
from guichet.organisation.models.structures import Direction


class AstreinteQuerySet(models.QuerySet["Astreinte"]):
    def a(self, instant=None):
        """Those on duty at an instant (now by default), the first planned first."""
        instant = instant or timezone.now()
        return self.filter(debut__lte=instant, fin__gt=instant, compte__is_active=True)


class Astreinte(models.Model):
    """One agent on duty for one direction, from one instant to another; two at once are called in turn."""

    direction = models.ForeignKey(Direction, models.CASCADE, related_name="astreintes")
    compte = models.ForeignKey(Compte, models.CASCADE, verbose_name="agent", related_name="astreintes")
    debut = models.DateTimeField("du")
    fin = models.DateTimeField("au")
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    courriel = models.EmailField("courriel", blank=True)

    objects = AstreinteQuerySet.as_manager()

    class Meta:
        verbose_name = "astreinte"
        ordering = ("debut", "pk")
        constraints = [
            models.CheckConstraint(
                name="astreinte_dates",
                condition=models.Q(fin__gt=models.F("debut")),
                violation_error_message="La fin vient après le début.",
            )
        ]
        indexes = [models.Index(name="astreinte_par_direction", fields=["direction", "fin"])]

    def __str__(self):
        return f"{self.compte} – {self.direction}"

    @property
    def adresse(self) -> str:
        """Where the message goes: the address given for the period, else the account's."""
        return self.courriel or self.compte.courriel
