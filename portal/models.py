"""Wagtail pages of the portal."""

from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class PageAccueil(Page):
    """The home page: the city's words around the search, which is code."""

    chapeau = RichTextField("chapeau", features=["bold", "link"], blank=True)
    annonce = RichTextField(
        "annonce", features=["bold", "link"], blank=True, help_text="Affichée en tête de page tant qu'elle est remplie."
    )

    content_panels = [*Page.content_panels, FieldPanel("chapeau"), FieldPanel("annonce")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types: list[str] = []
    max_count = 1

    class Meta:
        verbose_name = "page d'accueil"
