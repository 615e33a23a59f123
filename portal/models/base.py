"""What every page of the portal has: who answers for it, and when to read it again."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel, Panel
from wagtail.models import Page, PageViewRestriction

from guichet.organisation.models import Direction
from portal import langues
from portal.ciblage import visite_de
from portal.en_memoire import a_des_pages_fermees
from portal.models.segments import Effet, Segment, cases


def segments_a_choisir() -> list[tuple[int, str]]:
    return list(Segment.objects.filter(est_actif=True).values_list("pk", "nom"))


class FormulaireDePage(WagtailAdminPageForm):
    segments = cases("Segments", segments_a_choisir, coerce=int)


class PanneauQuiLaVoit(Panel):
    """Who finds the page as it was last saved, in words; and the page as each of them sees it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "portal/gestion/qui_la_voit.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            page = self.instance
            adresse = reverse("wagtailadmin_pages:view_draft", args=[page.pk]) if page.pk else ""
            apercus = [(f"{adresse}?mode={mode}", nom) for mode, nom in page.preview_modes if adresse]
            return super().get_context_data(parent_context) | {"page": page, "apercus": apercus}


class PageDuPortail(Page):
    """A page with a `direction` that vouches for it and a date to read it again."""

    direction = models.ForeignKey(
        Direction,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="direction responsable",
        help_text="Celle qui répond de ce que dit la page.",
    )
    a_revoir_le = models.DateField("à relire avant le", null=True, blank=True)
    # The view that answers at the address of such a page, if the house has one.
    servie_par = ""
    effet = models.CharField(
        "dans les listes et les menus", max_length=8, choices=Effet.choices, default=Effet.TOUS, blank=True
    )
    segments = ArrayField(models.PositiveIntegerField(), verbose_name="segments", default=list, blank=True)

    base_form_class = FormulaireDePage
    promote_panels = [
        *Page.promote_panels,
        MultiFieldPanel(
            [
                FieldPanel("effet"),
                FieldPanel("segments"),
                PanneauQuiLaVoit(heading="Qui voit cette page ?"),
                HelpPanel(
                    "L'adresse de la page reste ouverte à tous : le contenu commun n'est jamais caché."
                ),
            ],
            "Pour qui",
        ),
    ]
    settings_panels = [
        *Page.settings_panels,
        MultiFieldPanel([FieldPanel("direction"), FieldPanel("a_revoir_le")], "Suivi de la page"),
    ]

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {"visite": visite_de(request)}

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        """As everybody sees it, then as each segment does."""
        segments = Segment.objects.filter(est_actif=True)
        return [("", "Tout le monde"), *((f"segment-{s.pk}", f"Segment : {s.nom}") for s in segments)]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        pk = mode_name.removeprefix("segment-")
        request.segments_simules = frozenset({int(pk)} if pk.isdecimal() else ())  # type: ignore[attr-defined]
        # The editor's form shows it in a frame, and checks it there.
        return csp_replace({"frame-ancestors": [SELF]})(super().serve_preview)(request, mode_name)

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """None of the site's pages is closed as a rule: its shelves need not be asked, one by one."""
        return (
            super().get_view_restrictions() if a_des_pages_fermees() else PageViewRestriction.objects.none()
        )

    @property
    def qui_la_voit(self) -> str:
        """« Tout le monde », or which segments and how; for who edits it."""
        noms = ", ".join(nom for pk, nom in segments_a_choisir() if pk in self.segments)
        if not noms or self.effet == Effet.TOUS:
            return "Tout le monde."
        return {
            Effet.AVANT: f"Tout le monde ; d'abord : {noms}.",
            Effet.MONTRER: f"Seulement : {noms}. Les autres la trouvent par son adresse.",
            Effet.CACHER: f"Tout le monde sauf : {noms}, qui la trouvent par son adresse.",
        }[Effet(self.effet)]

    @property
    def precisions(self) -> list[str]:
        """What else decides where it stands for whom, one sentence each; for who edits it."""
        return []

    @property
    def resume(self) -> str:
        """One sentence for lists, engines and shares."""
        return self.search_description

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """Its address, and those where it is read in each language."""
        adresses = super().get_sitemap_urls(request)
        for une in adresses:
            une["alternates"] = [
                {"lang_code": code, "location": settings.GUICHET_ADRESSE + chemin}
                for code, chemin in langues.adresses_de(self).items()
            ]
        return adresses

    def clean(self) -> None:
        """An address that the house itself answers would hide the page."""
        super().clean()
        parent = self.get_parent() if self.path else None
        if self.slug and (parent is None or parent.depth == 2) and est_prise(self.slug, sauf=self.servie_par):
            raise ValidationError({"slug": f"L'adresse « /{self.slug}/ » est déjà prise par le site."})


def est_prise(slug: str, *, sauf: str = "") -> bool:
    """Whether something else than a page, or than the view `sauf`, answers at the root under this name."""
    if slug in dict(settings.LANGUAGES):
        return True
    try:
        return resolve(f"/{slug}/").url_name not in ("wagtail_serve", sauf)
    except Resolver404:
        return False
