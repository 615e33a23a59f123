"""The city's addresses: where what is written to each goes, and how it is read."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from guichet.organisation.models import Direction, PointAccueil


class BoiteCourrielQuerySet(models.QuerySet["BoiteCourriel"]):
    def actives(self):
        return self.filter(est_active=True)

    def relevees(self):
        """Those this city reads by IMAP; the others are delivered to it."""
        return self.actives().exclude(serveur="")


class BoiteCourriel(models.Model):
    """One mailbox. `variable` names where its password is: the secret itself is never in the database.

    What the reader writes down, from `connectee_le` on, is no setting: nobody types it.
    """

    class Securite(models.TextChoices):
        TLS = "tls", "TLS dès la connexion (993)"
        STARTTLS = "starttls", "STARTTLS (143)"
        AUCUNE = "aucune", "Sans chiffrement, sur cette machine seulement"

    nom = models.CharField("nom", max_length=80)
    adresses = ArrayField(models.CharField(max_length=254), verbose_name="adresses")
    point_accueil = models.ForeignKey(
        PointAccueil, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="point d'accueil"
    )
    direction = models.ForeignKey(
        Direction, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="direction"
    )
    type = models.ForeignKey(
        "demandes.TypeDemande",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="démarche",
    )
    ordre = models.PositiveSmallIntegerField("ordre", default=1, validators=[MinValueValidator(1)])
    est_active = models.BooleanField("en service", default=True)

    serveur = models.CharField("serveur IMAP", max_length=200, blank=True)
    port = models.PositiveIntegerField("port", default=993, validators=[MaxValueValidator(65535)])
    securite = models.CharField("chiffrement", max_length=8, choices=Securite.choices, default=Securite.TLS)
    identifiant = models.CharField("identifiant", max_length=200, blank=True)
    variable = models.CharField("variable du mot de passe", max_length=80, blank=True)
    dossier = models.CharField("dossier lu", max_length=200, default="INBOX")
    dossier_lus = models.CharField("dossier des courriels lus", max_length=200, blank=True)
    importer_depuis = models.DateField("importer à partir du", default=timezone.localdate)

    connectee_le = models.DateTimeField("connectée le", null=True, blank=True, editable=False)
    uidvalidity = models.BigIntegerField(null=True, blank=True, editable=False)
    dernier_uid = models.BigIntegerField(default=0, editable=False)
    importes = models.PositiveIntegerField("courriels importés", default=0, editable=False)
    importee_le = models.DateTimeField("import terminé le", null=True, blank=True, editable=False)
    relevee_le = models.DateTimeField("relevée le", null=True, blank=True, editable=False)
    erreur = models.CharField("dernière erreur", max_length=250, blank=True, editable=False)
    erreur_le = models.DateTimeField("erreur le", null=True, blank=True, editable=False)
    modifiee_le = models.DateTimeField("modifiée le", default=timezone.now, editable=False)

    objects = BoiteCourrielQuerySet.as_manager()

    class Meta:
        verbose_name = "boîte de courriel"
        verbose_name_plural = "boîtes de courriel"
        ordering = ("ordre", "pk")
        constraints = [
            # A direction is given what is qualified: the type says under which delays.
            models.CheckConstraint(
                name="boite_direction_et_demarche",
                condition=Q(direction__isnull=True, type__isnull=True)
                | Q(direction__isnull=False, type__isnull=False),
            ),
            models.CheckConstraint(
                name="boite_serveur_complet",
                condition=Q(serveur="") | (~Q(identifiant="") & ~Q(variable="") & ~Q(dossier="")),
            ),
        ]

    def __str__(self):
        return self.nom

    @property
    def destination(self) -> str:
        """Where its mails go, in words."""
        return str(self.direction or self.point_accueil or "L'accueil qui reçoit les courriels")
