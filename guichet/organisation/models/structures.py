"""The places and services of the city."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from guichet.canaux.canal import Canal
from guichet.socle.texte import plier


class Secteur(models.TextChoices):
    """A walled domain: agents read a demande only when cleared for its secteur (RU-030, CNIL)."""

    GENERAL = "general", "Général"
    SOCIAL = "social", "Social"
    SANTE = "sante", "Santé"
    SECURITE = "securite", "Sécurité"
    ETAT_CIVIL = "etat_civil", "État civil"
    RH = "rh", "Ressources humaines"
    JURIDIQUE = "juridique", "Juridique"


class SignatureDesCourriels(models.TextChoices):
    """How what an agent writes is signed. Never their own address."""

    COMPLETE = "complete", "Prénom, nom, qualité et adresse administrative"
    PRENOM = "prenom", "Prénom et nom du service"
    SERVICE = "service", "Nom du service seul"


class Direction(models.Model):
    """A service that acts. Residents only ever see `nom_public`."""

    code = models.CharField("code", max_length=4, unique=True)
    nom = models.CharField("nom", max_length=120)
    nom_public = models.CharField("nom public", max_length=120)
    secteur = models.CharField("secteur", max_length=12, choices=Secteur.choices, default=Secteur.GENERAL)
    courriel = models.EmailField("courriel")
    telephone = models.CharField("téléphone", max_length=20)
    adresse = models.CharField("adresse", max_length=250)
    signature = models.CharField(
        "signature des courriels",
        max_length=8,
        choices=SignatureDesCourriels.choices,
        default=SignatureDesCourriels.COMPLETE,
    )
    est_active = models.BooleanField("active", default=True)

    class Meta:
        verbose_name = "direction"
        ordering = ("nom_public",)

    def __str__(self):
        return self.nom


class PointAccueil(models.Model):
    """A front desk: the owner of the demandes it receives, to the end."""

    code = models.CharField("code", max_length=4, unique=True)
    nom = models.CharField("nom", max_length=120)
    canaux = ArrayField(models.CharField(max_length=20), verbose_name="canaux", default=list)
    courriel = models.EmailField("courriel")
    telephone = models.CharField("téléphone", max_length=20)
    adresse = models.CharField("adresse", max_length=250)
    latitude = models.FloatField("latitude", null=True, blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    est_actif = models.BooleanField("actif", default=True)

    class Meta:
        verbose_name = "point d'accueil"
        verbose_name_plural = "points d'accueil"
        ordering = ("nom",)
        constraints = [
            models.CheckConstraint(
                name="point_accueil_situe",
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            )
        ]

    def __str__(self):
        return self.nom

    @classmethod
    def pour_canal(cls, canal: str) -> "PointAccueil | None":
        """The desk that owns what nobody typed in (portal, e-mail…); the shortest list of channels wins."""
        groupe = Canal(canal).groupe
        candidats = cls.objects.filter(est_actif=True, canaux__contains=[groupe])
        return min(candidats, key=lambda point: (len(point.canaux), point.code), default=None)


class Territoire(models.Model):
    """A district (arrondissement)."""

    code = models.CharField("code", max_length=10, unique=True)
    numero = models.PositiveSmallIntegerField("numéro")
    nom = models.CharField("nom", max_length=80)
    code_insee = models.CharField("code INSEE", max_length=5)
    code_postal = models.CharField("code postal", max_length=5)
    longitude = models.FloatField("longitude")
    latitude = models.FloatField("latitude")
    point_accueil = models.ForeignKey(
        PointAccueil, models.PROTECT, verbose_name="point d'accueil", related_name="territoires"
    )

    class Meta:
        verbose_name = "arrondissement"
        ordering = ("numero",)

    def __str__(self):
        return self.nommer(self.numero, self.nom)

    @staticmethod
    def nommer(numero: int, nom: str) -> str:
        return f"{numero}{'er' if numero == 1 else 'e'} – {nom}"


class Voie(models.Model):
    """A street, or one side of a stretch of it, and its district. The network is never asked."""

    class Parite(models.TextChoices):
        TOUS = "tous", "Tous les numéros"
        PAIR = "pair", "Numéros pairs"
        IMPAIR = "impair", "Numéros impairs"

    nom = models.CharField("nom", max_length=150)
    nom_plie = models.CharField("nom sans accent", max_length=150, editable=False, db_index=True)
    territoire = models.ForeignKey(
        Territoire, models.CASCADE, verbose_name="arrondissement", related_name="voies"
    )
    numero_debut = models.PositiveIntegerField("du numéro", null=True, blank=True)
    numero_fin = models.PositiveIntegerField("au numéro", null=True, blank=True)
    parite = models.CharField("parité", max_length=6, choices=Parite.choices, default=Parite.TOUS)

    class Meta:
        verbose_name = "voie"
        ordering = ("nom", "numero_debut")

    def __str__(self):
        return self.nom

    def save(self, **kwargs):
        self.nom_plie = plier(self.nom)
        super().save(**kwargs)

    def contient(self, numero: int | None) -> bool:
        """Say whether this row covers a street number; a row with bounds needs one to answer yes."""
        if numero is None:
            return self.numero_debut is None and self.numero_fin is None and self.parite == "tous"
        if self.parite != "tous" and (numero % 2 == 0) != (self.parite == "pair"):
            return False
        return (self.numero_debut or 0) <= numero <= (self.numero_fin or numero)
