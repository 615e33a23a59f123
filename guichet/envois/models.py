"""The outbox: what must leave, written in the transaction of its cause."""

import uuid
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from guichet.canaux.canal import CHOIX as CANAUX


def nouveau_message_id() -> str:
    """A Message-ID in the sender's own domain. Kept with the row, so that a retry is the same message."""
    return f"<{uuid.uuid4().hex}@{_domaine(settings.GUICHET_COURRIEL_EXPEDITEUR)}>"


@lru_cache(maxsize=4)
def _domaine(expediteur: str) -> str:
    return parseaddr(expediteur)[1].rpartition("@")[2]


class EnvoiQuerySet(models.QuerySet["Envoi"]):
    def dus(self):
        """Those whose time has come, the longest due first."""
        return self.filter(etat=Envoi.Etat.A_ENVOYER, prochain_essai_le__lte=timezone.now()).order_by(
            "prochain_essai_le", "pk"
        )

    def limites(self):
        """Those counted by the hourly limit per address (fiabilite.md R6, S12)."""
        return self.filter(est_automatique=True).exclude(nature__in=NATURES_SANS_LIMITE)


class Envoi(models.Model):
    """One message to one address. `prochain_essai_le` is also the lease of the worker that is sending it."""

    class Nature(models.TextChoices):
        ACCUSE = "accuse", "Accusé de réception"
        AVIS = "avis", "Avis"
        REPONSE = "reponse", "Réponse"
        COMPLEMENT = "complement", "Demande de complément"
        ALERTE = "alerte", "Alerte à un agent"
        URGENCE = "urgence", "Appel d'astreinte"
        COMPTE = "compte", "Compte"
        ABONNEMENT = "abonnement", "Abonnement aux alertes"
        DANGER = "danger", "Alerte de danger à un abonné"

    class Etat(models.TextChoices):
        A_ENVOYER = "a_envoyer", "À envoyer"
        ENVOYE = "envoye", "Envoyé"
        ECHEC = "echec", "En échec"

    canal = models.CharField("canal", max_length=10, choices=CANAUX)
    destinataire = models.CharField("destinataire", max_length=254)
    langue = models.CharField("langue", max_length=5, default=settings.LANGUAGE_CODE)
    objet = models.CharField("objet", max_length=250)
    corps = models.TextField("texte")
    nature = models.CharField("nature", max_length=10, choices=Nature.choices)
    est_automatique = models.BooleanField("automatique", default=True)
    reference = models.CharField(
        "référence", max_length=80, help_text="Ce dont il s'agit : « demande:2026-0000012 »."
    )
    cle = models.CharField("clé d'unicité", max_length=200)
    message_id = models.CharField("Message-ID", max_length=255, default=nouveau_message_id, editable=False)
    en_tetes = models.JSONField("en-têtes", default=dict, blank=True)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.A_ENVOYER)
    essais = models.PositiveSmallIntegerField("essais", default=0)
    prochain_essai_le = models.DateTimeField("prochain essai le", null=True, blank=True, default=timezone.now)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    envoye_le = models.DateTimeField("envoyé le", null=True, blank=True)
    remis_le = models.DateTimeField(
        "remis le", null=True, blank=True, help_text="Quand l'opérateur a dit qu'il est arrivé."
    )
    identifiant_externe = models.CharField("identifiant de l'opérateur", max_length=120, blank=True)
    erreur = models.CharField("dernière erreur", max_length=250, blank=True)

    objects = EnvoiQuerySet.as_manager()

    class Meta:
        verbose_name = "envoi"
        ordering = ("-pk",)
        constraints = [
            # Not `unique=True`, which adds an index for LIKE that nobody reads.
            models.UniqueConstraint(name="envoi_cle_unique", fields=["cle"]),
            models.UniqueConstraint(name="envoi_message_id_unique", fields=["message_id"]),
            models.CheckConstraint(
                name="envoi_a_envoyer_date",
                condition=~Q(etat="a_envoyer") | Q(prochain_essai_le__isnull=False, envoye_le__isnull=True),
            ),
            models.CheckConstraint(
                name="envoi_envoye_date",
                condition=~Q(etat="envoye")
                | Q(prochain_essai_le__isnull=True, envoye_le__isnull=False, erreur=""),
            ),
            models.CheckConstraint(
                name="envoi_echec_explique",
                condition=~Q(etat="echec")
                | (Q(prochain_essai_le__isnull=True, envoye_le__isnull=True) & ~Q(erreur="")),
            ),
        ]
        indexes = [
            models.Index(name="envoi_reference", fields=["reference"]),
            models.Index(name="envoi_du", fields=["prochain_essai_le"], condition=Q(etat="a_envoyer")),
            models.Index(name="envoi_en_echec", fields=["cree_le"], condition=Q(etat="echec")),
            models.Index(Lower("destinataire"), "envoye_le", name="envoi_par_adresse"),
            models.Index(
                name="envoi_identifiant_externe",
                fields=["identifiant_externe"],
                condition=~Q(identifiant_externe=""),
            ),
        ]

    def __str__(self):
        return f"{self.get_nature_display()} pour {self.destinataire}"

    @property
    def est_limite(self) -> bool:
        return self.est_automatique and self.nature not in NATURES_SANS_LIMITE


# Never held back: what an agent just wrote, what cannot wait, what the city tells its own desks, that a storm
# may fill in an hour, and a danger that people asked to be told of: an hour later is too late. Nor the mails
# of an account: a link that arrives an hour late locks its owner out, and asking for one is limited at its
# own door. Everything else that leaves alone shares one count.
NATURES_SANS_LIMITE = (
    Envoi.Nature.ALERTE,
    Envoi.Nature.REPONSE,
    Envoi.Nature.COMPLEMENT,
    Envoi.Nature.COMPTE,
    Envoi.Nature.URGENCE,
    Envoi.Nature.DANGER,
)


class NumeroOppose(models.Model):
    """A number whose holder answered STOP: no SMS leaves for it any more, until they write START."""

    numero = models.CharField("numéro", max_length=20, unique=True)
    depuis = models.DateTimeField("depuis", default=timezone.now)

    class Meta:
        verbose_name = "numéro opposé aux SMS"
        verbose_name_plural = "numéros opposés aux SMS"

    def __str__(self):
        return self.numero


class Battement(models.Model):
    """The last sign of life of a process; the health page reads it."""

    nom = models.CharField("nom", max_length=40, unique=True)
    battu_le = models.DateTimeField("battu le")

    class Meta:
        verbose_name = "battement"

    def __str__(self):
        return f"{self.nom} : {self.battu_le:%H:%M:%S}"

    @classmethod
    def battre(cls, nom: str) -> None:
        cls.objects.update_or_create(nom=nom, defaults={"battu_le": timezone.now()})
