"""Who the city is, when its administrator has said so; settings.GUICHET_VILLE speaks until then."""

from django.db import models
from django.db.models import Q


class IdentiteVille(models.Model):
    """The only row of its table. Empty colours leave the settings' palette, an empty logo the product's."""

    SEULE = 1

    nom = models.CharField("nom de la ville", max_length=120)
    adresse = models.CharField("adresse postale", max_length=250)
    telephone = models.CharField("téléphone", max_length=20)
    courriel = models.EmailField("adresse électronique", max_length=254)
    accent_clair = models.CharField("couleur en clair", max_length=7, blank=True)
    accent_sombre = models.CharField("couleur en sombre", max_length=7, blank=True)

    promesse_reseaux = models.CharField("réponse annoncée sur les réseaux", max_length=160, blank=True)
    charte_reseaux = models.TextField("charte des réseaux", max_length=2000, blank=True)

    logo = models.BinaryField("logo", default=bytes, blank=True)
    logo_empreinte = models.CharField("empreinte du logo", max_length=12, blank=True)

    class Meta:
        verbose_name = "identité de la ville"
        constraints = [models.CheckConstraint(name="identite_seule", condition=Q(pk=1))]

    def __str__(self):
        return self.nom
