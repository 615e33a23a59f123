"""The accessibility statement: what the city found, in the model of the order of 20 September 2019."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.models import Page

from demandes import referentiel
from guichet.socle.langues import FRANCAIS
from portal.langues import langue_de
from portal.models.base import PageDuPortail

UN_PAR_LIGNE = "Un point par ligne."
# The rate from which the law speaks of partial conformity (order of 20 September 2019, annex).
PARTIEL = Decimal(50)
COMPLET = Decimal(100)
MESSAGE_AU_DEFENSEUR = "https://formulaire.defenseurdesdroits.fr/"
DELEGUES_DU_DEFENSEUR = "https://www.defenseurdesdroits.fr/saisir/delegues"


def liste(libelle: str, **options: Any) -> models.TextField:
    return models.TextField(libelle, blank=True, help_text=UN_PAR_LIGNE, **options)


class DeclarationAccessibilite(PageDuPortail):
    """What was tested and found. The sentences around it are the law's, in the template.

    The state, the dates and the rate are those of the French page: its translation only has its own lists.
    """

    class Etat(models.TextChoices):
        NON = "non", "non conforme"
        PARTIELLE = "partielle", "partiellement conforme"
        TOTALE = "totale", "totalement conforme"

    etat = models.CharField("état de conformité", max_length=10, choices=Etat.choices, default=Etat.NON)
    audit_le = models.DateField("date de l'audit", null=True, blank=True)
    auditeur = models.CharField("audit fait par", max_length=120, blank=True)
    taux = models.DecimalField(
        "part des critères respectés, en %",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    schema_pluriannuel = models.URLField("adresse du schéma pluriannuel", blank=True)
    plan_d_actions = models.URLField("adresse du plan d'actions de l'année", blank=True)
    non_conformites = liste("non-conformités")
    derogations = liste("dérogations pour charge disproportionnée")
    non_soumis = liste("contenus non soumis à l'obligation d'accessibilité")
    etablie_le = models.DateField("déclaration établie le", default=timezone.localdate)
    mise_a_jour_le = models.DateField("mise à jour le", null=True, blank=True)
    technologies = liste("technologies utilisées", default="HTML\nCSS\nJavaScript\nSVG")
    environnements = liste("environnements de test")
    outils = liste("outils d'évaluation", default="axe-core")
    pages_verifiees = liste("pages vérifiées")

    content_panels = [
        *Page.content_panels,
        HelpPanel(
            "Les phrases de la loi sont déjà dans la page : ne donnez ici que ce que vous avez constaté. "
            "Le pied de toutes les pages dit l'état déclaré ici."
        ),
        MultiFieldPanel(
            [
                FieldPanel("etat"),
                FieldRowPanel([FieldPanel("audit_le"), FieldPanel("auditeur"), FieldPanel("taux")]),
            ],
            "Conformité",
        ),
        MultiFieldPanel(
            [FieldPanel("non_conformites"), FieldPanel("derogations"), FieldPanel("non_soumis")],
            "Contenus non accessibles",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("etablie_le"), FieldPanel("mise_a_jour_le")]),
                FieldPanel("technologies"),
                FieldPanel("environnements"),
                FieldPanel("outils"),
                FieldPanel("pages_verifiees"),
            ],
            "Établissement de la déclaration",
        ),
        MultiFieldPanel(
            [FieldPanel("schema_pluriannuel"), FieldPanel("plan_d_actions")], "Engagements de la ville"
        ),
    ]
    parent_page_types = ["portal.PageAccueil"]
    subpage_types: list[str] = []
    max_count = 1
    template = "portal/pages/accessibilite.html"
    servie_par = "accessibilite"

    class Meta:
        verbose_name = "déclaration d'accessibilité"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        faits = self if langue_de(self) == FRANCAIS else en_vigueur()
        return super().get_context(request, *args, **kwargs) | {
            "faits": faits,
            "message_au_defenseur": MESSAGE_AU_DEFENSEUR,
            "delegues_du_defenseur": DELEGUES_DU_DEFENSEUR,
        }

    def clean(self) -> None:
        super().clean()
        if self.audit_le and self.audit_le > timezone.localdate():
            raise ValidationError({"audit_le": "Cette date n'est pas encore passée."})
        if self.audit_le and self.taux is None:
            raise ValidationError({"taux": "Donnez la part des critères que l'audit a trouvés respectés."})
        if self.etat == self.Etat.NON:
            return
        if not self.audit_le:
            raise ValidationError({"audit_le": "Sans audit, le service est « non conforme »."})
        if self.etat == self.Etat.TOTALE and self.taux != COMPLET:
            raise ValidationError({"etat": "« Totalement conforme » demande 100 % des critères."})
        if self.taux is not None and self.taux < PARTIEL:
            raise ValidationError({"etat": "Sous 50 % des critères, le service est « non conforme »."})


def en_vigueur() -> DeclarationAccessibilite:
    """The French statement that is published; without one, what is true of a service nobody audited."""
    return referentiel.courant().garder(
        "portail.accessibilite",
        lambda: (
            DeclarationAccessibilite.objects.live().filter(locale__language_code=FRANCAIS).first()
            or DeclarationAccessibilite(title="Déclaration d'accessibilité")
        ),
    )
