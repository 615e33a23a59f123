"""Posts of social networks: those people made, and those the city answers with."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from guichet.canaux.canal import CHOIX as CANAUX
from guichet.canaux.reseau import LONGUEUR_D_UN_MEDIA, PORTEES, Portee


class ProfilReseau(models.Model):
    """An account on a network, and the person we know it by. It proves no identity: it is a way to reach."""

    canal = models.CharField("réseau", max_length=10, choices=CANAUX)
    identifiant = models.CharField("identifiant", max_length=120)
    adresse = models.CharField("nom public", max_length=210)
    usager = models.ForeignKey("usagers.Usager", models.PROTECT, related_name="profils")

    class Meta:
        verbose_name = "profil de réseau"
        verbose_name_plural = "profils de réseau"
        constraints = [models.UniqueConstraint(name="profil_unique", fields=["canal", "identifiant"])]

    def __str__(self):
        return self.adresse


class Publication(models.Model):
    """One post about a demande. Ours waits for a second look before anybody may read it.

    `texte` holds the words of ours until they are on the thread; what people wrote is in `message`. Once
    confirmed, the `envoi` of its message carries it, or its `remise` when somebody must copy it.
    """

    class Etat(models.TextChoices):
        RECUE = "recue", "Reçue"
        A_CONFIRMER = "a_confirmer", "À relire avant publication"
        A_PUBLIER = "a_publier", "En attente de publication"
        PUBLIEE = "publiee", "Publiée"
        ECHEC = "echec", "Non publiée"
        RETIREE = "retiree", "Retirée avant publication"

    canal = models.CharField("réseau", max_length=10, choices=CANAUX)
    identifiant = models.CharField("identifiant", max_length=120, blank=True)
    demande = models.ForeignKey("demandes.Demande", models.PROTECT, related_name="publications")
    message = models.OneToOneField(
        "demandes.Message", models.SET_NULL, null=True, blank=True, related_name="publication"
    )
    profil = models.ForeignKey(
        ProfilReseau, models.PROTECT, null=True, blank=True, related_name="publications"
    )
    etat = models.CharField("état", max_length=12, choices=Etat.choices, default=Etat.RECUE)
    portee = models.CharField("qui peut lire", max_length=10, choices=PORTEES)
    lien = models.CharField("adresse", max_length=500, blank=True)
    en_reponse_a = models.CharField("en réponse à", max_length=120, blank=True)
    publiee_le = models.DateTimeField("publiée le", null=True, blank=True)
    modifiee_le = models.DateTimeField("modifiée le", null=True, blank=True)
    supprimee_le = models.DateTimeField("supprimée le", null=True, blank=True)
    masquee_le = models.DateTimeField("masquée le", null=True, blank=True)
    est_une_invitation = models.BooleanField(
        "invite en privé",
        default=False,
        help_text="Ce que la personne écrit ensuite en privé rejoint cette demande.",
    )

    texte = models.TextField("texte", blank=True)
    redigee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    saisie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="L'agent qui l'a recopiée : ce réseau ne nous l'a pas donnée.",
    )
    cree_le = models.DateTimeField("créée le", default=timezone.now)
    erreur = models.CharField("dernière erreur", max_length=250, blank=True)

    class Meta:
        verbose_name = "publication"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                name="publication_unique", fields=["canal", "identifiant"], condition=~Q(identifiant="")
            ),
            models.UniqueConstraint(
                name="publication_une_a_confirmer", fields=["demande"], condition=Q(etat="a_confirmer")
            ),
            models.CheckConstraint(
                name="publication_a_publier_confirmee",
                condition=~Q(etat__in=("a_publier", "publiee")) | Q(confirmee_par__isnull=False),
            ),
            models.CheckConstraint(
                name="publication_recue_de_quelqu_un",
                condition=Q(etat="recue", profil__isnull=False) | (~Q(etat="recue") & Q(profil__isnull=True)),
            ),
        ]
        indexes = [
            # What left, or could not: followed until it is known.
            models.Index(name="publication_en_route", fields=["id"], condition=Q(etat="a_publier")),
            # Those of one account, the latest first, and those looked at again.
            models.Index(name="publication_du_profil", fields=["profil", "-publiee_le"]),
            models.Index(
                name="publication_a_relire",
                fields=["canal", "publiee_le"],
                condition=Q(etat="recue", supprimee_le__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.canal} {self.identifiant}".strip()

    @property
    def est_publique(self) -> bool:
        return Portee(self.portee).est_publique


class ImagePubliee(models.Model):
    """A picture that came with words on a network: at its address there, until it is a file here."""

    class Etat(models.TextChoices):
        A_PRENDRE = "a_prendre", "À prendre"
        GARDEE = "gardee", "Gardée"
        PERDUE = "perdue", "Non gardée"

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="images")
    message = models.ForeignKey("demandes.Message", models.CASCADE, related_name="images", db_index=False)
    rang = models.PositiveSmallIntegerField("rang")
    adresse = models.CharField("adresse", max_length=LONGUEUR_D_UN_MEDIA)
    etat = models.CharField("état", max_length=9, choices=Etat.choices, default=Etat.A_PRENDRE)
    essais = models.PositiveSmallIntegerField("essais", default=0)
    # Also the lease of the worker that is fetching it.
    prochain_essai_le = models.DateTimeField("prochain essai le", default=timezone.now)
    empreinte = models.CharField("SHA-256 de ce que le réseau a donné", max_length=64, blank=True)
    erreur = models.CharField("dernière erreur", max_length=250, blank=True)

    class Meta:
        verbose_name = "image publiée"
        verbose_name_plural = "images publiées"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(name="image_publiee_unique", fields=["message", "rang"]),
            models.CheckConstraint(
                name="image_gardee_avec_empreinte", condition=~Q(etat="gardee") | ~Q(empreinte="")
            ),
            models.CheckConstraint(
                name="image_perdue_expliquee", condition=~Q(etat="perdue") | ~Q(erreur="")
            ),
        ]
        indexes = [
            models.Index(name="image_a_prendre", fields=["prochain_essai_le"], condition=Q(etat="a_prendre")),
        ]

    def __str__(self):
        return f"image {self.rang} de {self.publication_id}"


class ReleveReseau(models.Model):
    """Where the reading of a network stands, and what its key is worth."""

    canal = models.CharField("réseau", max_length=10, choices=CANAUX, unique=True)
    curseur = models.CharField("curseur", max_length=120, blank=True)
    compte = models.CharField("notre identifiant", max_length=120, blank=True)
    releve_le = models.DateTimeField("relevé le", null=True, blank=True)
    en_panne_depuis = models.DateTimeField("en panne depuis", null=True, blank=True)
    cle_finit_le = models.DateTimeField("fin de la clé", null=True, blank=True)
    erreur = models.CharField("dernière erreur", max_length=250, blank=True)

    class Meta:
        verbose_name = "relevé de réseau"
        verbose_name_plural = "relevés de réseau"

    def __str__(self):
        return self.canal
