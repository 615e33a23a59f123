"""Alerts: what everybody must know now, above every page, and by mail to who asked for it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet

from portal.models.abonnes import Abonne, Diffusion
from portal.models.blocs import CorpsBlock
from portal.models.destinataires import Destinataires
from portal.models.vie import FormulaireSitue, Liste, PageSituee


class Alertes(Liste):
    """Alerts in force, then those of the last thirty days."""

    parent_page_types = ["portal.PageAccueil"]
    subpage_types = ["portal.Alerte"]
    max_count = 1
    template = "portal/pages/alertes.html"

    class Meta:
        verbose_name = "liste des alertes"

    def lister(self, request: HttpRequest) -> models.QuerySet[Alerte]:
        return Alerte.objects.live().child_of(self).order_by("-first_published_at", "-pk")


MISES_EN_LIGNE = ("action-publish", "action-submit", "action-restart-workflow", "workflow-action-name")
ENCORE = "C'est bien cela ? Publiez de nouveau pour confirmer."
SANS_BORNE = (
    "L'alerte n'est montrée qu'à un segment, mais les abonnés ne disent que leurs arrondissements et leurs "
    "sujets : le courriel irait à toute la ville. Choisissez des arrondissements ou des sujets, ou montrez "
    "l'alerte à tous."
)


def annoncer(destinataires: Destinataires) -> str:
    nombre = Abonne.objects.vises_par(destinataires).count()
    if not nombre:
        return "Aucun abonné ne recevra cette alerte par courriel."
    return f"{nombre} abonné{'s' if nombre > 1 else ''} recevr{'ont' if nombre > 1 else 'a'} cette alerte."


class FormulaireAlerte(FormulaireSitue):
    """A box to tick each time subscribers are to be told: once told, it is empty again."""

    prevenir = forms.BooleanField(
        label="Prévenir les abonnés par courriel",
        required=False,
        help_text="Les courriels partent à la mise en ligne, même planifiée, et jamais après la date "
        "d'expiration. Corriger l'alerte n'en envoie pas d'autres, sauf à cocher de nouveau.",
    )

    # Which choices the editor was told the outcome of.
    annonce = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attendue = self.instance.attend_sa_diffusion
        self.initial["prevenir"] = self.attendue
        # The panel tells it of the page as it was last saved; nothing was told of a page not saved yet.
        self.initial["annonce"] = Destinataires.de(self.instance).cle if self.instance.pk else ""

    def clean(self) -> dict[str, Any]:
        """Before mails leave, their editor has read to whom: refused once when what they chose is new."""
        donnees = super().clean()
        if donnees.get("prevenir") and self.met_en_ligne:
            choisis = (donnees.get(nom) or [] for nom in ("territoires", "sujets"))
            vises = Destinataires.choisis(*choisis, donnees.get("effet", ""), donnees.get("segments") or [])
            if vises.est_sans_borne:
                self.add_error("prevenir", SANS_BORNE)
            elif donnees.get("annonce") != vises.cle:
                self.add_error("prevenir", [annoncer(vises), *vises.phrases(), ENCORE])
                self.data = self.data.copy()
                self.data[self.add_prefix("annonce")] = vises.cle
        return donnees

    @property
    def met_en_ligne(self) -> bool:
        """Whether this form publishes, or asks for it: a draft may be saved as often as one types."""
        return any(geste in self.data for geste in MISES_EN_LIGNE)

    def save(self, commit: bool = True) -> Alerte:
        if (voulue := self.cleaned_data["prevenir"]) != self.attendue:
            self.instance.a_diffuser = uuid4() if voulue else None
        return super().save(commit)


class PanneauDesAbonnes(Panel):
    """Who the alert would be mailed to as it was last saved, how many, and how many were told."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "portal/gestion/abonnes.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            alerte = self.instance
            vises = Destinataires.de(alerte)
            return super().get_context_data(parent_context) | {
                "annonce": annoncer(vises) if alerte.pk else "",
                "phrases": vises.phrases(),
                "est_sans_borne": vises.est_sans_borne,
                "diffusions": Diffusion.objects.filter(alerte=alerte.pk) if alerte.pk else [],
            }


class AlerteQuerySet(PageQuerySet):
    def en_cours(self) -> AlerteQuerySet:
        """Published, and not past their end."""
        return self.live().filter(Q(expire_at__isnull=True) | Q(expire_at__gt=timezone.now()))


class Alerte(PageSituee):
    """Something to know now: a banner on every page, until its end (« date d'expiration » of the page)."""

    class Niveau(models.TextChoices):
        INFO = "info", _("Information")
        VIGILANCE = "alerte", _("Vigilance")
        DANGER = "danger", _("Danger")

    niveau = models.CharField("niveau", max_length=8, choices=Niveau.choices, default=Niveau.INFO)
    texte = models.TextField("en deux phrases", max_length=300)
    corps = StreamField(CorpsBlock(required=False), verbose_name="pour en savoir plus", blank=True)
    a_diffuser = models.UUIDField(
        "diffusion voulue",
        null=True,
        blank=True,
        editable=False,
        help_text="Ce que l'éditeur a demandé en cochant la case : une diffusion, et une seule.",
    )

    base_form_class = FormulaireAlerte
    exclude_fields_in_copy = ["a_diffuser"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("niveau"),
        FieldPanel("texte"),
        FieldPanel("corps"),
        MultiFieldPanel([FieldPanel("sujets"), FieldPanel("territoires")], "Pour qui"),
        MultiFieldPanel([FieldPanel("prevenir"), PanneauDesAbonnes()], "Prévenir les abonnés"),
    ]
    objects = PageManager.from_queryset(AlerteQuerySet)()

    parent_page_types = ["portal.Alertes"]
    subpage_types: list[str] = []
    template = "portal/pages/alerte.html"

    class Meta:
        verbose_name = "alerte"

    @property
    def resume(self) -> str:
        return self.search_description or self.texte

    @property
    def precisions(self) -> list[str]:
        """Its banner is for the districts it concerns, and for who named none."""
        if not self.quartiers:
            return []
        return [f"En bandeau pour qui habite : {', '.join(self.quartiers)}, et pour qui n'a pas dit où."]

    @property
    def attend_sa_diffusion(self) -> bool:
        """Whether subscribers are to be told by a publication still to come."""
        if self.a_diffuser is None:
            return False
        en_ligne = Alerte.objects.en_cours().filter(a_diffuser=self.a_diffuser)
        return not en_ligne.exists() and not Diffusion.objects.filter(cle=self.a_diffuser).exists()
