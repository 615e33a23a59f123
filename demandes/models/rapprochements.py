"""What a person must decide of a demande that a message opened: whose it is, and if it stands alone."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from demandes.models.demande import Demande
from guichet.organisation.models import Compte
from guichet.organisation.perimetre import Perimetre


class ARapprocherQuerySet(models.QuerySet["ARapprocher"]):
    def en_attente(self) -> "ARapprocherQuerySet":
        return self.filter(traite_le__isnull=True)

    def visibles_par(self, perimetre: Perimetre) -> "ARapprocherQuerySet":
        """What waits on the demandes this agent may read; one that ended otherwise waits for nobody."""
        return self.filter(demande__in=Demande.objects.visibles_par(perimetre).ouvertes())

    def lever(self, demande: Demande, raisons: Iterable[str], *, par: Compte | None, suite: str) -> None:
        """Take reasons away from what waits, when it waits; the last one closes it. The demande is locked."""
        attente = self.en_attente().filter(demande=demande).first()
        if attente is None or not set(raisons) & set(attente.raisons):
            return
        if restent := [raison for raison in attente.raisons if raison not in set(raisons)]:
            attente.raisons = restent
        else:
            attente.traite_le, attente.traite_par, attente.suite = timezone.now(), par, suite
        attente.save()


class ARapprocher(models.Model):
    """A demande in the tray « À rapprocher »: why, and the demandes its message cites. It lives meanwhile."""

    class Raison(models.TextChoices):
        EXPEDITEUR = "expediteur", "Expéditeur inconnu de la demande citée"
        DEMANDES = "demandes", "Plusieurs demandes citées"
        PERSONNES = "personnes", "Plusieurs personnes possibles"
        SUJETS = "sujets", "Plusieurs sujets"
        PUBLICATION = "publication", "Publication peut-être déjà saisie par un agent"

    class Suite(models.TextChoices):
        JOINTE = "jointe", "Jointe à une demande de la même personne"
        REGROUPEE = "regroupee", "Regroupée sans mêler les personnes"
        A_PART = "a_part", "Gardée à part"
        PERSONNE = "personne", "Personne choisie"
        SCINDEE = "scindee", "Scindée"

    demande = models.ForeignKey("demandes.Demande", models.PROTECT, related_name="rapprochements")
    raisons = ArrayField(models.CharField(max_length=12, choices=Raison.choices), verbose_name="raisons")
    citees = models.ManyToManyField("demandes.Demande", related_name="+", verbose_name="demandes citées")
    ouvert_le = models.DateTimeField("ouvert le", default=timezone.now)
    traite_le = models.DateTimeField("traité le", null=True, blank=True)
    traite_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="traité par",
    )
    suite = models.CharField("suite", max_length=10, choices=Suite.choices, blank=True)

    objects = ARapprocherQuerySet.as_manager()

    class Meta:
        verbose_name = "demande à rapprocher"
        verbose_name_plural = "demandes à rapprocher"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                name="a_rapprocher_une_fois", fields=["demande"], condition=Q(traite_le__isnull=True)
            ),
            models.CheckConstraint(name="a_rapprocher_a_une_raison", condition=~Q(raisons=[])),
            models.CheckConstraint(
                name="a_rapprocher_suite",
                condition=Q(traite_le__isnull=True, suite="") | (Q(traite_le__isnull=False) & ~Q(suite="")),
            ),
        ]
        # The list, oldest first.
        indexes = [
            models.Index(name="a_rapprocher_en_attente", fields=["id"], condition=Q(traite_le__isnull=True))
        ]

    def __str__(self):
        return f"{self.demande_id} à rapprocher"

    @property
    def pourquoi(self) -> list[str]:
        return [str(self.Raison(raison).label) for raison in self.raisons]
