"""What leaves by somebody's hand: a letter to post, words to say by phone or at the desk, or to publish."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from demandes.models.courrier import NumeroDeCourrier
from demandes.models.echanges import Message
from guichet.canaux.canal import Canal


class RemiseQuerySet(models.QuerySet["Remise"]):
    def pour_lettre(self) -> RemiseQuerySet:
        """With all that a letter says."""
        return self.select_related(
            "piece",
            "message__auteur__agent",
            "message__demande__usager",
            "message__demande__intermediaire__usager",
        )


class Remise(models.Model):
    """Where a message without a mail stands: to be handed over, printed, handed over that day by somebody.

    Beside the message, and only for those few: the thread and the deposit do not carry it. A letter has its
    departure number and its PDF; once posted it may be delivered, or come back.
    """

    class Suite(models.TextChoices):
        DISTRIBUEE = "distribuee", "Distribuée"
        NPAI = "npai", "Revenue : n'habite pas à l'adresse indiquée"
        REFUSEE = "refusee", "Revenue : refusée"
        NON_RECLAMEE = "non_reclamee", "Revenue : non réclamée"
        AUTRE = "autre", "Revenue : autre raison"

    message = models.OneToOneField("demandes.Message", models.CASCADE, related_name="remise")
    imprimee_le = models.DateTimeField("imprimée le", null=True, blank=True)
    remise_le = models.DateField("remise le", null=True, blank=True)
    remise_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    raison = models.CharField(
        "pourquoi à la main", max_length=250, blank=True, help_text="Ce qui a empêché l'envoi, s'il y a lieu."
    )

    numero = models.CharField("numéro de départ", max_length=20, unique=True, null=True, blank=True)
    piece = models.ForeignKey(
        "pieces.Piece", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="lettre"
    )
    suite = models.CharField("suite", max_length=12, choices=Suite.choices, blank=True)
    suite_le = models.DateField("suite connue le", null=True, blank=True)

    objects = RemiseQuerySet.as_manager()

    class Meta:
        verbose_name = "remise"
        constraints = [
            models.CheckConstraint(
                name="remise_par_quelqu_un",
                condition=Q(remise_le__isnull=True, remise_par__isnull=True)
                | Q(remise_le__isnull=False, remise_par__isnull=False),
            ),
            models.CheckConstraint(
                name="remise_suite_d_une_lettre_partie",
                condition=Q(suite="", suite_le__isnull=True)
                | (~Q(suite="") & Q(suite_le__isnull=False, remise_le__isnull=False, numero__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="remise_lettre_a_faire",
                fields=["id"],
                condition=Q(numero__isnull=False, piece__isnull=True),
            ),
            models.Index(
                name="remise_lettre_partie",
                fields=["-id"],
                condition=Q(numero__isnull=False, remise_le__isnull=False, suite=""),
            ),
            models.Index(name="remise_attendue", fields=["id"], condition=Q(remise_le__isnull=True)),
        ]

    def __str__(self):
        return f"remise du message {self.message_id}"

    @classmethod
    def ouvrir(cls, message: Message, *, raison: str = "") -> Remise:
        """Somebody will hand this message over; a letter takes its departure number now."""
        numero = None
        if message.canal == Canal.COURRIER:
            (numero,) = NumeroDeCourrier.tirer(NumeroDeCourrier.Sens.DEPART)
        return cls.objects.create(message=message, numero=numero, raison=raison[:250])

    @classmethod
    def depart_de_l_accuse(cls, demande) -> str:
        """The departure number of the acknowledgement of a demande, once it was printed to be posted."""
        siennes = cls.objects.filter(message__demande=demande, message__nature=Message.Nature.ACCUSE)
        return siennes.exclude(numero=None).values_list("numero", flat=True).first() or ""

    @property
    def est_revenue(self) -> bool:
        return self.suite not in ("", self.Suite.DISTRIBUEE)
