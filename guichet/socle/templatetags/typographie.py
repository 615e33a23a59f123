"""Where a line may break: `{% load typographie %}`."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def cesure(adresse: object) -> SafeString:
    """Let a long e-mail address break before its domain, rather than anywhere."""
    return mark_safe(conditional_escape(adresse).replace("@", "@<wbr>"))
