"""What was changed in the settings of the house, by whom, from what to what: read, never rewritten."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Modification(models.Model):
    """One change of one object. A trigger refuses to alter or erase it (migration 0002).

    `objet_genre` is a model label (« organisation.direction »); `avant` and `apres` hold readable values by
    field, only those that differ when the object was changed.
    """

    class Action(models.TextChoices):
        CREATION = "creation", "Création"
        MODIFICATION = "modification", "Modification"
        SUPPRESSION = "suppression", "Suppression"
        IMPORT = "import", "Import"

    faite_le = models.DateTimeField("faite le", default=timezone.now)
    compte = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="par", related_name="+"
    )
    objet_genre = models.CharField("genre d'objet", max_length=100)
    objet_cle = models.CharField("clé de l'objet", max_length=64)
    objet_libelle = models.CharField("objet", max_length=250)
    action = models.CharField("action", max_length=12, choices=Action.choices)
    avant = models.JSONField("avant", default=dict)
    apres = models.JSONField("après", default=dict)

    class Meta:
        verbose_name = "modification"
        ordering = ("-pk",)
        indexes = [
            models.Index(name="modification_par_objet", fields=["objet_genre", "objet_cle", "id"]),
            models.Index(name="modification_par_compte", fields=["compte", "id"]),
        ]

    def __str__(self):
        return f"{self.get_action_display()} : {self.objet_libelle}"
