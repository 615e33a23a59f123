"""What hangs on a demande while it lives: pieces asked for, drafts to sign, people grouped under it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from demandes.etats import Decision
from demandes.models.demande import Demande


class Complement(models.Model):
    """What was asked of the resident, with its deadline and effects (CRPA, art. L114-5 and L114-5-1)."""

    demande = models.ForeignKey(Demande, models.PROTECT, related_name="complements")
    elements = models.JSONField("éléments demandés", help_text="Liste de phrases.")
    delai_jours = models.PositiveSmallIntegerField("délai (jours)")
    echeance = models.DateField("à fournir avant le")
    est_indispensable = models.BooleanField("indispensable")
    demande_le = models.DateTimeField("demandé le", default=timezone.now)
    relance_le = models.DateTimeField("relancé le", null=True, blank=True)
    recu_le = models.DateTimeField("reçu le", null=True, blank=True)
    clos_sans_le = models.DateTimeField("abandonné le", null=True, blank=True)

    class Meta:
        verbose_name = "complément"
        ordering = ("demande_le",)
        constraints = [
            models.UniqueConstraint(
                name="complement_un_seul_ouvert",
                fields=["demande"],
                condition=Q(recu_le__isnull=True, clos_sans_le__isnull=True),
            ),
            models.CheckConstraint(
                name="complement_delai", condition=Q(delai_jours__gte=15, delai_jours__lte=60)
            ),
        ]

    def __str__(self):
        return f"Complément de {self.demande_id}"


class ProjetReponse(models.Model):
    """An answer waiting for somebody other than its author to sign it."""

    class Etat(models.TextChoices):
        EN_ATTENTE = "en_attente", "À valider"
        VALIDE = "valide", "Validé"
        REFUSE = "refuse", "Refusé"

    demande = models.ForeignKey(Demande, models.PROTECT, related_name="projets")
    redacteur = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    texte = models.TextField("texte")
    decision = models.CharField("décision", max_length=14, choices=Decision.choices)
    voies_recours = models.TextField("voies et délais de recours", blank=True)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.EN_ATTENTE)
    propose_le = models.DateTimeField("proposé le", default=timezone.now)
    tranche_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tranche_le = models.DateTimeField("tranché le", null=True, blank=True)
    commentaire = models.TextField("commentaire du valideur", blank=True)

    class Meta:
        verbose_name = "projet de réponse"
        verbose_name_plural = "projets de réponse"
        ordering = ("propose_le",)
        constraints = [
            models.UniqueConstraint(
                name="projet_un_seul_en_attente", fields=["demande"], condition=Q(etat="en_attente")
            ),
            models.CheckConstraint(
                name="projet_redacteur_n_est_pas_valideur",
                condition=~Q(etat="valide") | ~Q(tranche_par=F("redacteur")),
            ),
        ]

    def __str__(self):
        return f"Projet de {self.demande_id}"


class CoSignalant(models.Model):
    """Someone whose demande was grouped: they follow the main one and never learn who the others are."""

    principale = models.ForeignKey(Demande, models.PROTECT, related_name="co_signalants")
    origine = models.OneToOneField(Demande, models.PROTECT, related_name="co_signalement")
    usager = models.ForeignKey(
        "usagers.Usager", models.SET_NULL, null=True, blank=True, related_name="co_signalements"
    )
    depuis = models.DateTimeField("depuis", default=timezone.now)

    class Meta:
        verbose_name = "co-signalant"

    def __str__(self):
        return f"{self.origine_id} → {self.principale_id}"
