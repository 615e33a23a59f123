"""What readers tell editors: searches that found nothing, pages that did not help."""

from django.db import models
from django.utils import timezone
from wagtail.models import Page


class RechercheVaine(models.Model):
    """Words that found nothing, counted; kept ninety days after they were last typed."""

    mots = models.CharField("mots", max_length=80, unique=True)
    nombre = models.PositiveIntegerField("fois", default=1)
    derniere_le = models.DateTimeField("dernière fois", default=timezone.now)

    class Meta:
        verbose_name = "recherche sans résultat"
        verbose_name_plural = "recherches sans résultat"
        ordering = ("-nombre", "mots")
        indexes = [models.Index(name="recherche_vaine_age", fields=["derniere_le"])]

    def __str__(self):
        return self.mots


class AvisDePage(models.Model):
    """Whether a page helped, in a reader's words; nothing says who."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name="page")
    a_aide = models.BooleanField("a aidé")
    texte = models.TextField("ce qui manque", max_length=500, blank=True)
    cree_le = models.DateTimeField("reçu le", default=timezone.now)

    class Meta:
        verbose_name = "avis sur une page"
        verbose_name_plural = "avis sur les pages"
        ordering = ("-cree_le", "-pk")
        indexes = [models.Index(name="avis_de_page_age", fields=["-cree_le"])]

    def __str__(self):
        return f"{self.page} : {'utile' if self.a_aide else 'à revoir'}"
