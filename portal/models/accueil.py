"""The home page."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from demandes import brouillons, dossier, vitrine
from portal.acces import habitant
from portal.ciblage import conseillees, siens, visite_de
from portal.models.base import PageDuPortail
from portal.models.blocs import CorpsBlock
from portal.recherche import resultats


class PageAccueil(PageDuPortail):
    """The home page: the city's words around the search, which is code."""

    chapeau = RichTextField("chapeau", features=["bold", "link"], blank=True)
    annonce = RichTextField(
        "annonce",
        features=["bold", "link"],
        blank=True,
        help_text="Affichée en tête de page tant qu'elle est remplie.",
    )

    corps = StreamField(CorpsBlock(required=False), verbose_name="contenu", blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("chapeau"),
        FieldPanel("annonce"),
        FieldPanel("corps"),
    ]
    promote_panels = Page.promote_panels
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "portal.Rubrique",
        "portal.Actualites",
        "portal.Agenda",
        "portal.Alertes",
        "portal.Equipements",
        "portal.PageLibre",
        "portal.DeclarationAccessibilite",
    ]
    max_count = 1

    class Meta:
        verbose_name = "page d'accueil"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Search results when something was typed; for a resident, what awaits them."""
        usager = habitant(request)
        visite = visite_de(request)
        return {
            **super().get_context(request, *args, **kwargs),
            **resultats(request),
            "themes": vitrine.themes(),
            "conseillees": conseillees(visite),
            "segments": siens(visite),
            "demandees": vitrine.les_plus_demandees(),
            "usager": usager,
            "attendues": dossier.qui_attendent(usager) if usager else [],
            "brouillons": brouillons.en_cours_de(request.user)[:3] if usager else [],
        }
