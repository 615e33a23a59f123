"""Who asks. A person is found and proposed, never merged in silence: household is not person."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Reverse
from django.utils import timezone

from guichet.canaux.canal import CHOIX as CANAUX
from guichet.socle.coordonnees import (
    afficher_telephone,
    cle_courriel,
    normaliser_courriel,
    normaliser_telephone,
)
from guichet.socle.texte import Plier, cle_phonetique, plier


class Usager(models.Model):
    """A resident, a business or an association that speaks to the city."""

    class Genre(models.TextChoices):
        PARTICULIER = "particulier", "Particulier"
        ENTREPRISE = "entreprise", "Entreprise"
        ASSOCIATION = "association", "Association"

    genre = models.CharField("genre", max_length=12, choices=Genre.choices, default=Genre.PARTICULIER)
    prenom = models.CharField("prénom", max_length=80, blank=True)
    nom = models.CharField("nom", max_length=120)
    raison_sociale = models.CharField("raison sociale", max_length=150, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    rna = models.CharField("RNA", max_length=10, blank=True)
    date_naissance = models.DateField("date de naissance", null=True, blank=True)
    adresse = models.CharField("adresse", max_length=250, blank=True)
    adresse_revenue = models.CharField(
        "adresse d'où une lettre est revenue",
        max_length=254,
        blank=True,
        help_text="Tant que l'adresse est celle-ci, rien n'y est posté.",
    )
    territoire = models.ForeignKey(
        "organisation.Territoire", models.SET_NULL, null=True, blank=True, verbose_name="arrondissement"
    )
    canal_prefere = models.CharField(
        "canal préféré", max_length=10, choices=CANAUX, blank=True, help_text="Par où la réponse doit partir."
    )
    compte = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="usager"
    )
    identite_verifiee_le = models.DateTimeField("identité vérifiée le", null=True, blank=True)
    identite_verifiee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    nom_plie = models.CharField("nom sans accent", max_length=360, editable=False)
    phonetique = models.CharField("clé phonétique", max_length=40, editable=False, db_index=True)
    recherche = models.GeneratedField(
        expression=SearchVector("nom_plie", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    recherche_adresse = models.GeneratedField(
        expression=SearchVector(Plier("adresse"), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    # Those just written with a new person, or read with a page: nothing is read again to answer them.
    coordonnees_connues: "list[Coordonnee] | None" = None

    class Meta:
        verbose_name = "usager"
        ordering = ("nom_plie", "pk")
        constraints = [
            models.CheckConstraint(
                name="usager_verifie_par_quelqu_un",
                condition=Q(identite_verifiee_le__isnull=True) | Q(identite_verifiee_par__isnull=False),
            )
        ]
        indexes = [
            GinIndex(name="usager_recherche", fields=["recherche"]),
            GinIndex(name="usager_recherche_adresse", fields=["recherche_adresse"]),
        ]

    def __str__(self):
        return self.raison_sociale or f"{self.prenom} {self.nom}".strip()

    def save(self, **kwargs):
        self.preparer()
        super().save(**kwargs)

    def preparer(self) -> None:
        """Compute what the person is found by."""
        self.nom_plie = plier(f"{self.nom} {self.prenom} {self.raison_sociale}")
        self.phonetique = cle_phonetique(self.nom)

    @property
    def adresse_postale(self) -> str:
        """Where a letter reaches the person, or "" when the last one came back from there."""
        return "" if self.adresse == self.adresse_revenue else self.adresse

    @property
    def courriel(self) -> str:
        """The address to write to, or "" when there is none that works."""
        return self.coordonnee(Coordonnee.Genre.COURRIEL)

    @property
    def telephone(self) -> str:
        return self.coordonnee(Coordonnee.Genre.TELEPHONE)

    @property
    def toutes_les_coordonnees(self) -> "Iterable[Coordonnee]":
        """The main ones first, those that failed included."""
        return self.coordonnees.all() if self.coordonnees_connues is None else self.coordonnees_connues

    def coordonnee(self, genre: str) -> str:
        """First working coordinate of a kind; reads the rows known already when there are some."""
        rangs = [c for c in self.toutes_les_coordonnees if c.genre == genre and c.en_echec_le is None]
        rangs.sort(key=lambda c: (not c.est_principale, c.pk))
        return rangs[0].normalisee if rangs else ""


class Coordonnee(models.Model):
    """One way to reach a person. A family may share one: it identifies nobody alone."""

    class Genre(models.TextChoices):
        TELEPHONE = "telephone", "Téléphone"
        COURRIEL = "courriel", "Courriel"

    usager = models.ForeignKey(
        Usager, models.CASCADE, related_name="coordonnees", db_index=False
    )  # coordonnee_unique begins with it
    genre = models.CharField("genre", max_length=9, choices=Genre.choices)
    valeur = models.CharField("valeur saisie", max_length=254)
    normalisee = models.CharField("valeur normalisée", max_length=254)
    est_principale = models.BooleanField("principale", default=False)
    verifiee_le = models.DateTimeField("vérifiée le", null=True, blank=True)
    en_echec_le = models.DateTimeField("en échec depuis", null=True, blank=True)

    class Meta:
        verbose_name = "coordonnée"
        ordering = ("-est_principale", "pk")
        constraints = [
            models.UniqueConstraint(name="coordonnee_unique", fields=["usager", "genre", "normalisee"])
        ]
        indexes = [
            models.Index(name="coordonnee_normalisee", fields=["normalisee", "genre"]),
            # The last digits of a phone.
            models.Index(Reverse("normalisee"), name="coordonnee_fin", condition=Q(genre="telephone")),
        ]

    def __str__(self):
        return afficher_telephone(self.normalisee) if self.genre == self.Genre.TELEPHONE else self.normalisee

    @classmethod
    def normaliser(cls, genre: str, valeur: str, champ: str | None = None) -> str:
        """The form two coordinates share when they reach the same person. Raises DonneeInvalide."""
        if genre == cls.Genre.TELEPHONE:
            return normaliser_telephone(valeur, champ)
        return cle_courriel(normaliser_courriel(valeur, champ))


class FicheReunie(models.Model):
    """Two records of one person, made one: the second stays as another name of the first, found by nothing.

    `avant` keeps what each said (a corrected value is not lost), where it can be erased with the person.
    """

    gardee = models.ForeignKey(Usager, models.PROTECT, related_name="fiches_reunies")
    reunie = models.OneToOneField(Usager, models.PROTECT, related_name="reunion")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    faite_le = models.DateTimeField("faite le", default=timezone.now)
    avant = models.JSONField("avant", default=dict)

    class Meta:
        verbose_name = "fiche réunie"
        verbose_name_plural = "fiches réunies"
        ordering = ("faite_le",)
        constraints = [
            models.CheckConstraint(name="fiche_reunie_a_une_autre", condition=~Q(gardee=models.F("reunie")))
        ]

    def __str__(self):
        return f"{self.reunie_id} → {self.gardee_id}"
