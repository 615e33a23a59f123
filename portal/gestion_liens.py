"""Broken links as editors see them: a report of all, and one's own on the first screen."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page

from portal.liens import DOCUMENT, PAGE
from portal.models import LienDePage

SUR_L_ACCUEIL = 5


class FiltreDesLiens(WagtailFilterSet):
    class Meta:
        model = LienDePage
        fields = ["page__owner", "raison"]


def en_mots(lien: LienDePage) -> str:
    """« Page 42 », « Document 3 », or the address as it is written."""
    if lien.adresse.startswith(PAGE):
        visee = Page.objects.filter(pk=lien.adresse.removeprefix(PAGE)).first()
        return f"La page « {visee.title} »" if visee else "Une page supprimée"
    return "Un document supprimé" if lien.adresse.startswith(DOCUMENT) else lien.adresse


class LiensCassesView(ReportView):
    """Page, link, what is wrong, since when; the oldest first."""

    page_title = "Liens cassés"
    header_icon = "link"
    index_url_name = "liens_casses"
    index_results_url_name = "liens_casses_resultats"
    filterset_class = FiltreDesLiens
    list_export = ["page", "adresse", "raison", "casse_depuis", "page.owner"]
    export_headings = {"page": "Page", "page.owner": "Auteur de la page"}
    columns = [
        TitleColumn("page", label="Page", get_url=lambda lien: adresse_de_la_page(lien)),
        Column("adresse", label="Lien", accessor=en_mots),
        Column("raison", label="Ce qui ne va pas"),
        DateColumn("casse_depuis", label="Depuis"),
        Column("auteur", label="Auteur de la page", accessor="page.owner"),
    ]

    def get_queryset(self) -> Any:
        return LienDePage.objects.casses().select_related("page__owner")


def adresse_de_la_page(lien: LienDePage) -> str:
    return reverse("wagtailadmin_pages:edit", args=[lien.page_id])


class PanneauDesLiens(Component):
    """On the first screen of an editor: the broken links of the pages they made."""

    name = "liens"
    order = 250
    template_name = "portal/gestion/liens.html"

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        siens = LienDePage.objects.casses().filter(page__owner=parent_context["request"].user)
        siens = siens.select_related("page")
        return {
            "nombre": siens.count(),
            "liens": [
                (adresse_de_la_page(lien), lien.page.title, en_mots(lien), lien.raison)
                for lien in siens[:SUR_L_ACCUEIL]
            ],
        }
