"""The inbox: raw bytes with their hash, committed before anything is acknowledged."""

import hashlib

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from guichet.canaux.canal import CHOIX as CANAUX
from guichet.canaux.canal import Canal
from guichet.organisation.models import PointAccueil
from guichet.organisation.perimetre import Perimetre


class ReceptionQuerySet(models.QuerySet["Reception"]):
    def visibles_par(self, perimetre: Perimetre) -> "ReceptionQuerySet":
        """A desk sees what came by the channels it receives: it would have read it as a demande."""
        groupes = PointAccueil.objects.filter(
            pk__in=[pk for p in perimetre.tous for pk in p.accueils], est_actif=True
        ).values_list("canaux", flat=True)
        recus = {groupe for canaux in groupes for groupe in canaux}
        return self.filter(canal__in=[canal.value for canal in Canal if canal.groupe in recus])

    def en_quarantaine(self) -> "ReceptionQuerySet":
        return self.filter(etat=Reception.Etat.QUARANTAINE)

    def sans_demande(self) -> "ReceptionQuerySet":
        """Read, and nothing to do: automatic answers, returns, what an agent set aside."""
        return self.filter(etat=Reception.Etat.TRAITEE, demande__isnull=True)


class Reception(models.Model):
    """What arrived, as it arrived. Idempotent on (canal, external key, content hash)."""

    class Etat(models.TextChoices):
        A_TRAITER = "a_traiter", "À traiter"
        TRAITEE = "traitee", "Traitée"
        QUARANTAINE = "quarantaine", "En quarantaine"

    canal = models.CharField("canal", max_length=10, choices=CANAUX)
    source = models.CharField(
        "format", max_length=20, help_text="Le module de canal qui sait lire ce contenu."
    )
    cle_externe = models.CharField("clé externe", max_length=255)
    contenu = models.BinaryField("contenu brut")
    empreinte = models.CharField("SHA-256", max_length=64)
    essence = models.CharField(
        "empreinte de ce que l'auteur a écrit",
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="D'un courriel : égale pour deux copies arrivées par des chemins différents.",
    )
    etat = models.CharField("état", max_length=12, choices=Etat.choices, default=Etat.A_TRAITER)
    recue_le = models.DateTimeField("reçue le", default=timezone.now)
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)
    traitee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="traitée par",
        help_text="L'agent qui a saisi ou écarté ce que personne n'a pu lire.",
    )
    essais = models.PositiveSmallIntegerField("essais", default=0)
    # When it was stored: long after `recue_le` for what waited in a mailbox.
    gardee_le = models.DateTimeField("gardée le", default=timezone.now, editable=False)
    adresses = ArrayField(
        models.CharField(max_length=254),
        verbose_name="adresses",
        default=list,
        blank=True,
        help_text="Celles de la ville par lesquelles elle est arrivée, quand le transport les dit.",
    )
    sans_accuse = models.BooleanField(
        "sans accusé",
        default=False,
        help_text="Elle était dans la boîte avant que Guichet ne s'y connecte : elle n'en reçoit pas.",
    )
    motif = models.CharField(
        "motif", max_length=250, blank=True, help_text="Pourquoi la quarantaine, ou pourquoi aucune demande."
    )
    demande = models.ForeignKey(
        "demandes.Demande", models.PROTECT, null=True, blank=True, related_name="receptions"
    )

    objects = ReceptionQuerySet.as_manager()

    class Meta:
        verbose_name = "réception"
        ordering = ("recue_le", "pk")
        constraints = [
            models.UniqueConstraint(name="reception_unique", fields=["canal", "cle_externe", "empreinte"]),
            models.CheckConstraint(
                name="reception_traitee_le",
                condition=Q(etat="a_traiter", traitee_le__isnull=True)
                | (~Q(etat="a_traiter") & Q(traitee_le__isnull=False)),
            ),
            models.CheckConstraint(
                name="reception_quarantaine_motivee", condition=~Q(etat="quarantaine") | ~Q(motif="")
            ),
        ]
        indexes = [
            models.Index(name="reception_a_traiter", fields=["gardee_le"], condition=Q(etat="a_traiter")),
            # Another copy of a mail, found without reading those that share its identifier.
            models.Index(name="reception_essence", fields=["essence"], condition=~Q(essence="")),
            # What people look at: set aside, or without a demande.
            models.Index(name="reception_quarantaine", fields=["-id"], condition=Q(etat="quarantaine")),
            models.Index(
                name="reception_sans_demande",
                fields=["-id"],
                condition=Q(etat="traitee", demande__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.canal} {self.cle_externe}"

    @property
    def se_saisit(self) -> bool:
        """An agent may make a demande of it: nothing read it, or what read it saw nothing to do."""
        return self.etat != Reception.Etat.A_TRAITER and self.demande_id is None

    @classmethod
    def ranger(
        cls, canal: str, source: str, cle_externe: str, contenu: bytes, **champs
    ) -> "tuple[Reception, bool]":
        """Store raw bytes once; return (row, created)."""
        return cls.objects.get_or_create(
            canal=canal,
            cle_externe=cle_externe[:255],
            empreinte=hashlib.sha256(contenu).hexdigest(),
            defaults={"contenu": contenu, "source": source, **champs},
        )
