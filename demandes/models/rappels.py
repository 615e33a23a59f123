"""Whom the desk must call: promised for a time, or because nobody answered them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from guichet.organisation.perimetre import Perimetre
from guichet.socle.coordonnees import afficher_telephone


class RappelTelephoniqueQuerySet(models.QuerySet["RappelTelephonique"]):
    def visibles_par(self, perimetre: Perimetre) -> "RappelTelephoniqueQuerySet":
        """Those of one's desks, and those that came by a line of no desk."""
        siens = [pk for p in perimetre.tous for pk in p.accueils]
        return self.filter(Q(point_accueil__in=siens) | Q(point_accueil__isnull=True))

    def a_faire(self, origine: str) -> "RappelTelephoniqueQuerySet":
        """The most overdue first."""
        return self.filter(etat=RappelTelephonique.Etat.A_FAIRE, origine=origine).order_by("au", "pk")


class RappelTelephonique(models.Model):
    """One person to call between two moments, with the tries made so far."""

    class Origine(models.TextChoices):
        PREVU = "prevu", "Rappel prévu"
        MANQUE = "manque", "Appel manqué"

    class Etat(models.TextChoices):
        A_FAIRE = "a_faire", "À faire"
        FAIT = "fait", "Fait"

    origine = models.CharField("origine", max_length=8, choices=Origine.choices)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.A_FAIRE)
    numero = models.CharField("numéro", max_length=20)
    usager = models.ForeignKey("usagers.Usager", models.SET_NULL, null=True, blank=True, related_name="+")
    demande = models.ForeignKey(
        "demandes.Demande", models.SET_NULL, null=True, blank=True, related_name="rappels_telephoniques"
    )
    point_accueil = models.ForeignKey("organisation.PointAccueil", models.PROTECT, null=True, blank=True)
    du = models.DateTimeField("à partir de")
    au = models.DateTimeField("au plus tard")
    note = models.CharField("pourquoi", max_length=300, blank=True)
    appels_manques = models.PositiveSmallIntegerField("appels manqués", default=0)
    tentatives = models.PositiveSmallIntegerField("essais sans réponse", default=0)
    derniere_tentative_le = models.DateTimeField("dernier essai le", null=True, blank=True)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cree_le = models.DateTimeField("créé le", default=timezone.now)
    fait_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    fait_le = models.DateTimeField("fait le", null=True, blank=True)

    objects = RappelTelephoniqueQuerySet.as_manager()

    class Meta:
        verbose_name = "rappel téléphonique"
        verbose_name_plural = "rappels téléphoniques"
        ordering = ("au", "pk")
        constraints = [
            models.UniqueConstraint(
                name="rappel_manque_une_fois",
                fields=["numero"],
                condition=Q(origine="manque", etat="a_faire"),
            ),
            models.CheckConstraint(
                name="rappel_fait_le",
                condition=Q(etat="a_faire", fait_le__isnull=True)
                | (~Q(etat="a_faire") & Q(fait_le__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="rappel_a_faire", fields=["origine", "au"], condition=Q(etat="a_faire")),
            models.Index(name="rappel_de_la_demande", fields=["demande"], condition=Q(etat="a_faire")),
        ]

    def __str__(self):
        return f"{self.usager or self.numero_affiche}"

    @property
    def numero_affiche(self) -> str:
        return afficher_telephone(self.numero)

    @property
    def est_en_retard(self) -> bool:
        return self.au < timezone.now()
