"""What was proposed for a demande and what an agent chose; the versions of what is learned from it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class VersionSuggestion(models.Model):
    """What was learned from the agents' choices, once: kept when it is better than the one before.

    `contenu` holds weights of hashed pieces of words, never a text; a refused version holds none.
    """

    creee_le = models.DateTimeField("créée le", default=timezone.now)
    choix_appris = models.PositiveIntegerField("choix appris")
    appris_jusqu_au = models.DateTimeField("appris jusqu'au")
    part = models.FloatField("part dans la suggestion", default=0)
    mesures = models.JSONField("mesures", default=dict)
    est_en_service = models.BooleanField("en service", default=False)
    motif = models.CharField("pourquoi elle est refusée", max_length=200, blank=True)
    contenu = models.BinaryField("poids", null=True)

    class Meta:
        verbose_name = "version de la suggestion"
        verbose_name_plural = "versions de la suggestion"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                name="suggestion_une_en_service", fields=["est_en_service"], condition=Q(est_en_service=True)
            ),
            models.CheckConstraint(
                name="suggestion_en_service_a_des_poids",
                condition=Q(est_en_service=False) | Q(contenu__isnull=False),
            ),
        ]

    def __str__(self):
        return f"version {self.pk}"


class Suggestion(models.Model):
    """The types proposed for a demande and, once an agent chose, the type they gave: one example to learn.

    Words stay in the message, where they can be erased: only their places are here. Nobody's name either:
    what is counted is the suggestion, not the agent.
    """

    demande = models.OneToOneField(
        "demandes.Demande", models.CASCADE, related_name="suggestion", primary_key=True
    )
    message = models.ForeignKey(
        "demandes.Message", models.CASCADE, related_name="+", verbose_name="message lu"
    )
    # [{"code", "confiance", "reperes": [[start, end], …]}, …], the likeliest first
    propositions = models.JSONField("types proposés", default=list)
    danger = models.JSONField("où le texte parle d'un danger", default=list)
    # [{"code", "debut", "fin"}, …]: two or none
    sujets = models.JSONField("sujets proposés", default=list)
    version = models.ForeignKey(
        VersionSuggestion, models.SET_NULL, null=True, blank=True, related_name="suggestions"
    )
    # Tries to read the text until one ends: what ends its worker is not read for ever.
    essais = models.PositiveSmallIntegerField("essais inachevés", default=0, db_default=0)
    faite_le = models.DateTimeField("faite le", default=timezone.now)
    choix = models.ForeignKey(
        "demandes.TypeDemande", models.CASCADE, null=True, blank=True, related_name="+", verbose_name="choix"
    )
    choisi_le = models.DateTimeField("choisi le", null=True, blank=True)
    # 1 to 3 among those proposed, 0 for another; counted by the administration
    rang = models.PositiveSmallIntegerField("rang du choix", null=True, blank=True)

    class Meta:
        verbose_name = "suggestion"
        constraints = [
            models.CheckConstraint(
                name="suggestion_choisie",
                condition=Q(choix__isnull=True, choisi_le__isnull=True, rang__isnull=True)
                | Q(choix__isnull=False, choisi_le__isnull=False, rang__isnull=False),
            )
        ]
        indexes = [
            # What is learned, the latest first, and what is counted by type.
            models.Index(
                name="suggestion_choisies",
                fields=["-choisi_le"],
                include=["choix", "rang"],
                condition=Q(choix__isnull=False),
            )
        ]

    def __str__(self):
        return f"suggestion pour la demande {self.demande_id}"

    @property
    def codes(self) -> list[str]:
        return [proposition["code"] for proposition in self.propositions]
