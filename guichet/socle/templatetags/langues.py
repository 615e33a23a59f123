"""What is in French on a page that is not: `{% load langues %}`."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from guichet.socle.langues import est_en_francais

register = template.Library()


@register.simple_tag
def lang_fr() -> SafeString:
    """The attribute that tells screen readers to read in French; nothing on a page in French."""
    return mark_safe("" if est_en_francais() else ' lang="fr"')
