"""What people attach. The row knows what the file is; the file lies outside any published folder."""

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from guichet.pieces.formats import PAGES_MONTREES


def stockage_des_pieces() -> Storage:
    return storages["pieces"]


def chemin_aleatoire(piece: "Piece", nom: str) -> str:
    """Nothing of the person, of the file's name or of its type shows in the path."""
    tirage = uuid.uuid4().hex
    return f"{tirage[:2]}/{tirage}"


class Piece(models.Model):
    """One file as it is kept: checked, pictures without their metadata unless they came by mail.

    Written by `guichet.pieces.depot`.

    `proprietaire_genre` and `proprietaire_id` name the row it hangs on (« message », « brouillon »,
    « demande »), in a room above; empty while the person is still filling in the form.
    """

    class Etat(models.TextChoices):
        SAINE = "saine", "Saine"
        QUARANTAINE = "quarantaine", "En quarantaine"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nom_original = models.CharField("nom du fichier", max_length=150)
    type_mime = models.CharField("type", max_length=100)
    taille = models.PositiveIntegerField("taille (octets)")
    sha256 = models.CharField("empreinte", max_length=64)
    fichier = models.FileField(
        "fichier", storage=stockage_des_pieces, upload_to=chemin_aleatoire, max_length=50
    )
    vignette = models.FileField(
        "vignette", storage=stockage_des_pieces, upload_to=chemin_aleatoire, max_length=50, blank=True
    )
    etat = models.CharField("état", max_length=11, choices=Etat.choices, default=Etat.SAINE)
    motif = models.CharField("motif de la quarantaine", max_length=200, blank=True)
    proprietaire_genre = models.CharField("genre du propriétaire", max_length=20, blank=True)
    proprietaire_id = models.BigIntegerField("propriétaire", null=True, blank=True)
    depose_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="déposée par",
    )
    cree_le = models.DateTimeField("déposée le", default=timezone.now)
    pages = models.PositiveIntegerField(
        "pages", null=True, blank=True, help_text="D'un PDF, une fois lu ; 0 quand il ne se lit pas."
    )

    # Read from a picture, offered to the person once, never stored.
    position_gps: tuple[float, float] | None = None

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ("cree_le", "pk")
        constraints = [
            models.CheckConstraint(
                name="piece_quarantaine_motivee",
                condition=Q(etat="saine", motif="") | (Q(etat="quarantaine") & ~Q(motif="")),
            ),
            models.CheckConstraint(
                name="piece_proprietaire_entier",
                condition=Q(proprietaire_genre="", proprietaire_id__isnull=True)
                | (~Q(proprietaire_genre="") & Q(proprietaire_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="piece_proprietaire", fields=["proprietaire_genre", "proprietaire_id"]),
            models.Index(
                name="piece_pdf_a_dessiner",
                fields=["cree_le"],
                condition=Q(type_mime="application/pdf", pages__isnull=True),
            ),
        ]

    def __str__(self):
        return self.nom_original

    def get_absolute_url(self) -> str:
        return reverse("piece", args=[self.pk])

    @property
    def est_image(self) -> bool:
        return self.type_mime.startswith("image/")

    @property
    def rangs_dessines(self) -> range:
        """The pages that may be shown in place, from 1."""
        return range(1, min(self.pages or 0, PAGES_MONTREES) + 1)

    @property
    def est_saine(self) -> bool:
        return self.etat == self.Etat.SAINE


class PageDePiece(models.Model):
    """One of the first pages of a PDF, as a picture of our own making."""

    piece = models.ForeignKey(Piece, models.CASCADE, related_name="pages_dessinees")
    rang = models.PositiveSmallIntegerField("page")
    image = models.FileField("image", storage=stockage_des_pieces, upload_to=chemin_aleatoire, max_length=50)

    class Meta:
        verbose_name = "page d'une pièce jointe"
        verbose_name_plural = "pages des pièces jointes"
        ordering = ("rang",)
        constraints = [models.UniqueConstraint(name="page_de_piece_unique", fields=["piece", "rang"])]

    def __str__(self):
        return f"page {self.rang} de {self.piece_id}"
