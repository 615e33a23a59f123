"""What is in French on a page that is not, and how each language is spaced: `{% load langues %}`."""

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from guichet.socle.langues import est_en_francais

register = Library()


@register.simple_tag
def lang_fr() -> SafeString:
    """The attribute that tells screen readers to read in French; nothing on a page in French."""
    return mark_safe("" if est_en_francais() else ' lang="fr"')


@register.simple_tag
def deux_points() -> str:
    """A colon between two things, as the language of the page spaces it."""
    return " : " if est_en_francais() else ": "


def en_francais_dans_la_page(mots: str) -> SafeString:
    """The city's words inside a sentence of the page, told to be French on a page that is not."""
    attribut = lang_fr()
    return format_html("<span{}>{}</span>", attribut, mots) if attribut else format_html("{}", mots)
