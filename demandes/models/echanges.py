"""What people said. Words live here, where they can be erased; the journal keeps only codes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from demandes.etats import Visibilite
from guichet.canaux.canal import CHOIX as CANAUX


class Message(models.Model):
    """One thing said about a demande: by the resident, to the resident, or between agents."""

    class Sens(models.TextChoices):
        ENTRANT = "entrant", "Reçu"
        SORTANT = "sortant", "Envoyé"
        INTERNE = "interne", "Note"

    class Nature(models.TextChoices):
        MESSAGE = "message", "Message"
        REPONSE = "reponse", "Réponse"
        ACCUSE = "accuse", "Accusé de réception"
        COMPLEMENT = "complement", "Demande de complément"
        AVIS = "avis", "Avis"

    demande = models.ForeignKey(
        "demandes.Demande", models.PROTECT, related_name="messages", db_index=False
    )  # message_fil begins with it
    sens = models.CharField("sens", max_length=8, choices=Sens.choices)
    nature = models.CharField("nature", max_length=10, choices=Nature.choices, default=Nature.MESSAGE)
    visibilite = models.CharField("visibilité", max_length=12, choices=Visibilite.choices)
    canal = models.CharField("canal", max_length=10, choices=CANAUX, blank=True)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="agent",
    )
    auteur_usager = models.ForeignKey(
        "usagers.Usager", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="usager"
    )
    destinataire = models.CharField("destinataire", max_length=254, blank=True)
    objet = models.CharField("objet", max_length=250, blank=True)
    corps = models.TextField("texte")
    cree_le = models.DateTimeField("créé le", default=timezone.now)
    lu_le = models.DateTimeField("lu par un agent le", null=True, blank=True)
    envoi = models.ForeignKey("envois.Envoi", models.SET_NULL, null=True, blank=True, related_name="+")
    fiche = models.ForeignKey("demandes.Fiche", models.SET_NULL, null=True, blank=True, related_name="+")
    # Of the form it was sent with and of what it says: a form sent twenty times writes once.
    empreinte = models.CharField("empreinte", max_length=64, null=True, editable=False)

    class Meta:
        verbose_name = "message"
        ordering = ("cree_le", "pk")
        constraints = [
            models.UniqueConstraint(
                name="message_une_fois",
                fields=["demande", "empreinte"],
                condition=Q(empreinte__isnull=False),
            ),
            models.CheckConstraint(
                name="message_note_interne",
                condition=Q(sens="interne", visibilite__in=("interne", "confidentiel"))
                | (~Q(sens="interne") & Q(visibilite="public")),
            ),
        ]
        indexes = [
            models.Index(name="message_fil", fields=["demande", "cree_le"]),
            models.Index(
                name="message_non_lu", fields=["demande"], condition=Q(sens="entrant", lu_le__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.get_sens_display()} {self.demande_id}"


class MiseEnForme(models.Model):
    """A mail as its sender laid it out: clean HTML, beside the words, that only its own page reads.

    `images`: the file of each image it shows, by its identifier in the mail.
    """

    message = models.OneToOneField(
        Message, models.CASCADE, related_name="mise_en_forme", primary_key=True, verbose_name="message"
    )
    html = models.TextField("HTML nettoyé")
    images = models.JSONField("images", default=dict)

    class Meta:
        verbose_name = "mise en forme"
        verbose_name_plural = "mises en forme"

    def __str__(self):
        return f"mise en forme de {self.message_id}"
