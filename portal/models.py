"""Wagtail pages of the portal."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from demandes import brouillons, dossier, vitrine
from portal.acces import habitant
from portal.views.demarches import resultats


class PageAccueil(Page):
    """The home page: the city's words around the search, which is code."""

    chapeau = RichTextField("chapeau", features=["bold", "link"], blank=True)
    annonce = RichTextField(
        "annonce",
        features=["bold", "link"],
        blank=True,
        help_text="Affichée en tête de page tant qu'elle est remplie.",
    )

    content_panels = [*Page.content_panels, FieldPanel("chapeau"), FieldPanel("annonce")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types: list[str] = []
    max_count = 1

    class Meta:
        verbose_name = "page d'accueil"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Search results when something was typed; for a resident, what awaits them."""
        usager = habitant(request)
        return {
            **super().get_context(request, *args, **kwargs),
            **resultats(request),
            "themes": vitrine.themes(),
            "demandees": vitrine.les_plus_demandees(),
            "usager": usager,
            "attendues": dossier.qui_attendent(usager) if usager else [],
            "brouillons": brouillons.en_cours_de(request.user)[:3] if usager else [],
        }
